package explain

import (
	"context"
	"fmt"
	"io"
	"maps"
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
)

// ChildQuery names a child and a time. The time is a moment, with First equal to Last, or a day.
type ChildQuery struct {
	Code, Country string // the case code, and the country as ISO 3166-1 alpha-2
	First, Last   time.Time
}

// WhoCanSee writes all users that could see the child at the time. For each user it writes the capacities with their
// dates, the lines, and the classes of cells in clear with the purposes. Roles, grants and emergencies are those at the
// time. The child's own record, its cases, referrals and consents are the current ones.
func (a *Explainer) WhoCanSee(ctx context.Context, w io.Writer, s ChildQuery) error {
	entity := a.Model.Entity("Child")
	children, err := a.findChildren(ctx, entity, s)
	if err != nil {
		return err
	}
	for _, id := range children {
		fmt.Fprintf(w, "Child %s of %s, %s\n", s.Code, s.Country, id)
		fmt.Fprintf(w, "%s, by policies of version %s.\n", s.describeTime(), a.Policy.Version())
		fmt.Fprintln(w, "The child's own record, its cases, referrals and consents are taken as they are now.")
		people := 0
		err := a.Hub.Accounts().EachAccount(ctx, "", func(account *accounts.Account) error {
			d := &disclosure{
				explainer:       a,
				question:        Question{Entity: entity, ID: id, Action: model.Read},
				purposesByClass: map[string][]string{},
				linesByCapacity: map[string][]string{},
			}
			for _, at := range account.ChangeTimes(s.First, s.Last) {
				if err := d.addMoment(ctx, account, at); err != nil {
					return err
				}
			}
			if len(d.capacities) > 0 {
				people++
				d.write(w, account)
			}
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%d people.\n", people)
	}
	return nil
}

// describeTime describes the moment or the day at the beginning of a sentence.
func (s *ChildQuery) describeTime() string {
	if s.First.Equal(s.Last) {
		return "At " + formatTime(s.First)
	}
	return "On " + s.First.Format("2006-01-02") + " (UTC)"
}

// findChildren returns the keys of the children with the code. There may be several, because a code is not a unique
// key.
func (a *Explainer) findChildren(ctx context.Context, e *model.Entity, s ChildQuery) (out []uuid.UUID, err error) {
	iso2 := a.Model.Entity("Country").Field("iso2")
	country := query.Predicate{
		Op:       query.PredicateToOne,
		Edge:     e.Edge("country"),
		Operands: []query.Predicate{{Op: query.PredicateField, Field: iso2, Values: []any{s.Country}}},
	}
	code := query.Predicate{Op: query.PredicateField, Field: e.Field("caseCode"), Values: []any{s.Code}}
	page, err := a.NameSession.List(ctx, &query.List{
		Selection: query.Selection{Entity: e},
		Rows:      true,
		Where:     &query.Predicate{Op: query.PredicateAnd, Operands: []query.Predicate{code, country}},
	})
	if err != nil {
		return nil, err
	}
	for _, r := range page.Rows {
		out = append(out, r.ID)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "No child of %s has the code %s.", s.Country, s.Code)
	}
	return out, nil
}

// disclosure collects what one user sees of the child.
type disclosure struct {
	explainer       *Explainer
	question        Question
	capacities      []string            // descriptions of the capacities that reach the row
	linesByCapacity map[string][]string // lines that reach the row
	purposesByClass map[string][]string // purposes for which a class is in clear; "" stands for no purpose
}

// addMoment adds what the user could see at a moment, by its roles and under each of its audit grants.
func (s *disclosure) addMoment(ctx context.Context, account *accounts.Account, at time.Time) error {
	subject, active := account.Subject(at)
	if !active {
		return nil
	}
	roles := subject
	roles.Grants = nil
	subjects := []access.Subject{roles}
	for _, g := range subject.Grants {
		if auditor, err := subject.ChooseCapacity(g.ID); err == nil { // an error means that the grant was not valid
			subjects = append(subjects, auditor)
		}
	}
	for _, subject := range subjects {
		if err := s.addSubject(ctx, subject); err != nil {
			return err
		}
	}
	return nil
}

// addSubject adds what the user could see as the subject, for each purpose that it may state.
func (s *disclosure) addSubject(ctx context.Context, subject access.Subject) error {
	a := s.explainer
	capacities := slices.DeleteFunc(subject.Capacities(), func(c access.Capacity) bool {
		return !a.Policy.HasLineAbout(c.Role, s.question.Entity.Name, model.Read)
	})
	if len(capacities) == 0 {
		return nil
	}
	purposes := []string{""}
	for _, c := range capacities {
		purposes = append(purposes, a.Policy.StatablePurposesOf(c.Role)...)
	}
	slices.Sort(purposes)
	for _, purpose := range slices.Compact(purposes) {
		subject.Purpose = purpose
		row, err := a.readRow(ctx, s.question, a.Policy.View(subject).WithoutPseudonyms())
		if err != nil || row == nil { // the purpose does not decide which rows are visible
			return err
		}
		s.addClearClasses(row, purpose)
	}
	for _, c := range capacities {
		if err := s.addReachingLines(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// addClearClasses adds the classes that the row shows in clear for a purpose.
func (s *disclosure) addClearClasses(row *query.Row, purpose string) {
	for _, c := range access.Classes(s.question.Entity) {
		if c.Tag.Ident == classification.None {
			continue
		}
		isMasked := func(name string) bool { return slices.Contains(row.Masked, name) }
		open := slices.DeleteFunc(slices.Clone(c.Fields), isMasked)
		name := c.Tag.String()
		switch {
		case len(open) == 0:
			continue
		case len(open) < len(c.Fields):
			name += " in part (" + strings.Join(open, " ") + ")"
		}
		if !slices.Contains(s.purposesByClass[name], purpose) {
			s.purposesByClass[name] = append(s.purposesByClass[name], purpose)
		}
	}
}

// addReachingLines adds the capacity and the lines by which it reaches the row, if there are any.
func (s *disclosure) addReachingLines(ctx context.Context, c access.Capacity) error {
	for _, line := range s.explainer.Policy.ApplicableLines(c, s.question.Entity.Name, model.Read) {
		row, err := s.explainer.readRow(ctx, s.question, line.OwnView)
		if err != nil {
			return err
		}
		if row == nil || line.Deny {
			continue
		}
		capacity, err := s.explainer.describeCapacity(ctx, c)
		if err != nil {
			return err
		}
		if !slices.Contains(s.capacities, capacity) {
			s.capacities = append(s.capacities, capacity)
		}
		text := fmt.Sprintf("%s: %s", s.explainer.Policy.LinePosition(line.Line), line.Text)
		if line.Condition == access.Pseudonym {
			text += " (under a pseudonym)"
		}
		if !slices.Contains(s.linesByCapacity[capacity], text) {
			s.linesByCapacity[capacity] = append(s.linesByCapacity[capacity], text)
		}
	}
	return nil
}

// write writes the section of one user.
func (s *disclosure) write(w io.Writer, account *accounts.Account) {
	subject, _ := account.Subject(time.Time{})
	fmt.Fprintf(w, "\n%s, user %s\n", account.Email, subject.User)
	if len(s.purposesByClass) == 0 {
		fmt.Fprintln(w, "  the row only; no identifying field is in clear")
	}
	for _, c := range slices.Sorted(maps.Keys(s.purposesByClass)) {
		purposes := strings.Join(s.purposesByClass[c], ", ")
		if slices.Contains(s.purposesByClass[c], "") {
			purposes = "any purpose"
		}
		fmt.Fprintf(w, "  the row, and in clear %s for %s\n", c, purposes)
	}
	for _, capacity := range s.capacities {
		fmt.Fprintf(w, "  %s\n", capacity)
		for _, line := range s.linesByCapacity[capacity] {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
}
