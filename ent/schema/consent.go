package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Consent is an agreement of a child, and of the people that care for it, to the use of its data.
type Consent struct{ ent.Schema }

var consentEdges = []*edgeBuilder{
	toOne("child", Child.Type, "The child.").
		required().immutable().withInverse("consents", "Consents about the child."),
	toOne("country", Country.Type, "Country of the child.").required().immutable(),
}

func (Consent) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Consent) Fields() []ent.Field {
	return entFields(consentEdges,
		enumListField("purposes", C3, None, "What the data may be used for.", "services", "case_sharing", "referral",
			"tracing", "statistics", "research", "audit").
			withEnumName("ConsentPurpose"),
		stringListField("data_categories", C3, None, "Which data it covers."),
		stringListField("recipients", C3, Quasi, "Who may receive the data."),
		enumField("given_by", C3, None, "Who gave it.", "child", "parent", "guardian", "court", "other").
			defaultTo("guardian"),
		enumField("method", C3, None, "How it was given.", "written", "oral", "thumbprint", "recorded").
			defaultTo("written"),
		enumField("legal_basis", C3, None, "Ground on which the data are held.", "consent", "vital_interest",
			"legal_obligation", "public_interest").
			defaultTo("consent"),
		boolField("child_assent", C3, None, "The child itself agreed."),
		dateField("obtained_on", C3, None, "Day on which it was given.").optional(),
		dateField("expires_on", C3, None, "Last day on which it counts.").notBefore("obtained_on").optional(),
		timeField("withdrawn_at", C3, None, "When it was withdrawn.").optional().setByHub(),
		enumField("state", C3, None, "Whether it counts.", "active", "withdrawn", "expired", "refused").
			defaultTo("active"),
	)
}

func (Consent) Edges() []ent.Edge { return entEdges(consentEdges) }

func (Consent) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "What a child, and those who care for it, agreed to.",
		Plural: "consents", Prefix: "cns", Order: "created_at desc",
		Within: "child",
		Scope: model.Scope{
			Country:      []string{"country"},
			Office:       []string{"child.office"},
			Intervention: []string{"child.intervention"},
			Assigned:     []string{"child.keeper", "child.caseFiles.owner"},
			Grant:        []string{"child.intervention"},
			Child:        "child",
			Period:       "obtained_on",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		// A consent that has ended stays on record unchanged.
		Machines: []model.Machine{
			{
				Field:  "state",
				Moves:  model.Moves(model.Update, "active", "withdrawn", "expired", "refused"),
				Fixed:  []string{"withdrawn", "expired", "refused"},
				Stamps: []model.Stamp{{To: []string{"withdrawn"}, Column: "withdrawn_at"}},
			},
		},
	})
}
