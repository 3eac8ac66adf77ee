package proof_test

// This file of the reference model holds the separation of duties. It says what a caller must not do because the caller
// is concerned.

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// ownApproval says which approvals a second person must give, for one entity.
type ownApproval struct {
	authors  []string // columns of users that may not approve, or paths to them
	approver string   // column that records the approver; "" records none
	states   []string // states that need the approval; none: all
}

// ownApprovals are the separation of duties by entity.
var ownApprovals = map[string]ownApproval{
	"Activity": {[]string{"created_by", "responsible_id"}, "", []string{"verified"}},
	"AuditGrant": {
		[]string{"created_by", "auditor_id", "edited_by"}, "approved_by_id", []string{"approved", "active"},
	},
	"BestInterests":   {[]string{"created_by", "edited_by"}, "", nil},
	"CaseFile":        {[]string{"owner_id"}, "", nil},
	"CaseService":     {[]string{"created_by", "edited_by"}, "", nil},
	"Deployment":      {[]string{"volunteer.user"}, "", nil},
	"EmergencyAccess": {[]string{"created_by", "user_id"}, "reviewed_by_id", nil},
	"IndicatorValue":  {[]string{"created_by", "author_id", "edited_by"}, "approved_by_id", nil},
	"Partner":         {[]string{"created_by"}, "", []string{"active"}},
	"Referral":        {[]string{"created_by"}, "", []string{"accepted", "rejected", "in_progress", "done"}},
	"Resource":        {[]string{"created_by", "edited_by"}, "", []string{"validated", "published"}},
	"RoleAssignment": {
		[]string{"created_by", "granted_by_id", "edited_by", "user_id"}, "approved_by_id",
		[]string{"approved", "active"},
	},
	"SafeguardingCheck": {[]string{"created_by", "edited_by", "volunteer.user"}, "", nil},
	"Volunteer":         {[]string{"created_by", "user_id"}, "", nil},
}

// fieldRoles are the roles that a country coordinator grants and ends.
var fieldRoles = []string{
	"field_agent", "child_protection_officer", "case_supervisor", "volunteer", "partner_focal_point",
}

// requiresSecondPerson reports whether the move needs a person other than the caller. Otherwise it records the caller
// as the approver among the changed columns.
func (v *view) requiresSecondPerson(r *row, f *model.Field, act, to string, changed map[string]any) bool {
	ends := r.entity.Name == "RoleAssignment" && (to == "expired" || to == "revoked") && act == "approve"
	if ends && r.foreignKey("user_id") != v.user.id && !v.mayEndRole(r) {
		return true
	}
	approver, own := v.checkOwnApproval(r, act, to)
	if !own && approver != "" {
		changed[approver] = v.user.id
	}
	return own
}

// checkOwnApproval reports whether somebody other than the caller must make a move, and in which column the approver is
// recorded.
func (v *view) checkOwnApproval(r *row, act, to string) (approver string, own bool) {
	a, ok := ownApprovals[r.entity.Name]
	if !ok || act != "approve" || a.states != nil && !slices.Contains(a.states, to) {
		return "", false
	}
	if r.entity.Name == "AuditGrant" && to == "active" {
		a.authors, a.approver = append(a.authors, "approved_by_id"), "second_approved_by_id"
	}
	if r.entity.Name == "Volunteer" && to != "approved" {
		a.authors = []string{"user_id"}
	}
	if r.entity.Name == "SafeguardingCheck" && to != "clear" {
		a.authors = []string{"volunteer.user"}
	}
	return a.approver, slices.ContainsFunc(a.authors, func(author string) bool {
		if steps := strings.Split(author, "."); len(steps) > 1 {
			return v.leadsToCaller(r, steps)
		}
		editors, _ := r.values[author].([]string)
		return r.foreignKey(author) == v.user.id || slices.Contains(editors, v.user.id.String())
	})
}

// isSelfEdit reports whether the row is one about the caller that only others may edit.
func (v *view) isSelfEdit(r *row) bool {
	return (r.entity.Name == "RoleAssignment" || r.entity.Name == "EmergencyAccess") &&
		r.foreignKey("user_id") == v.user.id
}

// subjectPaths are the paths from a row to the user that it is about, where others enter that user.
func subjectPaths(e *model.Entity) (paths [][]string) {
	for _, path := range e.Scope.Self {
		steps := strings.Split(path, ".")
		edge := e.Edge(steps[0])
		if edge != nil && edge.Kind == model.ToOne && !edge.Managed && !slices.Contains(e.Scope.Assigned, path) {
			paths = append(paths, steps)
		}
	}
	return paths
}

// isAboutCaller reports whether a row is about the caller.
func (v *view) isAboutCaller(r *row) bool {
	return slices.ContainsFunc(subjectPaths(r.entity), func(steps []string) bool {
		return v.leadsToCaller(r, steps)
	})
}

// isSelfSubject reports whether a write would make a row a row about the caller, or no longer one.
func (v *view) isSelfSubject(r *row, changed map[string]any) bool {
	return slices.ContainsFunc(subjectPaths(r.entity), func(steps []string) bool {
		column := r.entity.Edge(steps[0]).Column
		to, given := changed[column]
		changedRow := &row{r.entity, r.id, map[string]any{column: to}}
		return given && (v.leadsToCaller(r, steps) || v.leadsToCaller(changedRow, steps))
	})
}

// leadsToCaller reports whether a path from a row leads to the caller over rows that the caller sees.
func (v *view) leadsToCaller(r *row, steps []string) bool {
	end := r.values[r.entity.Edge(steps[0]).Column]
	if len(steps) == 1 {
		return end == v.user.id
	}
	id, ok := end.(uuid.UUID)
	return ok && v.seesRow(v.world.byID[id]) && v.leadsToCaller(v.world.byID[id], steps[1:])
}
