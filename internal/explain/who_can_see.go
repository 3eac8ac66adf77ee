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
	"rightshub/internal/classification"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// ChildQuery is a child, and the time that is asked about: a moment, or a day.
type ChildQuery struct {
	Code, Country string // the case code, and the country as ISO 3166-1 alpha-2
	First, Last   time.Time
}

// WhoCanSee writes everybody who could see the child then: in which capacity, by which lines, which classes of cells in
// clear for which purposes, and until when. Roles, grants and emergencies are those of the time; the child's own record,
// its cases, referrals and consents are as they are now.
func (a *Explainer) WhoCanSee(ctx context.Context, w io.Writer, s ChildQuery) error {
	entity := a.Model.Entity("Child")
	children, err := a.findChildren(ctx, entity, s)
	if err != nil {
		return err
	}
	for _, id := range children {
		fmt.Fprintf(w, "Child %s of %s, %s\n%s, by policies of version %s.\nThe child's own record, its cases, referrals and consents are taken as they are now.\n", s.Code, s.Country, id, s.describeTime(), a.Policy.Version())
		people := 0
		err := a.Hub.Accounts(ctx, "", func(account *store.Account) error {
			seen := &disclosure{explainer: a, question: Question{Entity: entity, ID: id, Action: model.Read}, purposesByClass: map[string][]string{}, linesByCapacity: map[string][]string{}}
			for _, at := range account.ChangeTimes(s.First, s.Last) {
				if err := seen.addMoment(ctx, account, at); err != nil {
					return err
				}
			}
			if len(seen.capacities) > 0 {
				people++
				seen.write(w, account)
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

func (s *ChildQuery) describeTime() string {
	if s.First.Equal(s.Last) {
		return "At " + formatTime(s.First)
	}
	return "On " + s.First.Format("2006-01-02") + " (UTC)"
}

// findChildren finds the child; a code is not a key, so there may be more than one.
func (a *Explainer) findChildren(ctx context.Context, e *model.Entity, s ChildQuery) (out []uuid.UUID, err error) {
	country := query.Predicate{Op: query.PredicateToOne, Edge: e.Edge("country"), Operands: []query.Predicate{
		{Op: query.PredicateField, Field: a.Model.Entity("Country").Field("iso2"), Values: []any{s.Country}}}}
	page, err := a.NameSession.List(ctx, &query.List{Selection: query.Selection{Entity: e}, Rows: true, Where: &query.Predicate{Op: query.PredicateAnd,
		Operands: []query.Predicate{{Op: query.PredicateField, Field: e.Field("caseCode"), Values: []any{s.Code}}, country}}})
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

// disclosure is what one person sees of the child.
type disclosure struct {
	explainer       *Explainer
	question        Question
	capacities      []string            // capacities that reach the row, as text
	linesByCapacity map[string][]string // by capacity
	purposesByClass map[string][]string // by class in clear: for which purposes; "" for none
}

// addMoment adds what the person saw at a moment: by the roles, and under each audit grant.
func (s *disclosure) addMoment(ctx context.Context, account *store.Account, at time.Time) error {
	subject, active := account.Subject(at)
	if !active {
		return nil
	}
	roles := subject
	roles.Grants = nil
	ways := []access.Subject{roles}
	for _, g := range subject.Grants {
		if under, err := subject.ChooseCapacity(g.ID); err == nil { // a grant that did not count then is no way
			ways = append(ways, under)
		}
	}
	for _, way := range ways {
		if err := s.addSubject(ctx, way); err != nil {
			return err
		}
	}
	return nil
}

// addSubject adds what the person saw in the capacities that count together.
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
		if err != nil || row == nil { // which rows there are does not depend on the purpose
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

// addClearClasses notes the classes that a row shows in clear for a purpose.
func (s *disclosure) addClearClasses(row *query.Row, purpose string) {
	for _, c := range access.Classes(s.question.Entity) {
		if c.Tag.Ident == classification.None {
			continue
		}
		open := slices.DeleteFunc(slices.Clone(c.Fields), func(name string) bool { return slices.Contains(row.Masked, name) })
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

// addReachingLines notes the lines that reach the row in the capacity.
func (s *disclosure) addReachingLines(ctx context.Context, c access.Capacity) error {
	for _, line := range s.explainer.Policy.ApplicableLines(c, s.question.Entity.Name, model.Read) {
		row, err := s.explainer.readRow(ctx, s.question, line.OwnView)
		if err != nil {
			return err
		}
		if row == nil || line.Deny {
			continue
		}
		held, err := s.explainer.describeCapacity(ctx, c)
		if err != nil {
			return err
		}
		if !slices.Contains(s.capacities, held) {
			s.capacities = append(s.capacities, held)
		}
		text := fmt.Sprintf("%s: %s", s.explainer.Policy.LinePosition(line.Line), line.Text)
		if line.Condition == access.Pseudonym {
			text += " (under a pseudonym)"
		}
		if !slices.Contains(s.linesByCapacity[held], text) {
			s.linesByCapacity[held] = append(s.linesByCapacity[held], text)
		}
	}
	return nil
}

func (s *disclosure) write(w io.Writer, account *store.Account) {
	subject, _ := account.Subject(time.Time{})
	fmt.Fprintf(w, "\n%s, user %s\n", account.Email, subject.User)
	if len(s.purposesByClass) == 0 {
		fmt.Fprintln(w, "  the row only; nothing that identifies is in clear")
	}
	for _, c := range slices.Sorted(maps.Keys(s.purposesByClass)) {
		purposes := strings.Join(s.purposesByClass[c], ", ")
		if slices.Contains(s.purposesByClass[c], "") {
			purposes = "any purpose"
		}
		fmt.Fprintf(w, "  the row, and in clear %s for %s\n", c, purposes)
	}
	for _, held := range s.capacities {
		fmt.Fprintf(w, "  %s\n", held)
		for _, line := range s.linesByCapacity[held] {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
}
