package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Activity is something done within an intervention: a training, an assessment, a campaign.
type Activity struct{ ent.Schema }

var activityEdges = []*edgeBuilder{
	one("intervention", Intervention.Type, "Intervention of the activity.").must().fixed().back("activities", "Activities of the intervention."),
	one("country", Country.Type, "Country in which it takes place.").back("activities", "Activities in the country."),
	one("place", Place.Type, "Place in which it takes place."),
	one("office", Office.Type, "Office that runs it.").back("activities", "Activities that the office runs."),
	one("partner", Partner.Type, "Partner with which it is run.").back("activities", "Activities that are run with the partner."),
	one("responsible", User.Type, "Person responsible.").back("activities", "Activities that the person is responsible for."),
}

// Mixin of the entity.
func (Activity) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Activity) Fields() []ent.Field {
	return fields(activityEdges,
		enum("kind", C0, None, "What is done.", "training", "training_of_trainers", "curriculum_integration", "tool_development", "best_practice_exchange", "advocacy", "awareness_raising", "child_participation", "assessment", "coordination", "mentoring", "research"),
		texts("title", C0, None, "Title."),
		date("starts_on", C1, None, "First day.").optional(),
		date("ends_on", C1, None, "Last day.").after("starts_on").optional(),
		enum("modality", C1, None, "How people take part.", "in_person", "remote", "mixed").initially("in_person"),
		integer("planned_women", C1, None, "Women expected.").between(0, 1_000_000).optional(),
		integer("planned_men", C1, None, "Men expected.").between(0, 1_000_000).optional(),
		words("competencies", C1, None, "Competencies that are taught."),
		words("materials", C1, None, "Codes of the resources used."),
		decimal("cost", C1, None, "Cost in the currency.").between(0, 1_000_000_000_000).optional(),
		str("currency", C1, None, "ISO 4217 code.").written(model.Currency).max(3).optional(),
		long("notes", C1, Direct, "Remarks of the team.").optional(),
		enum("state", C1, None, "Where the activity stands.", "planned", "confirmed", "ongoing", "done", "reported", "verified", "cancelled", "postponed").initially("planned"),
	)
}

// Edges of the entity.
func (Activity) Edges() []ent.Edge { return edges(activityEdges) }

// Annotations of the entity.
func (Activity) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "Something done within an intervention: a training, an assessment, a campaign.",
		Plural: "activities", Prefix: "act", Order: "created_at desc",
		Scope:  model.Scope{Assigned: []string{"responsible"}, Self: []string{"responsible"}, Country: []string{"country", "intervention.country"}, Office: []string{"office"}, Intervention: []string{"intervention"}, Partner: []string{"partner"}, Grant: []string{"intervention"}, Period: "starts_on"},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Update, "planned", "confirmed", "cancelled", "postponed"),
			model.Moves(model.Update, "confirmed", "ongoing", "cancelled", "postponed"),
			model.Moves(model.Update, "ongoing", "done", "cancelled"),
			model.Moves(model.Update, "done", "reported"),
			model.Moves(model.Approve, "reported", "verified", "done"),
			model.Moves(model.Approve, "verified", "done"),
			model.Moves(model.Update, "postponed", "planned", "cancelled"),
		), Fixed: []string{"verified"}}},
	})
}
