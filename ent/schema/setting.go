package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Setting is a setting of the hub that people change while it runs.
type Setting struct{ ent.Schema }

func (Setting) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Setting) Fields() []ent.Field {
	return entFields(nil,
		stringField("name", C1, None, "Name of the setting.").maxLength(100).unique().immutable(),
		stringField("value", C1, None, "Its value.").maxLength(2000),
		stringField("meaning", C1, None, "What it changes.").maxLength(500).optional(),
	)
}

func (Setting) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A setting of the hub that people change while it runs.",
		Plural: "settings", Prefix: "set", Order: "name", CodeColumn: "name",
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
