package limit

import (
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// valuesOfCorrectType is the library's rule about literals, with two checks that it lacks. An Int has 32 bits, and an
// object is no scalar, even without fields.
var valuesOfCorrectType = core.Rule{
	Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions.Name,
	RuleFunc: func(observers *core.Events, addError core.AddErrFunc) {
		rules.ValuesOfCorrectTypeRuleWithoutSuggestions.RuleFunc(observers, addError)
		observers.OnValue(func(_ *core.Walker, value *ast.Value) {
			if message := checkLiteral(value); message != "" {
				addError(core.Message("%s %s", message, value.String()), core.At(value.Position))
			}
		})
	},
}

// checkLiteral returns the beginning of the error of a literal, in the words of the library, or "".
func checkLiteral(value *ast.Value) string {
	if value.Definition == nil || value.ExpectedType == nil {
		return ""
	}
	switch {
	case value.Kind == ast.IntValue && value.Definition.Name == "Int":
		_, wide := strconv.ParseInt(value.Raw, 10, 64)
		if _, err := strconv.ParseInt(value.Raw, 10, 32); err != nil && wide == nil {
			return "Int cannot represent non 32-bit signed integer value:"
		}
	case value.Kind == ast.ObjectValue && len(value.Children) == 0 && scalarReaders[value.Definition.Name] != nil:
		return `Expected value of type "` + value.ExpectedType.String() + `", found`
	}
	return ""
}
