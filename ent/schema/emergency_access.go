package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// EmergencyAccess opens a child's record in an emergency for a few hours, without a consent. The row itself is the
// record of the event, and another user reviews it.
type EmergencyAccess struct{ ent.Schema }

var emergencyAccessEdges = []*edgeBuilder{
	toOne("user", User.Type, "Person who opened the record.").
		required().immutable().setByHub().
		withInverse("emergencyAccesses", "Records that the person opened in an emergency."),
	toOne("country", Country.Type, "Country of the child.").
		required().immutable().setByHub().
		withInverse("emergencyAccesses", "Records of the country that were opened in an emergency."),
	toOne("office", Office.Type,
		"Office of the person who opened it, as it was then, in the country of the child; none: headquarters reviews.").
		immutable().setByHub(),
	toOne("child", Child.Type, "The child; none when nobody has the code.").immutable().setByHub(),
	toOne("reviewedBy", User.Type, "Person who reviewed it.").setByHub(),
}

func (EmergencyAccess) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (EmergencyAccess) Fields() []ent.Field {
	return entFields(emergencyAccessEdges,
		longTextField("reason", C3, Direct, "Why it could not wait.").maxLength(2000).immutable().setByHub(),
		timeField("valid_until", C1, None, "Until when the record is open (UTC): four hours at most.").
			immutable().setByHub(),
		timeField("review_due", C1, None, "By when it is to be reviewed (UTC): within 72 hours.").
			immutable().setByHub(),
		longTextField("finding", C2, Direct, "What the review found.").maxLength(2000).optional(),
		enumField("state", C1, None, "Whether it was reviewed.", "opened", "justified", "unjustified").
			defaultTo("opened"),
	)
}

func (EmergencyAccess) Edges() []ent.Edge { return entEdges(emergencyAccessEdges) }

func (EmergencyAccess) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A child's record opened in an emergency, without waiting for a consent, for a few hours.",
		Plural: "emergencyAccesses", Prefix: "emg", Order: "created_at desc",
		Scope:  model.Scope{Country: []string{"country"}, Office: []string{"office"}, Self: []string{"user"}},
		Writes: []model.Action{model.Update, model.Approve},
		Rules: model.Rules{
			NotBy: model.Exclusion{
				Edge: "user", Message: "Another person must write what the review found: you opened the record.",
			},
			DecidesRights: true,
		},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: model.Moves(model.Approve, "opened", "justified", "unjustified"),
				Fixed: []string{"justified", "unjustified"},
				// The reviewer writes the finding, so Editors is not among the authors.
				Approvals: []model.Approval{{By: "reviewedBy", Authors: []string{model.Creator, "user"}}},
			},
		},
	})
}
