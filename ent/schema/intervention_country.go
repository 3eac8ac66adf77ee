package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// InterventionCountry is a country that an intervention reaches, and its share.
type InterventionCountry struct{ ent.Schema }

var interventionCountryEdges = []*edgeBuilder{
	one("intervention", Intervention.Type, "The intervention: one that you may change.").must().fixed().needs(model.Update).back("countryShares", "Countries of the intervention with their shares."),
	one("country", Country.Type, "The country.").must().fixed().back("interventionShares", "Interventions in the country with its share."),
}

// Mixin of the entity.
func (InterventionCountry) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (InterventionCountry) Fields() []ent.Field {
	return fields(interventionCountryEdges,
		decimal("share", C0, None, "Share of the intervention in percent.").between(0, 100).optional(),
	)
}

// Edges of the entity.
func (InterventionCountry) Edges() []ent.Edge { return edges(interventionCountryEdges) }

// Annotations of the entity.
func (InterventionCountry) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A country that an intervention reaches, and its share.",
		Plural: "interventionCountries", Prefix: "ico", Order: "created_at",
		Scope:  model.Scope{Country: []string{"country", "intervention.country"}, Office: []string{"intervention.office"}, Partner: []string{"intervention.partners"}, Intervention: []string{"intervention"}, Grant: []string{"intervention"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
