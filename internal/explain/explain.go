// Package explain answers the operator's questions: may this person do that, and why; who could see this child. It asks
// the policies and the store as they are and decides nothing: a row is reached where the store, on the view that one line
// compiles to, finds it. Its answers are texts for the command line.
package explain

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// Explainer asks on one database, by one version of the policies.
type Explainer struct {
	Hub         *store.Hub
	Policy      *access.Policy
	Model       *model.Model
	NameSession store.Session // of a task that may read what scopes are called
}

// Question is what a person wants to do.
type Question struct {
	Email   string
	Entity  *model.Entity
	ID      uuid.UUID // uuid.Nil: any row
	Action  model.Action
	Purpose string
	Grant   uuid.UUID // uuid.Nil: none is named
	At      time.Time
}

// checkedLine is a line that speaks to the person, with what it does to the row.
type checkedLine struct {
	access.ApplicableLine
	reachesRow   bool
	maskedFields []string // of the row
}

// Explain writes whether the person may do it, and why: each line that speaks, by which assignment, whether it reaches the
// row, and for each class of cells what clears it or what is missing.
func (a *Explainer) Explain(ctx context.Context, w io.Writer, q Question) error {
	account, subject, err := a.findPerson(ctx, q)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Who:      %s, user %s, %s\n", account.Email, subject.User, account.State)
	fmt.Fprintf(w, "When:     %s\n", formatTime(q.At))
	fmt.Fprintf(w, "What:     %s %s\n", q.Action, q.describeTarget())
	fmt.Fprintf(w, "Purpose:  %s\n", orPlaceholder(q.Purpose, "none is stated"))
	fmt.Fprintf(w, "Policies: version %s\n", a.Policy.Version())
	var lines []checkedLine
	for _, c := range subject.Capacities() {
		said, err := a.explainCapacity(ctx, w, q, c)
		if err != nil {
			return err
		}
		lines = append(lines, said...)
	}
	fmt.Fprintln(w)
	return a.writeAnswer(ctx, w, q, subject, lines)
}

// findPerson finds whom the question is about, as they were then and in the capacity that is named.
func (a *Explainer) findPerson(ctx context.Context, q Question) (account *store.Account, subject access.Subject, err error) {
	err = a.Hub.Accounts(ctx, q.Email, func(found *store.Account) error { account = found; return nil })
	if err != nil {
		return nil, subject, err
	}
	if account == nil {
		return nil, subject, fault.New(fault.NotFound, "Nobody who may sign in has the address %s.", q.Email)
	}
	subject, active := account.Subject(q.At)
	if !active {
		return nil, subject, fault.New(fault.NotFound, "The account of %s did not count at %s: it could do nothing.", q.Email, formatTime(q.At))
	}
	subject.Purpose = q.Purpose
	subject, err = subject.ChooseCapacity(q.Grant)
	return account, subject, err
}

// explainCapacity writes what the lines say to the person in one capacity.
func (a *Explainer) explainCapacity(ctx context.Context, w io.Writer, q Question, c access.Capacity) ([]checkedLine, error) {
	held, err := a.describeCapacity(ctx, c)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\n%s\n", held)
	var out []checkedLine
	for _, s := range a.Policy.ApplicableLines(c, q.Entity.Name, q.Action) {
		h := checkedLine{ApplicableLine: s}
		row, err := a.readRow(ctx, q, s.OwnView)
		if err != nil {
			return nil, err
		}
		if h.reachesRow = row != nil; h.reachesRow {
			h.maskedFields = row.Masked
		}
		fmt.Fprintf(w, "  %s: %s\n    %s\n", a.Policy.LinePosition(s.Line), s.Text, h.describeReachedRows(q))
		out = append(out, h)
	}
	if len(out) == 0 {
		fmt.Fprintf(w, "  no line says whether to %s %s\n", q.Action, q.Entity.Name)
	}
	return out, nil
}

// readRow reads the row on a view; without an id, it stands for any row that the view may have.
func (a *Explainer) readRow(ctx context.Context, q Question, v *access.View, can ...model.Action) (*query.Row, error) {
	if q.ID != uuid.Nil {
		return a.Hub.Session(v, nil).Get(ctx, &query.Selection{Entity: q.Entity, Masked: true, Permissions: can}, q.ID)
	}
	if !v.May(q.Entity.Name, model.Read) {
		return nil, nil
	}
	row := &query.Row{}
	for _, c := range access.Classes(q.Entity) {
		for _, name := range c.Fields {
			if v.ClearWhere(q.Entity.Name, name, c.Tag).Op == access.False {
				row.Masked = append(row.Masked, name)
			}
		}
	}
	return row, nil
}

// describeReachedRows says which rows the line reaches.
func (h *checkedLine) describeReachedRows(q Question) string {
	does := "allows it"
	if h.Deny {
		does = "forbids it"
	}
	switch rows := h.OwnView.RowsWhere(q.Entity.Name, model.Read).Op; {
	case q.ID != uuid.Nil && h.reachesRow:
		return "reaches this row: " + does
	case q.ID != uuid.Nil:
		return "does not reach this row"
	case rows == access.False:
		return "reaches no row: nothing of the scope " + h.Scope + " is held"
	case rows == access.True:
		return "reaches every row: " + does
	}
	return "reaches the rows of the scope " + h.Scope + ": " + does
}

// writeAnswer writes what all of it comes to: for reading, as the store answers the person; for the rest, by the lines.
func (a *Explainer) writeAnswer(ctx context.Context, w io.Writer, q Question, s access.Subject, lines []checkedLine) error {
	view := a.Policy.View(s).WithoutPseudonyms()
	row, err := a.readRow(ctx, q, view, q.Action)
	if err != nil {
		return err
	}
	may := view.May(q.Entity.Name, q.Action)
	if q.ID != uuid.Nil {
		may = row != nil && row.Permitted[0]
	}
	if !may {
		fmt.Fprintf(w, "Answer: no. %s\n", a.refusalReason(q, row, lines))
		return nil
	}
	fmt.Fprintf(w, "Answer: yes, %s may %s %s.\n", q.Email, q.Action, q.describeRows())
	for _, c := range access.Classes(q.Entity) {
		fmt.Fprintf(w, "  %-9s  %s\n", c.Tag, describeClass(q, c, lines))
	}
	return nil
}

func (a *Explainer) refusalReason(q Question, row *query.Row, lines []checkedLine) string {
	switch {
	case len(lines) == 0:
		return "No line allows it, and what no line allows is denied."
	case slices.ContainsFunc(lines, func(h checkedLine) bool { return h.Deny && h.reachesRow }):
		return "A line that forbids it wins over every other."
	case q.ID != uuid.Nil && row != nil:
		return "The row may be read; no line lets it be used so."
	case q.ID != uuid.Nil:
		return "No line reaches this row, or there is no such row: to the person, both are the same."
	}
	return "No line reaches any row."
}

// describeClass says what becomes of cells of a class, and why.
func describeClass(q Question, c access.Class, lines []checkedLine) string {
	if c.Tag.Ident == classification.None {
		return "shown with the row: it identifies nobody"
	}
	var open, why []string
	for _, h := range lines {
		if h.Deny && h.reachesRow && h.Clearance <= int(c.Tag.Level) {
			return fmt.Sprintf("masked: line %d forbids %s and above", h.Line, c.Tag.Level)
		}
		if h.Deny {
			continue
		}
		missing := h.missingForClass(q, c)
		if missing == "" {
			open = append(open, fmt.Sprintf("line %d", h.Line)+h.clearedWhere(q, c))
		} else {
			why = append(why, missing)
		}
	}
	word := map[bool]string{true: "clear", false: "may be written"}[q.Action == model.Read]
	if len(open) > 0 {
		return word + ", by " + strings.Join(open, " and ")
	}
	return "masked: " + strings.Join(why, "; ")
}

// clearedWhere says, of any row, in which the line clears a class.
func (h *checkedLine) clearedWhere(q Question, c access.Class) string {
	if q.ID != uuid.Nil || c.Tag.Level < classification.C3 {
		return ""
	}
	return map[access.Condition]string{
		access.Consent: " where a live consent of the child, or another legal basis, covers " + q.Purpose,
		access.Shared:  " where a live referral carries the field under a consent for " + q.Purpose,
	}[h.Condition]
}

// missingForClass says why the line does not clear the class; "" where it does.
func (h *checkedLine) missingForClass(q Question, c access.Class) string {
	hidden := slices.DeleteFunc(slices.Clone(c.Fields), func(name string) bool { return !slices.Contains(h.maskedFields, name) })
	line := fmt.Sprintf("line %d ", h.Line)
	asks := h.Condition != access.Always && c.Tag.Level == classification.C3
	switch {
	case h.reachesRow && len(hidden) == 0:
		return ""
	case !h.reachesRow && q.ID != uuid.Nil:
		return line + "does not reach the row"
	case !h.reachesRow:
		return line + "reaches no row"
	case h.Clearance < int(c.Tag.Level):
		return line + "ends at " + classification.Level(h.Clearance).String()
	case asks && h.Condition == access.Pseudonym:
		return line + "shows rows under pseudonyms"
	case asks && q.Purpose == "":
		return line + "asks for a purpose, and none is stated; it may be " + orPlaceholder(strings.Join(h.StatablePurposes, ", "), "none")
	case asks && !slices.Contains(h.StatablePurposes, q.Purpose):
		return line + "asks for a purpose that may be stated here (" + orPlaceholder(strings.Join(h.StatablePurposes, ", "), "none") + "), and " + q.Purpose + " is not"
	case asks && h.Condition == access.Shared:
		return line + "does not clear " + strings.Join(hidden, ", ") + ": no live referral carries them under a consent for " + q.Purpose
	}
	return line + "asks for a live consent of the child, or another legal basis, for " + q.Purpose + ": there is none"
}
