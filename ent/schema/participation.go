package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Participation is the number of people of one group that took part in an activity. Children appear only as counts.
type Participation struct{ ent.Schema }

var participationEdges = []*edgeBuilder{
	toOne("activity", Activity.Type, "The activity.").
		required().immutable().withInverse("participations", "Who took part, as counts."),
}

func (Participation) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Participation) Fields() []ent.Field {
	return entFields(participationEdges,
		enumField("kind", C1, None, "Whether they were expected, or came.", "planned", "actual").defaultTo("actual"),
		enumField("profession", C1, None, "Profession.", "police", "gendarmerie", "military", "magistrate",
			"prosecutor", "lawyer", "prison_officer", "social_worker", "health", "teacher", "civil_registrar",
			"community_leader", "private_sector", "journalist", "child", "other").
			withEnumName("Profession").defaultTo("other"),
		enumField("sex", C1, None, "Sex.", "female", "male", "other", "unknown").
			withEnumName("Sex").defaultTo("unknown"),
		enumField("age_band", C1, None, "Age in years, in bands.", "u6", "a6_11", "a12_14", "a15_17", "a18_24",
			"a25_59", "a60_plus", "unknown").
			withEnumName("AgeBand").defaultTo("unknown"),
		intField("count", C1, None, "Number of people.").inRange(0, 1_000_000),
		floatField("pre_score", C1, None, "Mean score before, in percent.").inRange(0, 100).optional(),
		floatField("post_score", C1, None, "Mean score after, in percent.").inRange(0, 100).optional(),
	)
}

func (Participation) Edges() []ent.Edge { return entEdges(participationEdges) }

func (Participation) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc: "How many people of one group were expected at an activity, or took part in it. Children only ever as " +
			"counts.",
		Plural: "participations", Prefix: "ptn", Order: "created_at",
		Scope: model.Scope{
			Country:      []string{"activity.country", "activity.intervention.country"},
			Office:       []string{"activity.office"},
			Partner:      []string{"activity.partner"},
			Intervention: []string{"activity.intervention"},
			Assigned:     []string{"activity.responsible"},
			Grant:        []string{"activity.intervention"},
			Period:       "activity",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
