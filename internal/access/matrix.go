package access

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Matrix writes who may do what as a table: a line per role and entity, a column per action, and in each cell the
// scopes that allow it with the highest class in clear ("country C2"; "assigned C3 purpose"; "not global C3" takes away).
func (p *Policy) Matrix(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "role\tentity")
	for _, a := range model.Actions {
		fmt.Fprintf(w, "\t%s", a)
	}
	fmt.Fprintln(w)
	for _, role := range p.Roles() {
		for _, e := range p.model.Entities() {
			rules := p.rules[role][e.Name]
			if len(rules) == 0 {
				continue
			}
			fmt.Fprintf(w, "%s\t%s", role, e.Name)
			for _, a := range model.Actions {
				fmt.Fprintf(w, "\t%s", allowed(rules, a))
			}
			fmt.Fprintln(w)
		}
	}
	return w.Flush()
}

func allowed(rules []Rule, action model.Action) string {
	var out []string
	for _, r := range rules {
		for _, a := range r.Actions {
			if a != action {
				continue
			}
			words := []string{r.Scope, "row"}
			if r.Clearance != row {
				words[1] = classification.Level(r.Clearance).String()
			}
			if r.Condition != Always {
				words = append(words, string(r.Condition))
			}
			if r.Deny {
				words = append([]string{"not"}, words...)
			}
			out = append(out, strings.Join(words, " "))
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, ", ")
}
