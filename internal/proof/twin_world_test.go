package proof_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// worldEdit changes something in a world that the caller does not see.
type worldEdit func(w *world)

// drawTwin draws the twin of the world of a view. The caller sees the same in both. In the twin, hidden rows are
// changed, archived, removed and added, hidden cells are changed, and references to hidden rows point to other hidden
// rows. Edits that would change what the caller sees, because the policies read what is edited, are left out. The
// function viewOf computes the caller's view of a world.
func (d *worldDrawer) drawTwin(v *view, viewOf func(*world) *view) *world {
	edits := d.drawEdits(v)
	w := v.world.clone()
	for _, e := range d.keepHarmlessEdits(v, viewOf, edits) {
		e(w)
	}
	w.buildIndex()
	return w
}

// keepHarmlessEdits returns the edits that together leave the caller's view unchanged. It tries all of them at once and
// halves those that do change it.
func (d *worldDrawer) keepHarmlessEdits(v *view, viewOf func(*world) *view, edits []worldEdit) (harmless []worldEdit) {
	facts := map[*row]map[string]any{}
	known := func(r *row) map[string]any {
		if facts[r] == nil {
			facts[r] = v.rowFacts(r)
		}
		return facts[r]
	}
	var try func([]worldEdit)
	try = func(some []worldEdit) {
		w := v.world.clone()
		for _, e := range slices.Concat(harmless, some) {
			e(w)
		}
		w.buildIndex()
		switch {
		case len(some) == 0:
		case sameView(v, viewOf(w), known):
			harmless = append(harmless, some...)
		case len(some) > 1:
			try(some[:len(some)/2])
			try(some[len(some)/2:])
		}
	}
	try(edits)
	return harmless
}

// sameView reports whether two views show the same. The function known returns the facts of a row in the first view.
func sameView(a, b *view, known func(*row) map[string]any) bool {
	if b == nil || !slices.Equal(a.describeRoles(), b.describeRoles()) {
		return false
	}
	for _, e := range theModel.Entities() {
		rowsA, rowsB := a.visibleRows(e), b.visibleRows(e)
		if len(rowsA) != len(rowsB) || a.allowsAny(e, "create") != b.allowsAny(e, "create") {
			return false
		}
		for i, r := range rowsA {
			other := b.world.byID[r.id]
			if rowsB[i].id != r.id || !reflect.DeepEqual(known(r), b.rowFacts(other)) {
				return false
			}
			for j := range e.Edges {
				if edge := &e.Edges[j]; edge.Kind == model.Through &&
					len(a.visibleTargets(r, edge)) != len(b.visibleTargets(other, edge)) {
					return false
				}
			}
		}
	}
	return true
}

// drawEdits draws edits of everything that is hidden. Their number grows with the number of hidden rows and cells.
func (d *worldDrawer) drawEdits(v *view) (out []worldEdit) {
	for _, e := range theModel.Entities() {
		for _, r := range v.world.rows[e.Name] {
			switch {
			case !v.seesRow(r):
				out = append(out, d.editHiddenRow(r)...)
			default:
				out = append(out, d.editHiddenCells(v, r)...)
			}
		}
		for range d.drawInt(3) {
			out = append(out, d.addHiddenRow(e))
		}
	}
	return out
}

// editHiddenRow draws edits of a hidden row. They change, archive or remove it.
func (d *worldDrawer) editHiddenRow(r *row) (out []worldEdit) {
	values := map[string]any{}
	for i := range r.entity.Fields {
		f := &r.entity.Fields[i]
		unique := slices.ContainsFunc(r.entity.Unique, func(key []string) bool {
			return slices.Contains(key, f.Column)
		})
		if !unique && f.Kind != model.UUID && f.Column != "archived_at" && d.drawInt(4) > 0 &&
			(!f.Nullable || d.drawInt(3) > 0) {
			values[f.Column] = d.drawValue(f)
		}
	}
	out = append(out, func(w *world) { w.setColumns(r, values) })
	for i := range r.entity.Edges {
		if edge := &r.entity.Edges[i]; edge.Kind == model.ToOne && d.drawInt(2) == 0 {
			to := pickOne(d.source, d.world.rows[edge.Target]).id
			out = append(out, func(w *world) {
				if w.byID[to] != nil {
					w.setColumns(r, map[string]any{edge.Column: to})
				}
			})
		}
	}
	switch d.drawInt(4) {
	case 0:
		out = append(out, func(w *world) { w.setColumns(r, map[string]any{"archived_at": d.now.AddDate(0, 0, -9)}) })
	case 1:
		out = append(out, func(w *world) { w.setColumns(r, map[string]any{"archived_at": nil}) })
	case 2:
		out = append(out, func(w *world) { w.removeRow(r) })
	}
	return out
}

// editHiddenCells draws edits of the masked cells of a visible row, and of its references to hidden rows.
func (d *worldDrawer) editHiddenCells(v *view, r *row) (out []worldEdit) {
	for i := range r.entity.Fields {
		f := &r.entity.Fields[i]
		hidden := f.Internal && f.Kind == model.String ||
			!f.Internal && (v.isMasked(r, f) || f.Pseudonym && v.usesPseudonyms(r.entity))
		if hidden && f.Column != "hash" && r.values["email"] != "u0@demo" && f.Name != "email" {
			value := d.drawValue(f)
			if f.Nullable && d.drawInt(4) == 0 {
				value = nil
			}
			out = append(out, func(w *world) { w.setColumns(r, map[string]any{f.Column: value}) })
		} else if f.Column == "version" && v.usesPseudonyms(r.entity) {
			out = append(out, func(w *world) { w.setColumns(r, map[string]any{"version": int64(1 + d.drawInt(9))}) })
		} else if at, ok := r.values[f.Column].(time.Time); ok && !f.Internal && v.usesPseudonyms(r.entity) {
			// the caller sees the month only, so the twin may have another day of it
			day := time.Date(at.Year(), at.Month(), 1+d.drawInt(28), 0, 0, 0, 0, time.UTC)
			out = append(out, func(w *world) { w.setColumns(r, map[string]any{f.Column: day}) })
		}
	}
	for i := range r.entity.Edges {
		edge := &r.entity.Edges[i]
		if edge.Kind != model.ToOne || len(v.visibleTargets(r, edge)) > 0 {
			continue
		}
		var to any
		notAllowed := v.seesRow
		if !v.isClear(r, edge.Name, edge.Tag) {
			notAllowed = func(*row) bool { return false } // the caller sees no reference, so any target is allowed
		}
		hidden := slices.DeleteFunc(slices.Clone(v.world.rows[edge.Target]), notAllowed)
		if len(hidden) > 0 && (edge.Required || d.drawInt(3) > 0) {
			to = pickOne(d.source, hidden).id
		} else if edge.Required {
			continue
		}
		out = append(out, func(w *world) {
			if to == nil || w.byID[to.(uuid.UUID)] != nil {
				w.setColumns(r, map[string]any{edge.Column: to})
			}
		})
	}
	return out
}

// addHiddenRow draws a row that is added to the twin. The caller may still see it; keepHarmlessEdits then drops the
// edit.
func (d *worldDrawer) addHiddenRow(e *model.Entity) worldEdit {
	r := &row{e, d.newKey(e), map[string]any{}}
	d.addedRows[e.Name]++
	d.fillRow(r, len(d.world.rows[e.Name])+d.addedRows[e.Name])
	return func(w *world) {
		if w.byID[r.id] == nil && len(d.world.rows[e.Name]) < 7 {
			made := &row{e, r.id, maps.Clone(r.values)}
			for i := range e.Edges {
				edge := &e.Edges[i]
				if edge.Kind == model.ToOne && made.values[edge.Column] != nil &&
					w.byID[made.foreignKey(edge.Column)] == nil {
					return // it refers to a row that another edit removed
				}
			}
			w.rows[e.Name] = append(w.rows[e.Name], made)
			w.byID[r.id] = made
		}
	}
}

// setColumns changes columns of a row, unless an earlier edit removed the row.
func (w *world) setColumns(r *row, values map[string]any) {
	if stored := w.byID[r.id]; stored != nil {
		maps.Copy(stored.values, values)
	}
}

// removeRow removes a row, unless another row refers to it.
func (w *world) removeRow(r *row) {
	for _, e := range theModel.Entities() {
		for i := range e.Edges {
			if edge := &e.Edges[i]; edge.Kind == model.ToOne && edge.Target == r.entity.Name {
				for _, other := range w.rows[e.Name] {
					if other.foreignKey(edge.Column) == r.id {
						return
					}
				}
			}
		}
	}
	w.rows[r.entity.Name] = slices.DeleteFunc(w.rows[r.entity.Name], func(o *row) bool { return o.id == r.id })
	delete(w.byID, r.id)
}

// describeRoles lists the caller's roles with their keys, sorted.
func (v *view) describeRoles() (out []string) {
	for _, h := range v.heldRoles {
		out = append(out, fmt.Sprintf("%s %v %v %v", h.role, h.everywhere, h.purposes, h.keys))
	}
	slices.Sort(out)
	return out
}
