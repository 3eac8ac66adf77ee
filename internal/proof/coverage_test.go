package proof_test

import (
	"slices"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// coverage counts what the cases touched.
type coverage struct{ counts map[coverageCell]int }

// coverageCell is one place of the table: a field or edge of an entity, where it is used, and what the caller may see
// of it.
type coverageCell struct{ entity, member, position, state string }

// coveragePositions and states of the table.
var (
	coveragePositions = []string{"select", "where", "orderBy", "edge condition", "count", "cursor", "node", "mutation"}
	coverageStates    = []string{"visible", "masked", "hidden"}
)

func newCoverage() *coverage { return &coverage{map[coverageCell]int{}} }

func (c *coverage) mergeCounts(o *coverage) {
	for k, n := range o.counts {
		c.counts[k] += n
	}
}

func (v *view) countCell(e *model.Entity, member, in, state string) {
	if v.hits != nil && in != "" {
		v.hits.counts[coverageCell{e.Name, member, in, state}]++
	}
}

// coverField notes that a field of a visible row was used.
func (v *view) coverField(r *row, f *model.Field, in string) {
	if v.hits == nil {
		return
	}
	state := "visible"
	if v.isMasked(r, f) {
		state = "masked"
	}
	v.countCell(r.entity, f.Name, in, state)
}

// coverEdge notes that an edge was followed, and whether it lost rows.
func (v *view) coverEdge(r *row, edge *model.Edge, reached []*row, in string, conds ...inputObject) {
	if v.hits == nil {
		return
	}
	if len(reached) > 0 {
		v.countCell(r.entity, edge.Name, in, "visible")
	}
	if len(v.targetKeys(r, edge, anyRow)) > len(reached) {
		v.countCell(r.entity, edge.Name, in, "hidden")
		for _, c := range conds {
			v.coverCondition(inventory.Model.Target(edge), c, "edge condition", "hidden")
		}
	}
}

// coverCondition notes the fields and edges that a condition names, whatever they are compared with.
func (v *view) coverCondition(e *model.Entity, cond inputObject, in, state string) {
	for _, c := range cond {
		switch x := c.value.(type) {
		case []any:
			for _, k := range x {
				if o, ok := k.(inputObject); ok {
					v.coverCondition(e, o, in, state)
				}
			}
		case inputObject:
			if c.name == "not" || c.name == "some" || c.name == "none" {
				v.coverCondition(e, x, in, state)
			} else if e.Field(c.name) != nil || e.Edge(c.name) != nil {
				v.countCell(e, c.name, in, state)
			}
		}
	}
}

// coverHiddenRow notes that a row was asked for by its id while it is hidden.
func (v *view) coverHiddenRow(r *row, in string) {
	if v.hits == nil || v.seesRow(r) || in != "node" && in != "mutation" || v.root == nil {
		return
	}
	kids := v.root.kids
	if in == "mutation" {
		if payloadEntity(v.root.name) != r.entity {
			return
		}
		kids = slices.Concat(kids, v.root.kids[0].kids)
		for _, c := range v.root.argumentValue("input").(inputObject) {
			kids = append(kids, &selection{name: strings.TrimSuffix(c.name, "Id")})
		}
	}
	for _, k := range kids {
		if (k.onType == "" || k.onType == r.entity.Name) && (r.entity.Field(k.name) != nil || r.entity.Edge(k.name) != nil) {
			v.countCell(r.entity, k.name, in, "hidden")
		}
	}
}

// coverList notes what a list's arguments name, where rows were left out of it, and where they were counted or paged.
func (v *view) coverList(e *model.Entity, k *selection, where inputObject, by []any, all []*row, edge *model.Edge, parent *row) {
	if v.hits == nil {
		return
	}
	hidden := edge == nil && len(v.world.rows[e.Name]) > len(all) || edge != nil && len(v.targetKeys(parent, edge, anyRow)) > len(all)
	var counted bool
	for _, c := range k.kids {
		counted = counted || c.name == "totalCount"
		for _, n := range append(slices.Clone(c.kids), c) {
			for _, f := range n.kids {
				if hidden && (n.name == "node" || n.name == "nodes") && (e.Field(f.name) != nil || e.Edge(f.name) != nil) {
					v.countCell(e, f.name, "select", "hidden")
				}
			}
		}
	}
	if hidden {
		v.coverCondition(e, where, "where", "hidden")
	}
	if counted && hidden {
		v.coverCondition(e, where, "count", "hidden")
	}
	if counted {
		v.coverRowStates(e, where, all, "count")
	}
	paged := k.argumentValue("after") != nil || k.argumentValue("before") != nil
	for _, item := range by {
		name := string(item.(inputObject).get("field").(enumValue))
		fields := inventory.Model.OrderFields(e)
		o := fields[slices.IndexFunc(fields, func(o model.OrderField) bool { return o.Name == name })]
		if o.Field == nil || len(o.Path) > 0 {
			continue
		}
		if hidden {
			v.countCell(e, o.Field.Name, "orderBy", "hidden")
		}
		if paged && hidden {
			v.countCell(e, o.Field.Name, "cursor", "hidden")
		}
		if paged {
			v.coverRowStates(e, inputObject{{o.Field.Name, inputObject{}}}, all, "cursor")
		}
	}
}

// coverRowStates notes in which states the fields that a condition names are in the rows.
func (v *view) coverRowStates(e *model.Entity, cond inputObject, rows []*row, in string) {
	for _, r := range rows {
		for _, state := range []string{"visible", "masked"} {
			for i := range e.Fields {
				f := &e.Fields[i]
				if conditionNames(cond, f.Name) && v.isMasked(r, f) == (state == "masked") {
					v.countCell(e, f.Name, in, state)
				}
			}
		}
	}
}

// conditionNames reports whether a condition on a row names a field.
func conditionNames(cond inputObject, field string) bool {
	return slices.ContainsFunc(cond, func(c inputField) bool {
		switch x := c.value.(type) {
		case []any:
			return slices.ContainsFunc(x, func(k any) bool { o, ok := k.(inputObject); return ok && conditionNames(o, field) })
		case inputObject:
			return c.name == field || c.name == "not" && conditionNames(x, field)
		}
		return false
	})
}
