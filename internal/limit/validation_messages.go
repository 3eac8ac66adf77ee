package limit

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"rightshub/internal/fault"
)

// maxReportedErrors is the most errors of one document or of its variables that an answer lists.
const maxReportedErrors = 10

// Lengths that bound the size of an answer, and the time to find suggestions, which grows with the length of a name.
const (
	maxNameLength    = 64 // a longer name is cut, and gets no suggestions
	maxMessageLength = 600
)

// validationRules returns the rules of GraphQL, without two of them. CheckFieldMerging replaces the rule about merging,
// which takes quadratic time, and CheckShape limits the depth of introspection. The rules make no suggestions, because
// that takes time for each of thousands of errors. suggestNames makes them for the reported errors only.
func validationRules() *rules.Rules {
	r := rules.NewDefaultRules()
	r.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	r.RemoveRule(rules.MaxIntrospectionDepth.Name)
	for _, rule := range []struct{ from, to core.Rule }{
		{rules.FieldsOnCorrectTypeRule, rules.FieldsOnCorrectTypeRuleWithoutSuggestions},
		{rules.KnownArgumentNamesRule, rules.KnownArgumentNamesRuleWithoutSuggestions},
		{rules.KnownTypeNamesRule, rules.KnownTypeNamesRuleWithoutSuggestions},
		{rules.ScalarLeafsRule, rules.ScalarLeafsRuleWithoutSuggestions},
		{rules.ValuesOfCorrectTypeRule, valuesOfCorrectType},
	} {
		r.RemoveRule(rule.from.Name)
		r.AddRule(rule.to.Name, rule.to.RuleFunc)
	}
	return r
}

// developerFault returns an INVALID fault with GraphQL's own message. These messages stay English in every language,
// because developers know and search for them in that form.
func developerFault(message string) *fault.Error {
	return &fault.Error{Code: fault.Invalid, Message: boundMessage(message)}
}

// explainErrors turns the errors of the validator into problems with names and suggestions. It returns nil for no
// errors.
func explainErrors(schema *ast.Schema, errs gqlerror.List) (out []Problem) {
	for _, e := range errs[:min(len(errs), maxReportedErrors)] {
		message := boundMessage(e.Message)
		explained := describeError(e.Rule, message) + suggestNames(schema, message)
		out = append(out, Problem{developerFault(explained), e.Locations})
	}
	return out
}

// rulesWithoutValues lists the rules with messages that contain names only, of the schema and of the document.
var rulesWithoutValues = map[string]bool{
	rules.FieldsOnCorrectTypeRuleWithoutSuggestions.Name: true,
	rules.FragmentsOnCompositeTypesRule.Name:             true,
	rules.KnownArgumentNamesRuleWithoutSuggestions.Name:  true,
	rules.KnownDirectivesRule.Name:                       true,
	rules.KnownFragmentNamesRule.Name:                    true,
	rules.KnownRootTypeRule.Name:                         true,
	rules.KnownTypeNamesRuleWithoutSuggestions.Name:      true,
	rules.LoneAnonymousOperationRule.Name:                true,
	rules.NoFragmentCyclesRule.Name:                      true,
	rules.NoUndefinedVariablesRule.Name:                  true,
	rules.NoUnusedFragmentsRule.Name:                     true,
	rules.NoUnusedVariablesRule.Name:                     true,
	rules.PossibleFragmentSpreadsRule.Name:               true,
	rules.ProvidedRequiredArgumentsRule.Name:             true,
	rules.ScalarLeafsRuleWithoutSuggestions.Name:         true,
	rules.SingleFieldSubscriptionsRule.Name:              true,
	rules.UniqueArgumentNamesRule.Name:                   true,
	rules.UniqueDirectivesPerLocationRule.Name:           true,
	rules.UniqueFragmentNamesRule.Name:                   true,
	rules.UniqueInputFieldNamesRule.Name:                 true,
	rules.UniqueOperationNamesRule.Name:                  true,
	rules.UniqueVariableNamesRule.Name:                   true,
	rules.VariablesAreInputTypesRule.Name:                true,
	rules.VariablesInAllowedPositionRule.Name:            true,
}

// Messages of the rule about values. In the first pattern the second group is a value of the document, in GraphQL's
// notation, which an answer must not repeat. The messages of the second pattern have names only.
var (
	valuePattern = regexp.MustCompile(`(?s)^(Expected value of type "[\w\[\]!]+", found|` +
		`(?:Int|Float|String|Boolean|ID) cannot represent [\w -]+:|` +
		`Enum "[\w\[\]!]+" cannot represent non-enum value:) (.*?)\.?$`)
	valueNamePattern = regexp.MustCompile(`^(?:Value "[\w.]+" does not exist in "[\w\[\]!]+" enum\.|` +
		`Field "\w+\.\w+" of required type "[\w\[\]!]+" was not provided\.|` +
		`OneOf Input Object "\w+" must specify exactly one key\.|` +
		`Field "\w+\.\w+" must be non-null\.|` +
		`Field "[\w.]+" is not defined by type "\w+"\.)$`)
)

// describeError returns a message of the validator, with the kind of a value in place of the value. A message in an
// unknown form may contain anything, so only its rule is named.
func describeError(rule, message string) string {
	switch parts := valuePattern.FindStringSubmatch(message); {
	case rulesWithoutValues[rule]:
		return message
	case rule != rules.ValuesOfCorrectTypeRuleWithoutSuggestions.Name:
	case parts != nil:
		expectation := strings.TrimSuffix(strings.TrimSuffix(parts[1], ":"), ", found")
		return expectation + ", found " + literalKind(parts[2]) + "."
	case valueNamePattern.MatchString(message):
		return message
	}
	return fmt.Sprintf("The document breaks the rule %s of GraphQL.", strings.TrimSuffix(rule, "WithoutSuggestions"))
}

// literalKind names the kind of a literal in GraphQL's notation.
func literalKind(literal string) string {
	switch {
	case strings.HasPrefix(literal, `"`):
		return "a String"
	case strings.HasPrefix(literal, "["):
		return "a list"
	case strings.HasPrefix(literal, "{"):
		return "an object"
	case strings.HasPrefix(literal, "$"):
		return "a variable"
	case literal == "null":
		return "null"
	case literal == "true" || literal == "false":
		return "a Boolean"
	case strings.Trim(literal, "-0123456789") == "":
		return "an Int"
	case strings.Trim(literal, "-+.eE0123456789") == "":
		return "a Float"
	}
	return "an enum value"
}

// boundMessage cuts long names in a message, and a long message. Patterns run on its result, because they would take
// long on a message with a value of a megabyte in it. All messages about valid names are ASCII.
func boundMessage(message string) string {
	const mark = "..."
	out := make([]byte, 0, min(len(message), maxMessageLength))
	for i := 0; i < len(message) && len(out) < maxMessageLength; {
		end := i
		for end < len(message) && isNameByte(message[end]) {
			end++
		}
		switch {
		case end == i:
			out = append(out, message[i])
			end++
		case end-i > maxNameLength:
			out = append(append(out, message[i:i+maxNameLength-len(mark)]...), mark...)
		default:
			out = append(out, message[i:end]...)
		}
		i = end
	}
	if len(out) > maxMessageLength-len(mark) && len(out) < len(message) {
		out = append(out[:maxMessageLength-len(mark)], mark...)
	}
	return string(out)
}

// isNameByte reports whether a name of GraphQL may contain the byte.
func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
