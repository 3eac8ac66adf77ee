package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// RoleRight is a right over the assignments of a role to other people.
type RoleRight string

const (
	// SuspendRole lets an approved assignment end sooner.
	SuspendRole RoleRight = "suspend"
	// EndRole changes a request and ends an assignment.
	EndRole RoleRight = "end"
	// GrantRole asks for an assignment and approves one that somebody else asked for.
	GrantRole RoleRight = "grant"
)

// roleRights are the rights in an order in which each includes the ones before it.
var roleRights = []RoleRight{SuspendRole, EndRole, GrantRole}

// includes reports whether the right includes the other one.
func (r RoleRight) includes(other RoleRight) bool {
	return slices.Index(roleRights, r) >= slices.Index(roleRights, other)
}

// AnyRole stands for every role in a line about ending or suspending, also for a role that nobody grants any more.
const AnyRole = "any"

// The words of the column with the scope of a right over a role.
const (
	RoleScopeGlobal  = "global"  // every assignment
	RoleScopeCountry = "country" // assignments in the countries of the holder's own assignment
)

// RoleLine is a line of roles.csv that gives the holders of a role a right over assignments of a role.
type RoleLine struct {
	Right  RoleRight
	Holder string
	Role   string // or AnyRole
	Scope  string
	Line   int // line number in roles.csv
}

// Gives reports whether the line gives the right over the role.
func (l RoleLine) Gives(right RoleRight, role string) bool {
	return l.Right.includes(right) && (l.Role == AnyRole || l.Role == role)
}

// roleRules are the lines about giving and ending roles, in the order of the file. Nothing changes them after Load.
type roleRules struct {
	lines           []RoleLine
	deploymentLines map[string]int // number of the line, by the role that needs a deployment
}

// addRight adds a line with a right over a role.
func (r *roleRules) addRight(fields []string, n int) error {
	l := RoleLine{RoleRight(fields[0]), fields[1], fields[2], fields[3], n}
	if l.Scope != RoleScopeGlobal && l.Scope != RoleScopeCountry {
		return fmt.Errorf("there is no scope %q; write %s or %s", l.Scope, RoleScopeGlobal, RoleScopeCountry)
	}
	if l.Role == AnyRole && l.Right == GrantRole {
		return errors.New("a grant line is about one role; write a line for each role that is granted")
	}
	if why := whyNeverAssigned(l.Holder); why != "" {
		return fmt.Errorf("%s, so it cannot %s roles", why, l.Right)
	}
	if why := whyNeverAssigned(l.Role); why != "" && l.Role != AnyRole {
		return fmt.Errorf("%s, so nobody can %s it", why, l.Right)
	}
	r.lines = append(r.lines, l)
	return nil
}

// addNeed adds a line about a role that needs a deployment.
func (r *roleRules) addNeed(fields []string, n int) error {
	if fields[2] != "deployment" {
		return fmt.Errorf("a role cannot need %q; write deployment", fields[2])
	}
	if first := r.deploymentLines[fields[1]]; first > 0 {
		return fmt.Errorf("line %d says this already; delete one of the two", first)
	}
	r.deploymentLines[fields[1]] = n
	return nil
}

// whyNeverAssigned explains why no assignment can give the role. It returns "" for other roles.
func whyNeverAssigned(role string) string {
	switch {
	case role == "" || role == AnyRole:
		return fmt.Sprintf("%q is not the name of a role", role)
	case role == Everyone || role == Public:
		return fmt.Sprintf("the role %s comes without an assignment", role)
	case role == Auditor:
		return fmt.Sprintf("the role %s comes with an audit grant", role)
	case strings.HasPrefix(role, SystemPrefix):
		return fmt.Sprintf("the role %s belongs to a task of the hub", role)
	}
	return ""
}

// grantableRoles lists the roles with a grant line that satisfies the condition, in the order of the file.
func (r *roleRules) grantableRoles(satisfies func(RoleLine) bool) (roles []string) {
	for _, l := range r.lines {
		if l.Right == GrantRole && satisfies(l) && !slices.Contains(roles, l.Role) {
			roles = append(roles, l.Role)
		}
	}
	return roles
}

// RoleLines lists the lines with a right over a role, in the order of the file. The caller must not change them.
func (p *Policy) RoleLines() []RoleLine { return p.roleRules.lines }

// NeedsDeployment reports whether an assignment of the role must name the deployment with which it ends.
func (p *Policy) NeedsDeployment(role string) bool { return p.roleRules.deploymentLines[role] > 0 }

// GrantableRoles lists the roles that an assignment may give, in the order of the file. Nobody can grant the others.
func (p *Policy) GrantableRoles() []string {
	return p.roleRules.grantableRoles(func(RoleLine) bool { return true })
}

// GrantableRoles is that of the policies from which the view was compiled.
func (v *View) GrantableRoles() []string {
	return v.roles.grantableRoles(func(RoleLine) bool { return true })
}

// OwnGrantableRoles lists the roles that the caller may grant somewhere, in the order of the file.
func (v *View) OwnGrantableRoles() []string {
	return v.roles.grantableRoles(func(l RoleLine) bool {
		return slices.ContainsFunc(v.subject.Assignments, func(a Assignment) bool { return a.Role == l.Holder })
	})
}

// RoleScope says which assignments of a role a right covers. All the places of the assignment must lie in the
// countries, unless it is everywhere.
type RoleScope struct {
	Everywhere bool
	Countries  []uuid.UUID
}

// RoleScope joins the scope that each of the caller's assignments gives the right over the role. The result ok is false
// when none gives it.
func (v *View) RoleScope(right RoleRight, role string) (scope RoleScope, ok bool) {
	for _, a := range v.subject.Assignments {
		for _, l := range v.roles.lines {
			if l.Holder != a.Role || !l.Gives(right, role) {
				continue
			}
			ok = true
			scope.Everywhere = scope.Everywhere || a.Everywhere || l.Scope == RoleScopeGlobal
			scope.Countries = append(scope.Countries, a.Countries...)
		}
	}
	return scope, ok
}

// NeedsDeployment is that of the policies from which the view was compiled.
func (v *View) NeedsDeployment(role string) bool { return v.roles.deploymentLines[role] > 0 }
