package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Deployment is a volunteer mandate, which is one post in one country for a time.
type Deployment struct{ ent.Schema }

var deploymentEdges = []*edgeBuilder{
	toOne("volunteer", Volunteer.Type, "Volunteer who holds the mandate: one whose record you may change.").
		requiresAction(model.Update).withInverse("deployments", "Mandates of the volunteer."),
	toOne("country", Country.Type, "Country of the mandate.").
		required().withInverse("deployments", "Volunteer mandates in the country."),
	toOne("office", Office.Type, "Office that looks after the volunteer.").
		withInverse("deployments", "Volunteer mandates that the office looks after."),
	toOne("place", Place.Type, "Place of work."),
	toOne("partner", Partner.Type, "Partner that hosts the volunteer.").
		withInverse("deployments", "Volunteer mandates that the partner hosts."),
	toOne("intervention", Intervention.Type, "Intervention that the mandate serves: one that you may change.").
		requiresAction(model.Update).withInverse("deployments", "Volunteer mandates that serve the intervention."),
}

func (Deployment) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Deployment) Fields() []ent.Field {
	return entFields(deploymentEdges,
		localizedField("title", C0, None, "Title of the mandate."),
		intField("months", C0, None, "Planned length in months.").inRange(0, 600).optional(),
		dateField("planned_start", C1, None, "Planned first day.").optional(),
		dateField("planned_end", C1, None, "Planned last day.").notBefore("planned_start").optional(),
		dateField("actual_start", C1, None, "First day.").optional(),
		dateField("actual_end", C1, None, "Last day.").notBefore("actual_start").optional(),
		longTextField("objectives", C1, Direct, "What the volunteer is to do.").optional(),
		longTextField("report", C2, Direct, "What the volunteer reports.").optional(),
		enumField("state", C1, None, "Where the mandate stands.", "draft", "published", "matched", "preparing",
			"in_country", "remote", "suspended", "completed", "cut_short", "cancelled").
			defaultTo("draft"),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (Deployment) Edges() []ent.Edge { return entEdges(deploymentEdges) }

func (Deployment) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A volunteer mandate: one post, in one country, for a time.",
		Plural: "deployments", Prefix: "dep", Order: "created_at desc",
		Scope: model.Scope{
			Country:      []string{"country"},
			Office:       []string{"office"},
			Partner:      []string{"partner"},
			Intervention: []string{"intervention"},
			Self:         []string{"volunteer.user"},
			Grant:        []string{"intervention"},
			Period:       "actual_start",
		},
		Writes:  []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Rules:   model.Rules{DecidesRights: true},
		Reports: []string{"report"}, // the volunteer's own report; the place and the dates need approval
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Approve, "draft", "published", "cancelled"),
					model.Moves(model.Approve, "published", "matched", "cancelled"),
					model.Moves(model.Approve, "matched", "preparing", "published", "cancelled"),
					model.Moves(model.Approve, "preparing", "in_country", "remote", "cancelled"),
					model.Moves(model.Approve, "in_country", "suspended", "remote", "completed", "cut_short"),
					model.Moves(model.Approve, "remote", "in_country", "suspended", "completed", "cut_short"),
					model.Moves(model.Approve, "suspended", "in_country", "remote", "cut_short", "cancelled"),
				),
				// The volunteer of a deployment passed the checks, so the volunteer cannot be exchanged afterwards.
				Fixed: []string{"in_country", "remote", "completed", "cut_short"},
				Free: []string{
					"country_id", "office_id", "place_id", "partner_id", "intervention_id", "title", "months",
					"planned_start", "planned_end", "actual_start", "actual_end", "objectives", "report", "source_url",
				},
				Approvals: []model.Approval{{Authors: []string{"volunteer.user"}}},
				Safeguarding: model.Safeguarding{
					Before:    []string{"in_country"},
					Volunteer: "volunteer",
					// A check of another kind, such as a visa, counts only when it is on record.
					Kinds: []string{
						"police_record", "references", "code_of_conduct", "child_safeguarding_training", "medical",
						"insurance",
					},
				},
			},
		},
	})
}
