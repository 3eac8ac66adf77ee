package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// RetentionRule is how long data are kept, and what happens then.
type RetentionRule struct{ ent.Schema }

var retentionRuleEdges = []*edgeBuilder{
	one("country", Country.Type, "Country in which it counts; none: every country.").back("retentionRules", "Retention rules of the country."),
}

// Mixin of the entity.
func (RetentionRule) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (RetentionRule) Fields() []ent.Field {
	return fields(retentionRuleEdges,
		str("entity", C1, None, "Type that it is about.").max(60),
		enum("trigger", C1, None, "What starts the period.", "created", "closed", "last_contact", "majority").initially("closed"),
		integer("months", C1, None, "Length of the period in months.").between(0, 2400),
		enum("action", C1, None, "What happens then.", "erase", "pseudonymise", "archive", "review").initially("review"),
	)
}

// Edges of the entity.
func (RetentionRule) Edges() []ent.Edge { return edges(retentionRuleEdges) }

// Annotations of the entity.
func (RetentionRule) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "How long data are kept, and what happens then.",
		Plural: "retentionRules", Prefix: "rtr", Order: "created_at",
		Scope:  model.Scope{Country: []string{"country"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
