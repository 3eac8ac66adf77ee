// Package untagged is a model with a field that has no class, for a test.
package untagged

import (
	"entgo.io/ent"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"

	"rightshub/internal/model"
)

// Castle is an entity with a field that has no class.
type Castle struct{ ent.Schema }

// Fields of the entity.
func (Castle) Fields() []ent.Field { return []ent.Field{field.String("owner")} }

// Annotations of the entity.
func (Castle) Annotations() []schema.Annotation {
	return []schema.Annotation{model.EntityNote{Plural: "castles", Prefix: "cst", Doc: "A castle.", Order: "owner"}}
}
