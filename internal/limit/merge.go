package limit

import (
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
)

// Merge fails where fields of one response name would differ: GraphQL's rule "Field Selection Merging". The usual
// algorithm compares every pair, which a document of a few kilobytes makes last for minutes; this one gathers the
// fields of a name and compares each with the first, so that every field is looked at once per level. The document has
// passed Shape and all other rules.
func Merge(schema *ast.Schema, doc *ast.QueryDocument) *Conflict {
	for _, op := range doc.Operations {
		if c := merge(schema, []ast.SelectionSet{op.SelectionSet}, true); c != nil {
			return c
		}
	}
	return nil
}

// Conflict is the place of a field that cannot be merged.
type Conflict struct{ At *ast.Position }

// Fault says so.
func (c *Conflict) Fault() error {
	return fault.New(fault.Invalid, "Two fields of the same response name differ: give one of them an alias.")
}

// named are the fields of a response name, in the order in which they come.
type named struct {
	names []string
	by    map[string][]*ast.Field
}

func (n *named) gather(sels ast.SelectionSet, seen map[*ast.FragmentDefinition]bool) {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			if n.by[s.Alias] == nil {
				n.names = append(n.names, s.Alias)
			}
			n.by[s.Alias] = append(n.by[s.Alias], s)
		case *ast.InlineFragment:
			n.gather(s.SelectionSet, seen)
		case *ast.FragmentSpread:
			if s.Definition != nil && !seen[s.Definition] {
				seen[s.Definition] = true
				n.gather(s.Definition.SelectionSet, seen)
			}
		}
	}
}

// merge checks the fields of selections that are answered together. Where they may be of one object (same), they must
// be the same field with the same arguments; else they need only be of one shape.
func merge(schema *ast.Schema, sets []ast.SelectionSet, same bool) *Conflict {
	all := named{by: map[string][]*ast.Field{}}
	seen := map[*ast.FragmentDefinition]bool{}
	for _, set := range sets {
		all.gather(set, seen)
	}
	for _, name := range all.names {
		fields := all.by[name]
		first := fields[0]
		for _, f := range fields[1:] {
			if !alike(schema, first.Definition, f.Definition) {
				return &Conflict{f.Position}
			}
		}
		if !same {
			if c := merge(schema, within(fields), false); c != nil {
				return c
			}
			continue
		}
		groups := overlapping(fields)
		for _, group := range groups {
			for _, f := range group[1:] {
				if group[0].Name != f.Name || !arguments(group[0].Arguments, f.Arguments) {
					return &Conflict{f.Position}
				}
			}
			if c := merge(schema, within(group), true); c != nil {
				return c
			}
		}
		if len(groups) > 1 {
			if c := merge(schema, within(fields), false); c != nil {
				return c
			}
		}
	}
	return nil
}

func within(fields []*ast.Field) (out []ast.SelectionSet) {
	for _, f := range fields {
		if len(f.SelectionSet) > 0 {
			out = append(out, f.SelectionSet)
		}
	}
	return out
}

// overlapping groups fields by the object that they may be of: those on an interface may be of any.
func overlapping(fields []*ast.Field) (out [][]*ast.Field) {
	var abstract []*ast.Field
	var objects []*ast.Definition
	by := map[*ast.Definition][]*ast.Field{}
	for _, f := range fields {
		def := f.ObjectDefinition
		if def == nil || def.Kind != ast.Object {
			abstract = append(abstract, f)
			continue
		}
		if by[def] == nil {
			objects = append(objects, def)
		}
		by[def] = append(by[def], f)
	}
	if len(objects) == 0 {
		return [][]*ast.Field{abstract}
	}
	for _, def := range objects {
		out = append(out, append(by[def], abstract...))
	}
	return out
}

// alike reports whether two fields have the same shape: lists and nulls alike, the same scalar or enum, or both objects.
func alike(schema *ast.Schema, a, b *ast.FieldDefinition) bool {
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

func arguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if y := b.ForName(x.Name); y == nil || !values(x.Value, y.Value) {
			return false
		}
	}
	return true
}

func values(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	for i, x := range a.Children {
		y := b.Children[i]
		if a.Kind == ast.ObjectValue && x.Name != y.Name {
			if y = child(b, x.Name); y == nil {
				return false
			}
		}
		if !values(x.Value, y.Value) {
			return false
		}
	}
	return true
}

func child(v *ast.Value, name string) *ast.ChildValue {
	for _, c := range v.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}
