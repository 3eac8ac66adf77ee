package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Activity is a piece of work within an intervention, for example a training, an assessment or a campaign.
type Activity struct{ ent.Schema }

var activityEdges = []*edgeBuilder{
	toOne("intervention", Intervention.Type, "Intervention of the activity.").
		required().immutable().withInverse("activities", "Activities of the intervention."),
	toOne("country", Country.Type, "Country in which it takes place.").
		withInverse("activities", "Activities in the country."),
	toOne("place", Place.Type, "Place in which it takes place."),
	toOne("office", Office.Type, "Office that runs it.").withInverse("activities", "Activities that the office runs."),
	toOne("partner", Partner.Type, "Partner with which it is run.").
		withInverse("activities", "Activities that are run with the partner."),
	toOne("responsible", User.Type, "Person responsible.").
		withInverse("activities", "Activities that the person is responsible for."),
}

func (Activity) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Activity) Fields() []ent.Field {
	return entFields(activityEdges,
		enumField("kind", C0, None, "What is done.", "training", "training_of_trainers", "curriculum_integration",
			"tool_development", "best_practice_exchange", "advocacy", "awareness_raising", "child_participation",
			"assessment", "coordination", "mentoring", "research"),
		localizedField("title", C0, None, "Title."),
		dateField("starts_on", C1, None, "First day.").optional(),
		dateField("ends_on", C1, None, "Last day.").notBefore("starts_on").optional(),
		enumField("modality", C1, None, "How people take part.", "in_person", "remote", "mixed").defaultTo("in_person"),
		intField("planned_women", C1, None, "Women expected.").inRange(0, 1_000_000).optional(),
		intField("planned_men", C1, None, "Men expected.").inRange(0, 1_000_000).optional(),
		stringListField("competencies", C1, None, "Competencies that are taught."),
		stringListField("materials", C1, None, "Codes of the resources used."),
		decimalField("cost", C1, None, "Cost in the currency.").inRange(0, 1_000_000_000_000).optional(),
		stringField("currency", C1, None, "ISO 4217 code.").withFormat(model.Currency).maxLength(3).optional(),
		longTextField("notes", C1, Direct, "Remarks of the team.").optional(),
		enumField("state", C1, None, "Where the activity stands.", "planned", "confirmed", "ongoing", "done",
			"reported", "verified", "cancelled", "postponed").
			defaultTo("planned"),
	)
}

func (Activity) Edges() []ent.Edge { return entEdges(activityEdges) }

func (Activity) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "Something done within an intervention: a training, an assessment, a campaign.",
		Plural: "activities", Prefix: "act", Order: "created_at desc",
		Scope: model.Scope{
			Assigned:     []string{"responsible"},
			Self:         []string{"responsible"},
			Country:      []string{"country", "intervention.country"},
			Office:       []string{"office"},
			Intervention: []string{"intervention"},
			Partner:      []string{"partner"},
			Grant:        []string{"intervention"},
			Period:       "starts_on",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Update, "planned", "confirmed", "cancelled", "postponed"),
					model.Moves(model.Update, "confirmed", "ongoing", "cancelled", "postponed"),
					model.Moves(model.Update, "ongoing", "done", "cancelled"),
					model.Moves(model.Update, "done", "reported"),
					model.Moves(model.Approve, "reported", "verified", "done"),
					model.Moves(model.Approve, "verified", "done"),
					model.Moves(model.Update, "postponed", "planned", "cancelled"),
				),
				Fixed: []string{"verified"},
				Approvals: []model.Approval{
					{To: []string{"verified"}, Authors: []string{model.Creator, "responsible"}},
				},
			},
		},
	})
}
