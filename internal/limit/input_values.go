package limit

import (
	"errors"
	"maps"
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

// VariableValues checks the variables of an operation against their types and returns them in one form. A single value
// for a list becomes a list, and an input object gets the defaults of the schema. A value of an enum must be written as
// in the schema. With discloseSchema the problems name what is wrong. Without it, ErrSchemaMismatch is the only
// problem.
func VariableValues(
	schema *ast.Schema,
	op *ast.OperationDefinition,
	variables map[string]any,
	discloseSchema bool,
) (map[string]any, []Problem) {
	values, err := coerceVariables(schema, op, variables)
	switch {
	case err == nil:
		return values, nil
	case discloseSchema:
		return nil, explainVariables(schema, op, variables)
	}
	return nil, problemsOf(ErrSchemaMismatch)
}

// coerceVariables does the work of VariableValues. Its errors may contain values, so callers must not see them.
func coerceVariables(
	schema *ast.Schema,
	op *ast.OperationDefinition,
	variables map[string]any,
) (map[string]any, error) {
	out, err := validator.VariableValues(schema, op, variables)
	if err != nil {
		return nil, err
	}
	for _, v := range op.VariableDefinitions {
		value, ok := out[v.Variable]
		if !ok {
			continue
		}
		if out[v.Variable], err = completeValue(schema, v.Type, value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// errEnumCase is the error for a value of an enum in the wrong case.
var errEnumCase = errors.New("a value of an enum is not written as in the schema")

// completeValue returns a valid value of the type in the form that VariableValues describes.
func completeValue(schema *ast.Schema, t *ast.Type, v any) (_ any, err error) {
	def := schema.Types[t.Name()]
	switch {
	case v == nil:
		return nil, nil
	case t.Elem != nil:
		list := reflect.ValueOf(v) // not always []any: for a single value the library makes a slice of its Go type
		out := make([]any, list.Len())
		for i := range out {
			if out[i], err = completeValue(schema, t.Elem, list.Index(i).Interface()); err != nil {
				return nil, err
			}
		}
		return out, nil
	case def.Kind == ast.Enum:
		name, ok := v.(string)
		if !ok || def.EnumValues.ForName(name) == nil { // the library ignores upper and lower case
			return nil, errEnumCase
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
				out[f.Name], err = completeValue(schema, f.Type, value)
			}
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

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
