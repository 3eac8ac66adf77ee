package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Place is a place with a code: a country's administrative units down to the village.
type Place struct{ ent.Schema }

var placeEdges = []*edgeBuilder{
	one("country", Country.Type, "Country of the place.").must().back("places", "Places of the country."),
	one("parent", Place.Type, "Place that holds this one. It is stored; a code's prefix does not tell it.").back("parts", "Places within this one."),
}

// Mixin of the entity.
func (Place) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Place) Fields() []ent.Field {
	return fields(placeEdges,
		str("code", C0, None, "P-code of the place, as OCHA publishes it.").max(40).unique(),
		integer("level", C0, None, "Administrative level: 0 is the country, 1 the first level below, to 4.").between(0, 4),
		texts("name", C0, None, "Name of the place."),
	)
}

// Edges of the entity.
func (Place) Edges() []ent.Edge { return edges(placeEdges) }

// Annotations of the entity.
func (Place) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A place with a code: a country's administrative units down to the village.",
		Plural: "places", Prefix: "plc", Order: "code", Natural: "code",
		Scope:  model.Scope{Country: []string{"country"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
