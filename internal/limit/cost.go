package limit

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
)

// PageSizes holds the number of rows in a page when the document does not give one, and the most that it may have.
type PageSizes struct{ Default, Max int }

// introspectionCost is the cost of a root field of introspection, in objects.
const introspectionCost = 500

// Cost returns how many objects the operation may request. It counts every row of every page, and multiplies pages
// within pages. It depends only on the document and its variables, so it discloses nothing about the data. The document
// must be valid.
func Cost(schema *ast.Schema, op *ast.OperationDefinition, variables map[string]any, pages PageSizes) int {
	c := &costEstimator{
		schema:        schema,
		variables:     variables,
		pageSizes:     pages,
		fragmentCosts: map[*ast.FragmentDefinition]selectionCost{},
	}
	return max(c.selectionSetCost(op.SelectionSet).own, 1)
}

// CheckCost fails when a cost is above the limit of one operation.
func CheckCost(cost, limit int) error {
	return checkLimit("objects", cost, limit,
		"The operation requests up to %d objects; at most %d are allowed. Request smaller pages, or split it.")
}

// selectionCost is the cost of a selection. The part perRow counts once for each row of the surrounding connection.
type selectionCost struct{ own, perRow int }

func (p *selectionCost) add(o selectionCost) {
	p.own, p.perRow = addSaturating(p.own, o.own), addSaturating(p.perRow, o.perRow)
}

// costEstimator computes the cost of one operation. It computes the cost of each fragment once.
type costEstimator struct {
	schema        *ast.Schema
	variables     map[string]any
	pageSizes     PageSizes
	fragmentCosts map[*ast.FragmentDefinition]selectionCost
}

// selectionSetCost returns the sum of the costs of a selection.
func (c *costEstimator) selectionSetCost(sels ast.SelectionSet) (out selectionCost) {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			out.add(c.fieldCost(s))
		case *ast.InlineFragment:
			out.add(c.selectionSetCost(s.SelectionSet))
		case *ast.FragmentSpread:
			if s.Definition == nil {
				continue
			}
			p, ok := c.fragmentCosts[s.Definition]
			if !ok {
				p = c.selectionSetCost(s.Definition.SelectionSet)
				c.fragmentCosts[s.Definition] = p
			}
			out.add(p)
		}
	}
	return out
}

// fieldCost returns the cost of a field with its arguments and its selection.
func (c *costEstimator) fieldCost(f *ast.Field) selectionCost {
	p := c.rowsCost(f)
	if f.Name == "changesSince" {
		p.own = addSaturating(p.own, changesSinceCost)
	}
	if order := f.Arguments.ForName("orderBy"); order != nil {
		p.own = addSaturating(p.own, c.orderCost(order.Value))
	}
	if where := f.Arguments.ForName("where"); where != nil && f.Definition != nil {
		arg := f.Definition.Arguments.ForName("where")
		if value, err := where.Value.Value(c.variables); err == nil && arg != nil {
			def := c.schema.Types[arg.Type.Name()]
			p.own = addSaturating(p.own, whereCost(c.schema, def, value, conditionCost, false))
		}
	}
	return p
}

// Costs of fields that read more rows than they return, in objects. The field changesSince searches all rows of the
// caller's view, and an order by a count counts the related rows of each row.
const (
	changesSinceCost = 2000
	orderByCountCost = 100
)

// orderCost returns the cost of an orderBy argument.
func (c *costEstimator) orderCost(order *ast.Value) (sum int) {
	value, err := order.Value(c.variables)
	if err != nil {
		return 0
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, key := range list {
		if m, ok := key.(map[string]any); ok && strings.HasSuffix(fmt.Sprint(m["field"]), "_COUNT") {
			sum += orderByCountCost
		}
	}
	return sum
}

// rowsCost returns the cost of the objects that a field may return, without its order and its conditions.
func (c *costEstimator) rowsCost(f *ast.Field) selectionCost {
	if strings.HasPrefix(f.Name, "__") {
		if len(f.SelectionSet) > 0 {
			return selectionCost{own: introspectionCost}
		}
		return selectionCost{}
	}
	if len(f.SelectionSet) == 0 || f.Definition == nil {
		if f.Name == "totalCount" { // counting takes a separate statement
			return selectionCost{own: 1}
		}
		return selectionCost{}
	}
	in := c.selectionSetCost(f.SelectionSet)
	def := c.schema.Types[f.Definition.Type.Name()]
	switch {
	case isConnection(f.ObjectDefinition) && (f.Name == "edges" || f.Name == "nodes"):
		return selectionCost{perRow: addSaturating(in.own, c.objectCost(def))}
	case isConnection(def):
		return selectionCost{own: addSaturating(in.own, multiplySaturating(in.perRow, c.pageSize(f)))}
	case f.Definition.Type.Elem != nil && f.Arguments.ForName("ids") != nil:
		length := c.listLength(f.Arguments.ForName("ids").Value)
		return selectionCost{own: multiplySaturating(addSaturating(in.own, c.objectCost(def)), length)}
	}
	if f.Definition.Arguments.ForName("first") != nil { // a list that is not a connection
		n := defaultListLength
		if arg := f.Arguments.ForName("first"); arg != nil {
			if value, err := arg.Value.Value(c.variables); err == nil {
				n = clampNumber(value, maxListLength)
			}
		}
		return selectionCost{own: multiplySaturating(addSaturating(in.own, 1), n)}
	}
	return selectionCost{own: addSaturating(in.own, c.objectCost(def))}
}

// Lengths of lists that are not connections, by their argument first.
const (
	defaultListLength = 100
	maxListLength     = 1_000
)

// clampNumber limits a number to the range from 1 to most. For a value that is not a whole number it returns most.
func clampNumber(v any, most int) int {
	switch n := v.(type) {
	case int64:
		return int(min(max(n, 1), int64(most)))
	case json.Number:
		if i, err := n.Int64(); err == nil {
			return int(min(max(i, 1), int64(most)))
		}
	}
	return most
}

// objectCost returns 1 for a type of rows and 0 for a type that is a part of a row.
func (c *costEstimator) objectCost(def *ast.Definition) int {
	if def != nil && (def.Name == "Node" || def.Kind == ast.Object && len(def.Interfaces) > 0) {
		return 1
	}
	return 0
}

// isConnection reports whether the type is a connection with pages.
func isConnection(def *ast.Definition) bool {
	return def != nil && strings.HasSuffix(def.Name, "Connection") && def.Fields.ForName("pageInfo") != nil
}

// pageSize returns how many rows of a connection the field requests.
func (c *costEstimator) pageSize(f *ast.Field) int {
	n := c.pageSizes.Default
	for _, name := range []string{"first", "last"} {
		if arg := f.Arguments.ForName(name); arg != nil {
			if requested, ok := c.pageArgument(arg.Value); ok {
				n = min(max(requested, 1), c.pageSizes.Max)
			}
		}
	}
	return n
}

// pageArgument returns the value of an argument first or last, at most the largest page. It returns false when the
// argument is null or absent.
func (c *costEstimator) pageArgument(v *ast.Value) (int, bool) {
	value, err := v.Value(c.variables)
	if err != nil {
		return c.pageSizes.Max, true
	}
	switch n := value.(type) {
	case int64:
		return int(min(max(n, 0), int64(c.pageSizes.Max))), true
	case int:
		return min(max(n, 0), c.pageSizes.Max), true
	case json.Number:
		i, err := n.Int64()
		return int(min(max(i, 0), int64(c.pageSizes.Max))), err == nil
	case nil:
		return 0, false
	}
	return c.pageSizes.Max, true
}

// listLength returns the length of a list argument, and at least 1.
func (c *costEstimator) listLength(v *ast.Value) int {
	value, err := v.Value(c.variables)
	if list, ok := value.([]any); err == nil && ok {
		return max(len(list), 1)
	}
	return 1
}

// Introspects reports whether the operation selects __schema or __type.
func Introspects(op *ast.OperationDefinition) bool { return selectsIntrospection(op.SelectionSet) }

func selectsIntrospection(sels ast.SelectionSet) bool {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			if s.Name == "__schema" || s.Name == "__type" {
				return true
			}
		case *ast.InlineFragment:
			if selectsIntrospection(s.SelectionSet) {
				return true
			}
		case *ast.FragmentSpread:
			if s.Definition != nil && selectsIntrospection(s.Definition.SelectionSet) {
				return true
			}
		}
	}
	return false
}

// ErrIntrospection is the answer to introspection when the operator has switched it off.
var ErrIntrospection = fault.New(fault.Forbidden, "Introspection is switched off on this hub.")
