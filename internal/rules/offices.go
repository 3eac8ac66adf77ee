package rules

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file has the rules for the office of a row about a child.

// setDefaultOffice sets the office of a new row about a child to the caller's office, unless the input names one.
// Without an office, no supervisor would see the row. A caller with several offices in the country must name one.
func (w *Write) setDefaultOffice(ctx context.Context) error {
	edge := w.Entity.Edge("office")
	if w.Entity.Scope.Child == "" || edge == nil || edge.Managed || w.isSystem() {
		return nil
	}
	namesOffice := func(ch ColumnChange) bool { return ch.Column == edge.Column && ch.Value != nil }
	if slices.ContainsFunc(w.Columns, namesOffice) {
		return nil
	}
	i := slices.IndexFunc(w.Columns, func(ch ColumnChange) bool { return ch.Column == "country_id" })
	if i < 0 {
		return nil
	}
	here, err := FindCallerOffice(ctx, w, fmt.Sprint(w.Columns[i].Value))
	if err == nil && here != nil {
		w.Columns = slices.DeleteFunc(w.Columns, func(ch ColumnChange) bool { return ch.Column == edge.Column })
		w.SetColumn(edge.Column, here)
	}
	return err
}

// FindCallerOffice returns the only office of a country in which the caller works, or nil when there is not exactly
// one. The caller's roles name the offices. When they name none, the account does.
func FindCallerOffice(ctx context.Context, tx Transaction, country string) (office any, err error) {
	var offices, found []uuid.UUID
	subject := tx.View().Subject()
	for _, a := range subject.Assignments {
		offices = append(offices, a.Offices...)
	}
	c := tx.NewCompiler()
	p := (&query.Fragment{}).Add("SELECT id FROM offices WHERE archived_at IS NULL AND country_id = ").Arg(country).
		Add(" AND ")
	if len(offices) > 0 {
		p.Sub(c.ColumnInKeys("id", offices))
	} else {
		p.Add("id = (SELECT office_id FROM users WHERE id = ").Arg(subject.User.String()).Add(")")
	}
	err = tx.WithAllRows(ctx, []string{"offices", "users"}, func() error {
		return tx.QueryRows(ctx, c, p, func(row Row) error {
			var k query.KeyScan
			err := row.Scan(&k)
			found = append(found, k.Key)
			return err
		})
	})
	if err != nil || len(found) != 1 {
		return nil, err
	}
	return found[0], nil
}

// isOwnOffice reports whether the caller works in the office. The caller's roles name the offices. When they name none,
// the account does.
func (w *Write) isOwnOffice(ctx context.Context, office uuid.UUID) (own bool, err error) {
	subject, named := w.View().Subject(), false
	for _, a := range subject.Assignments {
		named = named || len(a.Offices) > 0
		own = own || slices.Contains(a.Offices, office)
	}
	if named {
		return own, nil
	}
	p := (&query.Fragment{}).Add("SELECT 1 FROM users WHERE id = ").Arg(subject.User.String()).
		Add(" AND office_id = ").Arg(office.String())
	return own, w.WithAllRows(ctx, []string{"users"}, func() error {
		return w.QueryRows(ctx, w.NewCompiler(), p, func(Row) error { own = true; return nil })
	})
}

// leaveOldOffice takes a row about a child out of its office when the row moves to another country and the input names
// no office there. The caller may not see the office that it leaves.
func (w *Write) leaveOldOffice(ctx context.Context) error {
	country, office := w.Entity.Edge("country"), w.Entity.Edge("office")
	if w.Entity.Scope.Child == "" || country == nil || office == nil || office.Managed || w.isSystem() {
		return nil
	}
	i := slices.IndexFunc(w.Columns, func(ch ColumnChange) bool { return ch.Column == country.Column })
	if i < 0 || w.changesColumn(office.Column) {
		return nil
	}
	from, err := w.readVisibleKey(ctx, country)
	if err == nil && !sameReference(&w.Columns[i], from) {
		w.SetColumn(office.Column, nil)
	}
	return err
}

// checkOfficeCountry fails unless a row about a child has an office in the row's own country, because the people of
// that office may see the row. In a country without visible offices the row needs none.
func (w *Write) checkOfficeCountry(ctx context.Context) error {
	moved := func(ch ColumnChange) bool { return ch.Column == "office_id" || ch.Column == "country_id" }
	named := func(ch ColumnChange) bool { return ch.Column == "office_id" && ch.Value != nil }
	cleared := func(ch ColumnChange) bool { return ch.Column == "office_id" && ch.Value == nil && ch.InputName != "" }
	left := func(ch ColumnChange) bool { return ch.Column == "office_id" && ch.Value == nil && ch.InputName == "" }
	edge := w.Entity.Edge("office")
	if w.Entity.Scope.Child == "" || edge == nil || edge.Managed || w.isSystem() {
		return nil
	}
	missing := slices.ContainsFunc(w.Columns, cleared)
	if w.Action == model.Create && !slices.ContainsFunc(w.Columns, named) || slices.ContainsFunc(w.Columns, left) {
		var err error
		if missing, err = w.countryHasOffice(ctx); err != nil {
			return err
		}
	}
	if missing {
		return fault.InvalidField("officeId", "cannot be empty: without an office, no supervisor would see it.")
	}
	if !slices.ContainsFunc(w.Columns, moved) {
		return nil
	}
	p := (&query.Fragment{}).
		Add("SELECT 1 FROM ", query.Quote(w.Entity.Table), " t JOIN offices o ON o.id = t.office_id WHERE t.id = ").
		Arg(w.ID.String()).
		Add(" AND o.country_id <> t.country_id")
	away := false
	err := w.WithAllRows(ctx, []string{w.Entity.Table, "offices"}, func() error {
		return w.QueryRows(ctx, w.NewCompiler(), p, func(Row) error { away = true; return nil })
	})
	if err == nil && away {
		err = fault.InvalidField("officeId", "must be an office of the country of the %s.", w.Entity.Name)
	}
	return err
}

// countryHasOffice reports whether the country of the row has an office that the caller sees.
func (w *Write) countryHasOffice(ctx context.Context) (bool, error) {
	c, e := w.NewCompiler(), w.Model().Entity("Office")
	t := c.NewAlias()
	p := (&query.Fragment{}).
		Add("SELECT 1 FROM ", query.TableAs(e, t), " WHERE ", query.Col(t, "country_id")).
		Add(" = (SELECT country_id FROM ", query.Quote(w.Entity.Table), " WHERE id = ").Arg(w.ID.String()).
		Add(") AND ").Sub(c.VisibleRows(e, t)).Add(" LIMIT 1")
	return w.queryReturnsRow(ctx, c, p)
}
