package proof_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// where is a condition on rows of the entity.
func (a *author) where(e *model.Entity, depth int) obj {
	if depth > 0 {
		switch a.n(9) {
		case 0:
			return obj{{"not", a.where(e, depth-1)}}
		case 1:
			return obj{{pick(a.source, []string{"and", "or"}), []any{a.where(e, depth-1), a.where(e, depth-1)}}}
		case 2, 3, 4, 5:
			if len(e.Edges) > 0 {
				return obj{a.overEdge(e, depth)}
			}
		}
	}
	switch a.n(28) {
	case 24:
		return obj{}
	case 25:
		return obj{{pick(a.source, []string{"and", "or"}), []any{}}}
	case 26, 27:
		id := any(a.rowID(e))
		return obj{{"id", obj{pick(a.source, []kv{{"eq", id}, {"eq", id}, {"eq", id}, {"neq", id}, {"in", []any{id}}, {"notIn", []any{id}}, {"in", []any{}}})}}}
	}
	f := a.filterable(e)
	if f == nil {
		return obj{}
	}
	return obj{{f.Name, a.condition(e, f)}}
}

func (a *author) rowID(e *model.Entity) string {
	if rows := a.v.w.rows[e.Name]; len(rows) > 0 {
		return a.v.publicID(pick(a.source, rows))
	}
	return idOf(e, uuid.UUID{7})
}

func (a *author) filterable(e *model.Entity) *model.Field {
	var all, masked []*model.Field
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Filterable() {
			all = append(all, f)
		}
	}
	if rows := a.v.visible(e); len(rows) > 0 && a.n(2) == 0 {
		r := pick(a.source, rows)
		for _, f := range all {
			if a.v.isMasked(r, f) {
				masked = append(masked, f)
			}
		}
	}
	if len(masked) > 0 {
		all = masked
	}
	if len(all) == 0 {
		return nil
	}
	return pick(a.source, all)
}

func (a *author) overEdge(e *model.Entity, depth int) kv { return a.over(a.edge(e), depth) }

// over is a condition on the rows at the end of an edge.
func (a *author) over(edge *model.Edge, depth int) kv {
	target := inventory.Model.Target(edge)
	if edge.Kind == model.ToOne {
		return kv{edge.Name, a.where(target, depth-1)}
	}
	switch a.n(3) {
	case 0:
		n := any(int64(a.n(4)))
		op := pick(a.source, []kv{{"eq", n}, {"neq", n}, {"gt", n}, {"lte", n}, {"lt", n}, {"gte", n}, {"in", []any{n, int64(0)}}, {"notIn", []any{n}}, {"in", []any{}}})
		return kv{edge.Name, obj{{"count", obj{op}}}}
	case 1:
		return kv{edge.Name, obj{{"none", a.where(target, depth-1)}}}
	}
	return kv{edge.Name, obj{{"some", a.where(target, depth-1)}}}
}

// edge is one of the entity's, often one at whose end the caller does not see all rows.
func (a *author) edge(e *model.Entity) *model.Edge {
	edge := &e.Edges[a.n(len(e.Edges))]
	for range 2 {
		if rows := a.v.visible(e); len(rows) == 0 || slices.ContainsFunc(rows, func(r *row) bool {
			return len(a.v.ends(r, edge, func(*row) bool { return true })) > len(a.v.over(r, edge))
		}) {
			break
		}
		edge = &e.Edges[a.n(len(e.Edges))]
	}
	rare := func(edge model.Edge) bool { return edge.Tag.Ident != classification.None || edge.Kind == model.Through }
	if slices.ContainsFunc(e.Edges, rare) && a.n(3) == 0 { // one with a class of its own, or over a joining row
		for edge = &e.Edges[a.n(len(e.Edges))]; !rare(*edge); {
			edge = &e.Edges[a.n(len(e.Edges))]
		}
	}
	return edge
}

// condition compares a field with values that rows have, hidden ones too.
func (a *author) condition(e *model.Entity, f *model.Field) obj {
	x, y := a.apiValue(e, f), a.apiValue(e, f)
	null := kv{"isNull", a.n(2) == 0}
	if x == nil || y == nil {
		return obj{null}
	}
	ops := []kv{null}
	part := x
	if s, ok := x.(string); ok && (f.Kind == model.String || f.Kind == model.Texts) {
		letters := []rune(s)
		from := a.n(len(letters) + 1)
		part = string(letters[from:min(len(letters), from+1+a.n(4))])
		if a.chance(2) {
			part = strings.ToUpper(part.(string))
		}
		ops = append(ops, kv{"contains", part}, kv{"hasPrefix", string(letters[:min(len(letters), 1+a.n(4))])})
	}
	switch f.Kind {
	case model.Texts:
	case model.Strings, model.Enums:
		ops = append(ops, kv{"contains", x}, kv{"contains", x})
	default:
		ops = append(ops, kv{"eq", x}, kv{"neq", x}, kv{"eq", x})
		if f.Kind != model.Bool {
			ops = append(ops, kv{"in", []any{x, y}}, kv{"notIn", []any{x}}, kv{"in", []any{}}, kv{"notIn", []any{}})
		}
		if f.Kind != model.Bool && f.Kind != model.Enum {
			ops = append(ops, kv{"lt", x}, kv{"lte", x}, kv{"gt", x}, kv{"gte", x})
		}
	}
	out := obj{pick(a.source, ops)}
	if more := pick(a.source, ops); a.chance(8) && more.k != out[0].k {
		out = append(out, more)
	}
	return out
}

// apiValue is a value of the field that some row has, as the API writes it.
func (a *author) apiValue(e *model.Entity, f *model.Field) any {
	rows := a.v.w.rows[e.Name]
	if len(rows) == 0 {
		return nil
	}
	return written(a.source, f, pick(a.source, rows).v[f.Column])
}

// written is a value as the API writes it; of a list or a text in languages, one entry.
func written(s source, f *model.Field, value any) any {
	switch x := value.(type) {
	case time.Time:
		if f.Kind == model.Date {
			return x.Format(time.DateOnly)
		}
		return x.Format(time.RFC3339Nano)
	case int64:
		if f.Kind == model.Decimal {
			return fmt.Sprintf("%.2f", float64(x)/100)
		}
	case string:
		if f.Kind == model.Enum {
			return word(strings.ToUpper(x))
		}
	case []string:
		if len(x) == 0 {
			return nil
		}
		one := pick(s, x)
		if e := inventory.Model.Refers(f); e != nil {
			return idOf(e, uuid.MustParse(one))
		}
		if f.Kind == model.Enums {
			return word(strings.ToUpper(one))
		}
		return one
	case map[string]string:
		for _, l := range []string{"en", "fr", "es", "sw"} {
			if t, ok := x[l]; ok {
				return t
			}
		}
		return nil
	}
	return value
}
