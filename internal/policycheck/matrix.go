package policycheck

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// WriteMatrix writes four tables as text. The first lists the class of each field and reference. The second lists the
// rights of each role. For each role and entity it has a line for the rows, and a line for each class of cells that is
// not shown with its row. It has a column for each action. A cell lists the scopes that allow the action, with the
// condition of the line, for example "assigned consent". A scope after "not" is denied. The third lists which roles may
// grant, end and suspend each role, each with its scope. The fourth lists the rules of the model, which hold for every
// role.
func WriteMatrix(to io.Writer, policies *access.Policy) error {
	p := policy{policies}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "entity\tclass\tfields and references")
	for _, e := range p.Model().Entities() {
		for _, c := range access.Classes(e) {
			fmt.Fprintf(w, "%s\t%s\t%s\n", e.Name, c.Tag, strings.Join(c.Fields, " "))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprint(w, "\nrole\tentity\tclass")
	for _, a := range model.Actions {
		fmt.Fprintf(w, "\t%s", a)
	}
	fmt.Fprintln(w)
	for _, role := range p.Roles() {
		for _, e := range p.Model().Entities() {
			rules := p.RulesAbout(role, e.Name)
			if len(rules) == 0 {
				continue
			}
			writeMatrixLine(w, rules, role, e.Name, "rows", classification.C0)
			for _, c := range access.Classes(e) {
				if c.Tag.Ident != classification.None {
					writeMatrixLine(w, rules, role, e.Name, c.Tag.String(), c.Tag.Level)
				}
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := p.writeRoleRights(to); err != nil {
		return err
	}
	return writeRules(to, p.Model())
}

// writeMatrixLine writes a line of the second table.
func writeMatrixLine(w io.Writer, rules []access.Rule, role, entity, class string, level classification.Level) {
	fmt.Fprintf(w, "%s\t%s\t%s", role, entity, class)
	for _, a := range model.Actions {
		fmt.Fprintf(w, "\t%s", allowedScopes(rules, a, level))
	}
	fmt.Fprintln(w)
}

// allowedScopes describes the scopes in which the rules allow or deny the action with cells of the level. It is "-" for
// none.
func allowedScopes(rules []access.Rule, action model.Action, level classification.Level) string {
	var out []string
	for _, r := range rules {
		for _, a := range r.Actions {
			if a != action || !r.AppliesToLevel(level, true) {
				continue
			}
			where := r.Scope
			if r.Deny {
				where = "not " + where
			}
			if r.Condition != access.Always && (level == classification.C3 || r.Condition == access.Pseudonym) {
				where += " " + string(r.Condition)
			}
			out = append(out, where)
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, ", ")
}
