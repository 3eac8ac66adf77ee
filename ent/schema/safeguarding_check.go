package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// SafeguardingCheck is a check that a volunteer passes before going abroad.
type SafeguardingCheck struct{ ent.Schema }

var safeguardingCheckEdges = []*edgeBuilder{
	toOne("volunteer", Volunteer.Type, "Volunteer who is checked.").
		required().immutable().withInverse("safeguardingChecks", "Checks of the volunteer."),
}

func (SafeguardingCheck) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (SafeguardingCheck) Fields() []ent.Field {
	return entFields(safeguardingCheckEdges,
		enumField("kind", C1, None, "What is checked.", "police_record", "references", "code_of_conduct",
			"child_safeguarding_training", "medical", "visa", "insurance").
			immutable(),
		dateField("issued_on", C1, None, "Day from which the check counts.").optional(),
		dateField("expires_on", C1, None, "Last day on which it counts; none: it does not expire.").
			notBefore("issued_on").optional(),
		enumField("result", C2, Quasi, "What the check found.", "pending", "clear", "flagged", "expired").
			defaultTo("pending"),
	)
}

func (SafeguardingCheck) Edges() []ent.Edge { return entEdges(safeguardingCheckEdges) }

func (SafeguardingCheck) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A check that a volunteer passes before going abroad.",
		Plural: "safeguardingChecks", Prefix: "chk", Order: "created_at desc",
		Scope: model.Scope{
			Country: []string{"volunteer.country", "volunteer.deployments.country"},
			Self:    []string{"volunteer.user"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{
			{
				Field: "result",
				Moves: slices.Concat(
					model.Moves(model.Approve, "pending", "clear", "flagged"),
					model.Moves(model.Approve, "clear", "flagged", "expired"),
					model.Moves(model.Approve, "flagged", "clear", "expired"),
				),
				Fixed:         []string{"clear"},
				NotArchivedIn: []string{"flagged"},
				Approvals: []model.Approval{
					{To: []string{"clear"}, Authors: []string{model.Creator, model.Editors, "volunteer.user"}},
					{Authors: []string{"volunteer.user"}}, // a warning needs no second person
				},
			},
		},
	})
}
