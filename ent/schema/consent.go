package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Consent is what a child, and those who care for it, agreed to.
type Consent struct{ ent.Schema }

var consentEdges = []*edgeBuilder{
	one("child", Child.Type, "The child.").must().fixed().back("consents", "Consents about the child."),
	one("country", Country.Type, "Country of the child.").must().fixed(),
}

// Mixin of the entity.
func (Consent) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Consent) Fields() []ent.Field {
	return fields(consentEdges,
		enums("purposes", C3, None, "What the data may be used for.", "services", "case_sharing", "referral", "tracing", "statistics", "research", "audit").named("ConsentPurpose"),
		words("data_categories", C3, None, "Which data it covers."),
		words("recipients", C3, Quasi, "Who may receive the data."),
		enum("given_by", C3, None, "Who gave it.", "child", "parent", "guardian", "court", "other").initially("guardian"),
		enum("method", C3, None, "How it was given.", "written", "oral", "thumbprint", "recorded").initially("written"),
		enum("legal_basis", C3, None, "Ground on which the data are held.", "consent", "vital_interest", "legal_obligation", "public_interest").initially("consent"),
		boolean("child_assent", C3, None, "The child itself agreed."),
		date("obtained_on", C3, None, "Day on which it was given.").optional(),
		date("expires_on", C3, None, "Last day on which it counts.").after("obtained_on").optional(),
		instant("withdrawn_at", C3, None, "When it was withdrawn.").optional().managed(),
		enum("state", C3, None, "Whether it counts.", "active", "withdrawn", "expired", "refused").initially("active"),
	)
}

// Edges of the entity.
func (Consent) Edges() []ent.Edge { return edges(consentEdges) }

// Annotations of the entity.
func (Consent) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "What a child, and those who care for it, agreed to.",
		Plural: "consents", Prefix: "cns", Order: "created_at desc",
		Within: "child",
		Scope:  model.Scope{Country: []string{"country"}, Office: []string{"child.office"}, Intervention: []string{"child.intervention"}, Assigned: []string{"child.keeper", "child.caseFiles.owner"}, Grant: []string{"child.intervention"}, Child: "child", Period: "obtained_on"},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Update, "active", "withdrawn", "expired", "refused"),
		), Fixed: []string{"withdrawn", "expired", "refused"}}}, // what was agreed to, and no longer is, stays on record as it was
	})
}
