package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// PartnerContact is a person to speak to at a partner.
type PartnerContact struct{ ent.Schema }

var partnerContactEdges = []*edgeBuilder{
	toOne("partner", Partner.Type, "Partner of the person.").
		required().immutable().withInverse("contacts", "People to speak to at the partner."),
}

func (PartnerContact) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (PartnerContact) Fields() []ent.Field {
	return entFields(partnerContactEdges,
		stringField("name", C2, Direct, "Name of the person."),
		stringField("role", C2, Direct, "What the person does there.").optional(),
		stringField("email", C2, Direct, "E-mail address.").withFormat(model.Email).maxLength(320).optional(),
		stringField("phone", C2, Direct, "Telephone number.").maxLength(40).optional(),
	)
}

func (PartnerContact) Edges() []ent.Edge { return entEdges(partnerContactEdges) }

func (PartnerContact) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A person to speak to at a partner.",
		Plural: "partnerContacts", Prefix: "pct", Order: "created_at",
		Scope:  model.Scope{Country: []string{"partner.country"}, Partner: []string{"partner"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
