package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// FundingLine is an amount promised or paid for an intervention.
type FundingLine struct{ ent.Schema }

var fundingLineEdges = []*edgeBuilder{
	one("intervention", Intervention.Type, "The intervention.").must().fixed().back("fundingLines", "Money of the intervention."),
	one("funder", Partner.Type, "Partner that pays.").back("fundingLines", "Money that the partner gives."),
}

// Mixin of the entity.
func (FundingLine) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (FundingLine) Fields() []ent.Field {
	return fields(fundingLineEdges,
		enum("kind", C1, None, "Kind of amount: a budget, or a transaction as the IATI TransactionType code list has it.", "budget", "incoming_funds", "outgoing_commitment", "disbursement", "expenditure",
			"interest_payment", "loan_repayment", "reimbursement", "purchase_of_equity", "sale_of_equity", "credit_guarantee", "incoming_commitment", "outgoing_pledge", "incoming_pledge"),
		decimal("amount", C1, None, "The amount."),
		str("currency", C1, None, "ISO 4217 code.").written(model.Currency).max(3),
		date("starts_on", C1, None, "First day it covers, or the day it was paid.").optional(),
		date("ends_on", C1, None, "Last day it covers.").after("starts_on").optional(),
	)
}

// Edges of the entity.
func (FundingLine) Edges() []ent.Edge { return edges(fundingLineEdges) }

// Annotations of the entity.
func (FundingLine) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "An amount promised or paid for an intervention.",
		Plural: "fundingLines", Prefix: "fun", Order: "created_at",
		Scope:  model.Scope{Country: []string{"intervention.country", "intervention.countries"}, Office: []string{"intervention.office"}, Intervention: []string{"intervention"}, Partner: []string{"funder"}, Grant: []string{"intervention"}, Period: "starts_on"},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
