package exchange

import (
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/store"
)

// Of a list that a row leads to, the file shows what may leave the hub.
func TestCut(t *testing.T) {
	ask := store.Ask{Entity: inventory.Model.Entity("Indicator")}
	along(&ask, []string{"values", "value"})
	taking(&ask)
	rows := []*store.Row{{Can: []bool{true}}, {Can: []bool{false}}}
	r := &store.Row{Can: []bool{true}, Lists: []*store.Page{{Rows: rows}}}
	if cut(&ask, r); len(r.Lists[0].Rows) != 1 || !r.Lists[0].Rows[0].Can[0] {
		t.Errorf("%+v", r.Lists[0].Rows)
	}
}
