// Package explain answers two questions of the operator. The first is whether a user may do an action, and why. The
// second is which users could see a child. The package makes no decisions of its own. It compiles a view from a single
// policy line, and the line covers a row when a session with that view finds the row. The answers are texts for the
// command line.
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
	"rightshub/internal/accounts"
	"rightshub/internal/classification"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// Explainer answers questions about one database by one version of the policies.
type Explainer struct {
	Hub         *store.Hub
	Policy      *access.Policy
	Model       *model.Model
	NameSession store.Session // session of a task that may read the names of countries, offices and the like
}

// Question asks whether a user may do an action.
type Question struct {
	Email   string // address of the user's account
	Entity  *model.Entity
	ID      uuid.UUID // key of the row; uuid.Nil asks about any row
	Action  model.Action
	Purpose string    // purpose of the request; "" for none
	Grant   uuid.UUID // audit grant that the request names; uuid.Nil for none
	At      time.Time // time of the request
}

// checkedLine is a line that applies to the user, with its effect on the row.
type checkedLine struct {
	access.ApplicableLine
	reachesRow   bool     // the line covers the row
	maskedFields []string // fields of the row that the line alone does not show in clear
}

// Explain writes whether the user may do the action, and why. For each capacity of the user it lists the lines that
// apply and tells whether they cover the row. For each class of cells it tells which line shows it in clear, or what is
// missing.
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
		checked, err := a.explainCapacity(ctx, w, q, c)
		if err != nil {
			return err
		}
		lines = append(lines, checked...)
	}
	fmt.Fprintln(w)
	return a.writeAnswer(ctx, w, q, subject, lines)
}

// findPerson finds the account of the question and its subject at the time of the question, under the grant of the
// question.
func (a *Explainer) findPerson(
	ctx context.Context, q Question,
) (account *accounts.Account, subject access.Subject, err error) {
	err = a.Hub.Accounts().EachAccount(ctx, q.Email, func(found *accounts.Account) error {
		account = found
		return nil
	})
	if err != nil {
		return nil, subject, err
	}
	if account == nil {
		return nil, subject, fault.New(fault.NotFound, "Nobody who may sign in has the address %s.", q.Email)
	}
	subject, active := account.Subject(q.At)
	if !active {
		return nil, subject, fault.New(fault.NotFound,
			"The account of %s was not active at %s, so it had no rights.", q.Email, formatTime(q.At))
	}
	subject.Purpose = q.Purpose
	subject, err = subject.ChooseCapacity(q.Grant)
	return account, subject, err
}

// explainCapacity writes the lines that apply to one capacity of the user and returns them.
func (a *Explainer) explainCapacity(
	ctx context.Context, w io.Writer, q Question, c access.Capacity,
) ([]checkedLine, error) {
	title, err := a.describeCapacity(ctx, c)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\n%s\n", title)
	var out []checkedLine
	for _, line := range a.Policy.ApplicableLines(c, q.Entity.Name, q.Action) {
		checked := checkedLine{ApplicableLine: line}
		row, err := a.readRow(ctx, q, line.OwnView)
		if err != nil {
			return nil, err
		}
		if checked.reachesRow = row != nil; checked.reachesRow {
			checked.maskedFields = row.Masked
		}
		fmt.Fprintf(w, "  %s: %s\n", a.Policy.LinePosition(line.Line), line.Text)
		fmt.Fprintf(w, "    %s\n", checked.describeReachedRows(q))
		out = append(out, checked)
	}
	if len(out) == 0 {
		fmt.Fprintf(w, "  no line says whether to %s %s\n", q.Action, q.Entity.Name)
	}
	return out, nil
}

// readRow reads the row of the question on a view, with the permissions for the actions. It returns nil when the view
// does not show the row. For a question about any row it returns a made-up row, in which a field is masked when the
// view never shows it in clear.
func (a *Explainer) readRow(
	ctx context.Context, q Question, v *access.View, actions ...model.Action,
) (*query.Row, error) {
	if q.ID != uuid.Nil {
		selection := &query.Selection{Entity: q.Entity, Masked: true, Permissions: actions}
		return a.Hub.Session(v, nil).Get(ctx, selection, q.ID)
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

// describeReachedRows describes the rows that the line covers, and its effect on them.
func (h *checkedLine) describeReachedRows(q Question) string {
	effect := " and allows the action"
	if h.Deny {
		effect = " and forbids the action"
	}
	switch rows := h.OwnView.RowsWhere(q.Entity.Name, model.Read).Op; {
	case q.ID != uuid.Nil && h.reachesRow:
		return "reaches this row" + effect
	case q.ID != uuid.Nil:
		return "does not reach this row"
	case rows == access.False:
		return "reaches no row, because the user holds nothing of the scope " + h.Scope
	case rows == access.True:
		return "reaches every row" + effect
	}
	return "reaches the rows of the scope " + h.Scope + effect
}

// writeAnswer writes whether the user may do the action, as the store decides on the user's whole view. After a yes, it
// writes the result for each class of cells, which follows from the lines.
func (a *Explainer) writeAnswer(
	ctx context.Context, w io.Writer, q Question, s access.Subject, lines []checkedLine,
) error {
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

// refusalReason explains a no. The row is nil when the user may not read it.
func (a *Explainer) refusalReason(q Question, row *query.Row, lines []checkedLine) string {
	switch {
	case len(lines) == 0:
		return "No line allows it, and what no line allows is denied."
	case slices.ContainsFunc(lines, func(h checkedLine) bool { return h.Deny && h.reachesRow }):
		return "A line that forbids it wins over every other."
	case q.ID != uuid.Nil && row != nil:
		return "The user may read the row, but no line allows this action on it."
	case q.ID != uuid.Nil:
		return "No line reaches this row, or there is no such row. The user cannot tell the difference."
	}
	return "No line reaches any row."
}

// describeClass tells whether cells of a class are in clear, writable or masked, and why.
func describeClass(q Question, c access.Class, lines []checkedLine) string {
	if c.Tag.Ident == classification.None {
		return "shown with the row, because it identifies nobody"
	}
	var open, reasons []string
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
			reasons = append(reasons, missing)
		}
	}
	word := map[bool]string{true: "clear", false: "may be written"}[q.Action == model.Read]
	if len(open) > 0 {
		return word + ", by " + strings.Join(open, " and ")
	}
	return "masked: " + strings.Join(reasons, "; ")
}

// clearedWhere describes, for a question about any row, the rows in which the line shows a class in clear.
func (h *checkedLine) clearedWhere(q Question, c access.Class) string {
	if q.ID != uuid.Nil || c.Tag.Level < classification.C3 {
		return ""
	}
	return map[access.Condition]string{
		access.Consent: " where a live consent of the child, or another legal basis, covers " + q.Purpose,
		access.Shared:  " where a live referral carries the field under a consent for " + q.Purpose,
	}[h.Condition]
}

// missingForClass explains why the line does not show the class in clear. It returns "" when the line does.
func (h *checkedLine) missingForClass(q Question, c access.Class) string {
	isShown := func(name string) bool { return !slices.Contains(h.maskedFields, name) }
	hidden := slices.DeleteFunc(slices.Clone(c.Fields), isShown)
	line := fmt.Sprintf("line %d ", h.Line)
	conditional := h.Condition != access.Always && c.Tag.Level == classification.C3
	purposes := orPlaceholder(strings.Join(h.StatablePurposes, ", "), "none")
	switch {
	case h.reachesRow && len(hidden) == 0:
		return ""
	case !h.reachesRow && q.ID != uuid.Nil:
		return line + "does not reach the row"
	case !h.reachesRow:
		return line + "reaches no row"
	case h.Clearance < int(c.Tag.Level):
		return line + "ends at " + classification.Level(h.Clearance).String()
	case conditional && h.Condition == access.Pseudonym:
		return line + "shows rows under pseudonyms"
	case conditional && q.Purpose == "":
		return line + "requires a purpose, and none is stated; the user may state " + purposes
	case conditional && !slices.Contains(h.StatablePurposes, q.Purpose):
		return line + "requires a purpose that the user may state here (" + purposes + "), and " + q.Purpose +
			" is not one of them"
	case conditional && h.Condition == access.Shared:
		return line + "does not clear " + strings.Join(hidden, ", ") +
			", because no live referral carries them under a consent for " + q.Purpose
	}
	return line + "requires a live consent of the child, or another legal basis, for " + q.Purpose +
		", and there is none"
}
