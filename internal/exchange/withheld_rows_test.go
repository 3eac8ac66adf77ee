package exchange

import (
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/query"
)

// TestWithheldRowsAreRemoved checks that the rows of a list which may not be exported are removed.
func TestWithheldRowsAreRemoved(t *testing.T) {
	m := inventory.Load()
	selection := query.Selection{Entity: m.Entity("Indicator")}
	selectPath(m, &selection, []string{"values", "value"})
	requestExportRight(&selection)
	rows := []*query.Row{{Permitted: []bool{true}}, {Permitted: []bool{false}}}
	r := &query.Row{Permitted: []bool{true}, Lists: []*query.Page{{Rows: rows}}}
	if removeWithheld(&selection, r); len(r.Lists[0].Rows) != 1 || !r.Lists[0].Rows[0].Permitted[0] {
		t.Errorf("%+v", r.Lists[0].Rows)
	}
}
