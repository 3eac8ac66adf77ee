package limit

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
)

// PageSizes say how many rows a list has.
type PageSizes struct{ Default, Max int }

// introspectionCost is what a question about the schema counts as, in objects.
const introspectionCost = 500

// Cost is how many objects the operation may ask for: every row of every page, the pages within it multiplied. It is
// worked out from the document and its variables alone, so it says nothing about what there is. The document is valid.
func Cost(schema *ast.Schema, op *ast.OperationDefinition, variables map[string]any, pages PageSizes) int {
	c := &costEstimator{schema: schema, variables: variables, pageSizes: pages, fragmentCosts: map[*ast.FragmentDefinition]selectionCost{}}
	return max(c.selectionSetCost(op.SelectionSet).own, 1)
}

// CheckCost fails where a cost is above the most that an operation may have.
func CheckCost(cost, most int) error {
	return checkLimit("objects", cost, most, "This asks for up to %d objects in one operation; at most %d are allowed. Ask for smaller pages, or split it.")
}

// selectionCost is what a selection costs: in itself, and for each row of the connection that it is a part of.
type selectionCost struct{ own, perRow int }

func (p *selectionCost) add(o selectionCost) {
	p.own, p.perRow = addSaturating(p.own, o.own), addSaturating(p.perRow, o.perRow)
}

type costEstimator struct {
	schema        *ast.Schema
	variables     map[string]any
	pageSizes     PageSizes
	fragmentCosts map[*ast.FragmentDefinition]selectionCost
}

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

func (c *costEstimator) fieldCost(f *ast.Field) selectionCost {
	p := c.rowsCost(f)
	if f.Name == "changesSince" {
		p.own = addSaturating(p.own, changesSinceCost)
	}
	if by := f.Arguments.ForName("orderBy"); by != nil {
		p.own = addSaturating(p.own, c.orderCost(by.Value))
	}
	if where := f.Arguments.ForName("where"); where != nil && f.Definition != nil {
		arg := f.Definition.Arguments.ForName("where")
		if value, err := where.Value.Value(c.variables); err == nil && arg != nil {
			p.own = addSaturating(p.own, whereCost(c.schema, c.schema.Types[arg.Type.Name()], value, conditionCost, false))
		}
	}
	return p
}

// What looks at more rows than it shows counts as so many objects: what has changed is found among all rows of the view,
// and an order by a count counts for each row.
const (
	changesSinceCost = 2000
	orderByCountCost = 100
)

// orderCost is what an order costs.
func (c *costEstimator) orderCost(by *ast.Value) (sum int) {
	value, err := by.Value(c.variables)
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

func (c *costEstimator) rowsCost(f *ast.Field) selectionCost {
	if strings.HasPrefix(f.Name, "__") {
		if len(f.SelectionSet) > 0 {
			return selectionCost{own: introspectionCost}
		}
		return selectionCost{}
	}
	if len(f.SelectionSet) == 0 || f.Definition == nil {
		if f.Name == "totalCount" { // counting is a statement of its own
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
		return selectionCost{own: multiplySaturating(addSaturating(in.own, c.objectCost(def)), c.listLength(f.Arguments.ForName("ids").Value))}
	}
	if first := f.Definition.Arguments.ForName("first"); first != nil { // a list that is no connection
		n := 100
		if arg := f.Arguments.ForName("first"); arg != nil {
			if value, err := arg.Value.Value(c.variables); err == nil {
				n = clampNumber(value, maxListLength)
			}
		}
		return selectionCost{own: multiplySaturating(addSaturating(in.own, 1), n)}
	}
	return selectionCost{own: addSaturating(in.own, c.objectCost(def))}
}

// maxListLength is the most that a list that is no connection may have.
const maxListLength = 1_000

// clampNumber is a number from 1 to the most, and the most for what is none.
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

// objectCost is 1 for a type of rows, 0 for a part of one.
func (c *costEstimator) objectCost(def *ast.Definition) int {
	if def != nil && (def.Name == "Node" || def.Kind == ast.Object && len(def.Interfaces) > 0) {
		return 1
	}
	return 0
}

func isConnection(def *ast.Definition) bool {
	return def != nil && strings.HasSuffix(def.Name, "Connection") && def.Fields.ForName("pageInfo") != nil
}

// pageSize is how many rows a list is asked for.
func (c *costEstimator) pageSize(f *ast.Field) int {
	n := c.pageSizes.Default
	for _, name := range []string{"first", "last"} {
		if arg := f.Arguments.ForName(name); arg != nil {
			if asked, ok := c.pageArgument(arg.Value); ok {
				n = min(max(asked, 1), c.pageSizes.Max)
			}
		}
	}
	return n
}

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

// listLength is that of a list argument.
func (c *costEstimator) listLength(v *ast.Value) int {
	value, err := v.Value(c.variables)
	if list, ok := value.([]any); err == nil && ok {
		return max(len(list), 1)
	}
	return 1
}

// Introspects reports whether the operation asks about the schema, where an operator has switched that off.
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

// ErrIntrospection answers a question about the schema where that is switched off.
var ErrIntrospection = fault.New(fault.Forbidden, "This hub does not answer questions about its schema.")
