package policycheck

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"rightshub/internal/access"
)

// writeRoleRights writes a table with a line for each role that somebody may grant, end or suspend. A cell lists the
// roles that may, each with its scope.
func (p policy) writeRoleRights(to io.Writer) error {
	var roles []string
	for _, l := range p.RoleLines() {
		roles = append(roles, l.Role)
	}
	slices.Sort(roles)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "\nrole\tgranted and ended by\tended by\tsuspended by\tneeds\n")
	for _, role := range slices.Compact(roles) {
		fmt.Fprint(w, role)
		for _, right := range []access.RoleRight{access.GrantRole, access.EndRole, access.SuspendRole} {
			fmt.Fprintf(w, "\t%s", p.holdersOf(right, role))
		}
		if p.NeedsDeployment(role) {
			fmt.Fprint(w, "\tdeployment\n")
		} else {
			fmt.Fprint(w, "\t-\n")
		}
	}
	return w.Flush()
}

// holdersOf lists the roles to which a line gives exactly this right over the role, each with its scope. It is "-" for
// none.
func (p policy) holdersOf(right access.RoleRight, role string) string {
	var holders []string
	for _, l := range p.RoleLines() {
		if l.Right == right && l.Role == role {
			holders = append(holders, l.Holder+" "+l.Scope)
		}
	}
	if len(holders) == 0 {
		return "-"
	}
	slices.Sort(holders)
	return strings.Join(holders, ", ")
}
