package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// AuditGrant lets an external auditor read rows for a purpose and a limited time.
type AuditGrant struct{ ent.Schema }

var auditGrantEdges = []*edgeBuilder{
	toOne("auditor", User.Type, "The auditor.").
		required().immutable().withInverse("auditGrants", "Grants of the auditor."),
	toOne("approvedBy", User.Type, "First person who approved it.").setByHub(),
	toOne("secondApprovedBy", User.Type, "Second person who approved it.").setByHub(),
}

func (AuditGrant) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (AuditGrant) Fields() []ent.Field {
	return entFields(auditGrantEdges,
		stringField("engagement", C1, None, "Name of the engagement."),
		stringField("purpose", C1, None, "What the auditor is to find out.").maxLength(500),
		stringListField("country_ids", C1, None, "Ids of the countries.").immutable(),
		stringListField("intervention_ids", C1, None, "Ids of the interventions.").immutable(),
		stringListField("entities", C1, None, "Names of the types that may be read; empty: all that the role may.").
			immutable(),
		dateField("period_start", C1, None, "First day of the period under audit.").optional(),
		dateField("period_end", C1, None, "Last day of the period under audit.").notBefore("period_start").optional(),
		timeField("valid_from", C1, None, "From when the grant counts (UTC)."),
		timeField("valid_until", C1, None, "Until when it counts (UTC).").notBefore("valid_from"),
		intField("daily_row_budget", C1, None, "Most rows a day; a total, and a list without rows, count as one.").
			inRange(1, 1_000_000).defaultTo(5000),
		intField("rows_used", C1, None, "Rows read on the day of used_on.").defaultTo(0).setByHub().hiddenFromAPI(),
		dateField("used_on", C1, None, "Day on which rows were last read.").optional().setByHub().hiddenFromAPI(),
		enumField("state", C1, None, "Where the grant stands.", "requested", "approved", "active", "suspended",
			"expired", "revoked", "closed").
			defaultTo("requested"),
	)
}

func (AuditGrant) Edges() []ent.Edge { return entEdges(auditGrantEdges) }

func (AuditGrant) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "What an external auditor may read, for what, and for how long.",
		Plural: "auditGrants", Prefix: "agr", Order: "created_at desc",
		Scope:  model.Scope{Self: []string{"auditor"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Rules:  model.Rules{DecidesRights: true},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Approve, "requested", "approved", "revoked"),
					model.Moves(model.Approve, "approved", "active", "revoked"),
					model.Moves(model.Approve, "active", "suspended", "expired", "revoked", "closed"),
					model.Moves(model.Approve, "suspended", "active", "revoked", "closed"),
				),
				Approvals: []model.Approval{
					{
						To:      []string{"approved"},
						By:      "approvedBy",
						Authors: []string{model.Creator, "auditor", model.Editors},
					},
					{
						To:      []string{"active"},
						By:      "secondApprovedBy",
						Authors: []string{model.Creator, "auditor", model.Editors, "approvedBy"},
					},
				},
			},
		},
	})
}
