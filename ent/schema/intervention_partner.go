package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// InterventionPartner is a partner that takes part in an intervention, and how.
type InterventionPartner struct{ ent.Schema }

var interventionPartnerEdges = []*edgeBuilder{
	toOne("intervention", Intervention.Type, "The intervention: one that you may change.").
		required().immutable().requiresAction(model.Update).
		withInverse("partnerRoles", "Partners of the intervention with their roles."),
	toOne("partner", Partner.Type, "The partner.").
		required().immutable().withInverse("interventionRoles", "Interventions of the partner with its role."),
}

func (InterventionPartner) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (InterventionPartner) Fields() []ent.Field {
	return entFields(interventionPartnerEdges,
		enumField("role", C0, None, "What the partner does in it, after the IATI OrganisationRole code list.",
			"funding", "accountable", "extending", "implementing").
			defaultTo("implementing"),
	)
}

func (InterventionPartner) Edges() []ent.Edge { return entEdges(interventionPartnerEdges) }

func (InterventionPartner) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A partner that takes part in an intervention, and how.",
		Plural: "interventionPartners", Prefix: "ipa", Order: "created_at",
		Scope: model.Scope{
			Country:      []string{"intervention.country", "intervention.countries"},
			Office:       []string{"intervention.office"},
			Intervention: []string{"intervention"},
			Partner:      []string{"partner", "intervention.partners"},
			Grant:        []string{"intervention"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
