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

// This file has the rules for the country of a row.

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
