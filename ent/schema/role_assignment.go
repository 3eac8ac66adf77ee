package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// RoleAssignment is a role that a person holds within a scope for a time.
type RoleAssignment struct{ ent.Schema }

var roleAssignmentEdges = []*edgeBuilder{
	toOne("user", User.Type, "Person who holds the role.").
		required().immutable().withInverse("roleAssignments", "Roles that the person holds."),
	toOne("deployment", Deployment.Type, "Deployment that brings the role; the role ends with it.").
		immutable().withInverse("roleAssignments", "Roles that come with the deployment."),
	toOne("grantedBy", User.Type, "Person who asked for the role.").setByHub().defaultsToMaker(),
	toOne("approvedBy", User.Type, "Second person, who approved it.").setByHub(),
}

func (RoleAssignment) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (RoleAssignment) Fields() []ent.Field {
	return entFields(roleAssignmentEdges,
		stringField("role", C1, None, "Name of the role, as in the policies.").maxLength(60).immutable(),
		boolField("everywhere", C1, None, "The role reaches every country.").immutable(),
		stringListField("country_ids", C1, None, "Ids of the countries that the role reaches.").immutable(),
		stringListField("office_ids", C1, None, "Ids of the offices that the role reaches.").immutable(),
		stringListField("partner_ids", C1, None, "Ids of the partners that the role reaches.").immutable(),
		stringListField("intervention_ids", C1, None, "Ids of the interventions that the role reaches.").immutable(),
		stringListField("purposes", C1, None,
			"Purposes of use that the role may state here; empty: all of the role's.").
			immutable(),
		timeField("valid_from", C1, None, "From when the role counts (UTC).").optional(),
		timeField("valid_until", C1, None, "Until when the role counts (UTC).").notBefore("valid_from").optional(),
		longTextField("reason", C2, Direct, "Why the person needs the role.").optional(),
		timeField("active_from", C1, None, "When the assignment began to count (UTC).").optional().setByHub(),
		timeField("ended_at", C1, None, "When it was revoked or expired (UTC).").optional().setByHub(),
		enumField("state", C1, None, "Where the assignment stands; only an active one counts.", "requested",
			"approved", "active", "expired", "revoked").
			defaultTo("requested"),
	)
}

func (RoleAssignment) Edges() []ent.Edge { return entEdges(roleAssignmentEdges) }

func (RoleAssignment) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A role that a person holds within a scope for a time.",
		Plural: "roleAssignments", Prefix: "rol", Order: "created_at desc",
		Scope:  model.Scope{Country: []string{"user.country"}, Office: []string{"user.office"}, Self: []string{"user"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Rules: model.Rules{
			NotBy:         model.Exclusion{Edge: "user", Message: "Nobody grants a role to themselves."},
			DecidesRights: true,
		},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Approve, "requested", "approved", "revoked"),
					model.Moves(model.Approve, "approved", "active", "revoked"),
					model.Moves(model.Approve, "active", "expired", "revoked"),
				),
				Approvals: []model.Approval{
					{
						To:      []string{"approved", "active"},
						By:      "approvedBy",
						Authors: []string{model.Creator, "grantedBy", model.Editors, "user"},
					},
				},
				Stamps: []model.Stamp{
					{To: []string{"active"}, Column: "active_from"},
					{To: []string{"expired", "revoked"}, Column: "ended_at"},
				},
			},
		},
	})
}
