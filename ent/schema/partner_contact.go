package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// PartnerContact is a person to speak to at a partner.
type PartnerContact struct{ ent.Schema }

var partnerContactEdges = []*edgeBuilder{
	one("partner", Partner.Type, "Partner of the person.").must().fixed().back("contacts", "People to speak to at the partner."),
}

// Mixin of the entity.
func (PartnerContact) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (PartnerContact) Fields() []ent.Field {
	return fields(partnerContactEdges,
		str("name", C2, Direct, "Name of the person."),
		str("role", C2, Direct, "What the person does there.").optional(),
		str("email", C2, Direct, "E-mail address.").written(model.Email).max(320).optional(),
		str("phone", C2, Direct, "Telephone number.").max(40).optional(),
	)
}

// Edges of the entity.
func (PartnerContact) Edges() []ent.Edge { return edges(partnerContactEdges) }

// Annotations of the entity.
func (PartnerContact) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A person to speak to at a partner.",
		Plural: "partnerContacts", Prefix: "pct", Order: "created_at",
		Scope:  model.Scope{Country: []string{"partner.country"}, Partner: []string{"partner"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
