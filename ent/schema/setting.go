package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Setting is a setting of the hub that people change while it runs.
type Setting struct{ ent.Schema }

// Mixin of the entity.
func (Setting) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Setting) Fields() []ent.Field {
	return fields(nil,
		str("name", C1, None, "Name of the setting.").max(100).unique().fixed(),
		str("value", C1, None, "Its value.").max(2000),
		str("meaning", C1, None, "What it changes.").max(500).optional(),
	)
}

// Annotations of the entity.
func (Setting) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A setting of the hub that people change while it runs.",
		Plural: "settings", Prefix: "set", Order: "name", Natural: "name",
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
