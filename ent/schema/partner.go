package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Partner is an organisation with which the programme works.
type Partner struct{ ent.Schema }

var partnerEdges = []*edgeBuilder{
	one("country", Country.Type, "Country of the partner's seat; none for an international body.").back("partners", "Partners that have their seat in the country."),
}

// Mixin of the entity.
func (Partner) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Partner) Fields() []ent.Field {
	return fields(partnerEdges,
		str("code", C0, None, "Short code by which people name the partner.").max(40).unique(),
		texts("name", C0, None, "Name of the partner."),
		str("acronym", C0, None, "Short form of the name.").max(60).optional(),
		enum("type", C0, None, "Sector of the partner.", "social_work", "security_forces", "armed_forces", "justice", "ngo", "government", "formal_private_sector", "informal_private_sector", "un_agency", "academic", "community", "donor"),
		str("website", C0, None, "Address of the partner's site.").written(model.Web).max(500).optional(),
		str("iati_organisation_id", C0, None, "IATI organisation identifier.").max(120).optional(),
		long("due_diligence", C2, Direct, "What the due diligence found.").optional(),
		str("agreement", C1, None, "Reference of the agreement.").optional(),
		date("agreement_expires_on", C1, None, "Day on which the agreement ends.").optional(),
		enum("state", C1, None, "Where the partnership stands.", "prospect", "vetting", "active", "suspended", "ended").initially("prospect"),
		str("source_url", C0, None, "Page on which the public facts rest.").written(model.Web).max(500).optional(),
	)
}

// Edges of the entity.
func (Partner) Edges() []ent.Edge { return edges(partnerEdges) }

// Annotations of the entity.
func (Partner) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "An organisation with which the programme works.",
		Plural: "partners", Prefix: "par", Order: "code", Natural: "code",
		Scope:  model.Scope{Country: []string{"country"}, Partner: []string{"id"}, Intervention: []string{"interventions"}, Grant: []string{"interventions"}, Seat: true},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Update, "prospect", "vetting", "ended"),
			model.Moves(model.Approve, "vetting", "active", "ended"),
			model.Moves(model.Update, "active", "suspended", "ended"),
			model.Moves(model.Approve, "suspended", "active", "ended"),
		)}},
		Through: []model.ThroughNote{{Name: "interventions", Via: "InterventionPartner", Self: "partner", Target: "intervention", Doc: "Interventions in which the partner takes part."}},
	})
}
