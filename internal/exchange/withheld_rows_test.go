package exchange

import (
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/query"
)

// Of a list that a row leads to, the file shows what may leave the hub.
func TestWithheldRowsAreRemoved(t *testing.T) {
	ask := query.Selection{Entity: inventory.Model.Entity("Indicator")}
	selectPath(&ask, []string{"values", "value"})
	requestExportRight(&ask)
	rows := []*query.Row{{Permitted: []bool{true}}, {Permitted: []bool{false}}}
	r := &query.Row{Permitted: []bool{true}, Lists: []*query.Page{{Rows: rows}}}
	if removeWithheld(&ask, r); len(r.Lists[0].Rows) != 1 || !r.Lists[0].Rows[0].Permitted[0] {
		t.Errorf("%+v", r.Lists[0].Rows)
	}
}
