package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Indicator is a measure of whether a result is reached.
type Indicator struct{ ent.Schema }

var indicatorEdges = []*edgeBuilder{
	toOne("result", Result.Type, "Result that it measures.").
		required().immutable().withInverse("indicators", "Indicators of the result."),
}

func (Indicator) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Indicator) Fields() []ent.Field {
	return entFields(indicatorEdges,
		stringField("code", C0, None, "Short code within the result.").maxLength(80).optional(),
		localizedField("name", C0, None, "What is counted."),
		enumField("measure", C0, None, "Kind of measure, after the IATI IndicatorMeasure code list.", "unit",
			"percentage", "nominal", "ordinal", "qualitative").
			defaultTo("unit"),
		stringField("unit", C0, None, "What one of it is.").maxLength(60).optional(),
		enumField("direction", C0, None, "Which way is better.", "up", "down").defaultTo("up"),
		stringField("definition", C0, None, "How it is counted.").maxLength(2000).optional(),
		stringField("source", C0, None, "Where the figure comes from.").maxLength(500).optional(),
		stringField("frequency", C0, None, "How often it is measured.").maxLength(60).optional(),
		decimalField("baseline", C0, None, "Value before the intervention.").optional(),
	)
}

func (Indicator) Edges() []ent.Edge { return entEdges(indicatorEdges) }

func (Indicator) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "What is measured to see whether a result is reached.",
		Plural: "indicators", Prefix: "ind", Order: "created_at",
		Scope: model.Scope{
			Country:      []string{"result.intervention.country", "result.intervention.countries"},
			Office:       []string{"result.intervention.office"},
			Partner:      []string{"result.intervention.partners"},
			Intervention: []string{"result.intervention"},
			Grant:        []string{"result.intervention"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		Rules:  model.Rules{KeptWhile: []string{"values"}}, // without it, a figure says nothing
	})
}
