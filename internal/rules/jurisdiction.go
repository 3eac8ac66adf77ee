package rules

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// This file has the rules for the country and the office of a row.

// ForbiddenValuesError is the error for a row with values that the caller may not write.
func (w *Write) ForbiddenValuesError() error {
	return fault.New(fault.Forbidden,
		"Your roles do not let you write a row of type %s with these values.", w.Entity.Name)
}

// checkCountryMove refuses to create a row in another country than the caller's countries, and to move a row into or
// out of another country, even when the caller would still see the row. It also refuses to move a shared row, which
// belongs to several countries. A caller without countries moves nothing and creates what the caller's other keys
// allow. What is sent is compared with the country that the caller sees, so that the answer does not tell whether a
// hidden one is there.
func (w *Write) checkCountryMove(ctx context.Context) error {
	mine, everywhere := w.callerCountries()
	if everywhere || w.isSystem() {
		return nil
	}
	for _, ch := range w.Columns {
		if ch.Edge == nil || !slices.Contains(w.Entity.Scope.Country, ch.Edge.Name) {
			continue
		}
		to, given := ch.Value.(uuid.UUID)
		if w.Action == model.Create {
			if given && len(mine) > 0 && !slices.Contains(mine, to) {
				return w.ForbiddenValuesError()
			}
			continue
		}
		from, err := w.readVisibleKey(ctx, ch.Edge)
		if err != nil {
			return err
		}
		isMine := !given || slices.Contains(mine, to)
		if !sameReference(&ch, from) && (!isMine || !w.controlsCountry(from, mine)) {
			return w.ForbiddenValuesError()
		}
	}
	return nil
}

// checkCountryArchive refuses to archive a row that is not in one of the caller's countries. The caller's work may
// reach such a row, but it belongs to others too. A caller without countries archives what the caller's other keys
// allow.
func (w *Write) checkCountryArchive(ctx context.Context) error {
	mine, everywhere := w.callerCountries()
	if everywhere || len(mine) == 0 {
		return nil
	}
	for _, name := range w.Entity.Scope.Country {
		edge := w.Entity.Edge(name)
		if edge == nil || edge.Kind != model.ToOne {
			continue
		}
		if from, err := w.readStoredKey(ctx, edge.Column); err != nil || !w.controlsCountry(from, mine) {
			return cmp.Or(err, w.ForbiddenValuesError())
		}
	}
	return nil
}

// controlsCountry reports whether callers with the countries mine may move and archive a row of this country. A shared
// row without a country belongs to several countries, so no single country controls it.
func (w *Write) controlsCountry(country query.KeyScan, mine []uuid.UUID) bool {
	if country.Valid {
		return slices.Contains(mine, country.Key)
	}
	return !w.Entity.Shared()
}

// callerCountries returns the countries in which the caller holds a role. Everywhere is true when a role holds
// everywhere.
func (w *Write) callerCountries() (mine []uuid.UUID, everywhere bool) {
	for _, a := range w.View().Subject().Assignments {
		mine, everywhere = append(mine, a.Countries...), everywhere || a.Everywhere
	}
	return mine, everywhere
}

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

// checkParentCountry fails unless a new row that is part of another row has the same country as that row.
func (w *Write) checkParentCountry(ctx context.Context) error {
	edge := w.Entity.Edge(w.Entity.Within)
	if edge == nil {
		return nil
	}
	keys := map[string]any{}
	for _, ch := range w.Columns {
		keys[ch.Column] = ch.Value
	}
	p := (&query.Fragment{}).Add("SELECT 1 FROM ", query.Quote(w.Model().Target(edge).Table)).
		Add(" WHERE id = ").Arg(fmt.Sprint(keys[edge.Column])).
		Add(" AND country_id = ").Arg(fmt.Sprint(keys["country_id"]))
	same := false
	if err := w.QueryRows(ctx, w.NewCompiler(), p, func(Row) error { same = true; return nil }); err != nil {
		return err
	}
	if same {
		return w.checkParentOpen(ctx, w.Model().Target(edge), keys[edge.Column], w.Entity.InputOf(edge.Column))
	}
	return fault.InvalidField("countryId", "must be the country of the %s.", edge.Target)
}

// checkParentOpen fails when a new row would be added to a row in a final state. In a final state no update changes a
// row. Name is the input field that refers to that row.
func (w *Write) checkParentOpen(ctx context.Context, e *model.Entity, id any, name string) error {
	for _, m := range e.Machines {
		if len(m.Fixed) == 0 || w.isSystem() {
			continue
		}
		state := ""
		p := (&query.Fragment{}).Add("SELECT ", query.Quote(m.Field), " FROM ", query.Quote(e.Table)).
			Add(" WHERE id = ").Arg(fmt.Sprint(id))
		err := w.QueryRows(ctx, w.NewCompiler(), p, func(row Row) error { return row.Scan(&state) })
		if err != nil {
			return err
		}
		if slices.Contains(m.Fixed, state) {
			return frozenError(&m, e, state, name)
		}
	}
	return nil
}
