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
	"rightshub/internal/store"
)

// Asker asks on one database, by one version of the policies.
type Asker struct {
	Hub    *store.Hub
	Policy *access.Policy
	Model  *model.Model
	Names  store.Session // of a task that may read what scopes are called
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

// heard is a line that speaks to the person, with what it does to the row.
type heard struct {
	access.Speaking
	reached bool
	masked  []string // of the row
}

// Explain writes whether the person may do it, and why: each line that speaks, by which assignment, whether it reaches the
// row, and for each class of cells what clears it or what is missing.
func (a *Asker) Explain(ctx context.Context, w io.Writer, q Question) error {
	account, subject, err := a.person(ctx, q)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "Who:      %s, user %s, %s\n", account.Email, subject.User, account.State)
	fmt.Fprintf(w, "When:     %s\n", instant(q.At))
	fmt.Fprintf(w, "What:     %s %s\n", q.Action, q.what())
	fmt.Fprintf(w, "Purpose:  %s\n", otherwise(q.Purpose, "none is stated"))
	fmt.Fprintf(w, "Policies: version %s\n", a.Policy.Version())
	var lines []heard
	for _, c := range subject.Capacities() {
		said, err := a.capacity(ctx, w, q, c)
		if err != nil {
			return err
		}
		lines = append(lines, said...)
	}
	fmt.Fprintln(w)
	return a.answer(ctx, w, q, subject, lines)
}

// person finds whom the question is about, as they were then and in the capacity that is named.
func (a *Asker) person(ctx context.Context, q Question) (account *store.Account, subject access.Subject, err error) {
	err = a.Hub.Accounts(ctx, q.Email, func(found *store.Account) error { account = found; return nil })
	if err != nil {
		return nil, subject, err
	}
	if account == nil {
		return nil, subject, fault.New(fault.NotFound, "Nobody who may sign in has the address %s.", q.Email)
	}
	subject, active := account.Subject(q.At)
	if !active {
		return nil, subject, fault.New(fault.NotFound, "The account of %s did not count at %s: it could do nothing.", q.Email, instant(q.At))
	}
	subject.Purpose = q.Purpose
	subject, err = subject.Act(q.Grant)
	return account, subject, err
}

// capacity writes what the lines say to the person in one capacity.
func (a *Asker) capacity(ctx context.Context, w io.Writer, q Question, c access.Capacity) ([]heard, error) {
	held, err := a.held(ctx, c)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "\n%s\n", held)
	var out []heard
	for _, s := range a.Policy.Speaking(c, q.Entity.Name, q.Action) {
		h := heard{Speaking: s}
		row, err := a.row(ctx, q, s.Alone)
		if err != nil {
			return nil, err
		}
		if h.reached = row != nil; h.reached {
			h.masked = row.Masked
		}
		fmt.Fprintf(w, "  %s: %s\n    %s\n", a.Policy.Place(s.Line), s.Text, h.reach(q))
		out = append(out, h)
	}
	if len(out) == 0 {
		fmt.Fprintf(w, "  no line says whether to %s %s\n", q.Action, q.Entity.Name)
	}
	return out, nil
}

// row reads the row on a view; without an id, it stands for any row that the view may have.
func (a *Asker) row(ctx context.Context, q Question, v *access.View, can ...model.Action) (*store.Row, error) {
	if q.ID != uuid.Nil {
		return a.Hub.Session(v, nil).Get(ctx, &store.Ask{Entity: q.Entity, Masked: true, Can: can}, q.ID)
	}
	if !v.May(q.Entity.Name, model.Read) {
		return nil, nil
	}
	row := &store.Row{}
	for _, c := range access.Classes(q.Entity) {
		for _, name := range c.Fields {
			if v.Clear(q.Entity.Name, name, c.Tag).Op == access.False {
				row.Masked = append(row.Masked, name)
			}
		}
	}
	return row, nil
}

// reach says which rows the line reaches.
func (h *heard) reach(q Question) string {
	does := "allows it"
	if h.Deny {
		does = "forbids it"
	}
	switch rows := h.Alone.Rows(q.Entity.Name, model.Read).Op; {
	case q.ID != uuid.Nil && h.reached:
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

// answer writes what all of it comes to: for reading, as the store answers the person; for the rest, by the lines.
func (a *Asker) answer(ctx context.Context, w io.Writer, q Question, s access.Subject, lines []heard) error {
	view := a.Policy.View(s).Unveiled()
	row, err := a.row(ctx, q, view, q.Action)
	if err != nil {
		return err
	}
	may := view.May(q.Entity.Name, q.Action)
	if q.ID != uuid.Nil {
		may = row != nil && row.Can[0]
	}
	if !may {
		fmt.Fprintf(w, "Answer: no. %s\n", a.refusal(q, row, lines))
		return nil
	}
	fmt.Fprintf(w, "Answer: yes, %s may %s %s.\n", q.Email, q.Action, q.which())
	for _, c := range access.Classes(q.Entity) {
		fmt.Fprintf(w, "  %-9s  %s\n", c.Tag, cells(q, c, lines))
	}
	return nil
}

func (a *Asker) refusal(q Question, row *store.Row, lines []heard) string {
	switch {
	case len(lines) == 0:
		return "No line allows it, and what no line allows is denied."
	case slices.ContainsFunc(lines, func(h heard) bool { return h.Deny && h.reached }):
		return "A line that forbids it wins over every other."
	case q.ID != uuid.Nil && row != nil:
		return "The row may be read; no line lets it be used so."
	case q.ID != uuid.Nil:
		return "No line reaches this row, or there is no such row: to the person, both are the same."
	}
	return "No line reaches any row."
}

// cells says what becomes of cells of a class, and why.
func cells(q Question, c access.Class, lines []heard) string {
	if c.Tag.Ident == classification.None {
		return "shown with the row: it identifies nobody"
	}
	var open, why []string
	for _, h := range lines {
		if h.Deny && h.reached && h.Clearance <= int(c.Tag.Level) {
			return fmt.Sprintf("masked: line %d forbids %s and above", h.Line, c.Tag.Level)
		}
		if h.Deny {
			continue
		}
		missing := h.missing(q, c)
		if missing == "" {
			open = append(open, fmt.Sprintf("line %d", h.Line)+h.where(q, c))
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

// where says, of any row, in which the line clears a class.
func (h *heard) where(q Question, c access.Class) string {
	if q.ID != uuid.Nil || c.Tag.Level < classification.C3 {
		return ""
	}
	return map[access.Condition]string{
		access.Consent: " where a live consent of the child, or another legal basis, covers " + q.Purpose,
		access.Shared:  " where a live referral carries the field under a consent for " + q.Purpose,
	}[h.Condition]
}

// missing says why the line does not clear the class; "" where it does.
func (h *heard) missing(q Question, c access.Class) string {
	hidden := slices.DeleteFunc(slices.Clone(c.Fields), func(name string) bool { return !slices.Contains(h.masked, name) })
	line := fmt.Sprintf("line %d ", h.Line)
	asks := h.Condition != access.Always && c.Tag.Level == classification.C3
	switch {
	case h.reached && len(hidden) == 0:
		return ""
	case !h.reached && q.ID != uuid.Nil:
		return line + "does not reach the row"
	case !h.reached:
		return line + "reaches no row"
	case h.Clearance < int(c.Tag.Level):
		return line + "ends at " + classification.Level(h.Clearance).String()
	case asks && h.Condition == access.Pseudonym:
		return line + "shows rows under pseudonyms"
	case asks && q.Purpose == "":
		return line + "asks for a purpose, and none is stated; it may be " + otherwise(strings.Join(h.States, ", "), "none")
	case asks && !slices.Contains(h.States, q.Purpose):
		return line + "asks for a purpose that may be stated here (" + otherwise(strings.Join(h.States, ", "), "none") + "), and " + q.Purpose + " is not"
	case asks && h.Condition == access.Shared:
		return line + "does not clear " + strings.Join(hidden, ", ") + ": no live referral carries them under a consent for " + q.Purpose
	}
	return line + "asks for a live consent of the child, or another legal basis, for " + q.Purpose + ": there is none"
}
