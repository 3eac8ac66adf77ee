package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Intervention is a programme, a project or a component of one. It is the unit of work, money and results.
type Intervention struct{ ent.Schema }

var interventionEdges = []*edgeBuilder{
	toOne("country", Country.Type, "Country that leads; none for a worldwide intervention.").
		withInverse("ledInterventions", "Interventions that the country leads."),
	toOne("office", Office.Type, "Office that leads.").
		withInverse("interventions", "Interventions that the office leads."),
	toOne("parent", Intervention.Type, "Programme or project that this one is a part of.").
		withInverse("components", "Parts of the intervention."),
}

func (Intervention) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Intervention) Fields() []ent.Field {
	return entFields(interventionEdges,
		stringField("code", C0, None, "Short code by which people name the intervention.").
			maxLength(60).distinctForWriter(),
		stringField("iati_identifier", C0, None, "IATI activity identifier.").maxLength(120).optional(),
		localizedField("title", C0, None, "Title."),
		localizedField("summary", C0, None, "What the intervention does.").optional(),
		enumField("kind", C0, None, "What it is.", "programme", "project", "component", "volunteer_cooperation",
			"emergency").
			defaultTo("project"),
		enumField("theme", C0, None, "Field of work.", "child_friendly_justice", "exploitation_and_violence",
			"emergencies_and_armed_conflict", "child_participation", "system_strengthening", "volunteer_cooperation",
			"other").
			defaultTo("other"),
		enumField("status", C0, None,
			"Where it stands, in the six words of the IATI ActivityStatus code list (1 to 6).", "pipeline",
			"implementation", "finalisation", "closed", "cancelled", "suspended").
			defaultTo("pipeline"),
		dateField("planned_start", C0, None, "Planned first day.").optional(),
		dateField("planned_end", C0, None, "Planned last day.").notBefore("planned_start").optional(),
		dateField("actual_start", C0, None, "First day.").optional(),
		dateField("actual_end", C0, None, "Last day.").notBefore("actual_start").optional(),
		intField("start_year", C0, None, "Year of the start, where a source states no day.").
			inRange(1800, 2200).optional(),
		intField("end_year", C0, None, "Year of the end, where a source states no day.").
			inRange(1800, 2200).notBefore("start_year").optional(),
		stringField("funder", C0, None, "Who pays, as the source words it.").maxLength(300).optional(),
		stringListField("sdg_targets", C0, None, "Targets of the Sustainable Development Goals, as 16.2."),
		stringListField("crc_articles", C0, None, "Articles of the Convention on the Rights of the Child."),
		stringListField("cpms_standards", C0, None, "Standards of the Child Protection Minimum Standards."),
		stringListField("policy_markers", C0, None, "OECD policy markers, as code:significance."),
		boolField("crc_editorial", C0, None, "The articles are an editor's choice, not the source's."),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (Intervention) Edges() []ent.Edge { return entEdges(interventionEdges) }

func (Intervention) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A programme, project or component of one: the unit of work, money and results.",
		Plural: "interventions", Prefix: "int", Order: "code", CodeColumn: "code",
		Scope: model.Scope{
			Country:      []string{"country", "countries"},
			Office:       []string{"office"},
			Partner:      []string{"partners"},
			Intervention: []string{"id"},
			Grant:        []string{"id"},
			Self:         []string{"deployments.volunteer.user"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Rules:  model.Rules{KeptWhile: []string{"results"}}, // without it, a result says nothing
		Machines: []model.Machine{{Field: "status", Moves: slices.Concat(
			model.Moves(model.Update, "pipeline", "implementation", "cancelled"),
			model.Moves(model.Update, "implementation", "finalisation", "suspended", "cancelled", "closed"),
			model.Moves(model.Approve, "finalisation", "closed", "implementation"),
			model.Moves(model.Update, "suspended", "implementation", "cancelled", "closed"),
		)}},
		Through: []model.ThroughNote{
			{
				Name: "countries", Via: "InterventionCountry", Self: "intervention", Target: "country",
				Doc: "Countries that the intervention reaches.",
			},
			{
				Name: "partners", Via: "InterventionPartner", Self: "intervention", Target: "partner",
				Doc: "Partners that take part.",
			},
		},
	})
}
