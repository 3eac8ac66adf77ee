package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// CaseFile is a case: the work done for one child.
type CaseFile struct{ ent.Schema }

var caseFileEdges = []*edgeBuilder{
	one("child", Child.Type, "The child: one whose record you may change.").must().fixed().needs(model.Update).back("caseFiles", "Cases of the child."),
	one("country", Country.Type, "Country of the case: a child that is helped on elsewhere has a case there.").must().fixed().back("caseFiles", "Cases in the country."),
	one("office", Office.Type, "Office that owns the case.").back("caseFiles", "Cases that the office owns."),
	one("partner", Partner.Type, "Partner that helps.").back("caseFiles", "Cases in which the partner helps."),
	one("intervention", Intervention.Type, "Intervention that the case is a part of.").back("caseFiles", "Cases of the intervention."),
	one("owner", User.Type, "Case worker responsible: whoever opens the case, unless another is named.").maker().back("caseFiles", "Cases that the person is responsible for."),
}

// Mixin of the entity.
func (CaseFile) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (CaseFile) Fields() []ent.Field {
	return fields(caseFileEdges,
		str("code", C3, None, "Code of the case.").max(40).pseudonym(),
		date("opened_on", C3, None, "Day on which it was opened.").optional(),
		date("closed_on", C3, None, "Day on which it was closed.").after("opened_on").optional(),
		enum("source", C3, None, "Who brought the case.", "self", "family", "community", "social_services", "police", "justice", "health", "school", "partner", "hotline", "other").initially("other"),
		enums("concerns", C3, Quasi, "Protection concerns.", "sexual_exploitation", "sexual_violence", "trafficking", "child_labour", "worst_forms_of_child_labour", "in_contact_with_law", "victim_or_witness", "detained", "armed_forces_or_groups", "unaccompanied", "separated", "migrant", "refugee", "stateless", "street", "physical_or_emotional_maltreatment", "neglect", "child_marriage", "fgm", "disability", "psychosocial_distress", "other").named("Concern"),
		enum("risk", C3, None, "Level of risk.", "high", "medium", "low").initially("medium"),
		enum("status", C3, None, "Whether the case is open.", "open", "closed", "transferred", "duplicate", "reopened").initially("open"),
		enum("stage", C3, None, "Step of case management.", "identification", "assessment", "planning", "implementation", "review", "closure").initially("identification"),
		long("summary", C3, Direct, "What happened and what is done.").optional(),
		boolean("synthetic", C1, None, "Made up: every case of a demonstration is."),
	)
}

// Edges of the entity.
func (CaseFile) Edges() []ent.Edge { return edges(caseFileEdges) }

// Annotations of the entity.
func (CaseFile) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A case: the work done for one child.",
		Plural: "caseFiles", Prefix: "cas", Order: "created_at desc",
		Scope:  model.Scope{Country: []string{"country"}, Office: []string{"office"}, Partner: []string{"partner"}, Intervention: []string{"intervention"}, Assigned: []string{"owner"}, Grant: []string{"intervention"}, Child: "child", Period: "opened_on"},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{{Field: "status", Moves: slices.Concat(
			model.Moves(model.Approve, "open", "closed", "transferred", "duplicate"),
			model.Moves(model.Approve, "closed", "reopened"),
			model.Moves(model.Approve, "reopened", "closed", "transferred", "duplicate"),
			model.Moves(model.Approve, "transferred", "reopened"),
		), Fixed: []string{"closed", "transferred", "duplicate"}, Free: []string{"closed_on"}},
			{Field: "stage", Moves: slices.Concat(
				model.Moves(model.Update, "identification", "assessment"),
				model.Moves(model.Update, "assessment", "planning"),
				model.Moves(model.Approve, "planning", "implementation", "assessment"),
				model.Moves(model.Update, "implementation", "review"),
				model.Moves(model.Update, "review", "planning", "implementation"),
				model.Moves(model.Approve, "review", "closure"),
				model.Moves(model.Approve, "closure", "review"),
			)}},
	})
}
