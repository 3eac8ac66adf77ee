package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Result is what an intervention is to bring about.
type Result struct{ ent.Schema }

var resultEdges = []*edgeBuilder{
	one("intervention", Intervention.Type, "The intervention; none for a figure of the whole organisation.").fixed().back("results", "Results of the intervention."),
	one("parent", Result.Type, "Result that this one leads to.").back("parts", "Results that lead to this one."),
}

// Mixin of the entity.
func (Result) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Result) Fields() []ent.Field {
	return fields(resultEdges,
		enum("level", C0, None, "Level in the chain of results.", "ultimate", "intermediate", "immediate", "output").initially("output"),
		texts("statement", C0, None, "What is to be brought about."),
		str("source_url", C0, None, "Page on which the public facts rest.").written(model.Web).max(500).optional(),
	)
}

// Edges of the entity.
func (Result) Edges() []ent.Edge { return edges(resultEdges) }

// Annotations of the entity.
func (Result) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "What an intervention is to bring about.",
		Plural: "results", Prefix: "res", Order: "created_at",
		Scope:  model.Scope{Country: []string{"intervention.country", "intervention.countries"}, Office: []string{"intervention.office"}, Intervention: []string{"intervention"}, Partner: []string{"intervention.partners"}, Grant: []string{"intervention"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
