package proof_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// drawCondition draws a condition on rows of the entity. It nests at most depth further conditions.
func (a *documentAuthor) drawCondition(e *model.Entity, depth int) inputObject {
	if depth > 0 {
		switch a.intN(9) {
		case 0:
			return inputObject{{"not", a.drawCondition(e, depth-1)}}
		case 1:
			return inputObject{{
				pickOne(a.source, []string{"and", "or"}),
				[]any{a.drawCondition(e, depth-1), a.drawCondition(e, depth-1)},
			}}
		case 2, 3, 4, 5:
			if len(e.Edges) > 0 {
				return inputObject{a.drawEdgeCondition(e, depth)}
			}
		}
	}
	switch a.intN(28) {
	case 24:
		return inputObject{}
	case 25:
		return inputObject{{pickOne(a.source, []string{"and", "or"}), []any{}}}
	case 26, 27:
		id := any(a.drawRowID(e))
		return inputObject{{"id", inputObject{pickOne(a.source, []inputField{
			{"eq", id}, {"eq", id}, {"eq", id}, {"neq", id}, {"in", []any{id}}, {"notIn", []any{id}}, {"in", []any{}},
		})}}}
	}
	f := a.drawFilterField(e)
	if f == nil {
		return inputObject{}
	}
	return inputObject{{f.Name, a.drawComparison(e, f)}}
}

// drawRowID draws the id of a row, visible or hidden.
func (a *documentAuthor) drawRowID(e *model.Entity) string {
	if rows := a.view.world.rows[e.Name]; len(rows) > 0 {
		return a.view.publicID(pickOne(a.source, rows))
	}
	return formatID(e, uuid.UUID{7})
}

// drawFilterField draws a field for a condition, often one that is masked in a visible row.
func (a *documentAuthor) drawFilterField(e *model.Entity) *model.Field {
	var all, masked []*model.Field
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Filterable() {
			all = append(all, f)
		}
	}
	if rows := a.view.visibleRows(e); len(rows) > 0 && a.intN(2) == 0 {
		r := pickOne(a.source, rows)
		for _, f := range all {
			if a.view.isMasked(r, f) {
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
	return pickOne(a.source, all)
}

// drawEdgeCondition draws a condition on the rows at the end of one of the entity's edges.
func (a *documentAuthor) drawEdgeCondition(e *model.Entity, depth int) inputField {
	return a.drawConditionOver(a.drawEdge(e), depth)
}

// drawConditionOver draws a condition on the rows at the end of an edge.
func (a *documentAuthor) drawConditionOver(edge *model.Edge, depth int) inputField {
	target := theModel.Target(edge)
	if edge.Kind == model.ToOne {
		return inputField{edge.Name, a.drawCondition(target, depth-1)}
	}
	switch a.intN(3) {
	case 0:
		n := any(int64(a.intN(4)))
		op := pickOne(a.source, []inputField{
			{"eq", n}, {"neq", n}, {"gt", n}, {"lte", n}, {"lt", n}, {"gte", n},
			{"in", []any{n, int64(0)}}, {"notIn", []any{n}}, {"in", []any{}},
		})
		return inputField{edge.Name, inputObject{{"count", inputObject{op}}}}
	case 1:
		return inputField{edge.Name, inputObject{{"none", a.drawCondition(target, depth-1)}}}
	}
	return inputField{edge.Name, inputObject{{"some", a.drawCondition(target, depth-1)}}}
}

// drawEdge draws one of the entity's edges, often one with rows at its end that the caller does not see.
func (a *documentAuthor) drawEdge(e *model.Entity) *model.Edge {
	edge := &e.Edges[a.intN(len(e.Edges))]
	for range 2 {
		if rows := a.view.visibleRows(e); len(rows) == 0 || slices.ContainsFunc(rows, func(r *row) bool {
			return len(a.view.targetKeys(r, edge, anyRow)) > len(a.view.visibleTargets(r, edge))
		}) {
			break
		}
		edge = &e.Edges[a.intN(len(e.Edges))]
	}
	// an edge is rare when it has a class of its own or runs over a joining row
	rare := func(edge model.Edge) bool { return edge.Tag.Ident != classification.None || edge.Kind == model.Through }
	if slices.ContainsFunc(e.Edges, rare) && a.intN(3) == 0 {
		for edge = &e.Edges[a.intN(len(e.Edges))]; !rare(*edge); {
			edge = &e.Edges[a.intN(len(e.Edges))]
		}
	}
	return edge
}

// drawComparison draws a comparison of a field with values of visible and hidden rows.
func (a *documentAuthor) drawComparison(e *model.Entity, f *model.Field) inputObject {
	x, y := a.drawAPIValue(e, f), a.drawAPIValue(e, f)
	null := inputField{"isNull", a.intN(2) == 0}
	if x == nil || y == nil {
		return inputObject{null}
	}
	ops := []inputField{null}
	part := x
	if s, ok := x.(string); ok && (f.Kind == model.String || f.Kind == model.Texts) {
		letters := []rune(s)
		from := a.intN(len(letters) + 1)
		part = string(letters[from:min(len(letters), from+1+a.intN(4))])
		if a.oneIn(2) {
			part = strings.ToUpper(part.(string))
		}
		ops = append(ops,
			inputField{"contains", part},
			inputField{"hasPrefix", string(letters[:min(len(letters), 1+a.intN(4))])})
	}
	switch f.Kind {
	case model.Texts:
	case model.Strings, model.Enums:
		ops = append(ops, inputField{"contains", x}, inputField{"contains", x})
	default:
		ops = append(ops, inputField{"eq", x}, inputField{"neq", x}, inputField{"eq", x})
		if f.Kind != model.Bool {
			ops = append(ops,
				inputField{"in", []any{x, y}}, inputField{"notIn", []any{x}},
				inputField{"in", []any{}}, inputField{"notIn", []any{}})
		}
		if f.Kind != model.Bool && f.Kind != model.Enum {
			ops = append(ops, inputField{"lt", x}, inputField{"lte", x}, inputField{"gt", x}, inputField{"gte", x})
		}
	}
	out := inputObject{pickOne(a.source, ops)}
	if more := pickOne(a.source, ops); a.oneIn(8) && more.name != out[0].name {
		out = append(out, more)
	}
	return out
}

// drawAPIValue draws a value of the field that some row has, in the form of the API.
func (a *documentAuthor) drawAPIValue(e *model.Entity, f *model.Field) any {
	rows := a.view.world.rows[e.Name]
	if len(rows) == 0 {
		return nil
	}
	return apiValueOf(a.source, f, pickOne(a.source, rows).values[f.Column])
}

// apiValueOf is a stored value in the form of the API. From a list or a text in several languages it takes one entry.
func apiValueOf(s source, f *model.Field, value any) any {
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
			return enumValue(strings.ToUpper(x))
		}
	case []string:
		if len(x) == 0 {
			return nil
		}
		item := pickOne(s, x)
		if e := theModel.Refers(f); e != nil {
			return formatID(e, uuid.MustParse(item))
		}
		if f.Kind == model.Enums {
			return enumValue(strings.ToUpper(item))
		}
		return item
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
