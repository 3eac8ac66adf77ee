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
	"rightshub/internal/store"
)

// Sight is a child, and the time that is asked about: a moment, or a day.
type Sight struct {
	Code, Country string // the case code, and the country as ISO 3166-1 alpha-2
	First, Last   time.Time
}

// WhoCanSee writes everybody who could see the child then: in which capacity, by which lines, which classes of cells in
// clear for which purposes, and until when. Roles, grants and emergencies are those of the time; the child's own record,
// its cases, referrals and consents are as they are now.
func (a *Asker) WhoCanSee(ctx context.Context, w io.Writer, s Sight) error {
	entity := a.Model.Entity("Child")
	children, err := a.children(ctx, entity, s)
	if err != nil {
		return err
	}
	for _, id := range children {
		fmt.Fprintf(w, "Child %s of %s, %s\n%s, by policies of version %s.\nThe child's own record, its cases, referrals and consents are taken as they are now.\n", s.Code, s.Country, id, s.when(), a.Policy.Version())
		people := 0
		err := a.Hub.Accounts(ctx, "", func(account *store.Account) error {
			seen := &seen{asker: a, q: Question{Entity: entity, ID: id, Action: model.Read}, purposes: map[string][]string{}, lines: map[string][]string{}}
			for _, at := range account.Moments(s.First, s.Last) {
				if err := seen.at(ctx, account, at); err != nil {
					return err
				}
			}
			if len(seen.held) > 0 {
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

func (s *Sight) when() string {
	if s.First.Equal(s.Last) {
		return "At " + instant(s.First)
	}
	return "On " + s.First.Format("2006-01-02") + " (UTC)"
}

// children finds the child; a code is not a key, so there may be more than one.
func (a *Asker) children(ctx context.Context, e *model.Entity, s Sight) (out []uuid.UUID, err error) {
	country := store.Pred{Op: store.PredOne, Edge: e.Edge("country"), Kids: []store.Pred{
		{Op: store.PredField, Field: a.Model.Entity("Country").Field("iso2"), Values: []any{s.Country}}}}
	page, err := a.Names.List(ctx, &store.List{Ask: store.Ask{Entity: e}, Rows: true, Where: &store.Pred{Op: store.PredAnd,
		Kids: []store.Pred{{Op: store.PredField, Field: e.Field("caseCode"), Values: []any{s.Code}}, country}}})
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

// seen is what one person sees of the child.
type seen struct {
	asker    *Asker
	q        Question
	held     []string            // capacities that reach the row, as text
	lines    map[string][]string // by capacity
	purposes map[string][]string // by class in clear: for which purposes; "" for none
}

// at adds what the person saw at a moment: by the roles, and under each audit grant.
func (s *seen) at(ctx context.Context, account *store.Account, at time.Time) error {
	subject, active := account.Subject(at)
	if !active {
		return nil
	}
	roles := subject
	roles.Grants = nil
	ways := []access.Subject{roles}
	for _, g := range subject.Grants {
		if under, err := subject.Act(g.ID); err == nil { // a grant that did not count then is no way
			ways = append(ways, under)
		}
	}
	for _, way := range ways {
		if err := s.acting(ctx, way); err != nil {
			return err
		}
	}
	return nil
}

// acting adds what the person saw in the capacities that count together.
func (s *seen) acting(ctx context.Context, subject access.Subject) error {
	a := s.asker
	capacities := slices.DeleteFunc(subject.Capacities(), func(c access.Capacity) bool { return !a.Policy.Tells(c.Role, s.q.Entity.Name, model.Read) })
	if len(capacities) == 0 {
		return nil
	}
	purposes := []string{""}
	for _, c := range capacities {
		purposes = append(purposes, a.Policy.States(c.Role)...)
	}
	slices.Sort(purposes)
	for _, purpose := range slices.Compact(purposes) {
		subject.Purpose = purpose
		row, err := a.row(ctx, s.q, a.Policy.View(subject).Unveiled())
		if err != nil || row == nil { // which rows there are does not depend on the purpose
			return err
		}
		s.clear(row, purpose)
	}
	for _, c := range capacities {
		if err := s.reached(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// clear notes the classes that a row shows in clear for a purpose.
func (s *seen) clear(row *store.Row, purpose string) {
	for _, c := range access.Classes(s.q.Entity) {
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
		if !slices.Contains(s.purposes[name], purpose) {
			s.purposes[name] = append(s.purposes[name], purpose)
		}
	}
}

// reached notes the lines that reach the row in the capacity.
func (s *seen) reached(ctx context.Context, c access.Capacity) error {
	for _, line := range s.asker.Policy.Speaking(c, s.q.Entity.Name, model.Read) {
		row, err := s.asker.row(ctx, s.q, line.Alone)
		if err != nil {
			return err
		}
		if row == nil || line.Deny {
			continue
		}
		held, err := s.asker.held(ctx, c)
		if err != nil {
			return err
		}
		if !slices.Contains(s.held, held) {
			s.held = append(s.held, held)
		}
		text := fmt.Sprintf("%s: %s", s.asker.Policy.Place(line.Line), line.Text)
		if line.Condition == access.Pseudonym {
			text += " (under a pseudonym)"
		}
		if !slices.Contains(s.lines[held], text) {
			s.lines[held] = append(s.lines[held], text)
		}
	}
	return nil
}

func (s *seen) write(w io.Writer, account *store.Account) {
	subject, _ := account.Subject(time.Time{})
	fmt.Fprintf(w, "\n%s, user %s\n", account.Email, subject.User)
	if len(s.purposes) == 0 {
		fmt.Fprintln(w, "  the row only; nothing that identifies is in clear")
	}
	for _, c := range slices.Sorted(maps.Keys(s.purposes)) {
		purposes := strings.Join(s.purposes[c], ", ")
		if slices.Contains(s.purposes[c], "") {
			purposes = "any purpose"
		}
		fmt.Fprintf(w, "  the row, and in clear %s for %s\n", c, purposes)
	}
	for _, held := range s.held {
		fmt.Fprintf(w, "  %s\n", held)
		for _, line := range s.lines[held] {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
}
