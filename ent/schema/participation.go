package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Participation is how many people of one group took part in an activity. Children only ever as counts.
type Participation struct{ ent.Schema }

var participationEdges = []*edgeBuilder{
	one("activity", Activity.Type, "The activity.").must().fixed().back("participations", "Who took part, as counts."),
}

// Mixin of the entity.
func (Participation) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Participation) Fields() []ent.Field {
	return fields(participationEdges,
		enum("kind", C1, None, "Whether they were expected, or came.", "planned", "actual").initially("actual"),
		enum("profession", C1, None, "Profession.", "police", "gendarmerie", "military", "magistrate", "prosecutor", "lawyer", "prison_officer", "social_worker", "health", "teacher", "civil_registrar", "community_leader", "private_sector", "journalist", "child", "other").named("Profession").initially("other"),
		enum("sex", C1, None, "Sex.", "female", "male", "other", "unknown").named("Sex").initially("unknown"),
		enum("age_band", C1, None, "Age in years, in bands.", "u6", "a6_11", "a12_14", "a15_17", "a18_24", "a25_59", "a60_plus", "unknown").named("AgeBand").initially("unknown"),
		integer("count", C1, None, "Number of people.").between(0, 1_000_000),
		float("pre_score", C1, None, "Mean score before, in percent.").between(0, 100).optional(),
		float("post_score", C1, None, "Mean score after, in percent.").between(0, 100).optional(),
	)
}

// Edges of the entity.
func (Participation) Edges() []ent.Edge { return edges(participationEdges) }

// Annotations of the entity.
func (Participation) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "How many people of one group were expected at an activity, or took part in it. Children only ever as counts.",
		Plural: "participations", Prefix: "ptn", Order: "created_at",
		Scope:  model.Scope{Country: []string{"activity.country", "activity.intervention.country"}, Office: []string{"activity.office"}, Partner: []string{"activity.partner"}, Intervention: []string{"activity.intervention"}, Assigned: []string{"activity.responsible"}, Grant: []string{"activity.intervention"}, Period: "activity"},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
