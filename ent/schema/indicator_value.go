package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// IndicatorValue is a figure for an indicator and a period.
type IndicatorValue struct{ ent.Schema }

var indicatorValueEdges = []*edgeBuilder{
	toOne("indicator", Indicator.Type, "The indicator.").
		required().immutable().withInverse("values", "Figures of the indicator."),
	toOne("country", Country.Type, "Country that the figure is about.").
		withInverse("indicatorValues", "Figures about the country."),
	toOne("partner", Partner.Type, "Partner that reports it.").
		withInverse("indicatorValues", "Figures that the partner reports."),
	toOne("author", User.Type, "Person who entered the figure.").setByHub().defaultsToMaker(),
	toOne("approvedBy", User.Type, "Second person, who approved it.").setByHub(),
}

func (IndicatorValue) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (IndicatorValue) Fields() []ent.Field {
	return entFields(indicatorValueEdges,
		stringField("period", C0, None, "Year, range of years or month, as the source words it.").
			maxLength(40).optional(),
		dateField("period_start", C0, None, "First day of the period.").optional(),
		dateField("period_end", C0, None, "Last day of the period.").notBefore("period_start").optional(),
		enumField("kind", C0, None, "Whether it is aimed at or reached.", "target", "actual").defaultTo("actual"),
		decimalField("value", C0, None, "The figure."),
		enumField("sex", C0, None, "Sex.", "female", "male", "other", "unknown").
			withEnumName("Sex").defaultTo("unknown"),
		enumField("age_band", C0, None, "Age in years, in bands.", "u6", "a6_11", "a12_14", "a15_17", "a18_24",
			"a25_59", "a60_plus", "unknown").
			withEnumName("AgeBand").defaultTo("unknown"),
		enumField("disability", C0, None, "Whether the people counted have a disability.", "yes", "no", "unknown").
			defaultTo("unknown"),
		enumField("profession", C0, None, "Profession of the people counted.", "police", "gendarmerie", "military",
			"magistrate", "prosecutor", "lawyer", "prison_officer", "social_worker", "health", "teacher",
			"civil_registrar", "community_leader", "private_sector", "journalist", "child", "other").
			withEnumName("Profession").optional(),
		enumField("state", C1, None, "Where the figure stands.", "draft", "submitted", "returned", "approved",
			"locked").
			defaultTo("draft"),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (IndicatorValue) Edges() []ent.Edge { return entEdges(indicatorValueEdges) }

func (IndicatorValue) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A figure for an indicator and a period.",
		Plural: "indicatorValues", Prefix: "ivl", Order: "created_at",
		Scope: model.Scope{
			Country: []string{
				"country", "indicator.result.intervention.country", "indicator.result.intervention.countries",
			},
			Office:       []string{"indicator.result.intervention.office"},
			Partner:      []string{"partner"},
			Intervention: []string{"indicator.result.intervention"},
			Grant:        []string{"indicator.result.intervention"},
			Period:       "period_start",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Update, "draft", "submitted"),
					model.Moves(model.Approve, "submitted", "approved", "returned"),
					model.Moves(model.Update, "returned", "submitted"),
					model.Moves(model.Approve, "approved", "locked", "returned"),
				),
				Fixed:         []string{"submitted", "approved", "locked"},
				NotArchivedIn: []string{"approved", "locked"},
				Approvals: []model.Approval{
					{By: "approvedBy", Authors: []string{model.Creator, "author", model.Editors}},
				},
			},
		},
	})
}
