package limit

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
)

// report adds a problem of the value that is being read. The reason, which may be nil, is translated for the people who
// filled in a form. The message contains names and kinds of values, and no value.
func (r *variableReader) report(reason *fault.Field, message string, args ...any) {
	f := developerFault(fmt.Sprintf(message, args...))
	if names := r.fieldNames(); reason != nil && len(names) > 0 {
		reason.Name = boundMessage(strings.Join(names, "."))
		f.Fields = []fault.Field{*reason}
	}
	p := Problem{Fault: f}
	if at := r.variable.Position; at != nil {
		p.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	r.problems = append(r.problems, p)
}

// reportType reports a value that is not of its type.
func (r *variableReader) reportType(t *ast.Type, value any) {
	reason := fault.NewField("", "must be of type %s.", t.String())
	if value == nil {
		reason = fault.NewField("", "is required.")
	}
	kind := valueKind(value)
	if kind == "an Int" && t.Name() == "Int" {
		kind = "an Int of more than 32 bits"
	}
	r.report(&reason, `Variable "$%s" got %s%s; expected %s.`, r.variable.Variable, kind, r.describePlace(), t)
}

// namePattern matches the names of GraphQL.
var namePattern = regexp.MustCompile(`^[_A-Za-z]\w*$`)

// reportUnknownField reports the field at the end of the path, which its type does not define.
func (r *variableReader) reportUnknownField(def *ast.Definition, name string) {
	switch {
	case name == "__typename": // clients add it to objects that they send back
	case namePattern.MatchString(name):
		reason := fault.NewField("", "is not defined by type %s.", def.Name)
		r.report(&reason, `Variable "$%s" got an unknown field%s. Field "%s" is not defined by type "%s".%s`,
			r.variable.Variable, r.describePlace(), name, def.Name, suggest("Did you mean", name, fieldNames(def)))
	default: // the name may be a value that was put in the wrong place, so the message does not repeat it
		last := len(r.path) - 1
		step := r.path[last]
		r.path = r.path[:last]
		r.report(nil, `Variable "$%s" got a field%s whose name type "%s" does not define.`,
			r.variable.Variable, r.describePlace(), def.Name)
		r.path = append(r.path, step)
	}
}

// describePlace returns ` at "variable.input.name[0]"`, or "" for the variable itself.
func (r *variableReader) describePlace() string {
	if len(r.path) == 0 {
		return ""
	}
	place := r.variable.Variable
	for _, step := range r.path {
		if step.field == "" {
			place += "[" + strconv.Itoa(step.index) + "]"
		} else {
			place += "." + step.field
		}
	}
	return fmt.Sprintf(` at "variable.%s"`, place)
}

// fieldNames returns the fields of the path, without the indexes of lists, as extensions.fields gives them.
func (r *variableReader) fieldNames() (names []string) {
	for _, step := range r.path {
		if step.field != "" {
			names = append(names, step.field)
		}
	}
	return names
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
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 64); errors.Is(err, strconv.ErrRange) {
			return "an Int of more than 64 bits"
		}
		return literalKind(v.String())
	default:
		return literalKind(fmt.Sprint(v))
	}
}
