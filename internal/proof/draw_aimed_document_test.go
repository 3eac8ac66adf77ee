package proof_test

import (
	"slices"
	"strings"

	"rightshub/ent/inventory"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Documents that are aimed at what chance alone would hardly hit: few callers see a row of an entity and not another, and
// then a document must go over the right edge, page on by the right key, or carry out a change.

// aim is a position of the table with a state, and the fields of an entity that are in it in this world.
type aim struct {
	entity   *model.Entity
	position string
	fields   []*model.Field
	edges    []entityEdge // of an edge condition
}

// entityEdge is an edge of an entity.
type entityEdge struct {
	from *model.Entity
	edge *model.Edge
}

// findAims lists what documents can be aimed at in this world: the places of the table that are seldom hit by chance. The fewer
// roles read an entity, the more often it stands in the list.
func (v *view) findAims(rules []policyLine) (out []aim) {
	for _, e := range inventory.Model.Entities() {
		some := append(v.listAims(e), v.edgeAims(e)...)
		for range 1 + 8/(1+readerCount(rules, e)) {
			out = append(out, some...)
		}
	}
	return slices.DeleteFunc(out, func(a aim) bool { return len(a.fields) == 0 })
}

// readerCount is how many roles read rows of the entity.
func readerCount(rules []policyLine, e *model.Entity) int {
	read := map[string]bool{}
	for _, r := range rules {
		if slices.Contains(r.actions, "read") && slices.Contains(r.entities, e.Name) && !strings.HasPrefix(r.role, "system_") {
			read[r.role] = true
		}
	}
	if read["everyone"] {
		return len(roleNames)
	}
	return len(read)
}

// listAims are the aims at lists of the entity that are counted or paged.
func (v *view) listAims(e *model.Entity) (out []aim) {
	seen := v.visibleRows(e)
	hidden := len(seen) < len(v.world.rows[e.Name])
	if hidden && v.allowsAny(e, "read") {
		out = append(out, aim{entity: e, position: "count", fields: fieldsWhere(e, (*model.Field).Filterable)})
	}
	if hidden && len(seen) > 0 {
		one := aim{entity: e, position: "cursor", fields: fieldsWhere(e, (*model.Field).Orderable)}
		out = append(out, one, one)
	}
	for _, masked := range []bool{false, true} {
		out = append(out, aim{entity: e, position: "cursor", fields: fieldsWhere(e, func(f *model.Field) bool {
			return f.Orderable() && (masked || f.Tag.Ident != classification.None) && slices.ContainsFunc(seen, func(r *row) bool { return v.isMasked(r, f) == masked })
		})})
	}
	return out
}

func fieldsWhere(e *model.Entity, test func(*model.Field) bool) (out []*model.Field) {
	for i := range e.Fields {
		if f := &e.Fields[i]; !f.Internal && test(f) {
			out = append(out, f)
		}
	}
	return out
}

// edgeAims are the aims at rows of the entity at the end of edges: those at hidden rows, at masked and at visible cells.
func (v *view) edgeAims(e *model.Entity) (out []aim) {
	ways := map[string][]entityEdge{}
	cells := map[string]map[*model.Field]bool{"visible": {}, "masked": {}, "hidden": {}}
	for _, from := range inventory.Model.Entities() {
		for i := range from.Edges {
			edge := &from.Edges[i]
			if edge.Target != e.Name {
				continue
			}
			states := map[string]bool{}
			for _, r := range v.visibleRows(from) {
				reached := v.visibleTargets(r, edge)
				states["hidden"] = states["hidden"] || len(reached) < len(v.targetKeys(r, edge, func(*row) bool { return true }))
				for _, f := range fieldsWhere(e, (*model.Field).Filterable) {
					for _, t := range reached {
						state := map[bool]string{true: "masked", false: "visible"}[v.isMasked(t, f)]
						states[state], cells[state][f] = true, true
					}
				}
			}
			for state := range states {
				if states[state] {
					ways[state] = append(ways[state], entityEdge{from, edge})
				}
			}
		}
	}
	for _, state := range coverageStates {
		if len(ways[state]) > 0 {
			out = append(out, aim{e, "edge condition", fieldsWhere(e, func(f *model.Field) bool { return f.Filterable() && (state == "hidden" || cells[state][f]) }), ways[state]})
		}
	}
	return out
}

// drawAimedRoot is a root field that hits one of the aims.
func (a *documentAuthor) drawAimedRoot() *selection {
	at := pickOne(a.source, a.aims)
	switch at.position {
	case "cursor":
		by := []any{}
		if a.oneIn(4) {
			by = a.drawOrder(at.entity)
		}
		for range 1 + a.intN(3) { // no order has more than five keys
			by = append(by, inputObject{{"field", orderFieldName(at.entity, pickOne(a.source, at.fields))}, {"direction", pickOne(a.source, []any{enumValue("ASC"), enumValue("DESC")})}})
		}
		k := a.drawConnection(at.entity.Plural, at.entity, 0, 1)
		k.args = []argument{{"first", "Int", int64(2)}, {"orderBy", "[" + at.entity.Name + "Order!]", by}}
		a.dueList = k
		return k
	case "count":
		return a.drawFilteredList(at.entity, a.drawAnyOf(at.entity, at.fields), &selection{name: "totalCount"})
	}
	w := pickOne(a.source, at.edges)
	among := a.drawAnyOf(at.entity, at.fields)
	if w.edge.Kind != model.ToOne {
		among = inputObject{{pickOne(a.source, []string{"some", "none"}), among}}
	}
	return a.drawFilteredList(w.from, inputObject{{w.edge.Name, among}})
}

// orderFieldName names an order by a field of the entity's own.
func orderFieldName(e *model.Entity, f *model.Field) enumValue {
	all := inventory.Model.OrderFields(e)
	return enumValue(all[slices.IndexFunc(all, func(o model.OrderField) bool { return o.Field == f && len(o.Path) == 0 })].Name)
}

// drawFilteredList asks for a page of the rows that satisfy the condition, and for more of the list.
func (a *documentAuthor) drawFilteredList(e *model.Entity, where inputObject, more ...*selection) *selection {
	k := a.drawConnection(e.Plural, e, 1, 1)
	k.args = append(slices.DeleteFunc(k.args, func(g argument) bool { return g.name == "where" }), argument{"where", e.Name + "Where", where})
	for _, m := range more {
		if !slices.ContainsFunc(k.kids, func(c *selection) bool { return c.name == m.name }) {
			k.kids = append(k.kids, m)
		}
	}
	return k
}

// drawAnyOf is the condition that one of some fields and edges is what it says, so that each of them counts.
func (a *documentAuthor) drawAnyOf(e *model.Entity, fields []*model.Field) inputObject {
	var kids []any
	for range 1 + a.intN(4) {
		f := pickOne(a.source, fields)
		kids = append(kids, inputObject{{f.Name, a.drawComparison(e, f)}})
	}
	if edge := a.drawFollowableEdge(e); edge != nil && a.oneIn(2) {
		kids = append(kids, inputObject{a.drawConditionOver(edge, 1)})
	}
	return inputObject{{"or", kids}}
}

// drawFollowableEdge is an edge over which the caller reaches some row, rather one that few do.
func (a *documentAuthor) drawFollowableEdge(e *model.Entity) (edge *model.Edge) {
	var all []*model.Edge
	for i := range e.Edges {
		if slices.ContainsFunc(a.view.visibleRows(e), func(r *row) bool { return len(a.view.visibleTargets(r, &e.Edges[i])) > 0 }) {
			all = append(all, &e.Edges[i])
		}
	}
	for range min(3, len(all)) {
		if other := pickOne(a.source, all); edge == nil || readerCount(a.policyLines, inventory.Model.Target(other)) < readerCount(a.policyLines, inventory.Model.Target(edge)) {
			edge = other
		}
	}
	return edge
}

// takeDuePage is the next page of the list that was aimed at, if there is more than one.
func (a *documentAuthor) takeDuePage() *selection {
	for i, p := range a.cursorPositions {
		if a.dueList != nil && p.selection == a.dueList {
			a.dueList = nil
			return a.continueFrom(i)
		}
	}
	return nil
}
