package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Which country a row is in, and stays in.

func (w *rowWrite) forbiddenValuesError() error {
	return fault.New(fault.Forbidden, "Your roles do not let you write a row of type %s with these values.", w.entity.Name)
}

// checkCountryMove keeps people from making a row in a country that is not theirs, or moving one there, even where they would still
// see it, and from moving one away from there, or taking one that is work in several. Whoever holds no country moves nothing, and makes
// what their other keys allow.
func (w *rowWrite) checkCountryMove(ctx context.Context) error {
	mine, everywhere := w.callerCountries()
	if everywhere || w.isSystem() {
		return nil
	}
	for _, ch := range w.changes {
		if ch.edge == nil || !slices.Contains(w.entity.Scope.Country, ch.edge.Name) {
			continue
		}
		to, given := ch.value.(uuid.UUID)
		if w.action == model.Create {
			if given && len(mine) > 0 && !slices.Contains(mine, to) {
				return w.forbiddenValuesError()
			}
			continue
		}
		from, err := w.readStoredKey(ctx, ch.column)
		if err != nil {
			return err
		}
		same := from.Valid == given && from.Key == to
		if !same && (given && !slices.Contains(mine, to) || !w.controlsCountry(from, mine)) {
			return w.forbiddenValuesError()
		}
	}
	return nil
}

// checkCountryArchive keeps people from archiving a row that is not in a country of theirs, though their work may reach it: it belongs to
// others too. Whoever holds no country archives what their other keys allow.
func (w *rowWrite) checkCountryArchive(ctx context.Context) error {
	mine, everywhere := w.callerCountries()
	if everywhere || len(mine) == 0 {
		return nil
	}
	for _, name := range w.entity.Scope.Country {
		edge := w.entity.Edge(name)
		if edge == nil || edge.Kind != model.ToOne {
			continue
		}
		if from, err := w.readStoredKey(ctx, edge.Column); err != nil || !w.controlsCountry(from, mine) {
			return cmp.Or(err, w.forbiddenValuesError())
		}
	}
	return nil
}

// controlsCountry reports whether a row with this country is its caller's alone to move and to archive: one that is in none, and is
// work in several, belongs to all of these.
func (w *rowWrite) controlsCountry(country query.KeyScan, mine []uuid.UUID) bool {
	if country.Valid {
		return slices.Contains(mine, country.Key)
	}
	return !w.entity.Shared()
}

// callerCountries are those in which the caller holds a role.
func (w *rowWrite) callerCountries() (mine []uuid.UUID, everywhere bool) {
	for _, a := range w.view.Subject().Assignments {
		mine, everywhere = append(mine, a.Countries...), everywhere || a.Everywhere
	}
	return mine, everywhere
}

// readStoredKey is the key that the row holds in a column.
func (w *rowWrite) readStoredKey(ctx context.Context, column string) (from query.KeyScan, err error) {
	p := (&query.Fragment{}).Add("SELECT ", query.Quote(column), " FROM ", query.Quote(w.entity.Table), " WHERE id = ").Arg(w.id.String())
	return from, w.queryRows(ctx, w.newCompiler(), p, func(rows *sql.Rows) error { return rows.Scan(&from) })
}

// setDefaultOffice puts what is about a child into the office of whoever makes it, unless another is named: without one, no supervisor
// would see it. Whoever works in several offices of the country must say which.
func (w *rowWrite) setDefaultOffice(ctx context.Context) error {
	edge := w.entity.Edge("office")
	if w.entity.Scope.Child == "" || edge == nil || edge.Managed || w.isSystem() || slices.ContainsFunc(w.changes, func(ch columnChange) bool { return ch.column == edge.Column && ch.value != nil }) {
		return nil
	}
	i := slices.IndexFunc(w.changes, func(ch columnChange) bool { return ch.column == "country_id" })
	if i < 0 {
		return nil
	}
	here, err := w.findCallerOffice(ctx, fmt.Sprint(w.changes[i].value))
	if err == nil && here != nil {
		w.changes = slices.DeleteFunc(w.changes, func(ch columnChange) bool { return ch.column == edge.Column })
		w.setColumn(edge.Column, here)
	}
	return err
}

// findCallerOffice is the one office of a country in which the caller works: by the roles, or where they name no office, by the account.
func (s *session) findCallerOffice(ctx context.Context, country string) (office any, err error) {
	var offices, here []uuid.UUID
	for _, a := range s.view.Subject().Assignments {
		offices = append(offices, a.Offices...)
	}
	c := s.newCompiler()
	p := (&query.Fragment{}).Add("SELECT id FROM offices WHERE archived_at IS NULL AND country_id = ").Arg(country).Add(" AND ")
	if len(offices) > 0 {
		p.Sub(c.ColumnInKeys("id", offices))
	} else {
		p.Add("id = (SELECT office_id FROM users WHERE id = ").Arg(s.User().String()).Add(")")
	}
	err = s.withAllRows(ctx, []string{"offices", "users"}, func() error {
		return s.queryRows(ctx, c, p, func(rows *sql.Rows) error {
			var k query.KeyScan
			err := rows.Scan(&k)
			here = append(here, k.Key)
			return err
		})
	})
	if err != nil || len(here) != 1 {
		return nil, err
	}
	return here[0], nil
}

// checkOfficeCountry holds what is about a child to an office of its own country: that office's people may see it.
func (w *rowWrite) checkOfficeCountry(ctx context.Context) error {
	moved := func(ch columnChange) bool { return ch.column == "office_id" || ch.column == "country_id" }
	left := func(ch columnChange) bool { return ch.column == "office_id" && ch.value == nil }
	edge := w.entity.Edge("office")
	if w.entity.Scope.Child == "" || edge == nil || edge.Managed || w.isSystem() {
		return nil
	}
	missing := slices.ContainsFunc(w.changes, left)
	if w.action == model.Create && !slices.ContainsFunc(w.changes, func(ch columnChange) bool { return ch.column == "office_id" && ch.value != nil }) {
		var err error
		if missing, err = w.countryHasOffice(ctx); err != nil {
			return err
		}
	}
	if missing {
		return fault.InvalidField("officeId", "cannot be empty: without an office, no supervisor would see it.")
	}
	if !slices.ContainsFunc(w.changes, moved) {
		return nil
	}
	p := (&query.Fragment{}).Add("SELECT 1 FROM ", query.Quote(w.entity.Table), " t JOIN offices o ON o.id = t.office_id WHERE t.id = ").Arg(w.id.String()).Add(" AND o.country_id <> t.country_id")
	away := false
	err := w.withAllRows(ctx, []string{w.entity.Table, "offices"}, func() error {
		return w.queryRows(ctx, w.newCompiler(), p, func(*sql.Rows) error { away = true; return nil })
	})
	if err == nil && away {
		err = fault.InvalidField("officeId", "must be an office of the country of the %s.", w.entity.Name)
	}
	return err
}

// countryHasOffice reports whether the country of the row has an office that the caller sees.
func (w *rowWrite) countryHasOffice(ctx context.Context) (bool, error) {
	c, e := w.newCompiler(), w.hub.model.Entity("Office")
	t := c.NewAlias()
	p := (&query.Fragment{}).Add("SELECT 1 FROM ", query.TableAs(e, t), " WHERE ", query.Col(t, "country_id"), " = (SELECT country_id FROM ", query.Quote(w.entity.Table), " WHERE id = ").Arg(w.id.String()).
		Add(") AND ").Sub(c.VisibleRows(e, t)).Add(" LIMIT 1")
	return w.queryReturnsRow(ctx, c, p)
}

// checkParentCountry holds a new row that is a part of another to the country of that one.
func (w *rowWrite) checkParentCountry(ctx context.Context) error {
	edge := w.entity.Edge(w.entity.Within)
	if edge == nil {
		return nil
	}
	keys := map[string]any{}
	for _, ch := range w.changes {
		keys[ch.column] = ch.value
	}
	p := (&query.Fragment{}).Add("SELECT 1 FROM ", query.Quote(w.hub.model.Target(edge).Table), " WHERE id = ").Arg(fmt.Sprint(keys[edge.Column])).Add(" AND country_id = ").Arg(fmt.Sprint(keys["country_id"]))
	same := false
	if err := w.queryRows(ctx, w.newCompiler(), p, func(*sql.Rows) error { same = true; return nil }); err != nil {
		return err
	}
	if same {
		return w.checkParentOpen(ctx, w.hub.model.Target(edge), keys[edge.Column], w.entity.InputOf(edge.Column))
	}
	return fault.InvalidField("countryId", "must be the country of the %s.", edge.Target)
}

// checkParentOpen fails where a new part of a row, or a step of it, comes after its end: a state in which no update changes the row.
func (w *rowWrite) checkParentOpen(ctx context.Context, e *model.Entity, id any, name string) error {
	for _, m := range e.Machines {
		if len(m.Fixed) == 0 || w.isSystem() {
			continue
		}
		state := ""
		p := (&query.Fragment{}).Add("SELECT ", query.Quote(m.Field), " FROM ", query.Quote(e.Table), " WHERE id = ").Arg(fmt.Sprint(id))
		if err := w.queryRows(ctx, w.newCompiler(), p, func(rows *sql.Rows) error { return rows.Scan(&state) }); err != nil {
			return err
		}
		if slices.Contains(m.Fixed, state) {
			return frozenError(&m, e, state, name)
		}
	}
	return nil
}
