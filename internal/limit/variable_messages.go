package limit

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
)

// variableChecker collects the problems of variables, up to maxReportedErrors. It accepts the values that
// coerceVariables accepts. The errors of the library cannot be shown, because they repeat values.
type variableChecker struct {
	schema   *ast.Schema
	variable *ast.VariableDefinition // the variable that is being checked
	problems []Problem
}

// isFull reports whether enough problems were found.
func (c *variableChecker) isFull() bool { return len(c.problems) >= maxReportedErrors }

// explainVariables explains why coerceVariables failed. Its messages contain names and kinds of values, and no value.
func explainVariables(schema *ast.Schema, op *ast.OperationDefinition, variables map[string]any) []Problem {
	c := &variableChecker{schema: schema}
	for _, v := range op.VariableDefinitions {
		c.variable = v
		value, ok := variables[v.Variable]
		switch {
		case c.isFull():
		case ok && value == nil && v.Type.NonNull:
			c.report(nil, nil, `Variable "$%s" of non-null type "%s" must not be null.`, v.Variable, v.Type)
		case ok:
			c.checkValue(v.Type, value, valuePath{})
		case v.DefaultValue == nil && v.Type.NonNull:
			c.report(nil, nil, `Variable "$%s" of required type "%s" was not provided.`, v.Variable, v.Type)
		}
	}
	if c.problems == nil { // the library refuses a value that the checker accepts
		return problemsOf(developerFault("The value of a variable does not match its type."))
	}
	return c.problems
}

// valuePath is the path from a variable to a value inside it. In full it has the indexes of lists. Names has only the
// names of fields, as extensions.fields gives them.
type valuePath struct {
	full  string
	names []string
}

func (p valuePath) field(name string) valuePath {
	return valuePath{p.full + "." + name, append(slices.Clip(p.names), name)}
}

func (p valuePath) index(i int) valuePath {
	return valuePath{p.full + "[" + strconv.Itoa(i) + "]", p.names}
}

// report adds a problem. The reason, which may be nil, is translated for the people who filled in a form.
func (c *variableChecker) report(path []string, reason *fault.Field, message string, args ...any) {
	f := developerFault(fmt.Sprintf(message, args...))
	if reason != nil && len(path) > 0 {
		reason.Name = boundMessage(strings.Join(path, "."))
		f.Fields = []fault.Field{*reason}
	}
	p := Problem{Fault: f}
	if at := c.variable.Position; at != nil {
		p.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	c.problems = append(c.problems, p)
}

// describePlace returns ` at "variable.input.name[0]"`, or "" for the variable itself.
func (c *variableChecker) describePlace(p valuePath) string {
	if p.full == "" {
		return ""
	}
	return fmt.Sprintf(` at "variable.%s%s"`, c.variable.Variable, p.full)
}

// checkValue checks a value against a type.
func (c *variableChecker) checkValue(t *ast.Type, value any, path valuePath) {
	if c.isFull() {
		return
	}
	def := c.schema.Types[t.Name()]
	switch {
	case value == nil && t.NonNull, value != nil && t.Elem == nil && !c.hasKind(def, value):
		reason := fault.NewField("", "must be of type %s.", t.String())
		if value == nil {
			reason = fault.NewField("", "is required.")
		}
		c.report(path.names, &reason, `Variable "$%s" got %s%s; expected %s.`,
			c.variable.Variable, valueKind(value), c.describePlace(path), t)
	case value == nil:
	case t.Elem != nil:
		// The value is not always a []any, because the library replaces a single value by a slice of its Go type.
		list := reflect.ValueOf(value)
		if list.Kind() != reflect.Slice {
			c.checkValue(t.Elem, value, path)
			return
		}
		for i := range list.Len() {
			c.checkValue(t.Elem, list.Index(i).Interface(), path.index(i))
		}
	case def.Kind == ast.Enum:
		c.checkEnum(def, value.(string), path)
	case def.Kind == ast.InputObject:
		c.checkObject(def, value.(map[string]any), path)
	}
}

// hasKind reports whether a value that is not null has the right kind for a type that is not a list. Like the library,
// it accepts a number for a String, and a String with a number in it for Int and Float.
func (c *variableChecker) hasKind(def *ast.Definition, value any) bool {
	text, isText := value.(string)
	number, isNumber := numberText(value)
	if isNumber {
		text = number
	}
	switch {
	case def.Kind == ast.InputObject:
		_, ok := value.(map[string]any)
		return ok
	case def.Kind == ast.Enum:
		return isText
	case def.Name == "Int":
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	case def.Name == "Float":
		_, err := strconv.ParseFloat(text, 64)
		return err == nil
	case def.Name == "String" || def.Name == "ID":
		return isText || isNumber
	case def.Name == "Boolean":
		_, ok := value.(bool)
		return ok
	}
	return true // a scalar of the hub, which checks its values itself
}

// numberText returns a number of JSON as text.
func numberText(value any) (string, bool) {
	switch n := value.(type) {
	case json.Number:
		return n.String(), true
	case float64:
		return strconv.FormatFloat(n, 'f', -1, 64), true
	case int64:
		return strconv.FormatInt(n, 10), true
	}
	return "", false
}

// valueKind names the kind of a value of JSON, in the words that literalKind uses.
func valueKind(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return "a String"
	case bool:
		return "a Boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		text, _ := numberText(v)
		if _, err := strconv.ParseInt(text, 10, 64); errors.Is(err, strconv.ErrRange) {
			return "an Int of more than 64 bits"
		}
		return literalKind(text)
	}
}

// checkEnum checks that a text is a value of the enum.
func (c *variableChecker) checkEnum(def *ast.Definition, value string, path valuePath) {
	if def.EnumValues.ForName(value) != nil {
		return
	}
	reason := fault.NewField("", "must be one of %s.", enumValueNames(def))
	c.report(path.names, &reason, `Variable "$%s" got a String%s that does not exist in "%s" enum.%s`,
		c.variable.Variable, c.describePlace(path), def.Name, suggestEnumValues(c.schema, value, def.Name))
}

// enumValueNames lists the values of an enum.
func enumValueNames(enum *ast.Definition) string {
	names := make([]string, len(enum.EnumValues))
	for i, v := range enum.EnumValues {
		names[i] = v.Name
	}
	return strings.Join(names, ", ")
}

// namePattern matches the names of GraphQL.
var namePattern = regexp.MustCompile(`^[_A-Za-z]\w*$`)

// checkObject checks the fields of an input object.
func (c *variableChecker) checkObject(def *ast.Definition, object map[string]any, path valuePath) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		field := def.Fields.ForName(name)
		switch {
		case c.isFull():
			return
		case field != nil && object[name] == nil && field.Type.NonNull && field.DefaultValue != nil:
			reason := fault.NewField("", "cannot be null. Leave it out, or give a value.")
			c.report(path.field(name).names, &reason, `Variable "$%s" got null%s; expected %s.`,
				c.variable.Variable, c.describePlace(path.field(name)), field.Type)
		case field != nil:
			c.checkValue(field.Type, object[name], path.field(name))
		case name == "__typename": // clients add it to objects that they send back
		case namePattern.MatchString(name):
			reason := fault.NewField("", "is not defined by type %s.", def.Name)
			c.report(path.field(name).names, &reason,
				`Variable "$%s" got an unknown field%s. Field "%s" is not defined by type "%s".%s`,
				c.variable.Variable, c.describePlace(path.field(name)), name, def.Name,
				suggest("Did you mean", name, fieldNames(def)))
		default: // the name may be a value that was put in the wrong place, so the message does not repeat it
			c.report(nil, nil, `Variable "$%s" got a field%s whose name type "%s" does not define.`,
				c.variable.Variable, c.describePlace(path), def.Name)
		}
	}
	for _, field := range def.Fields {
		if _, ok := object[field.Name]; ok || !field.Type.NonNull || field.DefaultValue != nil || c.isFull() {
			continue
		}
		reason := fault.NewField("", "is required.")
		c.report(path.field(field.Name).names, &reason,
			`Variable "$%s" got no value%s. Field "%s.%s" of required type "%s" was not provided.`,
			c.variable.Variable, c.describePlace(path.field(field.Name)), def.Name, field.Name, field.Type)
	}
}
