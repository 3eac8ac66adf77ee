package limit

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
)

// Pages say how many rows a list has.
type Pages struct{ Default, Most int }

// introspectionCost is what a question about the schema counts as, in objects.
const introspectionCost = 500

// Cost is how many objects the operation may ask for: every row of every page, the pages within it multiplied. It is
// worked out from the document and its variables alone, so it says nothing about what there is. The document is valid.
func Cost(schema *ast.Schema, op *ast.OperationDefinition, variables map[string]any, pages Pages) int {
	c := &cost{schema: schema, variables: variables, pages: pages, known: map[*ast.FragmentDefinition]price{}}
	return max(c.set(op.SelectionSet).own, 1)
}

// Check fails where a cost is above the most that an operation may have.
func Check(cost, most int) error {
	return exceeds("objects", cost, most, "This asks for up to %d objects in one operation; at most %d are allowed. Ask for smaller pages, or split it.")
}

// price is what a selection costs: in itself, and for each row of the connection that it is a part of.
type price struct{ own, each int }

func (p *price) add(o price) { p.own, p.each = plus(p.own, o.own), plus(p.each, o.each) }

type cost struct {
	schema    *ast.Schema
	variables map[string]any
	pages     Pages
	known     map[*ast.FragmentDefinition]price
}

func (c *cost) set(sels ast.SelectionSet) (out price) {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			out.add(c.field(s))
		case *ast.InlineFragment:
			out.add(c.set(s.SelectionSet))
		case *ast.FragmentSpread:
			if s.Definition == nil {
				continue
			}
			p, ok := c.known[s.Definition]
			if !ok {
				p = c.set(s.Definition.SelectionSet)
				c.known[s.Definition] = p
			}
			out.add(p)
		}
	}
	return out
}

func (c *cost) field(f *ast.Field) price {
	p := c.selection(f)
	if f.Name == "changesSince" {
		p.own = plus(p.own, changesCost)
	}
	if by := f.Arguments.ForName("orderBy"); by != nil {
		p.own = plus(p.own, c.counts(by.Value))
	}
	if where := f.Arguments.ForName("where"); where != nil && f.Definition != nil {
		arg := f.Definition.Arguments.ForName("where")
		if value, err := where.Value.Value(c.variables); err == nil && arg != nil {
			p.own = plus(p.own, conditions(c.schema, c.schema.Types[arg.Type.Name()], value, conditionCost, false))
		}
	}
	return p
}

// What looks at more rows than it shows counts as so many objects: what has changed is found among all rows of the view,
// and an order by a count counts for each row.
const (
	changesCost = 2000
	countCost   = 100
)

// counts is what an order costs.
func (c *cost) counts(by *ast.Value) (sum int) {
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
			sum += countCost
		}
	}
	return sum
}

func (c *cost) selection(f *ast.Field) price {
	if strings.HasPrefix(f.Name, "__") {
		if len(f.SelectionSet) > 0 {
			return price{own: introspectionCost}
		}
		return price{}
	}
	if len(f.SelectionSet) == 0 || f.Definition == nil {
		if f.Name == "totalCount" { // counting is a statement of its own
			return price{own: 1}
		}
		return price{}
	}
	in := c.set(f.SelectionSet)
	def := c.schema.Types[f.Definition.Type.Name()]
	switch {
	case connection(f.ObjectDefinition) && (f.Name == "edges" || f.Name == "nodes"):
		return price{each: plus(in.own, c.object(def))}
	case connection(def):
		return price{own: plus(in.own, times(in.each, c.page(f)))}
	case f.Definition.Type.Elem != nil && f.Arguments.ForName("ids") != nil:
		return price{own: times(plus(in.own, c.object(def)), c.length(f.Arguments.ForName("ids").Value))}
	}
	if first := f.Definition.Arguments.ForName("first"); first != nil { // a list that is no connection
		n := 100
		if arg := f.Arguments.ForName("first"); arg != nil {
			if value, err := arg.Value.Value(c.variables); err == nil {
				n = whole(value, longList)
			}
		}
		return price{own: times(plus(in.own, 1), n)}
	}
	return price{own: plus(in.own, c.object(def))}
}

// longList is the most that a list that is no connection may have.
const longList = 1_000

// whole is a number from 1 to the most, and the most for what is none.
func whole(v any, most int) int {
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

// object is 1 for a type of rows, 0 for a part of one.
func (c *cost) object(def *ast.Definition) int {
	if def != nil && (def.Name == "Node" || def.Kind == ast.Object && len(def.Interfaces) > 0) {
		return 1
	}
	return 0
}

func connection(def *ast.Definition) bool {
	return def != nil && strings.HasSuffix(def.Name, "Connection") && def.Fields.ForName("pageInfo") != nil
}

// page is how many rows a list is asked for.
func (c *cost) page(f *ast.Field) int {
	n := c.pages.Default
	for _, name := range []string{"first", "last"} {
		if arg := f.Arguments.ForName(name); arg != nil {
			if asked, ok := c.number(arg.Value); ok {
				n = min(max(asked, 1), c.pages.Most)
			}
		}
	}
	return n
}

func (c *cost) number(v *ast.Value) (int, bool) {
	value, err := v.Value(c.variables)
	if err != nil {
		return c.pages.Most, true
	}
	switch n := value.(type) {
	case int64:
		return int(min(max(n, 0), int64(c.pages.Most))), true
	case int:
		return min(max(n, 0), c.pages.Most), true
	case json.Number:
		i, err := n.Int64()
		return int(min(max(i, 0), int64(c.pages.Most))), err == nil
	case nil:
		return 0, false
	}
	return c.pages.Most, true
}

// length is that of a list argument.
func (c *cost) length(v *ast.Value) int {
	value, err := v.Value(c.variables)
	if list, ok := value.([]any); err == nil && ok {
		return max(len(list), 1)
	}
	return 1
}

// Introspects reports whether the operation asks about the schema, where an operator has switched that off.
func Introspects(op *ast.OperationDefinition) bool { return introspects(op.SelectionSet) }

func introspects(sels ast.SelectionSet) bool {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			if s.Name == "__schema" || s.Name == "__type" {
				return true
			}
		case *ast.InlineFragment:
			if introspects(s.SelectionSet) {
				return true
			}
		case *ast.FragmentSpread:
			if s.Definition != nil && introspects(s.Definition.SelectionSet) {
				return true
			}
		}
	}
	return false
}

// ErrIntrospection answers a question about the schema where that is switched off.
var ErrIntrospection = fault.New(fault.Forbidden, "This hub does not answer questions about its schema.")
