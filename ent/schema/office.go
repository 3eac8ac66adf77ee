package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Office is a place from which the organisation works.
type Office struct{ ent.Schema }

var officeEdges = []*edgeBuilder{
	toOne("country", Country.Type, "Country in which the office lies.").
		required().withInverse("offices", "Offices in the country."),
}

func (Office) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Office) Fields() []ent.Field {
	return entFields(officeEdges,
		stringField("code", C0, None, "Short code by which people name the office.").maxLength(40).unique(),
		localizedField("name", C0, None, "Name of the office."),
		stringField("city", C0, None, "Town in which the office lies.").optional(),
		stringField("address", C2, Direct,
			"Street address; restricted, since some offices lie where security is poor.").
			maxLength(500).optional(),
		enumField("kind", C0, None, "What the office is for.", "headquarters", "satellite", "field", "liaison"),
		stringListField("languages", C0, None, "Working languages, as BCP 47 tags."),
		dateField("opened_on", C0, None, "Day on which it opened.").optional(),
		dateField("closed_on", C0, None, "Day on which it closed.").notBefore("opened_on").optional(),
		enumField("state", C0, None, "Where the office stands.", "planned", "active", "suspended", "closed").
			defaultTo("planned"),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (Office) Edges() []ent.Edge { return entEdges(officeEdges) }

func (Office) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Plural: "offices", Prefix: "off", Order: "code", CodeColumn: "code",
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
