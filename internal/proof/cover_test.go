package proof_test

import (
	"slices"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// coverage counts what the cases touched.
type coverage struct{ n map[cell]int }

// cell is one place of the table: a field or edge of an entity, where it is used, and what the caller may see of it.
type cell struct{ entity, member, in, state string }

// positions and states of the table.
var (
	positions = []string{"select", "where", "orderBy", "edge condition", "count", "cursor", "node", "mutation"}
	states    = []string{"visible", "masked", "hidden"}
)

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
func (v *view) hitEdge(r *row, edge *model.Edge, reached []*row, in string, conds ...obj) {
	if v.hits == nil {
		return
	}
	if len(reached) > 0 {
		v.mark(r.e, edge.Name, in, "visible")
	}
	if len(v.ends(r, edge, func(*row) bool { return true })) > len(reached) {
		v.mark(r.e, edge.Name, in, "hidden")
		for _, c := range conds {
			v.mention(inventory.Model.Target(edge), c, "edge condition", "hidden")
		}
	}
}

// mention notes the fields and edges that a condition names, whatever they are compared with.
func (v *view) mention(e *model.Entity, cond obj, in, state string) {
	for _, c := range cond {
		switch x := c.v.(type) {
		case []any:
			for _, k := range x {
				if o, ok := k.(obj); ok {
					v.mention(e, o, in, state)
				}
			}
		case obj:
			if c.k == "not" || c.k == "some" || c.k == "none" {
				v.mention(e, x, in, state)
			} else if e.Field(c.k) != nil || e.Edge(c.k) != nil {
				v.mark(e, c.k, in, state)
			}
		}
	}
}

// hitRow notes that a row was asked for by its id while it is hidden.
func (v *view) hitRow(r *row, in string) {
	if v.hits == nil || v.sees(r) || in != "node" && in != "mutation" || v.root == nil {
		return
	}
	kids := v.root.kids
	if in == "mutation" {
		if payloadEntity(v.root.name) != r.e {
			return
		}
		kids = slices.Concat(kids, v.root.kids[0].kids)
		for _, c := range v.root.arg("input").(obj) {
			kids = append(kids, &sel{name: strings.TrimSuffix(c.k, "Id")})
		}
	}
	for _, k := range kids {
		if (k.on == "" || k.on == r.e.Name) && (r.e.Field(k.name) != nil || r.e.Edge(k.name) != nil) {
			v.mark(r.e, k.name, in, "hidden")
		}
	}
}

// hitList notes what a list's arguments name, where rows were left out of it, and where they were counted or paged.
func (v *view) hitList(e *model.Entity, k *sel, where obj, by []any, all []*row, edge *model.Edge, parent *row) {
	if v.hits == nil {
		return
	}
	hidden := edge == nil && len(v.w.rows[e.Name]) > len(all) || edge != nil && len(v.ends(parent, edge, func(*row) bool { return true })) > len(all)
	var counted bool
	for _, c := range k.kids {
		counted = counted || c.name == "totalCount"
		for _, n := range append(slices.Clone(c.kids), c) {
			for _, f := range n.kids {
				if hidden && (n.name == "node" || n.name == "nodes") && (e.Field(f.name) != nil || e.Edge(f.name) != nil) {
					v.mark(e, f.name, "select", "hidden")
				}
			}
		}
	}
	if hidden {
		v.mention(e, where, "where", "hidden")
	}
	if counted && hidden {
		v.mention(e, where, "count", "hidden")
	}
	if counted {
		v.each(e, where, all, "count")
	}
	paged := k.arg("after") != nil || k.arg("before") != nil
	for _, item := range by {
		name := string(item.(obj).get("field").(word))
		fields := inventory.Model.OrderFields(e)
		o := fields[slices.IndexFunc(fields, func(o model.OrderField) bool { return o.Name == name })]
		if o.Field == nil || len(o.Path) > 0 {
			continue
		}
		if hidden {
			v.mark(e, o.Field.Name, "orderBy", "hidden")
		}
		if paged && hidden {
			v.mark(e, o.Field.Name, "cursor", "hidden")
		}
		if paged {
			v.each(e, obj{{o.Field.Name, obj{}}}, all, "cursor")
		}
	}
}

// each notes in which states the fields that a condition names are in the rows.
func (v *view) each(e *model.Entity, cond obj, rows []*row, in string) {
	for _, r := range rows {
		for _, state := range []string{"visible", "masked"} {
			for i := range e.Fields {
				f := &e.Fields[i]
				if names(cond, f.Name) && v.isMasked(r, f) == (state == "masked") {
					v.mark(e, f.Name, in, state)
				}
			}
		}
	}
}

// names reports whether a condition on a row names a field.
func names(cond obj, field string) bool {
	return slices.ContainsFunc(cond, func(c kv) bool {
		switch x := c.v.(type) {
		case []any:
			return slices.ContainsFunc(x, func(k any) bool { o, ok := k.(obj); return ok && names(o, field) })
		case obj:
			return c.k == field || c.k == "not" && names(x, field)
		}
		return false
	})
}
