package exchange

import (
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/store"
)

// TestWithheldRowsAreRemoved checks that the rows of a list which may not be exported are removed.
func TestWithheldRowsAreRemoved(t *testing.T) {
	selection := store.Selection{Entity: inventory.Model.Entity("Indicator")}
	selectPath(&selection, []string{"values", "value"})
	requestExportRight(&selection)
	rows := []*store.Row{{Permitted: []bool{true}}, {Permitted: []bool{false}}}
	r := &store.Row{Permitted: []bool{true}, Lists: []*store.Page{{Rows: rows}}}
	if removeWithheld(&selection, r); len(r.Lists[0].Rows) != 1 || !r.Lists[0].Rows[0].Permitted[0] {
		t.Errorf("%+v", r.Lists[0].Rows)
	}
}
