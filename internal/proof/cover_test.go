package proof_test

import (
	"rightshub/internal/model"
)

// coverage counts what the cases touched.
type coverage struct{ n map[cell]int }

// cell is one place of the table.
type cell struct {
	entity, member, in, state string
}

func newCoverage() *coverage { return &coverage{map[cell]int{}} }

func (c *coverage) merge(o *coverage) {
	for k, n := range o.n {
		c.n[k] += n
	}
}

func (v *view) mark(e *model.Entity, member, in, state string) {
	if v.hits != nil && in != "" {
		v.hits.n[cell{e.Name, member, in, state}]++
	}
}

// hit notes that a field of a visible row was used.
func (v *view) hit(r *row, f *model.Field, in string) {
	if v.hits == nil {
		return
	}
	state := "visible"
	if v.isMasked(r, f) {
		state = "masked"
	}
	v.mark(r.e, f.Name, in, state)
}

// hitEdge notes that an edge was followed, and whether it lost rows.
func (v *view) hitEdge(r *row, edge *model.Edge, reached []*row, in string) {
	if v.hits == nil {
		return
	}
	if len(reached) > 0 {
		v.mark(r.e, edge.Name, in, "visible")
	}
	if len(v.ends(r, edge, func(*row) bool { return true })) > len(reached) {
		v.mark(r.e, edge.Name, in, "hidden")
	}
}
func (v *view) hitRow(r *row, in string) {}
func (v *view) hitCursor(p *position)    {}
func (v *view) hitList(e *model.Entity, k *sel, where obj, by []any, all []*row, edge *model.Edge, parent *row) {
}
