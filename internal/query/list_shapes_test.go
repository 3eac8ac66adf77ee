package query_test

import (
	"slices"
	"time"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// listShape is one way to ask for a list. Edge is the edge from its parents, nil for a list at the root.
type listShape struct {
	name  string
	edge  *model.Edge
	owner *model.Entity // the entity of the parents
	list  query.List
}

// listShapes returns the shapes of all lists: every filter path to depth 2, every order and every count, at the root
// and under parents.
func listShapes(m *model.Model) (out []listShape) {
	add := func(owner *model.Entity, edge *model.Edge, e *model.Entity, name string, where *query.Predicate,
		order []query.Order) {
		place := e.Plural
		if edge != nil {
			place = owner.Plural + "." + edge.Name
		}
		list := query.List{Selection: query.Selection{Entity: e}, Where: where, Order: order, Rows: true, Total: true}
		out = append(out, listShape{place + " " + name, edge, owner, list})
	}
	for _, e := range m.Entities() {
		add(nil, nil, e, "all", nil, nil)
		for _, p := range filterPaths(m, e, 2) {
			add(nil, nil, e, p.name, &p.where, nil)
		}
		for _, o := range m.OrderFields(e) {
			add(nil, nil, e, "by "+o.Name, nil, []query.Order{orderBy(o, false)})
			add(nil, nil, e, "by "+o.Name+" desc", nil, []query.Order{orderBy(o, true)})
		}
		for i := range e.Edges {
			edge := &e.Edges[i]
			if edge.Kind == model.ToOne {
				continue
			}
			target := m.Target(edge)
			add(e, edge, target, "all", nil, nil)
			for _, p := range filterPaths(m, target, 1) {
				add(e, edge, target, p.name, &p.where, nil)
			}
			for _, o := range m.OrderFields(target) {
				add(e, edge, target, "by "+o.Name, nil, []query.Order{orderBy(o, true)})
			}
		}
	}
	return out
}

// orderBy returns the order by one field of the API.
func orderBy(o model.OrderField, desc bool) query.Order {
	return query.Order{Path: o.Path, Field: o.Field, Count: o.Count, Desc: desc}
}

// filterPath is a condition with a name that shows its path.
type filterPath struct {
	name  string
	where query.Predicate
}

// filterPaths returns a condition for each kind of field of an entity, and for each way over its edges, to a depth in
// edges. At the end of a way stand all rows, and the rows that meet a condition on a field.
func filterPaths(m *model.Model, e *model.Entity, depth int) (out []filterPath) {
	out = fieldPaths(e)
	if depth == 0 {
		return out[:min(1, len(out))]
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		inner := append([]filterPath{{"{}", query.Predicate{Op: query.PredicateAnd}}},
			filterPaths(m, m.Target(edge), depth-1)...)
		if edge.Kind == model.ToOne {
			out = append(out, overEdge(edge, "", query.PredicateToOne, inner)...)
			continue
		}
		out = append(out, overEdge(edge, ".some", query.PredicateSome, inner)...)
		out = append(out, overEdge(edge, ".none", query.PredicateNone, inner)...)
		out = append(out, filterPath{edge.Name + ".count", query.Predicate{
			Op: query.PredicateCount, Edge: edge, Comparison: query.Gt, Values: []any{int64(1)},
		}})
	}
	return out
}

// overEdge returns the conditions over an edge to rows that meet the inner conditions.
func overEdge(edge *model.Edge, word string, op query.PredicateOp, inner []filterPath) (out []filterPath) {
	for _, p := range inner {
		out = append(out, filterPath{edge.Name + word + "." + p.name,
			query.Predicate{Op: op, Edge: edge, Operands: []query.Predicate{p.where}}})
	}
	return out
}

// fieldPaths returns a condition for each kind of field that the entity has, on the first such field that a filter may
// name. One field of a kind is enough, because the condition looks at the row only.
func fieldPaths(e *model.Entity) (out []filterPath) {
	var seen []model.Kind
	for i := range e.Fields {
		f := &e.Fields[i]
		if !f.Filterable() || slices.Contains(seen, f.Kind) || f.Column == "created_at" || f.Column == "version" {
			continue
		}
		seen = append(seen, f.Kind)
		out = append(out, filterPath{f.Name, fieldCondition(f)})
	}
	return out
}

// fieldCondition returns a condition on a field that some rows meet.
func fieldCondition(f *model.Field) query.Predicate {
	p := query.Predicate{Op: query.PredicateField, Field: f}
	switch f.Kind {
	case model.Bool:
		p.Comparison, p.Values = query.Eq, []any{true}
	case model.Int, model.Decimal:
		p.Comparison, p.Values = query.Lt, []any{int64(100)}
	case model.Float:
		p.Comparison, p.Values = query.Lt, []any{100.0}
	case model.Time, model.Date:
		p.Comparison, p.Values = query.Gte, []any{time.Now().AddDate(0, 0, -3)}
	case model.Enum:
		p.Comparison, p.Values = query.Eq, []any{f.Values[0]}
	case model.Enums:
		p.Comparison, p.Values = query.Contains, []any{f.Values[0]}
	default:
		p.Comparison, p.Values = query.Contains, []any{"up 99"}
	}
	return p
}
