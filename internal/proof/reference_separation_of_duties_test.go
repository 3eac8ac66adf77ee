package proof_test

// The reference model: what must not be done by whom it concerns.

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// authorColumns are the columns of those who may not approve a row, or the way to them, of who did, and the states that count; none: all.
var authorColumns = map[string]struct {
	of []string
	by string
	to []string
}{
	"RoleAssignment":    {[]string{"created_by", "granted_by_id", "edited_by", "user_id"}, "approved_by_id", []string{"approved", "active"}},
	"EmergencyAccess":   {[]string{"created_by", "user_id"}, "reviewed_by_id", nil},
	"IndicatorValue":    {[]string{"created_by", "author_id", "edited_by"}, "approved_by_id", nil},
	"Activity":          {of: []string{"created_by", "responsible_id"}, to: []string{"verified"}},
	"Partner":           {of: []string{"created_by"}, to: []string{"active"}},
	"Referral":          {of: []string{"created_by"}, to: []string{"accepted", "rejected", "in_progress", "done"}},
	"Resource":          {of: []string{"created_by", "edited_by"}, to: []string{"validated", "published"}},
	"CaseFile":          {of: []string{"owner_id"}},
	"CaseService":       {of: []string{"created_by", "edited_by"}},
	"BestInterests":     {of: []string{"created_by", "edited_by"}},
	"AuditGrant":        {[]string{"created_by", "auditor_id", "edited_by"}, "approved_by_id", []string{"approved", "active"}},
	"SafeguardingCheck": {of: []string{"created_by", "edited_by", "volunteer.user"}},
	"Volunteer":         {of: []string{"created_by", "user_id"}},
	"Deployment":        {of: []string{"volunteer.user"}},
}

// fieldRoles are those that a country coordinator gives and ends.
var fieldRoles = []string{"field_agent", "child_protection_officer", "case_supervisor", "volunteer", "partner_focal_point"}

// requiresSecondPerson reports whether another person must approve what the caller wants to; otherwise it notes who did.
func (v *view) requiresSecondPerson(r *row, f *model.Field, act, to string, changed map[string]any) bool {
	if r.entity.Name == "RoleAssignment" && (to == "expired" || to == "revoked") && act == "approve" && r.foreignKey("user_id") != v.user.id && !v.mayGrantRole(r) {
		return true
	}
	by, own := v.checkOwnApproval(r, act, to)
	if !own && by != "" {
		changed[by] = v.user.id
	}
	return own
}

// checkOwnApproval reports whether the caller may not take a step because somebody else must, and where it is noted who does.
func (v *view) checkOwnApproval(r *row, act, to string) (by string, own bool) {
	a, ok := authorColumns[r.entity.Name]
	if !ok || act != "approve" || a.to != nil && !slices.Contains(a.to, to) {
		return "", false
	}
	if r.entity.Name == "AuditGrant" && to == "active" {
		a.of, a.by = []string{"auditor_id", "edited_by", "approved_by_id"}, "second_approved_by_id"
	}
	if r.entity.Name == "Volunteer" && to != "approved" {
		a.of = []string{"user_id"}
	}
	if r.entity.Name == "SafeguardingCheck" && to != "clear" {
		a.of = []string{"volunteer.user"}
	}
	return a.by, slices.ContainsFunc(a.of, func(c string) bool {
		if way := strings.Split(c, "."); len(way) > 1 {
			return v.leadsToCaller(r, way)
		}
		editors, _ := r.values[c].([]string)
		return r.foreignKey(c) == v.user.id || slices.Contains(editors, v.user.id.String())
	})
}

// isSelfEdit reports whether a row is the caller's own, for others to write.
func (v *view) isSelfEdit(r *row) bool {
	return (r.entity.Name == "RoleAssignment" || r.entity.Name == "EmergencyAccess") && r.foreignKey("user_id") == v.user.id
}

// subjectPaths are the ways from a row to the person whom others say that it is about.
func subjectPaths(e *model.Entity) (ways [][]string) {
	for _, way := range e.Scope.Self {
		steps := strings.Split(way, ".")
		if edge := e.Edge(steps[0]); edge != nil && edge.Kind == model.ToOne && !edge.Managed && !slices.Contains(e.Scope.Assigned, way) {
			ways = append(ways, steps)
		}
	}
	return ways
}

// isAboutCaller reports whether a row is about the caller.
func (v *view) isAboutCaller(r *row) bool {
	return slices.ContainsFunc(subjectPaths(r.entity), func(steps []string) bool { return v.leadsToCaller(r, steps) })
}

// isSelfSubject reports whether the caller would say that a row is about them, or no more.
func (v *view) isSelfSubject(r *row, changed map[string]any) bool {
	return slices.ContainsFunc(subjectPaths(r.entity), func(steps []string) bool {
		column := r.entity.Edge(steps[0]).Column
		to, given := changed[column]
		return given && (v.leadsToCaller(r, steps) || v.leadsToCaller(&row{r.entity, r.id, map[string]any{column: to}}, steps))
	})
}

// leadsToCaller reports whether a way from a row leads to the caller, over rows that they see.
func (v *view) leadsToCaller(r *row, steps []string) bool {
	end := r.values[r.entity.Edge(steps[0]).Column]
	if len(steps) == 1 {
		return end == v.user.id
	}
	id, ok := end.(uuid.UUID)
	return ok && v.seesRow(v.world.byID[id]) && v.leadsToCaller(v.world.byID[id], steps[1:])
}
