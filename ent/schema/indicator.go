package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Indicator is what is measured to see whether a result is reached.
type Indicator struct{ ent.Schema }

var indicatorEdges = []*edgeBuilder{
	one("result", Result.Type, "Result that it measures.").must().fixed().back("indicators", "Indicators of the result."),
}

// Mixin of the entity.
func (Indicator) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Indicator) Fields() []ent.Field {
	return fields(indicatorEdges,
		str("code", C0, None, "Short code within the result.").max(80).optional(),
		texts("name", C0, None, "What is counted."),
		enum("measure", C0, None, "Kind of measure, after the IATI IndicatorMeasure code list.", "unit", "percentage", "nominal", "ordinal", "qualitative").initially("unit"),
		str("unit", C0, None, "What one of it is.").max(60).optional(),
		enum("direction", C0, None, "Which way is better.", "up", "down").initially("up"),
		str("definition", C0, None, "How it is counted.").max(2000).optional(),
		str("source", C0, None, "Where the figure comes from.").max(500).optional(),
		str("frequency", C0, None, "How often it is measured.").max(60).optional(),
		decimal("baseline", C0, None, "Value before the intervention.").optional(),
	)
}

// Edges of the entity.
func (Indicator) Edges() []ent.Edge { return edges(indicatorEdges) }

// Annotations of the entity.
func (Indicator) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "What is measured to see whether a result is reached.",
		Plural: "indicators", Prefix: "ind", Order: "created_at",
		Scope:  model.Scope{Country: []string{"result.intervention.country", "result.intervention.countries"}, Office: []string{"result.intervention.office"}, Partner: []string{"result.intervention.partners"}, Intervention: []string{"result.intervention"}, Grant: []string{"result.intervention"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
