package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Country is a country or territory in which the organisation works or has worked.
type Country struct{ ent.Schema }

var countryEdges = []*edgeBuilder{
	toOne("region", Region.Type, "Region of the United Nations M49 standard.").
		withInverse("countries", "Countries of the region."),
}

func (Country) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Country) Fields() []ent.Field {
	return entFields(countryEdges,
		stringField("iso2", C0, None, "ISO 3166-1 alpha-2 code.").maxLength(2).unique(),
		stringField("iso3", C0, None, "ISO 3166-1 alpha-3 code.").maxLength(3).optional(),
		intField("m49", C0, None, "UN M49 number, the same as ISO 3166-1 numeric.").inRange(1, 999).optional(),
		localizedField("name", C0, None, "Name of the country."),
		enumField("presence", C0, None, "How the organisation is present today.", "none", "programme", "office",
			"closed").
			defaultTo("none"),
		enumField("security_level", C1, Quasi,
			"How dangerous work is. It is nothing to publish, so whoever reads what is public does not see it.", "low",
			"medium", "high").
			defaultTo("low"),
		intField("first_year", C0, None, "Earliest year of work in or with the country that a source names.").
			inRange(1800, 2200).optional(),
		intField("age_of_consent", C1, None, "Age in years from which a child's own consent to services counts.").
			inRange(0, 25).optional(),
		intField("minimum_cell_size", C1, None, "Least count of children that a table may show.").
			inRange(1, 1000).defaultTo(5),
		intField("retention_years", C1, None, "Years after closure for which a case file is kept.").
			inRange(0, 200).optional(),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (Country) Edges() []ent.Edge { return entEdges(countryEdges) }

func (Country) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Plural: "countries", Prefix: "cty", Order: "iso2", CodeColumn: "iso2",
		Doc:    "A country or territory in which the organisation works or has worked.",
		Scope:  model.Scope{Country: []string{"id"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		Through: []model.ThroughNote{
			{
				Name: "interventions", Via: "InterventionCountry", Self: "country", Target: "intervention",
				Doc: "Interventions that reach the country.",
			},
		},
	})
}
