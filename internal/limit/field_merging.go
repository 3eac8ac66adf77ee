package limit

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// CheckFieldMerging finds two fields of the same response name that differ, by GraphQL's rule "Field Selection
// Merging". The usual algorithm compares every pair of fields, which takes minutes for a document of a few kilobytes.
// This one collects the fields of each name and compares them with the first, so that it visits every field once per
// level. The document must have passed CheckShape and all other rules. It returns nil when nothing differs.
func CheckFieldMerging(schema *ast.Schema, doc *ast.QueryDocument) *MergeConflict {
	for _, op := range doc.Operations {
		if c := findMergeConflict(schema, []ast.SelectionSet{op.SelectionSet}, true); c != nil {
			return c
		}
	}
	return nil
}

// MergeConflict is a pair of fields that cannot be merged.
type MergeConflict struct {
	name      string // the response name
	reason    string
	positions []*ast.Position
}

// newMergeConflict returns a conflict of two fields, with the reason in the words of GraphQL's own implementation.
func newMergeConflict(first, second *ast.Field, reason string, args ...any) *MergeConflict {
	positions := []*ast.Position{first.Position, second.Position}
	return &MergeConflict{second.Alias, fmt.Sprintf(reason, args...), positions}
}

// problem describes the conflict as GraphQL's own implementation does.
func (c *MergeConflict) problem() Problem {
	p := Problem{Fault: developerFault(fmt.Sprintf("Fields %q conflict because %s. "+
		"Use different aliases on the fields to fetch both if this was intentional.", c.name, c.reason))}
	for _, at := range c.positions {
		p.Locations = append(p.Locations, gqlerror.Location{Line: at.Line, Column: at.Column})
	}
	return p
}

// fieldsByName holds fields by their response names, with the names in order of appearance.
type fieldsByName struct {
	names  []string
	byName map[string][]*ast.Field
}

// collectFields adds the fields of a selection and of its fragments. Each fragment is added once.
func (n *fieldsByName) collectFields(sels ast.SelectionSet, seen map[*ast.FragmentDefinition]bool) {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			if n.byName[s.Alias] == nil {
				n.names = append(n.names, s.Alias)
			}
			n.byName[s.Alias] = append(n.byName[s.Alias], s)
		case *ast.InlineFragment:
			n.collectFields(s.SelectionSet, seen)
		case *ast.FragmentSpread:
			if s.Definition != nil && !seen[s.Definition] {
				seen[s.Definition] = true
				n.collectFields(s.Definition.SelectionSet, seen)
			}
		}
	}
}

// findMergeConflict checks the fields of selections that are merged in the response. With same, the selections may be
// of the same object, so that fields of one name must be the same field with the same arguments. Without it the fields
// need only have the same shape.
func findMergeConflict(schema *ast.Schema, sets []ast.SelectionSet, same bool) *MergeConflict {
	all := fieldsByName{byName: map[string][]*ast.Field{}}
	seen := map[*ast.FragmentDefinition]bool{}
	for _, set := range sets {
		all.collectFields(set, seen)
	}
	for _, name := range all.names {
		fields := all.byName[name]
		first := fields[0]
		for _, f := range fields[1:] {
			if !sameShape(schema, first.Definition, f.Definition) {
				return newMergeConflict(first, f, `they return conflicting types "%s" and "%s"`,
					first.Definition.Type, f.Definition.Type)
			}
		}
		if !same {
			if c := findMergeConflict(schema, childSelections(fields), false); c != nil {
				return c
			}
			continue
		}
		groups := groupByObject(fields)
		for _, group := range groups {
			for _, f := range group[1:] {
				if group[0].Name != f.Name {
					return newMergeConflict(group[0], f, `"%s" and "%s" are different fields`, group[0].Name, f.Name)
				}
				if !sameArguments(group[0].Arguments, f.Arguments) {
					return newMergeConflict(group[0], f, "they have differing arguments")
				}
			}
			if c := findMergeConflict(schema, childSelections(group), true); c != nil {
				return c
			}
		}
		if len(groups) > 1 {
			if c := findMergeConflict(schema, childSelections(fields), false); c != nil {
				return c
			}
		}
	}
	return nil
}

// childSelections returns the selections of the fields that have one.
func childSelections(fields []*ast.Field) (out []ast.SelectionSet) {
	for _, f := range fields {
		if len(f.SelectionSet) > 0 {
			out = append(out, f.SelectionSet)
		}
	}
	return out
}

// groupByObject groups fields by the object type that they are selected on. Fields on an interface belong to every
// group.
func groupByObject(fields []*ast.Field) (out [][]*ast.Field) {
	var abstract []*ast.Field
	var objects []*ast.Definition
	byObject := map[*ast.Definition][]*ast.Field{}
	for _, f := range fields {
		def := f.ObjectDefinition
		if def == nil || def.Kind != ast.Object {
			abstract = append(abstract, f)
			continue
		}
		if byObject[def] == nil {
			objects = append(objects, def)
		}
		byObject[def] = append(byObject[def], f)
	}
	if len(objects) == 0 {
		return [][]*ast.Field{abstract}
	}
	for _, def := range objects {
		out = append(out, append(byObject[def], abstract...))
	}
	return out
}

// sameShape reports whether the values of two fields have the same shape. They must agree in lists and non-null, and
// have the same scalar or enum type or both be objects.
func sameShape(schema *ast.Schema, a, b *ast.FieldDefinition) bool {
	if a == nil || b == nil || a == b {
		return true
	}
	x, y := a.Type, b.Type
	for x != nil && y != nil {
		if x.NonNull != y.NonNull || (x.Elem == nil) != (y.Elem == nil) {
			return false
		}
		if x.Elem == nil {
			break
		}
		x, y = x.Elem, y.Elem
	}
	dx, dy := schema.Types[x.Name()], schema.Types[y.Name()]
	if dx == nil || dy == nil || !dx.IsLeafType() && !dy.IsLeafType() {
		return true
	}
	return dx == dy
}

// sameArguments reports whether two lists of arguments have the same names and values, in any order.
func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if y := b.ForName(x.Name); y == nil || !sameValue(x.Value, y.Value) {
			return false
		}
	}
	return true
}

// sameValue reports whether two literals are equal. The order of the fields of an object does not matter.
func sameValue(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	for i, x := range a.Children {
		y := b.Children[i]
		if a.Kind == ast.ObjectValue && x.Name != y.Name {
			if y = childByName(b, x.Name); y == nil {
				return false
			}
		}
		if !sameValue(x.Value, y.Value) {
			return false
		}
	}
	return true
}

func childByName(v *ast.Value, name string) *ast.ChildValue {
	for _, c := range v.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}
