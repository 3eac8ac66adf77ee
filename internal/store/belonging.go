package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Which country a row is in, and stays in.

// stays keeps people from making a row in a country that is not theirs, or moving one there, even where they would still
// see it, and from moving one away from there. Whoever holds no country moves nothing, and makes what their other keys allow.
func (w *write) stays(ctx context.Context) error {
	var mine []uuid.UUID
	for _, a := range w.view.Subject().Assignments {
		if a.Everywhere {
			return nil
		}
		mine = append(mine, a.Countries...)
	}
	for _, ch := range w.changes {
		if ch.edge == nil || !slices.Contains(w.entity.Scope.Country, ch.edge.Name) || ch.value == nil {
			continue
		}
		if w.action == model.Create {
			if len(mine) > 0 && !slices.Contains(mine, ch.value.(uuid.UUID)) {
				return w.refused()
			}
			continue
		}
		var from keyScan
		p := (&part{}).add("SELECT ", quote(ch.column), " FROM ", quote(w.entity.Table), " WHERE id = ").arg(w.id.String())
		if err := w.query(ctx, w.compiler(), p, func(rows *sql.Rows) error { return rows.Scan(&from) }); err != nil {
			return err
		}
		to := ch.value.(uuid.UUID)
		same := from.ok && from.key == to
		if !same && (!slices.Contains(mine, to) || from.ok && !slices.Contains(mine, from.key)) {
			return w.refused()
		}
	}
	return nil
}

// seated puts what is about a child into the office of whoever makes it, unless another is named: without one, no supervisor
// would see it. Whoever works in several offices of the country must say which.
func (w *write) seated(ctx context.Context) error {
	edge := w.entity.Edge("office")
	if w.entity.Scope.Child == "" || edge == nil || w.system() || slices.ContainsFunc(w.changes, func(ch change) bool { return ch.column == edge.Column }) {
		return nil
	}
	var offices, here []uuid.UUID
	for _, a := range w.view.Subject().Assignments {
		offices = append(offices, a.Offices...)
	}
	i := slices.IndexFunc(w.changes, func(ch change) bool { return ch.column == "country_id" })
	if len(offices) == 0 || i < 0 {
		return nil
	}
	c := w.compiler()
	p := (&part{}).add("SELECT id FROM offices WHERE archived_at IS NULL AND country_id = ").arg(fmt.Sprint(w.changes[i].value)).add(" AND ").sub(c.among("id", offices))
	err := w.query(ctx, c, p, func(rows *sql.Rows) error {
		var k keyScan
		err := rows.Scan(&k)
		here = append(here, k.key)
		return err
	})
	if err == nil && len(here) == 1 {
		w.set(edge.Column, here[0])
	}
	return err
}

// housed holds what is about a child to an office of its own country: that office's people may see it.
func (w *write) housed(ctx context.Context) error {
	moved := func(ch change) bool { return ch.column == "office_id" || ch.column == "country_id" }
	if w.entity.Scope.Child == "" || w.entity.Edge("office") == nil || w.system() || !slices.ContainsFunc(w.changes, moved) {
		return nil
	}
	p := (&part{}).add("SELECT 1 FROM ", quote(w.entity.Table), " t JOIN offices o ON o.id = t.office_id WHERE t.id = ").arg(w.id.String()).add(" AND o.country_id <> t.country_id")
	away := false
	err := w.widened(ctx, []string{w.entity.Table, "offices"}, func() error {
		return w.query(ctx, w.compiler(), p, func(*sql.Rows) error { away = true; return nil })
	})
	if err == nil && away {
		err = fault.InvalidField("officeId", "must be an office of the country of the %s.", w.entity.Name)
	}
	return err
}

// belongs holds a new row that is a part of another to the country of that one.
func (w *write) belongs(ctx context.Context) error {
	edge := w.entity.Edge(w.entity.Within)
	if edge == nil {
		return nil
	}
	keys := map[string]any{}
	for _, ch := range w.changes {
		keys[ch.column] = ch.value
	}
	p := (&part{}).add("SELECT 1 FROM ", quote(w.hub.model.Target(edge).Table), " WHERE id = ").arg(fmt.Sprint(keys[edge.Column])).add(" AND country_id = ").arg(fmt.Sprint(keys["country_id"]))
	same := false
	if err := w.query(ctx, w.compiler(), p, func(*sql.Rows) error { same = true; return nil }); err != nil || same {
		return err
	}
	return fault.InvalidField("countryId", "must be the country of the %s.", edge.Target)
}
