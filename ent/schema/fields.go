package schema

import (
	"fmt"
	"strings"
	"unicode"

	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// The words of the schema, so that an entity reads as a table: every field states its name, its level, its
// identifiability and its meaning; every edge its name, its target and its meaning.
const (
	C0 = classification.C0
	C1 = classification.C1
	C2 = classification.C2
	C3 = classification.C3

	None   = classification.None
	Quasi  = classification.Quasi
	Direct = classification.Direct
)

// fieldBuilder is one field under construction. It satisfies ent.Field.
type fieldBuilder struct {
	d    *field.Descriptor
	note model.FieldNote
}

// Descriptor gives ent the finished field.
func (b *fieldBuilder) Descriptor() *field.Descriptor {
	b.d.Annotations = append(b.d.Annotations, b.note)
	return b.d
}

func build(f ent.Field, l classification.Level, i classification.Identifiability, kind model.Kind, doc string) *fieldBuilder {
	d := f.Descriptor()
	d.Comment = doc
	return &fieldBuilder{d: d, note: model.FieldNote{Level: l, Ident: i, Kind: kind}}
}

// str is one line of text, at most 200 characters unless max says otherwise.
func str(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.String(name), l, i, model.String, doc)
}

// long is free text of up to 20,000 characters.
func long(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.Text(name), l, i, model.String, doc).max(20000)
}

// texts is one text in several languages: a map from BCP 47 tag to text.
func texts(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.JSON(name, map[string]string{}), l, i, model.Texts, doc).max(5000)
}

func integer(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.Int(name), l, i, model.Int, doc)
}

func float(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.Float(name), l, i, model.Float, doc)
}

// decimal is an amount in hundredths of its unit.
func decimal(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.Int64(name), l, i, model.Decimal, doc)
}

// boolean is false unless it is set.
func boolean(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.Bool(name).Default(false), l, i, model.Bool, doc)
}

func instant(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.Time(name), l, i, model.Time, doc)
}

// date is a calendar day.
func date(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.Time(name).SchemaType(map[string]string{dialect.Postgres: "date", dialect.SQLite: "date"}), l, i, model.Date, doc)
}

// enum is one of the values. Its GraphQL type is the entity's and the field's name (CaseFileStatus), unless named says otherwise.
func enum(name string, l classification.Level, i classification.Identifiability, doc string, values ...string) *fieldBuilder {
	return build(field.Enum(name).Values(values...), l, i, model.Enum, doc)
}

// enums is a list of the values.
func enums(name string, l classification.Level, i classification.Identifiability, doc string, values ...string) *fieldBuilder {
	b := build(field.Strings(name), l, i, model.Enums, doc)
	b.note.Values = values
	return b.initially([]string{})
}

// words is a list of texts.
func words(name string, l classification.Level, i classification.Identifiability, doc string) *fieldBuilder {
	return build(field.Strings(name), l, i, model.Strings, doc).initially([]string{})
}

// optional lets the field be null.
func (b *fieldBuilder) optional() *fieldBuilder {
	b.d.Optional, b.d.Nillable = true, !isJSON(b.d)
	return b
}

// fixed lets the field be set on create only.
func (b *fieldBuilder) fixed() *fieldBuilder { b.d.Immutable = true; return b }

// unique makes the value a key among the rows of the entity that are not archived: a key over archived ones would tell of
// rows that nobody sees.
func (b *fieldBuilder) unique() *fieldBuilder { b.note.Unique = true; return b }

// distinct lets no two rows that one writer sees have the same value. A unique key would tell a writer that a row
// exists which they may not see.
func (b *fieldBuilder) distinct() *fieldBuilder { b.note.Distinct = true; return b }

// internal keeps the field out of the API.
func (b *fieldBuilder) internal() *fieldBuilder { b.note.Internal = true; return b }

// managed keeps the field out of every input: the hub sets it.
func (b *fieldBuilder) managed() *fieldBuilder { b.note.Managed = true; return b }

// pseudonym shows the row's pseudonym in place of the value, where the row is shown under one.
func (b *fieldBuilder) pseudonym() *fieldBuilder { b.note.Pseudonym = true; return b }

// traces hides the value where the row is shown under a pseudonym: two pseudonyms of one row could be joined by it.
func (b *fieldBuilder) traces() *fieldBuilder { b.note.Traces = true; return b }

// max sets the longest text in characters.
func (b *fieldBuilder) max(n int) *fieldBuilder { b.note.MaxLen = n; return b }

// between sets which numbers the field takes.
func (b *fieldBuilder) between(least, most int64) *fieldBuilder {
	b.note.Range = model.Range{Least: least, Most: most}
	b.d.Comment += fmt.Sprintf(" From %d to %d.", least, most)
	return b
}

// written sets what the text is written as.
func (b *fieldBuilder) written(f model.Format) *fieldBuilder { b.note.Format = f; return b }

// after names the day, time or year that this one does not lie before.
func (b *fieldBuilder) after(name string) *fieldBuilder { b.note.After = name; return b }

// initially sets the default value. Lists take a []string.
func (b *fieldBuilder) initially(v any) *fieldBuilder {
	if list, ok := v.([]string); ok {
		v = func() []string { return list }
	}
	b.d.Default = v
	return b
}

// named sets the enum's name in the API, for values that several fields share.
func (b *fieldBuilder) named(enum string) *fieldBuilder { b.note.EnumName = enum; return b }

// shows adds a field to the API that tells less than this one, by a rule of model.Derived.
func (b *fieldBuilder) shows(name, rule, doc string) *fieldBuilder {
	b.note.Derived = append(b.note.Derived, model.Derived{Name: name, Rule: rule, Doc: doc})
	return b
}

func isJSON(d *field.Descriptor) bool { return d.Info.Type == field.TypeJSON }

// edgeBuilder is one edge to one row: a foreign key column, and the list back on the target.
type edgeBuilder struct {
	name      string
	typ       any
	note      model.EdgeNote
	required  bool
	immutable bool
}

// one leads to a single row of the target type (for example Country.Type).
func one(name string, typ any, doc string) *edgeBuilder {
	return &edgeBuilder{name: name, typ: typ, note: model.EdgeNote{Doc: doc, Level: C1, Ident: None}}
}

// must makes the reference required.
func (b *edgeBuilder) must() *edgeBuilder { b.required = true; return b }

// fixed lets the reference be set on create only.
func (b *edgeBuilder) fixed() *edgeBuilder { b.immutable = true; return b }

// back names the list on the target that leads here.
func (b *edgeBuilder) back(name, doc string) *edgeBuilder {
	b.note.Back, b.note.BackDoc = name, doc
	return b
}

// managed keeps the reference out of every input: the hub sets it.
func (b *edgeBuilder) managed() *edgeBuilder { b.note.Managed = true; return b }

// maker makes the reference lead to whoever makes the row, unless they name another.
func (b *edgeBuilder) maker() *edgeBuilder { b.note.Maker = true; return b }

// needs lets only those refer to a row who may do the action to it: to see it is not enough.
func (b *edgeBuilder) needs(a model.Action) *edgeBuilder { b.note.Needs = a; return b }

// class says who may follow the reference, where not everyone who sees both rows may.
func (b *edgeBuilder) class(l classification.Level, i classification.Identifiability) *edgeBuilder {
	b.note.Level, b.note.Ident = l, i
	return b
}

func (b *edgeBuilder) column() string { return snake(b.name) + "_id" }

// fields and edges split what an entity states into what ent asks for.
func fields(edges []*edgeBuilder, own ...*fieldBuilder) []ent.Field {
	var out []ent.Field
	for _, e := range edges {
		f := field.UUID(e.column(), uuid.UUID{})
		if !e.required {
			f = f.Optional().Nillable()
		}
		if e.immutable {
			f = f.Immutable()
		}
		out = append(out, f)
	}
	for _, f := range own {
		out = append(out, f)
	}
	return out
}

func edges(list []*edgeBuilder) []ent.Edge {
	out := make([]ent.Edge, len(list))
	for i, e := range list {
		b := edge.To(snake(e.name), e.typ).Field(e.column()).Unique().Annotations(e.note)
		if e.required {
			b = b.Required()
		}
		if e.immutable {
			b = b.Immutable()
		}
		out[i] = b
	}
	return out
}

// about says what the entity is.
func about(n model.EntityNote) []schema.Annotation {
	return []schema.Annotation{entsql.Table(snake(n.Plural)), schema.Comment(n.Doc), n}
}

// snake turns lowerCamelCase into snake_case.
func snake(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
