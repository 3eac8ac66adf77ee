package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// BestInterests is a best interests procedure, which weighs and records what is best for one child.
type BestInterests struct{ ent.Schema }

var bestInterestsEdges = []*edgeBuilder{
	toOne("caseFile", CaseFile.Type, "The case.").
		required().immutable().withInverse("bestInterests", "Best interests procedures of the case."),
	toOne("country", Country.Type, "Country of the case.").required().immutable(),
}

func (BestInterests) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (BestInterests) Fields() []ent.Field {
	return entFields(bestInterestsEdges,
		enumField("kind", C3, None, "Assessment, or formal determination.", "assessment", "determination").immutable(),
		longTextField("options", C3, Direct, "Options with the factors for and against each.").optional(),
		longTextField("child_views", C3, Direct, "What the child says.").optional(),
		longTextField("decision", C3, Direct, "What was decided and why.").optional(),
		stringListField("panel", C3, Direct, "Members of the panel."),
		dateField("decided_on", C3, None, "Day of the decision.").optional(),
		dateField("review_on", C3, None, "Day by which it is reviewed.").optional(),
		enumField("state", C3, None, "Where it stands.", "opened", "information_gathering", "panel", "decided",
			"implemented", "reviewed").
			defaultTo("opened"),
	)
}

func (BestInterests) Edges() []ent.Edge { return entEdges(bestInterestsEdges) }

func (BestInterests) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A best interests procedure: what is best for one child, weighed and written down.",
		Plural: "bestInterestsProcedures", Prefix: "bip", Order: "created_at desc",
		Within: "caseFile",
		Scope: model.Scope{
			Country:      []string{"country"},
			Office:       []string{"caseFile.office"},
			Partner:      []string{"caseFile.partner"},
			Intervention: []string{"caseFile.intervention"},
			Assigned:     []string{"caseFile.owner"},
			Grant:        []string{"caseFile.intervention"},
			Child:        "caseFile.child",
			Period:       "decided_on",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Update, "opened", "information_gathering"),
					model.Moves(model.Approve, "information_gathering", "panel"),
					model.Moves(model.Approve, "panel", "decided"),
					model.Moves(model.Update, "decided", "implemented"),
					model.Moves(model.Update, "implemented", "reviewed"),
					model.Moves(model.Approve, "reviewed", "information_gathering"),
				),
				Fixed:     []string{"decided", "implemented", "reviewed"},
				Approvals: []model.Approval{{Authors: []string{model.Creator, model.Editors}}},
			},
		},
	})
}
