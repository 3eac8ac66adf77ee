package proof_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// edit is one change of what the caller may not see.
type edit func(w *world)

// twin is another world in which the caller sees the same: hidden rows are altered, archived, taken away and made,
// hidden cells are changed, and edges to hidden rows lead elsewhere. What would change the caller's view (since the
// policies read it) is left as it was.
func (d *drawer) twin(v *view, again func(*world) *view) *world {
	edits := d.edits(v)
	kept := d.keep(v, again, edits)
	w := v.w.clone()
	for _, e := range kept {
		e(w)
	}
	w.index()
	return w
}

// keep returns the edits that together leave the view as it was.
func (d *drawer) keep(v *view, again func(*world) *view, edits []edit) (kept []edit) {
	facts := map[*row]map[string]any{}
	known := func(r *row) map[string]any {
		if facts[r] == nil {
			facts[r] = v.facts(r)
		}
		return facts[r]
	}
	var try func([]edit)
	try = func(some []edit) {
		w := v.w.clone()
		for _, e := range slices.Concat(kept, some) {
			e(w)
		}
		w.index()
		switch {
		case len(some) == 0:
		case alike(v, again(w), known):
			kept = append(kept, some...)
		case len(some) > 1:
			try(some[:len(some)/2])
			try(some[len(some)/2:])
		}
	}
	try(edits)
	return kept
}

// alike reports whether two views hold the same; what the first knows of its rows is given.
func alike(a, b *view, known func(*row) map[string]any) bool {
	if b == nil || !slices.Equal(a.describe(), b.describe()) {
		return false
	}
	for _, e := range inventory.Model.Entities() {
		mine, theirs := a.visible(e), b.visible(e)
		if len(mine) != len(theirs) || a.any(e, "create") != b.any(e, "create") {
			return false
		}
		for i, r := range mine {
			other := b.w.byID[r.id]
			if theirs[i].id != r.id || !reflect.DeepEqual(known(r), b.facts(other)) {
				return false
			}
			for j := range e.Edges {
				if edge := &e.Edges[j]; edge.Kind == model.Through && len(a.over(r, edge)) != len(b.over(other, edge)) {
					return false
				}
			}
		}
	}
	return true
}

// edits change what is hidden, as many of them as there are hidden rows and cells.
func (d *drawer) edits(v *view) (out []edit) {
	for _, e := range inventory.Model.Entities() {
		for _, r := range v.w.rows[e.Name] {
			switch {
			case !v.sees(r):
				out = append(out, d.hiddenRow(r)...)
			default:
				out = append(out, d.hiddenCells(v, r)...)
			}
		}
		for range d.n2(3) {
			out = append(out, d.newRow(e))
		}
	}
	return out
}

// hiddenRow alters a hidden row, and where it can, takes it away.
func (d *drawer) hiddenRow(r *row) (out []edit) {
	values := map[string]any{}
	for i := range r.e.Fields {
		f := &r.e.Fields[i]
		unique := slices.ContainsFunc(r.e.Unique, func(key []string) bool { return slices.Contains(key, f.Column) })
		if !unique && f.Kind != model.UUID && f.Column != "archived_at" && d.n2(4) > 0 && (!f.Nullable || d.n2(3) > 0) {
			values[f.Column] = d.value(f)
		}
	}
	out = append(out, func(w *world) { w.set(r, values) })
	for i := range r.e.Edges {
		if edge := &r.e.Edges[i]; edge.Kind == model.ToOne && d.n2(2) == 0 {
			to := pick(d.source, d.w.rows[edge.Target]).id
			out = append(out, func(w *world) {
				if w.byID[to] != nil {
					w.set(r, map[string]any{edge.Column: to})
				}
			})
		}
	}
	switch d.n2(4) {
	case 0:
		out = append(out, func(w *world) { w.set(r, map[string]any{"archived_at": d.now.AddDate(0, 0, -9)}) })
	case 1:
		out = append(out, func(w *world) { w.set(r, map[string]any{"archived_at": nil}) })
	case 2:
		out = append(out, func(w *world) { w.remove(r) })
	}
	return out
}

// hiddenCells changes the masked cells of a visible row, and where its edges to hidden rows lead.
func (d *drawer) hiddenCells(v *view, r *row) (out []edit) {
	for i := range r.e.Fields {
		f := &r.e.Fields[i]
		if (f.Internal && f.Kind == model.String || !f.Internal && (v.isMasked(r, f) || f.Pseudonym && v.pseudonymous(r.e))) && f.Column != "hash" && r.v["email"] != "u0@demo" && f.Name != "email" {
			value := d.value(f)
			if f.Nullable && d.n2(4) == 0 {
				value = nil
			}
			out = append(out, func(w *world) { w.set(r, map[string]any{f.Column: value}) })
		} else if f.Column == "version" && v.pseudonymous(r.e) {
			out = append(out, func(w *world) { w.set(r, map[string]any{"version": int64(1 + d.n2(9))}) })
		} else if at, ok := r.v[f.Column].(time.Time); ok && !f.Internal && v.pseudonymous(r.e) { // only the month shows
			day := time.Date(at.Year(), at.Month(), 1+d.n2(28), 0, 0, 0, 0, time.UTC)
			out = append(out, func(w *world) { w.set(r, map[string]any{f.Column: day}) })
		}
	}
	for i := range r.e.Edges {
		edge := &r.e.Edges[i]
		if edge.Kind != model.ToOne || len(v.over(r, edge)) > 0 {
			continue
		}
		var to any
		unseen := v.sees
		if !v.clear(r, edge.Name, edge.Tag) {
			unseen = func(*row) bool { return false }
		}
		if hidden := slices.DeleteFunc(slices.Clone(v.w.rows[edge.Target]), unseen); len(hidden) > 0 && (edge.Required || d.n2(3) > 0) {
			to = pick(d.source, hidden).id
		} else if edge.Required {
			continue
		}
		out = append(out, func(w *world) {
			if to == nil || w.byID[to.(uuid.UUID)] != nil {
				w.set(r, map[string]any{edge.Column: to})
			}
		})
	}
	return out
}

// newRow makes a row that the caller does not see, if it turns out so.
func (d *drawer) newRow(e *model.Entity) edit {
	r := &row{e, d.id(e), map[string]any{}}
	d.new[e.Name]++
	d.fill(r, len(d.w.rows[e.Name])+d.new[e.Name])
	return func(w *world) {
		if w.byID[r.id] == nil && len(d.w.rows[e.Name]) < 7 {
			made := &row{e, r.id, maps.Clone(r.v)}
			for i := range e.Edges {
				if edge := &e.Edges[i]; edge.Kind == model.ToOne && made.v[edge.Column] != nil && w.byID[made.key(edge.Column)] == nil {
					return
				}
			}
			w.rows[e.Name] = append(w.rows[e.Name], made)
			w.byID[r.id] = made
		}
	}
}

// set changes columns of a row that is still there.
func (w *world) set(r *row, values map[string]any) {
	if mine := w.byID[r.id]; mine != nil {
		maps.Copy(mine.v, values)
	}
}

// remove takes a row away, unless another refers to it.
func (w *world) remove(r *row) {
	for _, e := range inventory.Model.Entities() {
		for i := range e.Edges {
			if edge := &e.Edges[i]; edge.Kind == model.ToOne && edge.Target == r.e.Name {
				for _, other := range w.rows[e.Name] {
					if other.key(edge.Column) == r.id {
						return
					}
				}
			}
		}
	}
	w.rows[r.e.Name] = slices.DeleteFunc(w.rows[r.e.Name], func(o *row) bool { return o.id == r.id })
	delete(w.byID, r.id)
}

// describe lists the caller's roles with their keys, in order.
func (v *view) describe() (out []string) {
	for _, h := range v.held {
		out = append(out, fmt.Sprintf("%s %v %v %v", h.role, h.everywhere, h.purposes, h.keys))
	}
	slices.Sort(out)
	return out
}
