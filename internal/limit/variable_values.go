package limit

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
)

// VariableValues checks the variables of an operation against their types and returns them in one form, as section
// 6.1.2 of the specification of GraphQL describes. A single value for a list becomes a list, an input object gets the
// defaults of the schema, and a leaf has the Go type that scalarReaders states. With discloseSchema the problems name
// what is wrong. Without it, ErrSchemaMismatch is the only problem.
//
// The library's own function is not used. It takes a text with a number in it for an Int, and its errors repeat values.
func VariableValues(
	schema *ast.Schema,
	op *ast.OperationDefinition,
	variables map[string]any,
	discloseSchema bool,
) (map[string]any, []Problem) {
	r := &variableReader{schema: schema}
	values := r.readVariables(op, variables)
	if r.problems == nil {
		r.problems = findMisplacedNulls(op, values)
	}
	switch {
	case r.problems == nil:
		return values, nil
	case discloseSchema:
		return nil, r.problems
	}
	return nil, problemsOf(ErrSchemaMismatch)
}

// variableReader reads the values of variables, and collects their problems up to maxReportedErrors.
type variableReader struct {
	schema   *ast.Schema
	variable *ast.VariableDefinition // the variable that is being read
	path     []pathStep              // from the variable to the value that is being read
	problems []Problem
}

// pathStep leads from an object to the value of a field, or from a list to an entry where the field is empty.
type pathStep struct {
	field string
	index int
}

// isFull reports whether enough problems were found.
func (r *variableReader) isFull() bool { return len(r.problems) >= maxReportedErrors }

// readVariables returns the values of the variables that have one.
func (r *variableReader) readVariables(op *ast.OperationDefinition, given map[string]any) map[string]any {
	out := map[string]any{}
	for _, v := range op.VariableDefinitions {
		r.variable = v
		value, ok := given[v.Variable]
		switch {
		case r.isFull():
			return nil
		case ok && value == nil && v.Type.NonNull:
			r.report(nil, `Variable "$%s" of non-null type "%s" must not be null.`, v.Variable, v.Type)
		case ok:
			out[v.Variable] = r.readValue(v.Type, value)
		case v.DefaultValue != nil:
			out[v.Variable] = r.readDefault(v.Type, v.DefaultValue)
		case v.Type.NonNull:
			r.report(nil, `Variable "$%s" of required type "%s" was not provided.`, v.Variable, v.Type)
		}
	}
	return out
}

// readDefault reads a default of the document or of the schema. Validation has found it to be of its type.
func (r *variableReader) readDefault(t *ast.Type, literal *ast.Value) any {
	value, err := literal.Value(nil)
	if err != nil {
		r.reportType(t, value)
		return nil
	}
	return r.readValue(t, value)
}

// readValue reads a value of a type.
func (r *variableReader) readValue(t *ast.Type, value any) any {
	def := r.schema.Types[t.Name()]
	switch {
	case r.isFull():
	case value == nil && t.NonNull:
		r.reportType(t, nil)
	case value == nil:
	case t.Elem != nil:
		return r.readList(t, value)
	case def.Kind == ast.InputObject:
		return r.readObject(t, def, value)
	case def.Kind == ast.Enum:
		return r.readEnum(t, def, value)
	default:
		leaf, ok := readScalar(def, value)
		if !ok {
			r.reportType(t, value)
		}
		return leaf
	}
	return nil
}

// readList reads a list. A single value stands for a list with one entry.
func (r *variableReader) readList(t *ast.Type, value any) any {
	list, ok := value.([]any)
	if !ok {
		return []any{r.readValue(t.Elem, value)}
	}
	out := make([]any, len(list))
	for i, item := range list {
		r.path = append(r.path, pathStep{index: i})
		out[i] = r.readValue(t.Elem, item)
		r.leaveStep()
	}
	return out
}

// leaveStep ends what was read under the last step of the path.
func (r *variableReader) leaveStep() { r.path = r.path[:len(r.path)-1] }

// readEnum reads a value of an enum, which must be written as in the schema.
func (r *variableReader) readEnum(t *ast.Type, def *ast.Definition, value any) any {
	name, ok := value.(string)
	switch {
	case !ok:
		r.reportType(t, value)
	case def.EnumValues.ForName(name) == nil:
		reason := fault.NewField("", "must be one of %s.", enumValueNames(def))
		r.report(&reason, `Variable "$%s" got a String%s that does not exist in "%s" enum.%s`,
			r.variable.Variable, r.describePlace(), def.Name, suggestEnumValues(r.schema, name, def.Name))
	}
	return value
}

// enumValueNames lists the values of an enum.
func enumValueNames(enum *ast.Definition) string {
	names := make([]string, len(enum.EnumValues))
	for i, v := range enum.EnumValues {
		names[i] = v.Name
	}
	return strings.Join(names, ", ")
}

// readObject reads an input object and fills in the defaults of the schema.
func (r *variableReader) readObject(t *ast.Type, def *ast.Definition, value any) any {
	object, ok := value.(map[string]any)
	if !ok {
		r.reportType(t, value)
		return nil
	}
	out := make(map[string]any, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if r.isFull() {
			return nil
		}
		field := def.Fields.ForName(name)
		r.path = append(r.path, pathStep{field: name})
		switch {
		case field == nil:
			r.reportUnknownField(def, name)
		case object[name] == nil && field.Type.NonNull && field.DefaultValue != nil:
			reason := fault.NewField("", "cannot be null. Leave it out, or give a value.")
			r.report(&reason, `Variable "$%s" got null%s; expected %s.`,
				r.variable.Variable, r.describePlace(), field.Type)
		default:
			out[name] = r.readValue(field.Type, object[name])
		}
		r.leaveStep()
	}
	r.completeObject(def, object, out)
	return out
}

// completeObject reads the defaults of the fields that the caller left out, and reports those that have none.
func (r *variableReader) completeObject(def *ast.Definition, given, out map[string]any) {
	for _, field := range def.Fields {
		if _, ok := given[field.Name]; ok || r.isFull() {
			continue
		}
		r.path = append(r.path, pathStep{field: field.Name})
		switch {
		case field.DefaultValue != nil:
			out[field.Name] = r.readDefault(field.Type, field.DefaultValue)
		case field.Type.NonNull:
			reason := fault.NewField("", "is required.")
			r.report(&reason, `Variable "$%s" got no value%s. Field "%s.%s" of required type "%s" was not provided.`,
				r.variable.Variable, r.describePlace(), def.Name, field.Name, field.Type)
		}
		r.leaveStep()
	}
}
