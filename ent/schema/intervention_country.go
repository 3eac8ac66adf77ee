package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// InterventionCountry is a country that an intervention reaches, and its share.
type InterventionCountry struct{ ent.Schema }

var interventionCountryEdges = []*edgeBuilder{
	toOne("intervention", Intervention.Type, "The intervention: one that you may change.").
		required().immutable().requiresAction(model.Update).
		withInverse("countryShares", "Countries of the intervention with their shares."),
	toOne("country", Country.Type, "The country.").
		required().immutable().withInverse("interventionShares", "Interventions in the country with its share."),
}

func (InterventionCountry) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (InterventionCountry) Fields() []ent.Field {
	return entFields(interventionCountryEdges,
		decimalField("share", C0, None, "Share of the intervention in percent.").inRange(0, 100).optional(),
	)
}

func (InterventionCountry) Edges() []ent.Edge { return entEdges(interventionCountryEdges) }

func (InterventionCountry) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A country that an intervention reaches, and its share.",
		Plural: "interventionCountries", Prefix: "ico", Order: "created_at",
		Scope: model.Scope{
			Country:      []string{"country", "intervention.country"},
			Office:       []string{"intervention.office"},
			Partner:      []string{"intervention.partners"},
			Intervention: []string{"intervention"},
			Grant:        []string{"intervention"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
