package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// RetentionRule states how long data are stored and what happens afterwards.
type RetentionRule struct{ ent.Schema }

var retentionRuleEdges = []*edgeBuilder{
	toOne("country", Country.Type, "Country in which it counts; none: every country.").
		withInverse("retentionRules", "Retention rules of the country."),
}

func (RetentionRule) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (RetentionRule) Fields() []ent.Field {
	return entFields(retentionRuleEdges,
		stringField("entity", C1, None, "Type that it is about.").maxLength(60),
		enumField("trigger", C1, None, "What starts the period.", "created", "closed", "last_contact", "majority").
			defaultTo("closed"),
		intField("months", C1, None, "Length of the period in months.").inRange(0, 2400),
		enumField("action", C1, None, "What happens then.", "erase", "pseudonymise", "archive", "review").
			defaultTo("review"),
	)
}

func (RetentionRule) Edges() []ent.Edge { return entEdges(retentionRuleEdges) }

func (RetentionRule) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "How long data are kept, and what happens then.",
		Plural: "retentionRules", Prefix: "rtr", Order: "created_at",
		Scope:  model.Scope{Country: []string{"country"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
