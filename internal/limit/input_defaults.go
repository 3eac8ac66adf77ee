package limit

import "github.com/vektah/gqlparser/v2/ast"

// completeDocument fills in the defaults of the schema in the input objects that a valid document writes as literals.
func completeDocument(schema *ast.Schema, doc *ast.QueryDocument) {
	for _, op := range doc.Operations {
		completeSelectionSet(schema, op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		completeSelectionSet(schema, f.SelectionSet)
	}
}

func completeSelectionSet(schema *ast.Schema, sels ast.SelectionSet) {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			for _, arg := range s.Arguments {
				if def := s.Definition.Arguments.ForName(arg.Name); def != nil {
					arg.Value = completeLiteral(schema, def.Type, arg.Value)
				}
			}
			completeSelectionSet(schema, s.SelectionSet)
		case *ast.InlineFragment:
			completeSelectionSet(schema, s.SelectionSet)
		}
	}
}

// completeLiteral returns a copy of a literal of the type, with the defaults of the schema filled in.
func completeLiteral(schema *ast.Schema, t *ast.Type, v *ast.Value) *ast.Value {
	out := *v
	out.Children = nil
	fields := schema.Types[t.Name()].Fields // of the object or of the objects in the list; a scalar has none
	for _, child := range v.Children {
		completed := *child
		f := fields.ForName(child.Name)
		switch {
		case f == nil:
			completed.Value = completeLiteral(schema, t, child.Value)
		case f.DefaultValue != nil && child.Value.Kind == ast.Variable:
			// The default of the field applies when the variable has no value.
			variable := *child.Value
			variable.VariableDefinition = &ast.VariableDefinition{
				DefaultValue: completeLiteral(schema, f.Type, f.DefaultValue),
			}
			completed.Value = &variable
		default:
			completed.Value = completeLiteral(schema, f.Type, child.Value)
		}
		out.Children = append(out.Children, &completed)
	}
	for _, f := range fields {
		if v.Kind == ast.ObjectValue && f.DefaultValue != nil && v.Children.ForName(f.Name) == nil {
			out.Children = append(out.Children, &ast.ChildValue{
				Name:  f.Name,
				Value: completeLiteral(schema, f.Type, f.DefaultValue),
			})
		}
	}
	return &out
}
