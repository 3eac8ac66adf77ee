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
	e      *model.Entity
	in     string
	fields []*model.Field
	over   []way // of an edge condition
}

// way is an edge of an entity.
type way struct {
	from *model.Entity
	edge *model.Edge
}

// aims lists what documents can be aimed at in this world: the places of the table that are seldom hit by chance. The fewer
// roles read an entity, the more often it stands in the list.
func (v *view) aims(rules []rule) (out []aim) {
	for _, e := range inventory.Model.Entities() {
		some := append(v.pages(e), v.overEdges(e)...)
		for range 1 + 8/(1+readers(rules, e)) {
			out = append(out, some...)
		}
	}
	return slices.DeleteFunc(out, func(a aim) bool { return len(a.fields) == 0 })
}

// readers is how many roles read rows of the entity.
func readers(rules []rule, e *model.Entity) int {
	read := map[string]bool{}
	for _, r := range rules {
		if slices.Contains(r.actions, "read") && slices.Contains(r.entities, e.Name) && !strings.HasPrefix(r.role, "system_") {
			read[r.role] = true
		}
	}
	if read["everyone"] {
		return len(roles)
	}
	return len(read)
}

// pages are the aims at lists of the entity that are counted or paged.
func (v *view) pages(e *model.Entity) (out []aim) {
	seen := v.visible(e)
	hidden := len(seen) < len(v.w.rows[e.Name])
	if hidden && v.any(e, "read") {
		out = append(out, aim{e: e, in: "count", fields: fields(e, (*model.Field).Filterable)})
	}
	if hidden && len(seen) > 0 {
		one := aim{e: e, in: "cursor", fields: fields(e, (*model.Field).Orderable)}
		out = append(out, one, one)
	}
	for _, masked := range []bool{false, true} {
		out = append(out, aim{e: e, in: "cursor", fields: fields(e, func(f *model.Field) bool {
			return f.Orderable() && (masked || f.Tag.Ident != classification.None) && slices.ContainsFunc(seen, func(r *row) bool { return v.isMasked(r, f) == masked })
		})})
	}
	return out
}

func fields(e *model.Entity, test func(*model.Field) bool) (out []*model.Field) {
	for i := range e.Fields {
		if f := &e.Fields[i]; !f.Internal && test(f) {
			out = append(out, f)
		}
	}
	return out
}

// overEdges are the aims at rows of the entity at the end of edges: those at hidden rows, at masked and at visible cells.
func (v *view) overEdges(e *model.Entity) (out []aim) {
	ways := map[string][]way{}
	cells := map[string]map[*model.Field]bool{"visible": {}, "masked": {}, "hidden": {}}
	for _, from := range inventory.Model.Entities() {
		for i := range from.Edges {
			edge := &from.Edges[i]
			if edge.Target != e.Name {
				continue
			}
			states := map[string]bool{}
			for _, r := range v.visible(from) {
				reached := v.over(r, edge)
				states["hidden"] = states["hidden"] || len(reached) < len(v.ends(r, edge, func(*row) bool { return true }))
				for _, f := range fields(e, (*model.Field).Filterable) {
					for _, t := range reached {
						state := map[bool]string{true: "masked", false: "visible"}[v.isMasked(t, f)]
						states[state], cells[state][f] = true, true
					}
				}
			}
			for state := range states {
				if states[state] {
					ways[state] = append(ways[state], way{from, edge})
				}
			}
		}
	}
	for _, state := range states {
		if len(ways[state]) > 0 {
			out = append(out, aim{e, "edge condition", fields(e, func(f *model.Field) bool { return f.Filterable() && (state == "hidden" || cells[state][f]) }), ways[state]})
		}
	}
	return out
}

// aimed is a root field that hits one of the aims.
func (a *author) aimed() *sel {
	at := pick(a.source, a.aims)
	switch at.in {
	case "cursor":
		by := []any{}
		if a.chance(4) {
			by = a.orderBy(at.e)
		}
		for range 1 + a.n(3) { // no order has more than five keys
			by = append(by, obj{{"field", orderName(at.e, pick(a.source, at.fields))}, {"direction", pick(a.source, []any{word("ASC"), word("DESC")})}})
		}
		k := a.connection(at.e.Plural, at.e, 0, 1)
		k.args = []arg{{"first", "Int", int64(2)}, {"orderBy", "[" + at.e.Name + "Order!]", by}}
		a.due = k
		return k
	case "count":
		return a.list(at.e, a.either(at.e, at.fields), &sel{name: "totalCount"})
	}
	w := pick(a.source, at.over)
	among := a.either(at.e, at.fields)
	if w.edge.Kind != model.ToOne {
		among = obj{{pick(a.source, []string{"some", "none"}), among}}
	}
	return a.list(w.from, obj{{w.edge.Name, among}})
}

// orderName names an order by a field of the entity's own.
func orderName(e *model.Entity, f *model.Field) word {
	all := inventory.Model.OrderFields(e)
	return word(all[slices.IndexFunc(all, func(o model.OrderField) bool { return o.Field == f && len(o.Path) == 0 })].Name)
}

// list asks for a page of the rows that satisfy the condition, and for more of the list.
func (a *author) list(e *model.Entity, where obj, more ...*sel) *sel {
	k := a.connection(e.Plural, e, 1, 1)
	k.args = append(slices.DeleteFunc(k.args, func(g arg) bool { return g.name == "where" }), arg{"where", e.Name + "Where", where})
	for _, m := range more {
		if !slices.ContainsFunc(k.kids, func(c *sel) bool { return c.name == m.name }) {
			k.kids = append(k.kids, m)
		}
	}
	return k
}

// either is the condition that one of some fields and edges is what it says, so that each of them counts.
func (a *author) either(e *model.Entity, fields []*model.Field) obj {
	var kids []any
	for range 1 + a.n(4) {
		f := pick(a.source, fields)
		kids = append(kids, obj{{f.Name, a.condition(e, f)}})
	}
	if edge := a.reaching(e); edge != nil && a.chance(2) {
		kids = append(kids, obj{a.over(edge, 1)})
	}
	return obj{{"or", kids}}
}

// reaching is an edge over which the caller reaches some row, rather one that few do.
func (a *author) reaching(e *model.Entity) (edge *model.Edge) {
	var all []*model.Edge
	for i := range e.Edges {
		if slices.ContainsFunc(a.v.visible(e), func(r *row) bool { return len(a.v.over(r, &e.Edges[i])) > 0 }) {
			all = append(all, &e.Edges[i])
		}
	}
	for range min(3, len(all)) {
		if other := pick(a.source, all); edge == nil || readers(a.rules, inventory.Model.Target(other)) < readers(a.rules, inventory.Model.Target(edge)) {
			edge = other
		}
	}
	return edge
}

// goOn is the next page of the list that was aimed at, if there is more than one.
func (a *author) goOn() *sel {
	for i, p := range a.pages {
		if a.due != nil && p.of == a.due {
			a.due = nil
			return a.from(i)
		}
	}
	return nil
}
