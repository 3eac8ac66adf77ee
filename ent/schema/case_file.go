package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// CaseFile is a case, which is the work done for one child.
type CaseFile struct{ ent.Schema }

var caseFileEdges = []*edgeBuilder{
	toOne("child", Child.Type, "The child: one whose record you may change.").
		required().immutable().requiresAction(model.Update).withInverse("caseFiles", "Cases of the child."),
	toOne("country", Country.Type, "Country of the case: a child that is helped on elsewhere has a case there.").
		required().immutable().withInverse("caseFiles", "Cases in the country."),
	toOne("office", Office.Type, "Office that owns the case.").withInverse("caseFiles", "Cases that the office owns."),
	toOne("partner", Partner.Type, "Partner that helps.").withInverse("caseFiles", "Cases in which the partner helps."),
	toOne("intervention", Intervention.Type, "Intervention that the case is a part of.").
		withInverse("caseFiles", "Cases of the intervention."),
	toOne("owner", User.Type, "Case worker responsible: whoever opens the case, unless another is named.").
		defaultsToMaker().withInverse("caseFiles", "Cases that the person is responsible for."),
}

func (CaseFile) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (CaseFile) Fields() []ent.Field {
	return entFields(caseFileEdges,
		stringField("code", C3, None, "Code of the case.").maxLength(40).replacedByPseudonym(),
		dateField("opened_on", C3, None, "Day on which it was opened.").optional(),
		dateField("closed_on", C3, None, "Day on which it was closed.").notBefore("opened_on").optional(),
		enumField("source", C3, None, "Who brought the case.", "self", "family", "community", "social_services",
			"police", "justice", "health", "school", "partner", "hotline", "other").
			defaultTo("other"),
		enumListField("concerns", C3, Quasi, "Protection concerns.", "sexual_exploitation", "sexual_violence",
			"trafficking", "child_labour", "worst_forms_of_child_labour", "in_contact_with_law", "victim_or_witness",
			"detained", "armed_forces_or_groups", "unaccompanied", "separated", "migrant", "refugee", "stateless",
			"street", "physical_or_emotional_maltreatment", "neglect", "child_marriage", "fgm", "disability",
			"psychosocial_distress", "other").
			withEnumName("Concern"),
		enumField("risk", C3, None, "Level of risk.", "high", "medium", "low").defaultTo("medium"),
		enumField("status", C3, None, "Whether the case is open.", "open", "closed", "transferred", "duplicate",
			"reopened").
			defaultTo("open"),
		enumField("stage", C3, None, "Step of case management.", "identification", "assessment", "planning",
			"implementation", "review", "closure").
			defaultTo("identification"),
		longTextField("summary", C3, Direct, "What happened and what is done.").optional(),
		boolField("synthetic", C1, None, "Made up: every case of a demonstration is."),
	)
}

func (CaseFile) Edges() []ent.Edge { return entEdges(caseFileEdges) }

func (CaseFile) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A case: the work done for one child.",
		Plural: "caseFiles", Prefix: "cas", Order: "created_at desc",
		Scope: model.Scope{
			Country:      []string{"country"},
			Office:       []string{"office"},
			Partner:      []string{"partner"},
			Intervention: []string{"intervention"},
			Assigned:     []string{"owner"},
			Grant:        []string{"intervention"},
			Child:        "child",
			Period:       "opened_on",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Rules: model.Rules{Handovers: []model.Handover{{
			Edge: "office", AllowFirst: true,
			Message: "Which office has this record is for a supervisor of both offices to change.",
		}}},
		// A supervisor that works on a case hands it to another case worker before it is closed.
		Machines: []model.Machine{
			{
				Field: "status",
				Moves: slices.Concat(
					model.Moves(model.Approve, "open", "closed", "transferred", "duplicate"),
					model.Moves(model.Approve, "closed", "reopened"),
					model.Moves(model.Approve, "reopened", "closed", "transferred", "duplicate"),
					model.Moves(model.Approve, "transferred", "reopened"),
				),
				Fixed:     []string{"closed", "transferred", "duplicate"},
				Free:      []string{"closed_on"},
				Approvals: []model.Approval{{Authors: []string{"owner"}}},
			},
			{
				Field: "stage",
				Moves: slices.Concat(
					model.Moves(model.Update, "identification", "assessment"),
					model.Moves(model.Update, "assessment", "planning"),
					model.Moves(model.Approve, "planning", "implementation", "assessment"),
					model.Moves(model.Update, "implementation", "review"),
					model.Moves(model.Update, "review", "planning", "implementation"),
					model.Moves(model.Approve, "review", "closure"),
					model.Moves(model.Approve, "closure", "review"),
				),
				Approvals: []model.Approval{{Authors: []string{"owner"}}},
			},
		},
	})
}
