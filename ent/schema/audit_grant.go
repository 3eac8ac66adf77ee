package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// AuditGrant is what an external auditor may read, for what, and for how long.
type AuditGrant struct{ ent.Schema }

var auditGrantEdges = []*edgeBuilder{
	one("auditor", User.Type, "The auditor.").must().fixed().back("auditGrants", "Grants of the auditor."),
	one("approvedBy", User.Type, "First person who approved it.").managed(),
	one("secondApprovedBy", User.Type, "Second person who approved it.").managed(),
}

// Mixin of the entity.
func (AuditGrant) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (AuditGrant) Fields() []ent.Field {
	return fields(auditGrantEdges,
		str("engagement", C1, None, "Name of the engagement."),
		str("purpose", C1, None, "What the auditor is to find out.").max(500),
		words("country_ids", C1, None, "Ids of the countries.").fixed(),
		words("intervention_ids", C1, None, "Ids of the interventions.").fixed(),
		words("entities", C1, None, "Names of the types that may be read; empty: all that the role may.").fixed(),
		date("period_start", C1, None, "First day of the period under audit.").optional(),
		date("period_end", C1, None, "Last day of the period under audit.").after("period_start").optional(),
		instant("valid_from", C1, None, "From when the grant counts (UTC)."),
		instant("valid_until", C1, None, "Until when it counts (UTC).").after("valid_from"),
		integer("daily_row_budget", C1, None, "Most rows a day; a total, and a list without rows, count as one.").between(1, 1_000_000).initially(5000),
		integer("rows_used", C1, None, "Rows read on the day of used_on.").initially(0).managed().internal(),
		date("used_on", C1, None, "Day on which rows were last read.").optional().managed().internal(),
		enum("state", C1, None, "Where the grant stands.", "requested", "approved", "active", "suspended", "expired", "revoked", "closed").initially("requested"),
	)
}

// Edges of the entity.
func (AuditGrant) Edges() []ent.Edge { return edges(auditGrantEdges) }

// Annotations of the entity.
func (AuditGrant) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "What an external auditor may read, for what, and for how long.",
		Plural: "auditGrants", Prefix: "agr", Order: "created_at desc",
		Scope:  model.Scope{Self: []string{"auditor"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Approve, "requested", "approved", "revoked"),
			model.Moves(model.Approve, "approved", "active", "revoked"),
			model.Moves(model.Approve, "active", "suspended", "expired", "revoked", "closed"),
			model.Moves(model.Approve, "suspended", "active", "revoked", "closed"),
		)}},
	})
}
