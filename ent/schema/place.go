package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Place is an administrative unit of a country with a code, down to the village.
type Place struct{ ent.Schema }

var placeEdges = []*edgeBuilder{
	toOne("country", Country.Type, "Country of the place.").required().withInverse("places", "Places of the country."),
	toOne("parent", Place.Type, "Place that holds this one. It is stored; a code's prefix does not tell it.").
		withInverse("parts", "Places within this one."),
}

func (Place) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Place) Fields() []ent.Field {
	return entFields(placeEdges,
		stringField("code", C0, None, "P-code of the place, as OCHA publishes it.").maxLength(40).unique(),
		intField("level", C0, None, "Administrative level: 0 is the country, 1 the first level below, to 4.").
			inRange(0, 4),
		localizedField("name", C0, None, "Name of the place."),
	)
}

func (Place) Edges() []ent.Edge { return entEdges(placeEdges) }

func (Place) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A place with a code: a country's administrative units down to the village.",
		Plural: "places", Prefix: "plc", Order: "code", CodeColumn: "code",
		Scope:  model.Scope{Country: []string{"country"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
