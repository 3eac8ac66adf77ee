package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// CaseService is a service given in a case.
type CaseService struct{ ent.Schema }

var caseServiceEdges = []*edgeBuilder{
	toOne("caseFile", CaseFile.Type, "The case.").
		required().immutable().withInverse("services", "Services given in the case."),
	toOne("country", Country.Type, "Country of the case.").required().immutable(),
	toOne("provider", Partner.Type, "Partner that gives it.").
		withInverse("caseServices", "Services that the partner gives."),
}

func (CaseService) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (CaseService) Fields() []ent.Field {
	return entFields(caseServiceEdges,
		enumField("kind", C3, None, "What is given.", "medical", "psychosocial", "legal", "shelter", "education",
			"livelihood", "reintegration", "family_tracing", "cash", "other"),
		dateField("due_on", C3, None, "Day by which it is due.").optional(),
		dateField("done_on", C3, None, "Day on which it was given.").optional(),
		longTextField("outcome", C3, Direct, "What came of it.").optional(),
		enumField("approval", C3, None, "Whether a supervisor agrees.", "requested", "approved", "rejected").
			defaultTo("requested"),
	)
}

func (CaseService) Edges() []ent.Edge { return entEdges(caseServiceEdges) }

func (CaseService) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A service given in a case.",
		Plural: "caseServices", Prefix: "svc", Order: "created_at",
		Within: "caseFile",
		Scope: model.Scope{
			Country:      []string{"country"},
			Office:       []string{"caseFile.office"},
			Partner:      []string{"caseFile.partner"},
			Intervention: []string{"caseFile.intervention"},
			Assigned:     []string{"caseFile.owner"},
			Grant:        []string{"caseFile.intervention"},
			Child:        "caseFile.child",
			Period:       "due_on",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{
			{
				Field: "approval",
				Moves: slices.Concat(
					model.Moves(model.Approve, "requested", "approved", "rejected"),
					model.Moves(model.Approve, "rejected", "approved"),
					model.Moves(model.Approve, "approved", "rejected"),
				),
				Fixed:     []string{"approved"},
				Free:      []string{"done_on", "outcome"},
				Approvals: []model.Approval{{Authors: []string{model.Creator, model.Editors}}},
			},
		},
	})
}
