package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Partner is an organisation with which the programme works.
type Partner struct{ ent.Schema }

var partnerEdges = []*edgeBuilder{
	toOne("country", Country.Type, "Country of the partner's seat; none for an international body.").
		withInverse("partners", "Partners that have their seat in the country."),
}

func (Partner) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Partner) Fields() []ent.Field {
	return entFields(partnerEdges,
		stringField("code", C0, None, "Short code by which people name the partner.").maxLength(40).unique(),
		localizedField("name", C0, None, "Name of the partner."),
		stringField("acronym", C0, None, "Short form of the name.").maxLength(60).optional(),
		enumField("type", C0, None, "Sector of the partner.", "social_work", "security_forces", "armed_forces",
			"justice", "ngo", "government", "formal_private_sector", "informal_private_sector", "un_agency",
			"academic", "community", "donor"),
		stringField("website", C0, None, "Address of the partner's site.").
			withFormat(model.Web).maxLength(500).optional(),
		stringField("iati_organisation_id", C0, None, "IATI organisation identifier.").maxLength(120).optional(),
		longTextField("due_diligence", C2, Direct, "What the due diligence found.").optional(),
		stringField("agreement", C1, None, "Reference of the agreement.").optional(),
		dateField("agreement_expires_on", C1, None, "Day on which the agreement ends.").optional(),
		enumField("state", C1, None, "Where the partnership stands.", "prospect", "vetting", "active", "suspended",
			"ended").
			defaultTo("prospect"),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (Partner) Edges() []ent.Edge { return entEdges(partnerEdges) }

func (Partner) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "An organisation with which the programme works.",
		Plural: "partners", Prefix: "par", Order: "code", CodeColumn: "code",
		Scope: model.Scope{
			Country:       []string{"country"},
			Partner:       []string{"id"},
			Intervention:  []string{"interventions"},
			Grant:         []string{"interventions"},
			CountryIsSeat: true,
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Rules:  model.Rules{DecidesRights: true},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Update, "prospect", "vetting", "ended"),
					model.Moves(model.Approve, "vetting", "active", "ended"),
					model.Moves(model.Update, "active", "suspended", "ended"),
					model.Moves(model.Approve, "suspended", "active", "ended"),
				),
				Approvals: []model.Approval{{To: []string{"active"}, Authors: []string{model.Creator}}},
			},
		},
		Through: []model.ThroughNote{
			{
				Name: "interventions", Via: "InterventionPartner", Self: "partner", Target: "intervention",
				Doc: "Interventions in which the partner takes part.",
			},
		},
	})
}
