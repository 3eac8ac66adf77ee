package exchange

import (
	"slices"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// requestExportRight makes the selection report whether each row may be exported. It does so for the row itself and
// for each row behind its edges that gives the file more than an id and a natural key.
func requestExportRight(selection *query.Selection) {
	selection.Permissions = []model.Action{model.Export}
	for i := range selection.ToOne {
		if next := &selection.ToOne[i].Selection; !onlyNamesRow(next) {
			requestExportRight(next)
		}
	}
	for i := range selection.Lists {
		if next := &selection.Lists[i].List.Selection; !onlyNamesRow(next) {
			requestExportRight(next)
		}
	}
}

// onlyNamesRow reports whether a selection reads no more than the id and the natural key of a row.
func onlyNamesRow(selection *query.Selection) bool {
	e := selection.Entity
	notNatural := func(c query.Cell) bool {
		return c.Derived != nil || e.CodeColumn == "" || c.Field != e.Column(e.CodeColumn)
	}
	return len(selection.ToOne)+len(selection.Lists) == 0 && !slices.ContainsFunc(selection.Cells, notNatural)
}

// mayExport reports whether a row may be exported. A row that requestExportRight did not ask about may be.
func mayExport(selection *query.Selection, r *query.Row) bool {
	return len(selection.Permissions) == 0 || r.Permitted[0]
}

// removeWithheld removes from a row the rows behind its edges that may not be exported.
func removeWithheld(selection *query.Selection, r *query.Row) {
	for i := range selection.ToOne {
		next := &selection.ToOne[i].Selection
		switch {
		case r.ToOne[i] == nil:
		case mayExport(next, r.ToOne[i]):
			removeWithheld(next, r.ToOne[i])
		default:
			r.ToOne[i] = nil
		}
	}
	for i := range selection.Lists {
		next, page := &selection.Lists[i].List.Selection, r.Lists[i]
		page.Rows = slices.DeleteFunc(page.Rows, func(r *query.Row) bool { return !mayExport(next, r) })
		for _, r := range page.Rows {
			removeWithheld(next, r)
		}
	}
}
