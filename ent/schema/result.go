package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Result is an intended effect of an intervention.
type Result struct{ ent.Schema }

var resultEdges = []*edgeBuilder{
	toOne("intervention", Intervention.Type, "The intervention; none for a figure of the whole organisation.").
		immutable().withInverse("results", "Results of the intervention."),
	toOne("parent", Result.Type, "Result that this one leads to.").
		withInverse("parts", "Results that lead to this one."),
}

func (Result) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Result) Fields() []ent.Field {
	return entFields(resultEdges,
		enumField("level", C0, None, "Level in the chain of results.", "ultimate", "intermediate", "immediate",
			"output").
			defaultTo("output"),
		localizedField("statement", C0, None, "What is to be brought about."),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (Result) Edges() []ent.Edge { return entEdges(resultEdges) }

func (Result) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "What an intervention is to bring about.",
		Plural: "results", Prefix: "res", Order: "created_at",
		Scope: model.Scope{
			Country:      []string{"intervention.country", "intervention.countries"},
			Office:       []string{"intervention.office"},
			Intervention: []string{"intervention"},
			Partner:      []string{"intervention.partners"},
			Grant:        []string{"intervention"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		Rules:  model.Rules{KeptWhile: []string{"indicators"}}, // without it, an indicator measures nothing
	})
}
