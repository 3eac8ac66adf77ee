package proof_test

import (
	"slices"
	"strings"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// This file aims documents at coverage cells that chance alone hardly hits. Few callers see one row of an entity and
// not another. For them a document must follow the right edge, page by the right key, or carry out a change.

// aim is a position of the coverage table, together with the fields of an entity that are in one state there in this
// world.
type aim struct {
	entity   *model.Entity
	position string
	fields   []*model.Field
	edges    []entityEdge // for an edge condition: the edges that lead to such rows
}

// entityEdge is an edge with the entity that it starts from.
type entityEdge struct {
	from *model.Entity
	edge *model.Edge
}

// findAims lists what documents can be aimed at in this world. The fewer roles read an entity, the more often it is
// listed.
func (v *view) findAims(rules []policyLine) (out []aim) {
	for _, e := range theModel.Entities() {
		aims := append(v.listAims(e), v.edgeAims(e)...)
		for range 1 + 8/(1+readerCount(rules, e)) {
			out = append(out, aims...)
		}
	}
	return slices.DeleteFunc(out, func(a aim) bool { return len(a.fields) == 0 })
}

// readerCount is the number of roles that read rows of the entity.
func readerCount(rules []policyLine, e *model.Entity) int {
	read := map[string]bool{}
	for _, r := range rules {
		reads := slices.Contains(r.actions, "read") && slices.Contains(r.entities, e.Name)
		if reads && !strings.HasPrefix(r.role, "system_") {
			read[r.role] = true
		}
	}
	if read["everyone"] {
		return len(roleNames)
	}
	return len(read)
}

// listAims are the aims at lists of the entity, either counted or paged.
func (v *view) listAims(e *model.Entity) (out []aim) {
	seen := v.visibleRows(e)
	hidden := len(seen) < len(v.world.rows[e.Name])
	if hidden && v.allowsAny(e, "read") {
		out = append(out, aim{entity: e, position: "count", fields: fieldsWhere(e, (*model.Field).Filterable)})
	}
	if hidden && len(seen) > 0 {
		paged := aim{entity: e, position: "cursor", fields: fieldsWhere(e, (*model.Field).Orderable)}
		out = append(out, paged, paged)
	}
	for _, masked := range []bool{false, true} {
		out = append(out, aim{entity: e, position: "cursor", fields: fieldsWhere(e, func(f *model.Field) bool {
			return f.Orderable() && (masked || f.Tag.Ident != classification.None) &&
				slices.ContainsFunc(seen, func(r *row) bool { return v.isMasked(r, f) == masked })
		})})
	}
	return out
}

// fieldsWhere are the fields of the entity in the API that pass the test.
func fieldsWhere(e *model.Entity, test func(*model.Field) bool) (out []*model.Field) {
	for i := range e.Fields {
		if f := &e.Fields[i]; !f.Internal && test(f) {
			out = append(out, f)
		}
	}
	return out
}

// edgeAims are the aims at rows of the entity at the end of an edge. They are aims at hidden rows, at masked cells or
// at visible cells.
func (v *view) edgeAims(e *model.Entity) (out []aim) {
	edges := map[string][]entityEdge{}
	cells := map[string]map[*model.Field]bool{"visible": {}, "masked": {}, "hidden": {}}
	for _, from := range theModel.Entities() {
		for i := range from.Edges {
			edge := &from.Edges[i]
			if edge.Target != e.Name {
				continue
			}
			states := map[string]bool{}
			for _, r := range v.visibleRows(from) {
				reached := v.visibleTargets(r, edge)
				states["hidden"] = states["hidden"] || len(reached) < len(v.targetKeys(r, edge, anyRow))
				for _, f := range fieldsWhere(e, (*model.Field).Filterable) {
					for _, t := range reached {
						state := map[bool]string{true: "masked", false: "visible"}[v.isMasked(t, f)]
						states[state], cells[state][f] = true, true
					}
				}
			}
			for state := range states {
				if states[state] {
					edges[state] = append(edges[state], entityEdge{from, edge})
				}
			}
		}
	}
	for _, state := range coverageStates {
		if len(edges[state]) > 0 {
			fields := fieldsWhere(e, func(f *model.Field) bool {
				return f.Filterable() && (state == "hidden" || cells[state][f])
			})
			out = append(out, aim{e, "edge condition", fields, edges[state]})
		}
	}
	return out
}

// drawAimedRoot draws a root field that hits one of the aims.
func (a *documentAuthor) drawAimedRoot() *selection {
	at := pickOne(a.source, a.aims)
	switch at.position {
	case "cursor":
		order := []any{}
		if a.oneIn(4) {
			order = a.drawOrder(at.entity)
		}
		for range 1 + a.intN(3) { // the hub allows five keys
			order = append(order, inputObject{
				{"field", orderFieldName(at.entity, pickOne(a.source, at.fields))},
				{"direction", pickOne(a.source, []any{enumValue("ASC"), enumValue("DESC")})},
			})
		}
		k := a.drawConnection(at.entity.Plural, at.entity, 0, 1)
		k.args = []argument{
			{"first", "Int", int64(2)},
			{"orderBy", "[" + at.entity.Name + "Order!]", order},
		}
		a.dueList = k
		return k
	case "count":
		return a.drawFilteredList(at.entity, a.drawAnyOf(at.entity, at.fields), &selection{name: "totalCount"})
	}
	start := pickOne(a.source, at.edges)
	among := a.drawAnyOf(at.entity, at.fields)
	if start.edge.Kind != model.ToOne {
		among = inputObject{{pickOne(a.source, []string{"some", "none"}), among}}
	}
	return a.drawFilteredList(start.from, inputObject{{start.edge.Name, among}})
}

// orderFieldName is the value of the API's order enum for one of the entity's own fields.
func orderFieldName(e *model.Entity, f *model.Field) enumValue {
	all := theModel.OrderFields(e)
	i := slices.IndexFunc(all, func(o model.OrderField) bool { return o.Field == f && len(o.Path) == 0 })
	return enumValue(all[i].Name)
}

// drawFilteredList draws a page of the rows that satisfy a condition. It adds more selections to the list, unless it
// has them.
func (a *documentAuthor) drawFilteredList(e *model.Entity, where inputObject, more ...*selection) *selection {
	k := a.drawConnection(e.Plural, e, 1, 1)
	k.args = slices.DeleteFunc(k.args, func(g argument) bool { return g.name == "where" })
	k.args = append(k.args, argument{"where", e.Name + "Where", where})
	for _, m := range more {
		if !slices.ContainsFunc(k.kids, func(c *selection) bool { return c.name == m.name }) {
			k.kids = append(k.kids, m)
		}
	}
	return k
}

// drawAnyOf draws an "or" of comparisons on some of the fields and of a condition over an edge, so that each of them
// can decide.
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

// drawFollowableEdge draws an edge over which the caller sees some row. It prefers edges to entities that few roles
// read.
func (a *documentAuthor) drawFollowableEdge(e *model.Entity) (edge *model.Edge) {
	var all []*model.Edge
	for i := range e.Edges {
		if slices.ContainsFunc(a.view.visibleRows(e), func(r *row) bool {
			return len(a.view.visibleTargets(r, &e.Edges[i])) > 0
		}) {
			all = append(all, &e.Edges[i])
		}
	}
	readers := func(edge *model.Edge) int { return readerCount(a.policyLines, theModel.Target(edge)) }
	for range min(3, len(all)) {
		if other := pickOne(a.source, all); edge == nil || readers(other) < readers(edge) {
			edge = other
		}
	}
	return edge
}

// takeDuePage is the next page of the list that an aim at cursors began, or nil. It is drawn once.
func (a *documentAuthor) takeDuePage() *selection {
	for i, p := range a.cursorPositions {
		if a.dueList != nil && p.selection == a.dueList {
			a.dueList = nil
			return a.continueFrom(i)
		}
	}
	return nil
}
