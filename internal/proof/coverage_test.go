package proof_test

import (
	"slices"
	"strings"

	"rightshub/internal/model"
)

// coverage counts the hits of coverage cells by the cases of a run.
type coverage struct{ counts map[coverageCell]int }

// coverageCell is a field or edge of an entity, a position in a document, and what the caller may see there. A hit is
// one use of the member at the position while it is in this state.
type coverageCell struct{ entity, member, position, state string }

// coveragePositions and coverageStates are the values of a coverage cell.
var (
	coveragePositions = []string{"select", "where", "orderBy", "edge condition", "count", "cursor", "node", "mutation"}
	coverageStates    = []string{"visible", "masked", "hidden"}
)

// newCoverage counts nothing yet.
func newCoverage() *coverage { return &coverage{map[coverageCell]int{}} }

// mergeCounts adds the hits of another coverage.
func (c *coverage) mergeCounts(o *coverage) {
	for k, n := range o.counts {
		c.counts[k] += n
	}
}

// countCell adds a hit, unless nothing is counted or the position is "".
func (v *view) countCell(e *model.Entity, member, in, state string) {
	if v.hits != nil && in != "" {
		v.hits.counts[coverageCell{e.Name, member, in, state}]++
	}
}

// coverField counts the use of a field of a visible row.
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

// coverEdge counts that an edge was followed, and whether rows at its end are hidden. The conditions apply to those
// rows.
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
			v.coverCondition(theModel.Target(edge), c, "edge condition", "hidden")
		}
	}
}

// coverCondition counts the fields and edges that a condition names, whatever it compares them with.
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

// coverHiddenRow counts the selected members of a hidden row that a look-up or a mutation names by its id.
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
		isMember := r.entity.Field(k.name) != nil || r.entity.Edge(k.name) != nil
		if isMember && (k.onType == "" || k.onType == r.entity.Name) {
			v.countCell(r.entity, k.name, in, "hidden")
		}
	}
}

// coverList counts what the arguments and the selection of a list name. The rows in all are those before the condition.
func (v *view) coverList(
	e *model.Entity, k *selection, where inputObject, by []any, all []*row, edge *model.Edge, parent *row,
) {
	if v.hits == nil {
		return
	}
	hidden := edge == nil && len(v.world.rows[e.Name]) > len(all) ||
		edge != nil && len(v.targetKeys(parent, edge, anyRow)) > len(all)
	isMember := func(name string) bool { return e.Field(name) != nil || e.Edge(name) != nil }
	var counted bool
	for _, c := range k.kids {
		counted = counted || c.name == "totalCount"
		for _, n := range append(slices.Clone(c.kids), c) {
			for _, f := range n.kids {
				if hidden && (n.name == "node" || n.name == "nodes") && isMember(f.name) {
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
		fields := theModel.OrderFields(e)
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

// coverRowStates counts, for each row, the fields that a condition names in the state that they have in the row.
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

// conditionNames reports whether a condition names a field of the row itself.
func conditionNames(cond inputObject, field string) bool {
	return slices.ContainsFunc(cond, func(c inputField) bool {
		switch x := c.value.(type) {
		case []any:
			return slices.ContainsFunc(x, func(k any) bool {
				o, ok := k.(inputObject)
				return ok && conditionNames(o, field)
			})
		case inputObject:
			return c.name == field || c.name == "not" && conditionNames(x, field)
		}
		return false
	})
}
