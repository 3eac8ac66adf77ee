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

// This file has the rules for the country and the office of a row.

func (w *rowWrite) forbiddenValuesError() error {
	return fault.New(fault.Forbidden,
		"Your roles do not let you write a row of type %s with these values.", w.entity.Name)
}

// checkCountryMove refuses to create a row in another country than the caller's countries, and to move a row into or
// out of another country, even when the caller would still see the row. It also refuses to move a shared row, which
// belongs to several countries. A caller without countries moves nothing and creates what the caller's other keys
// allow.
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

// checkCountryArchive refuses to archive a row that is not in one of the caller's countries. The caller's work may
// reach such a row, but it belongs to others too. A caller without countries archives what the caller's other keys
// allow.
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

// controlsCountry reports whether callers with the countries mine may move and archive a row of this country. A shared
// row without a country belongs to several countries, so no single country controls it.
func (w *rowWrite) controlsCountry(country query.KeyScan, mine []uuid.UUID) bool {
	if country.Valid {
		return slices.Contains(mine, country.Key)
	}
	return !w.entity.Shared()
}

// callerCountries returns the countries in which the caller holds a role. Everywhere is true when a role holds
// everywhere.
func (w *rowWrite) callerCountries() (mine []uuid.UUID, everywhere bool) {
	for _, a := range w.view.Subject().Assignments {
		mine, everywhere = append(mine, a.Countries...), everywhere || a.Everywhere
	}
	return mine, everywhere
}

// readStoredKey reads the key that the row holds in a column.
func (w *rowWrite) readStoredKey(ctx context.Context, column string) (from query.KeyScan, err error) {
	p := (&query.Fragment{}).Add("SELECT ", query.Quote(column), " FROM ", query.Quote(w.entity.Table)).
		Add(" WHERE id = ").Arg(w.id.String())
	return from, w.queryRows(ctx, w.newCompiler(), p, func(rows *sql.Rows) error { return rows.Scan(&from) })
}

// readVisibleKey reads the key to which an edge to one leads, as the caller may see it.
func (w *rowWrite) readVisibleKey(ctx context.Context, edge *model.Edge) (key query.KeyScan, err error) {
	c := w.newCompiler()
	p := (&query.Fragment{}).Add("SELECT ").Sub(c.VisibleEdgeKey(w.entity, "t", edge)).
		Add(" FROM ", query.TableAs(w.entity, "t"), " WHERE t.id = ").Arg(w.id.String())
	return key, w.queryRows(ctx, c, p, func(rows *sql.Rows) error { return rows.Scan(&key) })
}

// setDefaultOffice sets the office of a new row about a child to the caller's office, unless the input names one.
// Without an office, no supervisor would see the row. A caller with several offices in the country must name one.
func (w *rowWrite) setDefaultOffice(ctx context.Context) error {
	edge := w.entity.Edge("office")
	if w.entity.Scope.Child == "" || edge == nil || edge.Managed || w.isSystem() {
		return nil
	}
	namesOffice := func(ch columnChange) bool { return ch.column == edge.Column && ch.value != nil }
	if slices.ContainsFunc(w.changes, namesOffice) {
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

// findCallerOffice returns the only office of a country in which the caller works, or nil when there is not exactly
// one. The caller's roles name the offices. When they name none, the account does.
func (s *session) findCallerOffice(ctx context.Context, country string) (office any, err error) {
	var offices, found []uuid.UUID
	for _, a := range s.view.Subject().Assignments {
		offices = append(offices, a.Offices...)
	}
	c := s.newCompiler()
	p := (&query.Fragment{}).Add("SELECT id FROM offices WHERE archived_at IS NULL AND country_id = ").Arg(country).
		Add(" AND ")
	if len(offices) > 0 {
		p.Sub(c.ColumnInKeys("id", offices))
	} else {
		p.Add("id = (SELECT office_id FROM users WHERE id = ").Arg(s.User().String()).Add(")")
	}
	err = s.withAllRows(ctx, []string{"offices", "users"}, func() error {
		return s.queryRows(ctx, c, p, func(rows *sql.Rows) error {
			var k query.KeyScan
			err := rows.Scan(&k)
			found = append(found, k.Key)
			return err
		})
	})
	if err != nil || len(found) != 1 {
		return nil, err
	}
	return found[0], nil
}

// checkOfficeCountry fails unless a row about a child has an office in the row's own country, because the people of
// that office may see the row. In a country without visible offices the row needs none.
func (w *rowWrite) checkOfficeCountry(ctx context.Context) error {
	moved := func(ch columnChange) bool { return ch.column == "office_id" || ch.column == "country_id" }
	named := func(ch columnChange) bool { return ch.column == "office_id" && ch.value != nil }
	cleared := func(ch columnChange) bool { return ch.column == "office_id" && ch.value == nil }
	edge := w.entity.Edge("office")
	if w.entity.Scope.Child == "" || edge == nil || edge.Managed || w.isSystem() {
		return nil
	}
	missing := slices.ContainsFunc(w.changes, cleared)
	if w.action == model.Create && !slices.ContainsFunc(w.changes, named) {
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
	p := (&query.Fragment{}).
		Add("SELECT 1 FROM ", query.Quote(w.entity.Table), " t JOIN offices o ON o.id = t.office_id WHERE t.id = ").
		Arg(w.id.String()).
		Add(" AND o.country_id <> t.country_id")
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
	p := (&query.Fragment{}).
		Add("SELECT 1 FROM ", query.TableAs(e, t), " WHERE ", query.Col(t, "country_id")).
		Add(" = (SELECT country_id FROM ", query.Quote(w.entity.Table), " WHERE id = ").Arg(w.id.String()).
		Add(") AND ").Sub(c.VisibleRows(e, t)).Add(" LIMIT 1")
	return w.queryReturnsRow(ctx, c, p)
}

// checkParentCountry fails unless a new row that is part of another row has the same country as that row.
func (w *rowWrite) checkParentCountry(ctx context.Context) error {
	edge := w.entity.Edge(w.entity.Within)
	if edge == nil {
		return nil
	}
	keys := map[string]any{}
	for _, ch := range w.changes {
		keys[ch.column] = ch.value
	}
	p := (&query.Fragment{}).Add("SELECT 1 FROM ", query.Quote(w.hub.model.Target(edge).Table)).
		Add(" WHERE id = ").Arg(fmt.Sprint(keys[edge.Column])).
		Add(" AND country_id = ").Arg(fmt.Sprint(keys["country_id"]))
	same := false
	if err := w.queryRows(ctx, w.newCompiler(), p, func(*sql.Rows) error { same = true; return nil }); err != nil {
		return err
	}
	if same {
		return w.checkParentOpen(ctx, w.hub.model.Target(edge), keys[edge.Column], w.entity.InputOf(edge.Column))
	}
	return fault.InvalidField("countryId", "must be the country of the %s.", edge.Target)
}

// checkParentOpen fails when a new row would be added to a row in a final state. In a final state no update changes a
// row. Name is the input field that refers to that row.
func (w *rowWrite) checkParentOpen(ctx context.Context, e *model.Entity, id any, name string) error {
	for _, m := range e.Machines {
		if len(m.Fixed) == 0 || w.isSystem() {
			continue
		}
		state := ""
		p := (&query.Fragment{}).Add("SELECT ", query.Quote(m.Field), " FROM ", query.Quote(e.Table)).
			Add(" WHERE id = ").Arg(fmt.Sprint(id))
		err := w.queryRows(ctx, w.newCompiler(), p, func(rows *sql.Rows) error { return rows.Scan(&state) })
		if err != nil {
			return err
		}
		if slices.Contains(m.Fixed, state) {
			return frozenError(&m, e, state, name)
		}
	}
	return nil
}
