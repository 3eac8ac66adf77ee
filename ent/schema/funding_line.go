package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// FundingLine is an amount promised or paid for an intervention.
type FundingLine struct{ ent.Schema }

var fundingLineEdges = []*edgeBuilder{
	toOne("intervention", Intervention.Type, "The intervention.").
		required().immutable().withInverse("fundingLines", "Money of the intervention."),
	toOne("funder", Partner.Type, "Partner that pays.").withInverse("fundingLines", "Money that the partner gives."),
}

func (FundingLine) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (FundingLine) Fields() []ent.Field {
	return entFields(fundingLineEdges,
		enumField("kind", C1, None,
			"Kind of amount: a budget, or a transaction as the IATI TransactionType code list has it.",
			"budget", "incoming_funds", "outgoing_commitment", "disbursement", "expenditure", "interest_payment",
			"loan_repayment", "reimbursement", "purchase_of_equity", "sale_of_equity", "credit_guarantee",
			"incoming_commitment", "outgoing_pledge", "incoming_pledge"),
		decimalField("amount", C1, None, "The amount."),
		stringField("currency", C1, None, "ISO 4217 code.").withFormat(model.Currency).maxLength(3),
		dateField("starts_on", C1, None, "First day it covers, or the day it was paid.").optional(),
		dateField("ends_on", C1, None, "Last day it covers.").notBefore("starts_on").optional(),
	)
}

func (FundingLine) Edges() []ent.Edge { return entEdges(fundingLineEdges) }

func (FundingLine) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "An amount promised or paid for an intervention.",
		Plural: "fundingLines", Prefix: "fun", Order: "created_at",
		Scope: model.Scope{
			Country:      []string{"intervention.country", "intervention.countries"},
			Office:       []string{"intervention.office"},
			Intervention: []string{"intervention"},
			Partner:      []string{"funder"},
			Grant:        []string{"intervention"},
			Period:       "starts_on",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
