package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/fault"
)

// Which country a row is in, and stays in.

// stays keeps people from moving a row to a country that is not theirs, even one in which they would still see it.
// Whoever holds no country moves nothing.
func (w *write) stays(ctx context.Context) error {
	var mine []uuid.UUID
	for _, a := range w.view.Subject().Assignments {
		if a.Everywhere {
			return nil
		}
		mine = append(mine, a.Countries...)
	}
	for _, ch := range w.changes {
		if ch.edge == nil || !slices.Contains(w.entity.Scope.Country, ch.edge.Name) || ch.value == nil || slices.Contains(mine, ch.value.(uuid.UUID)) {
			continue
		}
		same := false
		p := (&part{}).add("SELECT 1 FROM ", quote(w.entity.Table), " WHERE id = ").arg(w.id.String()).add(" AND ", quote(ch.column), " = ").arg(ch.value.(uuid.UUID).String())
		if err := w.query(ctx, w.compiler(), p, func(*sql.Rows) error { same = true; return nil }); err != nil {
			return err
		}
		if !same {
			return w.refused()
		}
	}
	return nil
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
