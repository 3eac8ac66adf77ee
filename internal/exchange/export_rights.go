package exchange

import (
	"slices"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// requestExportRight asks whether a row may leave the hub, and so for each row that it leads to and that gives the file more than the
// id and the code by which it is named.
func requestExportRight(ask *query.Selection) {
	ask.Permissions = []model.Action{model.Export}
	for i := range ask.ToOne {
		if next := &ask.ToOne[i].Selection; !onlyNamesRow(next) {
			requestExportRight(next)
		}
	}
	for i := range ask.Lists {
		if next := &ask.Lists[i].List.Selection; !onlyNamesRow(next) {
			requestExportRight(next)
		}
	}
}

// onlyNamesRow reports whether an ask is for no more than what names a row.
func onlyNamesRow(ask *query.Selection) bool {
	return len(ask.ToOne)+len(ask.Lists) == 0 && !slices.ContainsFunc(ask.Cells, func(c query.Cell) bool {
		return c.Derived != nil || ask.Entity.Natural == "" || c.Field != ask.Entity.Column(ask.Entity.Natural)
	})
}

// mayExport reports whether a row may leave the hub, as far as it was asked.
func mayExport(ask *query.Selection, r *query.Row) bool {
	return len(ask.Permissions) == 0 || r.Permitted[0]
}

// removeWithheld takes away what a row leads to and what may not leave the hub.
func removeWithheld(ask *query.Selection, r *query.Row) {
	for i := range ask.ToOne {
		next := &ask.ToOne[i].Selection
		switch {
		case r.ToOne[i] == nil:
		case mayExport(next, r.ToOne[i]):
			removeWithheld(next, r.ToOne[i])
		default:
			r.ToOne[i] = nil
		}
	}
	for i := range ask.Lists {
		next, page := &ask.Lists[i].List.Selection, r.Lists[i]
		page.Rows = slices.DeleteFunc(page.Rows, func(r *query.Row) bool { return !mayExport(next, r) })
		for _, r := range page.Rows {
			removeWithheld(next, r)
		}
	}
}
