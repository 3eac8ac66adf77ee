package model

import (
	"encoding/base64"
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// This file derives names of the API from the model. The generator of the GraphQL schema and the planner of requests
// both use these functions, so that they agree.

// OrderField is one value of an entity's order enum. It orders either by Field, at the end of Path, or by the number of
// rows in the list Count.
type OrderField struct {
	Name  string  // value of the enum, for example CREATED_AT, COUNTRY_NAME or CHILDREN_COUNT
	Path  []*Edge // edges to the row that has the field; empty for a field of the entity itself
	Field *Field
	Count *Edge // nil when the order is by a field
}

// OrderFields lists everything that can order a list of the entity. That is the entity's own fields, the naming fields
// of the rows that it refers to, and the number of rows in each of its lists.
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
			isTitle := f.Kind == Texts && (f.Name == "name" || f.Name == "title")
			if f.Orderable() && (isTitle || f.Column == target.CodeColumn) {
				name := screamingSnakeCase(edge.Name) + "_" + screamingSnakeCase(f.Name)
				out = append(out, OrderField{Name: name, Path: []*Edge{edge}, Field: f})
			}
		}
	}
	return out
}

// screamingSnakeCase converts lowerCamelCase to SCREAMING_SNAKE_CASE.
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

// Singular returns the entity's name as a field of the API names it, for example caseFile.
func (e *Entity) Singular() string { return strings.ToLower(e.Name[:1]) + e.Name[1:] }

// InputOf returns the name that inputs use for a column, which belongs to a field or to a reference. It returns "" when
// the entity has no such column.
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

// InputName returns the name of the edge in inputs, for example countryId.
func (e *Edge) InputName() string { return e.Name + "Id" }

// Refers returns the entity to which the ids in a list field belong, for example Country for countryIds. It returns nil
// when the field is not a list of ids.
func (m *Model) Refers(f *Field) *Entity {
	name, ok := strings.CutSuffix(f.Name, "Ids")
	if f.Kind != Strings || !ok {
		return nil
	}
	return m.Entity(strings.ToUpper(name[:1]) + name[1:])
}

// Input reports whether the input of a create mutation (or of an update mutation, when creating is false) has the
// field.
func (f *Field) Input(e *Entity, creating bool) bool {
	return !f.Managed && !f.Internal && e.Machine(f.Column) == nil && (creating || !f.Immutable)
}

// Input reports whether the input of a create mutation (or of an update mutation, when creating is false) has the edge.
func (e *Edge) Input(creating bool) bool {
	return e.Kind == ToOne && !e.Managed && (creating || !e.Immutable)
}

// ID returns a row's id in the API, which is the prefix of the entity and the encoded key. The id reveals neither when
// the row was created nor how many rows there are.
func (e *Entity) ID(key uuid.UUID) string {
	return string(e.AppendID(nil, key))
}

// AppendID appends the id of ID to b.
func (e *Entity) AppendID(b []byte, key uuid.UUID) []byte {
	return base64.RawURLEncoding.AppendEncode(append(append(b, e.Prefix...), '_'), key[:])
}
