package model

import (
	"encoding/base64"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// What the API makes of the model: names that the schema's generator and the reader of requests must agree on.

// OrderField is one value of an entity's order enum.
type OrderField struct {
	Name  string // CREATED_AT, COUNTRY_NAME, CHILDREN_COUNT
	Path  []*Edge
	Field *Field
	Count *Edge
}

// OrderFields lists what a list of the entity can be ordered by: its own fields, what names the rows it refers to,
// and the number of rows in its lists.
func (m *Model) OrderFields(e *Entity) (out []OrderField) {
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Orderable() {
			out = append(out, OrderField{Name: screamingSnakeCase(f.Name), Field: f})
		}
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		if edge.Kind != ToOne {
			out = append(out, OrderField{Name: screamingSnakeCase(edge.Name) + "_COUNT", Count: edge})
			continue
		}
		target := m.Target(edge)
		for j := range target.Fields {
			f := &target.Fields[j]
			if f.Orderable() && (f.Kind == Texts && (f.Name == "name" || f.Name == "title") || f.Column == target.Natural) {
				out = append(out, OrderField{Name: screamingSnakeCase(edge.Name) + "_" + screamingSnakeCase(f.Name), Path: []*Edge{edge}, Field: f})
			}
		}
	}
	return out
}

// screamingSnakeCase turns lowerCamelCase into SCREAMING_SNAKE_CASE.
func screamingSnakeCase(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// Singular is the entity's name as a field: caseFile.
func (e *Entity) Singular() string { return strings.ToLower(e.Name[:1]) + e.Name[1:] }

// InputOf is the name in inputs of a column, of a field or of a reference; "" where there is none.
func (e *Entity) InputOf(column string) string {
	if f := e.Column(column); f != nil {
		return f.Name
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == ToOne && edge.Column == column {
			return edge.InputName()
		}
	}
	return ""
}

// InputName is the name of the edge in inputs: countryId.
func (e *Edge) InputName() string { return e.Name + "Id" }

// Refers returns the entity whose ids the field lists, nil for every other field: countryIds lists ids of countries.
func (m *Model) Refers(f *Field) *Entity {
	name, ok := strings.CutSuffix(f.Name, "Ids")
	if f.Kind != Strings || !ok {
		return nil
	}
	return m.Entity(strings.ToUpper(name[:1]) + name[1:])
}

// Input reports whether people write the field by a create (or, when creating is false, an update).
func (f *Field) Input(e *Entity, creating bool) bool {
	return !f.Managed && !f.Internal && e.Machine(f.Column) == nil && (creating || !f.Immutable)
}

// Input reports whether people write the edge by a create (or, when creating is false, an update).
func (e *Edge) Input(creating bool) bool {
	return e.Kind == ToOne && !e.Managed && (creating || !e.Immutable)
}

// ID is a row's key in the API: the letters of its type and the key. It says nothing about when or how many.
func (e *Entity) ID(key uuid.UUID) string {
	return e.Prefix + "_" + base64.RawURLEncoding.EncodeToString(key[:])
}
