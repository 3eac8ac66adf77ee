package policycheck

import (
	"fmt"
	"slices"
	"strings"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// roleRuleProblems finds mistakes in the lines about giving and ending roles. It also finds roles that may create role
// assignments although no line says which roles they grant.
func (p policy) roleRuleProblems() (out []Problem) {
	problem := func(line int, format string, args ...any) {
		out = append(out, Problem{access.RolesFile, line, fmt.Sprintf(format, args...)})
	}
	for _, l := range p.RoleLines() {
		action := model.Update
		if l.Right == access.GrantRole {
			action = model.Create
		}
		switch {
		case !p.HasRules(l.Holder):
			problem(l.Line, "no policy line is about the role %s, which is to %s roles; write its lines, or delete this line",
				l.Holder, l.Right)
		case !p.allowsAction(l.Holder, "RoleAssignment", action):
			problem(l.Line, "%s may not %s a RoleAssignment, so this line never allows anything; "+
				"add a line that allows it, or delete this line", l.Holder, action)
		case l.Role != access.AnyRole && !p.HasRules(l.Role):
			problem(l.Line, "no policy line is about the role %s, so its holders could do nothing more than everyone; "+
				"write its lines, or delete this line", l.Role)
		}
		if line := p.coveringRoleLine(l); line > 0 {
			problem(l.Line, "line %d says all of this already; delete one of the two", line)
		}
		if line := p.globalLine(l.Role); line > 0 && l.Right == access.GrantRole && l.Scope == access.RoleScopeCountry {
			problem(l.Line, "line %d gives %s rights in every country, so %s must not grant it in the own countries; "+
				"narrow that line, or delete this one", line, l.Role, l.Holder)
		}
	}
	for _, role := range p.GrantableRoles() {
		if !p.hasIndependentSuspender(role) {
			problem(p.firstGrantLine(role), "only the roles that grant %s may end it; let another role do so, for "+
				`example "suspend, data_protection_officer, %s, global"`, role, role)
		}
	}
	for _, l := range p.Lines() {
		if role := l.Columns[1]; l.Columns[0] == "needs" && !slices.Contains(p.GrantableRoles(), role) {
			problem(l.Number, "nobody grants the role %s, so it needs nothing; say who grants it, or delete this line", role)
		}
	}
	for _, role := range p.Roles() {
		grants := slices.ContainsFunc(p.RoleLines(), func(l access.RoleLine) bool {
			return l.Holder == role && l.Right == access.GrantRole
		})
		if !grants && !strings.HasPrefix(role, access.SystemPrefix) && p.allowsAction(role, "RoleAssignment", model.Create) {
			problem(p.firstLineAbout(role, "RoleAssignment"), "%s may create a RoleAssignment, but no line says of which "+
				`roles; add such lines, for example "grant, %s, field_agent, country"`, role, role)
		}
	}
	return out
}

// globalLine returns the number of a line that lets the role, in every country, do more than read cells up to class C1.
// It returns 0 when there is none.
func (p policy) globalLine(role string) int {
	for _, e := range p.Model().Entities() {
		for _, r := range p.RulesAbout(role, e.Name) {
			reads := len(r.Actions) == 1 && r.Actions[0] == model.Read && r.Clearance <= int(classification.C1)
			if r.Scope == "global" && !r.Deny && !reads {
				return r.Line
			}
		}
	}
	return 0
}

// hasIndependentSuspender reports whether a role that does not grant the role may suspend it everywhere.
func (p policy) hasIndependentSuspender(role string) bool {
	lines := p.RoleLines()
	return slices.ContainsFunc(lines, func(l access.RoleLine) bool {
		grants := func(g access.RoleLine) bool { return g.Holder == l.Holder && g.Gives(access.GrantRole, role) }
		return l.Gives(access.SuspendRole, role) && l.Scope == access.RoleScopeGlobal && !slices.ContainsFunc(lines, grants)
	})
}

// firstGrantLine returns the number of the first line that grants the role.
func (p policy) firstGrantLine(role string) int {
	i := slices.IndexFunc(p.RoleLines(), func(l access.RoleLine) bool {
		return l.Right == access.GrantRole && l.Role == role
	})
	return p.RoleLines()[i].Line
}

// allowsAction reports whether a line can allow the role the action on the entity.
func (p policy) allowsAction(role, entity string, action model.Action) bool {
	return slices.ContainsFunc(p.RulesAbout(role, entity), func(r access.Rule) bool {
		return !r.Deny && slices.Contains(r.Actions, action) && p.whyUnreachable(r) == ""
	})
}

// coveringRoleLine returns the number of another line that gives the same right or more, and 0 when there is none. When
// two lines say the same, the earlier one covers the later one.
func (p policy) coveringRoleLine(narrow access.RoleLine) int {
	covers := func(wide, narrow access.RoleLine) bool {
		return wide.Holder == narrow.Holder && wide.Gives(narrow.Right, narrow.Role) &&
			(wide.Scope == access.RoleScopeGlobal || wide.Scope == narrow.Scope)
	}
	for _, wide := range p.RoleLines() {
		same := covers(narrow, wide)
		if wide.Line != narrow.Line && covers(wide, narrow) && (wide.Line < narrow.Line || !same) {
			return wide.Line
		}
	}
	return 0
}
