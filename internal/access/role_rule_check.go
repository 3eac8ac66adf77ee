package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"rightshub/internal/model"
)

// roleRuleProblems finds mistakes in the lines about giving and ending roles, and roles that could give roles but for
// which no line says which.
func (p *Policy) roleRuleProblems() (out []Problem) {
	problem := func(line int, format string, args ...any) {
		out = append(out, Problem{rolesFile, line, fmt.Sprintf(format, args...)})
	}
	for _, l := range p.roleRules.lines {
		needed := map[RoleRight]model.Action{GrantRole: model.Create, EndRole: model.Update, SuspendRole: model.Update}
		switch action := needed[l.right]; {
		case p.rules[l.holder] == nil:
			problem(l.line, "no policy line is about the role %s, which is to %s roles; write its lines, or delete this line",
				l.holder, l.right)
		case !p.allowsAction(l.holder, "RoleAssignment", action):
			problem(l.line, "%s may not %s a RoleAssignment, so this line never allows anything; "+
				"add a line that allows it, or delete this line", l.holder, action)
		case l.role != AnyRole && p.rules[l.role] == nil:
			problem(l.line, "no policy line is about the role %s, so its holders could do nothing more than everyone; "+
				"write its lines, or delete this line", l.role)
		}
		if line := p.coveringRoleLine(l); line > 0 {
			problem(l.line, "line %d says all of this already; delete one of the two", line)
		}
	}
	for _, role := range slices.Sorted(maps.Keys(p.roleRules.deploymentLines)) {
		if !slices.Contains(p.GrantableRoles(), role) {
			problem(p.roleRules.deploymentLines[role],
				"nobody grants the role %s, so it needs nothing; say who grants it, or delete this line", role)
		}
	}
	for _, role := range p.Roles() {
		grants := slices.ContainsFunc(p.roleRules.lines, func(l roleLine) bool {
			return l.holder == role && l.right == GrantRole
		})
		if !grants && !strings.HasPrefix(role, systemPrefix) && p.allowsAction(role, "RoleAssignment", model.Create) {
			problem(p.firstLineAbout(role, "RoleAssignment"), "%s may create a RoleAssignment, but no line says of which "+
				`roles; add such lines, for example "grant, %s, field_agent, country"`, role, role)
		}
	}
	return out
}

// allowsAction reports whether a line can allow the role the action on the entity.
func (p *Policy) allowsAction(role, entity string, action model.Action) bool {
	return slices.ContainsFunc(p.rules[role][entity], func(r Rule) bool {
		return !r.Deny && slices.Contains(r.Actions, action) && p.whyUnreachable(r) == ""
	})
}

// coveringRoleLine returns the number of another line that gives the same right or more, and 0 when there is none. When
// two lines say the same, the earlier one covers the later one.
func (p *Policy) coveringRoleLine(narrow roleLine) int {
	covers := func(wide, narrow roleLine) bool {
		return wide.holder == narrow.holder && wide.gives(narrow.right, narrow.role) &&
			(wide.scope == roleScopeGlobal || wide.scope == narrow.scope)
	}
	for _, wide := range p.roleRules.lines {
		same := covers(narrow, wide)
		if wide.line != narrow.line && covers(wide, narrow) && (wide.line < narrow.line || !same) {
			return wide.line
		}
	}
	return 0
}
