package policycheck

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"rightshub/internal/model"
)

// writeRules writes the rules of the model as a table. They hold for every role, beside its rights. The first column
// has the kind of rule, the second the entity or its field, and the third what the rule says. The lines are sorted.
func writeRules(to io.Writer, m *model.Model) error {
	var lines [][3]string
	add := func(rule, of string, words ...string) {
		if text := strings.Join(words, " "); text != "" {
			lines = append(lines, [3]string{rule, of, text})
		}
	}
	for _, e := range m.Entities() {
		for i := range e.Machines {
			machine := &e.Machines[i]
			field := e.Name + "." + e.Column(machine.Field).Name
			for j := range machine.Approvals {
				add("approved by another", field, approvalText(e, machine, &machine.Approvals[j]))
			}
			frozen := slices.Clone(machine.Fixed)
			if len(machine.Free) > 0 {
				frozen = append(frozen, "except", strings.Join(inputNames(e, machine.Free), " "))
			}
			add("frozen while", field, frozen...)
			add("not archived while", field, machine.NotArchivedIn...)
			for _, state := range machine.Safeguarding.Before {
				add("safeguarding checks before", field, append([]string{state + ":"}, machine.Safeguarding.Kinds...)...)
			}
			for _, stamp := range machine.Stamps {
				add("time recorded", field, strings.Join(stamp.To, " ")+": "+e.InputOf(stamp.Column))
			}
			if len(machine.WhileOpen) > 0 {
				add("while the parent is open", field, strings.Join(machine.WhileOpen, " ")+": "+e.Within)
			}
		}
		for _, h := range e.Handovers {
			needs := "the right to delete the row"
			if h.AllowFirst {
				needs += "; without a present one, the right to update it, and only to an own office"
			}
			add("handed over with", e.Name+"."+h.Edge, needs)
		}
		add("not archived while", e.Name, e.KeptWhile...)
		add("not updated by", e.Name, e.NotBy.Edge)
		add("updated without approval", e.Name, inputNames(e, e.Reports)...)
		if e.DecidesRights {
			add("decides rights", e.Name, "of users")
		}
	}
	slices.SortFunc(lines, func(a, b [3]string) int {
		return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]), strings.Compare(a[2], b[2]))
	})
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "\nrule\tof\twhat it says\n")
	for _, line := range lines {
		fmt.Fprintf(w, "%s\t%s\t%s\n", line[0], line[1], line[2])
	}
	return w.Flush()
}

// approvalText says which states an approval is about, who must not give it, and where the hub records who gave it.
func approvalText(e *model.Entity, m *model.Machine, a *model.Approval) string {
	var authors []string
	for _, author := range a.Authors {
		if f := e.Column(author); f != nil {
			author = f.Name
		}
		authors = append(authors, author)
	}
	text := strings.Join(m.ApprovedStates(a), " ") + ": not " + strings.Join(authors, " ")
	if a.By != "" {
		text += "; recorded as " + a.By
	}
	return text
}

// inputNames returns the names of columns in the API.
func inputNames(e *model.Entity, columns []string) []string {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = e.InputOf(column)
	}
	return names
}
