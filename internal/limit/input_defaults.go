package limit

import (
	"maps"
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
)

// VariableValues are the operation's variables, each of its type and in one form: a list is a list, also where a single value
// stands for it, an enum's value is written as in the schema, and an input object has the schema's defaults.
func VariableValues(schema *ast.Schema, op *ast.OperationDefinition, given map[string]any) (map[string]any, error) {
	out, err := validator.VariableValues(schema, op, given)
	if err != nil {
		return nil, err
	}
	for _, v := range op.VariableDefinitions {
		if value, ok := out[v.Variable]; ok {
			if out[v.Variable], err = completeValue(schema, v.Type, value, ast.Path{ast.PathName("variable"), ast.PathName(v.Variable)}); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// completeValue is a valid value of the type in that form.
func completeValue(schema *ast.Schema, t *ast.Type, v any, at ast.Path) (_ any, err error) {
	def := schema.Types[t.Name()]
	switch {
	case v == nil:
		return nil, nil
	case t.Elem != nil:
		list := reflect.ValueOf(v) // the library makes a list of the value's own kind where there is a single one
		out := make([]any, list.Len())
		for i := range out {
			if out[i], err = completeValue(schema, t.Elem, list.Index(i).Interface(), append(at, ast.PathIndex(i))); err != nil {
				return nil, err
			}
		}
		return out, nil
	case def.Kind == ast.Enum:
		if name, ok := v.(string); !ok || def.EnumValues.ForName(name) == nil { // the library takes any case
			return nil, gqlerror.ErrorPathf(at, "not a value of %s", def.Name)
		}
	case def.Kind == ast.InputObject:
		out := maps.Clone(v.(map[string]any))
		for _, f := range def.Fields {
			value, ok := out[f.Name]
			if !ok && f.DefaultValue != nil {
				value, err = f.DefaultValue.Value(nil)
				ok = true
			}
			if ok && err == nil {
				out[f.Name], err = completeValue(schema, f.Type, value, append(at, ast.PathName(f.Name)))
			}
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// completeDocument gives the input objects that a valid document writes out the schema's defaults for what they leave out.
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

// completeLiteral is a copy of a written value of the type, with the defaults.
func completeLiteral(schema *ast.Schema, t *ast.Type, v *ast.Value) *ast.Value {
	out := *v
	out.Children = nil
	fields := schema.Types[t.Name()].Fields // of the object, or of those in the list; a scalar has none
	for _, child := range v.Children {
		kid := *child
		f := fields.ForName(child.Name)
		switch {
		case f == nil:
			kid.Value = completeLiteral(schema, t, child.Value)
		case f.DefaultValue != nil && child.Value.Kind == ast.Variable: // the default counts where the variable is not given
			given := *child.Value
			given.VariableDefinition = &ast.VariableDefinition{DefaultValue: completeLiteral(schema, f.Type, f.DefaultValue)}
			kid.Value = &given
		default:
			kid.Value = completeLiteral(schema, f.Type, child.Value)
		}
		out.Children = append(out.Children, &kid)
	}
	for _, f := range fields {
		if v.Kind == ast.ObjectValue && f.DefaultValue != nil && v.Children.ForName(f.Name) == nil {
			out.Children = append(out.Children, &ast.ChildValue{Name: f.Name, Value: completeLiteral(schema, f.Type, f.DefaultValue)})
		}
	}
	return &out
}
