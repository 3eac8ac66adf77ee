package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Disposal is what was destroyed, how, and the proof.
type Disposal struct{ ent.Schema }

var disposalEdges = []*edgeBuilder{
	one("rule", RetentionRule.Type, "Rule that asked for it.").fixed().back("disposals", "What was destroyed under the rule."),
	one("country", Country.Type, "Country of the data.").fixed().back("disposals", "Disposals in the country."),
}

// Mixin of the entity.
func (Disposal) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Disposal) Fields() []ent.Field {
	return fields(disposalEdges,
		str("entity", C1, None, "Type that was destroyed.").max(60).fixed(),
		integer("count", C1, None, "How many rows.").fixed(),
		enum("method", C1, None, "How.", "key_destroyed", "overwritten", "deleted").fixed(),
		date("done_on", C1, None, "Day on which it was done.").fixed(),
		str("proof", C1, None, "Hash or reference of the proof.").max(200).fixed(),
	)
}

// Edges of the entity.
func (Disposal) Edges() []ent.Edge { return edges(disposalEdges) }

// Annotations of the entity.
func (Disposal) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "What was destroyed, how, and the proof.",
		Plural: "disposals", Prefix: "dsp", Order: "created_at desc",
		Scope:  model.Scope{Country: []string{"country"}},
		Writes: []model.Action{model.Create},
	})
}
