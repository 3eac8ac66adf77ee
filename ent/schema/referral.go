package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Referral hands a child to a partner for a service and lists the fields that are shared with the partner.
type Referral struct{ ent.Schema }

var referralEdges = []*edgeBuilder{
	toOne("caseFile", CaseFile.Type, "The case.").
		required().immutable().withInverse("referrals", "Referrals of the case."),
	toOne("country", Country.Type, "Country of the case.").required().immutable(),
	toOne("fromOffice", Office.Type, "Office that refers the child."),
	toOne("partner", Partner.Type, "Partner that receives the child.").
		required().withInverse("referrals", "Referrals to the partner."),
	toOne("consent", Consent.Type, "Consent that covers it.").
		withInverse("referrals", "Referrals that the consent covers."),
}

func (Referral) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Referral) Fields() []ent.Field {
	return entFields(referralEdges,
		stringListField("services", C3, Quasi, "Services asked for."),
		stringListField("fields_shared", C3, None, "Exactly which fields of the child travel."),
		longTextField("reason", C3, Direct, "Why the child is referred.").optional(),
		dateField("expires_on", C3, None, "Last day on which the partner may read.").optional(),
		enumField("state", C3, None, "Where it stands.", "draft", "sent", "accepted", "rejected", "in_progress",
			"done", "revoked", "expired").
			defaultTo("draft"),
	)
}

func (Referral) Edges() []ent.Edge { return entEdges(referralEdges) }

func (Referral) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A child handed on to a partner for a service, with exactly the fields that travel.",
		Plural: "referrals", Prefix: "ref", Order: "created_at desc",
		Within: "caseFile",
		Scope: model.Scope{
			Country:      []string{"country"},
			Office:       []string{"caseFile.office"},
			Partner:      []string{"partner"},
			Intervention: []string{"caseFile.intervention"},
			Assigned:     []string{"caseFile.owner"},
			Grant:        []string{"caseFile.intervention"},
			Period:       "created_at",
			Child:        "caseFile.child",
			// The partner must not read a draft or a withdrawn referral.
			Published: []string{"sent", "accepted", "rejected", "in_progress", "done"},
			Until:     "expires_on",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Update, "draft", "sent", "revoked"),
					model.Moves(model.Update, "sent", "draft"),
					model.Moves(model.Approve, "sent", "accepted", "rejected", "revoked", "expired"),
					model.Moves(model.Approve, "accepted", "in_progress", "revoked"),
					model.Moves(model.Approve, "in_progress", "done", "revoked"),
				),
				Fixed: []string{"sent", "accepted", "rejected", "in_progress", "done", "revoked", "expired"},
				Approvals: []model.Approval{
					{To: []string{"accepted", "rejected", "in_progress", "done"}, Authors: []string{model.Creator}},
				},
				WhileOpen: []string{"sent"},
			},
		},
	})
}
