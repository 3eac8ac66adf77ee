package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Disposal records the destruction of data, with the method and the proof.
type Disposal struct{ ent.Schema }

var disposalEdges = []*edgeBuilder{
	toOne("rule", RetentionRule.Type, "Rule that asked for it.").
		immutable().withInverse("disposals", "What was destroyed under the rule."),
	toOne("country", Country.Type, "Country of the data.").
		immutable().withInverse("disposals", "Disposals in the country."),
}

func (Disposal) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Disposal) Fields() []ent.Field {
	return entFields(disposalEdges,
		stringField("entity", C1, None, "Type that was destroyed.").maxLength(60).immutable(),
		intField("count", C1, None, "How many rows.").immutable(),
		enumField("method", C1, None, "How.", "key_destroyed", "overwritten", "deleted").immutable(),
		dateField("done_on", C1, None, "Day on which it was done.").immutable(),
		stringField("proof", C1, None, "Hash or reference of the proof.").maxLength(200).immutable(),
	)
}

func (Disposal) Edges() []ent.Edge { return entEdges(disposalEdges) }

func (Disposal) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "What was destroyed, how, and the proof.",
		Plural: "disposals", Prefix: "dsp", Order: "created_at desc",
		Scope:  model.Scope{Country: []string{"country"}},
		Writes: []model.Action{model.Create},
	})
}
