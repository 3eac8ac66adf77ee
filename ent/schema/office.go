package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Office is a place from which the organisation works.
type Office struct{ ent.Schema }

var officeEdges = []*edgeBuilder{
	one("country", Country.Type, "Country in which the office lies.").must().back("offices", "Offices in the country."),
}

// Mixin of the entity.
func (Office) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Office) Fields() []ent.Field {
	return fields(officeEdges,
		str("code", C0, None, "Short code by which people name the office.").max(40).unique(),
		texts("name", C0, None, "Name of the office."),
		str("city", C0, None, "Town in which the office lies.").optional(),
		str("address", C2, Direct, "Street address; restricted, since some offices lie where security is poor.").max(500).optional(),
		enum("kind", C0, None, "What the office is for.", "headquarters", "satellite", "field", "liaison"),
		words("languages", C0, None, "Working languages, as BCP 47 tags."),
		date("opened_on", C0, None, "Day on which it opened.").optional(),
		date("closed_on", C0, None, "Day on which it closed.").after("opened_on").optional(),
		enum("state", C0, None, "Where the office stands.", "planned", "active", "suspended", "closed").initially("planned"),
		str("source_url", C0, None, "Page on which the public facts rest.").written(model.Web).max(500).optional(),
	)
}

// Edges of the entity.
func (Office) Edges() []ent.Edge { return edges(officeEdges) }

// Annotations of the entity.
func (Office) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Plural: "offices", Prefix: "off", Order: "code", Natural: "code",
		Doc:    "A place from which the organisation works: headquarters, satellite, field or liaison office.",
		Scope:  model.Scope{Country: []string{"country"}, Office: []string{"id"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Update, "planned", "active", "closed"),
			model.Moves(model.Update, "active", "suspended", "closed"),
			model.Moves(model.Update, "suspended", "active", "closed"),
		)}},
	})
}
