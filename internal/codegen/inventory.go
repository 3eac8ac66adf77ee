package main

import (
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"

	"entgo.io/ent/entc/gen"
	"entgo.io/ent/schema/field"

	"rightshub/internal/model"
)

// inventory converts ent's graph to the entities of the model, and makes the checks that ent does not make.
func inventory(g *gen.Graph) ([]*model.Entity, error) {
	source, err := readSchemaSource(g)
	if err != nil {
		return nil, err
	}
	var entities []*model.Entity
	notes := map[string]model.EntityNote{}
	for _, t := range g.Nodes {
		var note model.EntityNote
		if err := read(t.Annotations, note.Name(), &note); err != nil {
			return nil, fmt.Errorf("%s has no EntityNote: say about(model.EntityNote{...})", t.Name)
		}
		notes[t.Name] = note
		e := &model.Entity{Name: t.Name, Plural: note.Plural, Table: t.Table(), Doc: note.Doc, Prefix: note.Prefix,
			Scope: note.Scope, Machines: note.Machines, Writes: note.Writes, Order: note.Order, CodeColumn: note.CodeColumn,
			Within: note.Within, Reports: note.Reports, Rules: note.Rules}
		for _, f := range t.Fields {
			if f.IsEdgeField() {
				continue
			}
			made, unique, err := fieldOf(t, f)
			if err != nil {
				at := place{entity: t.Name, method: "Fields", steps: []any{text(f.Name)}}
				return nil, fmt.Errorf("%s: %w", source.position(at), err)
			}
			e.Fields = append(e.Fields, made)
			if unique {
				e.Unique = append(e.Unique, []string{f.Name})
			}
		}
		entities = append(entities, e)
	}
	if err := link(g, entities, notes); err != nil {
		return nil, err
	}
	m := model.New(entities)
	if err := check(m); err != nil {
		return nil, err
	}
	return entities, checkRules(m, source)
}

// read decodes an annotation. ent gives annotations as decoded JSON.
func read(all gen.Annotations, name string, into any) error {
	raw, ok := all[name]
	if !ok {
		return fmt.Errorf("no %s", name)
	}
	text, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func fieldOf(t *gen.Type, f *gen.Field) (out model.Field, unique bool, err error) {
	var note model.FieldNote
	if err := read(f.Annotations, note.Name(), &note); err != nil {
		return out, false, fmt.Errorf(
			"%s.%s has no class: give it a level (C0 to C3) and an identifiability (None, Quasi, Direct)", t.Name, f.Name)
	}
	out = model.Field{Name: camel(f.Name), Column: f.Name, Kind: note.Kind, Doc: f.Comment(), Nullable: f.Optional,
		EnumName: note.EnumName, Values: note.Values, Immutable: f.Immutable, Internal: note.Internal,
		Managed: note.Managed, Distinct: note.Distinct, Default: f.Default, MaxLen: note.MaxLen,
		Pseudonym: note.Pseudonym, HiddenUnderPseudonym: note.HiddenUnderPseudonym, Derived: note.Derived,
		Range: note.Range, Format: note.Format, After: note.After}
	out.Tag.Level, out.Tag.Ident = note.Level, note.Ident
	if !out.Tag.Valid() {
		return out, false, fmt.Errorf("%s.%s has the unknown class %q: write C0 to C3 and None, Quasi or Direct",
			t.Name, f.Name, out.Tag)
	}
	if out.Doc == "" {
		return out, false, fmt.Errorf("%s.%s has no description", t.Name, f.Name)
	}
	if f.Type.Type == field.TypeEnum {
		for _, v := range f.Enums {
			out.Values = append(out.Values, v.Value)
		}
	}
	if len(out.Values) > 0 && out.EnumName == "" {
		out.EnumName = t.Name + upper(camel(f.Name))
	}
	return out, note.Unique, nil
}

// link adds the edges that ent knows, the lists in the other direction, and the lists over joining entities.
func link(g *gen.Graph, entities []*model.Entity, notes map[string]model.EntityNote) error {
	m := model.New(entities)
	for _, t := range g.Nodes {
		e := m.Entity(t.Name)
		for _, ge := range t.Edges {
			var note model.EdgeNote
			if err := read(ge.Annotations, note.Name(), &note); err != nil {
				return fmt.Errorf("%s.%s: state edges with one(...)", t.Name, ge.Name)
			}
			one := model.Edge{Name: camel(ge.Name), Target: ge.Type.Name, Kind: model.ToOne, Column: ge.Rel.Columns[0],
				Required: !ge.Optional, Immutable: ge.Immutable, Managed: note.Managed, Maker: note.Maker,
				Needs: note.Needs, Inverse: note.Back, Doc: note.Doc,
				Tag: model.Tag{Level: note.Level, Ident: note.Ident}}
			if !one.Tag.Valid() {
				return fmt.Errorf("%s.%s has the unknown class %q", t.Name, ge.Name, one.Tag)
			}
			e.Edges = append(e.Edges, one)
			if note.Back == "" {
				continue
			}
			target := m.Entity(one.Target)
			target.Edges = append(target.Edges, model.Edge{Name: note.Back, Target: e.Name, Kind: model.ToMany,
				Column: one.Column, Tag: one.Tag, Inverse: one.Name, Doc: note.BackDoc})
		}
	}
	for _, e := range entities {
		for _, th := range notes[e.Name].Through {
			via := m.Entity(th.Via)
			if via == nil || via.Edge(th.Self) == nil || via.Edge(th.Target) == nil {
				return fmt.Errorf("%s.%s: %s has no edges %s and %s", e.Name, th.Name, th.Via, th.Self, th.Target)
			}
			e.Edges = append(e.Edges, model.Edge{Name: th.Name, Target: via.Edge(th.Target).Target, Kind: model.Through,
				Via: th.Via, ViaSelf: via.Edge(th.Self).Column, ViaTarget: via.Edge(th.Target).Column, Doc: th.Doc})
		}
	}
	return nil
}

// check finds mistakes in the model that would fail later or have no effect.
func check(m *model.Model) error {
	seen := map[string]string{}
	for _, e := range m.Entities() {
		for _, word := range []string{"prefix " + e.Prefix, "plural " + e.Plural} {
			if other, ok := seen[word]; ok {
				return fmt.Errorf("%s and %s share the %s", other, e.Name, word)
			}
			seen[word] = e.Name
		}
		if len(e.Prefix) != 3 {
			return fmt.Errorf("%s: prefix %q must have three letters", e.Name, e.Prefix)
		}
		names := map[string]bool{"id": true, "masked": true, "access": true}
		for _, name := range apiNames(e) {
			if names[name] {
				return fmt.Errorf("%s has two things called %s", e.Name, name)
			}
			names[name] = true
		}
		if column, _, _ := strings.Cut(e.Order, " "); e.Column(column) == nil {
			return fmt.Errorf("%s: default order names no column: %q", e.Name, e.Order)
		}
	}
	return nil
}

func apiNames(e *model.Entity) (names []string) {
	for _, f := range e.Fields {
		names = append(names, f.Name)
		for _, d := range f.Derived {
			names = append(names, d.Name)
		}
	}
	for _, edge := range e.Edges {
		names = append(names, edge.Name)
	}
	return names
}

func writeInventory(path string, entities []*model.Entity) error {
	var b strings.Builder
	b.WriteString("// Code generated by internal/codegen from ent/schema, DO NOT EDIT.\n\n")
	b.WriteString("// Package inventory is the model as data: every entity, field, class, edge, scope and " +
		"state machine.\n")
	b.WriteString("package inventory\n\n")
	b.WriteString(`import (
	"sync"

	"rightshub/internal/model"
)

// Load returns the model with every entity. All calls return the same model, because entities are compared by their
// addresses, and nobody may change it. The first call builds it, which takes less than a millisecond.
func Load() *model.Model { return load() }

var load = sync.OnceValue(func() *model.Model {
	return model.New([]*model.Entity{
`)
	for _, e := range entities {
		text := fmt.Sprintf("&%#v,\n", *e)
		for _, word := range []string{"model.Field{", "model.Edge{", "model.Move{", "model.Machine{", "model.Approval{"} {
			text = strings.ReplaceAll(text, ", "+word, ",\n"+word)
			text = strings.ReplaceAll(text, "[]"+word+word, "[]"+word+"\n"+word)
		}
		text = strings.ReplaceAll(text, "classification.Tag{", "model.Tag{")
		b.WriteString(text)
	}
	b.WriteString("})\n})\n")
	return writeGo(path, b.String())
}

// writeGo formats and writes a Go file.
func writeGo(path, text string) error {
	formatted, err := format.Source([]byte(text))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return writeFile(path, formatted)
}

func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// camel turns snake_case into lowerCamelCase.
func camel(s string) string {
	parts := strings.Split(s, "_")
	for i := 1; i < len(parts); i++ {
		parts[i] = upper(parts[i])
	}
	return strings.Join(parts, "")
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
