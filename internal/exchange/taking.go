package exchange

import (
	"slices"

	"rightshub/internal/model"
	"rightshub/internal/store"
)

// taking asks whether a row may leave the hub, and so for each row that it leads to and that gives the file more than the
// id and the code by which it is named.
func taking(ask *store.Ask) {
	ask.Can = []model.Action{model.Export}
	for i := range ask.One {
		if next := &ask.One[i].Ask; !named(next) {
			taking(next)
		}
	}
	for i := range ask.Lists {
		if next := &ask.Lists[i].List.Ask; !named(next) {
			taking(next)
		}
	}
}

// named reports whether an ask is for no more than what names a row.
func named(ask *store.Ask) bool {
	return len(ask.One)+len(ask.Lists) == 0 && !slices.ContainsFunc(ask.Cells, func(c store.Cell) bool {
		return c.Derived != nil || ask.Entity.Natural == "" || c.Field != ask.Entity.Column(ask.Entity.Natural)
	})
}

// taken reports whether a row may leave the hub, as far as it was asked.
func taken(ask *store.Ask, r *store.Row) bool { return len(ask.Can) == 0 || r.Can[0] }

// cut takes away what a row leads to and what may not leave the hub.
func cut(ask *store.Ask, r *store.Row) {
	for i := range ask.One {
		next := &ask.One[i].Ask
		switch {
		case r.One[i] == nil:
		case taken(next, r.One[i]):
			cut(next, r.One[i])
		default:
			r.One[i] = nil
		}
	}
	for i := range ask.Lists {
		next, page := &ask.Lists[i].List.Ask, r.Lists[i]
		page.Rows = slices.DeleteFunc(page.Rows, func(r *store.Row) bool { return !taken(next, r) })
		for _, r := range page.Rows {
			cut(next, r)
		}
	}
}
