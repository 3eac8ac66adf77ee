package limit

import (
	"errors"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"rightshub/internal/fault"
)

// Problem is what is wrong with a document, and where. It quotes nothing of it.
type Problem struct {
	Fault     *fault.Error
	Locations []gqlerror.Location
}

// ErrSchemaMismatch is all that is told of a document, or of variables, that do not fit a schema of which nothing may
// be told: neither a place nor a rule, from which one could find out which names there are.
var ErrSchemaMismatch = fault.New(fault.Invalid, "The document or its variables do not fit the schema of this hub, which it does not tell.")

// Parse parses, bounds and validates a text, cheapest first, and completes its input objects. Its problems name types,
// fields and values of the schema where these may be told; otherwise all that validation finds is ErrUntold.
func Parse(schema *ast.Schema, text string, tell bool) (*ast.QueryDocument, []Problem) {
	fail := func(err error, at ...gqlerror.Location) (*ast.QueryDocument, []Problem) {
		return nil, []Problem{{fault.As(err), at}}
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, MaxTokens)
	if err != nil {
		var e *gqlerror.Error
		if errors.As(err, &e) && strings.HasPrefix(e.Message, "exceeded token limit") {
			f := fault.New(fault.TooComplex, "The document has more than %d tokens: split it.", MaxTokens).With("rule", "tokens").With("limit", MaxTokens)
			if n := countTokens(text); n > MaxTokens && n < maxCountedTokens {
				f.With("asked", n)
			}
			return fail(f)
		}
		if e == nil {
			e = &gqlerror.Error{}
		}
		return fail(fault.New(fault.Invalid, "The document is not GraphQL: it cannot be read on from here."), e.Locations...)
	}
	if len(doc.Operations) == 0 {
		return fail(fault.New(fault.Invalid, "The document has no operation."))
	}
	if err := CheckShape(doc); err != nil {
		return fail(err)
	}
	errs := validator.ValidateWithRules(schema, doc, validationRules())
	switch {
	case len(errs) > 0 && !tell:
		return fail(ErrSchemaMismatch)
	case len(errs) > 0:
		return nil, explainErrors(schema, errs)
	}
	if c := CheckFieldMerging(schema, doc); c != nil && !tell {
		return fail(ErrSchemaMismatch)
	} else if c != nil {
		return fail(c.Fault(), gqlerror.Location{Line: c.Position.Line, Column: c.Position.Column})
	}
	completeDocument(schema, doc)
	return doc, nil
}

// maxCountedTokens is how many tokens of a document that has too many are counted: to count costs too.
const maxCountedTokens = 100_000

// countTokens counts those of a text, up to mostCounted or to one that is none.
func countTokens(text string) (n int) {
	l := lexer.New(&ast.Source{Input: text})
	for ; n < maxCountedTokens; n++ {
		if t, err := l.ReadToken(); err != nil || t.Kind == lexer.EOF {
			break
		}
	}
	return n
}

// maxReportedErrors is how many errors of one document are told.
const maxReportedErrors = 10

// faultsByRule says what each rule of GraphQL asks, in place of the parser's messages, which quote the document. The
// place in the document is told beside it; names are told only where they are the schema's.
var faultsByRule = map[string]*fault.Error{
	"FieldsOnCorrectTypeWithoutSuggestions": fault.New(fault.Invalid, "The type has no such field."),
	"FragmentsOnCompositeTypes":             fault.New(fault.Invalid, "A fragment is about a type that has no fields."),
	"KnownArgumentNamesWithoutSuggestions":  fault.New(fault.Invalid, "There is no such argument."),
	"KnownDirectives":                       fault.New(fault.Invalid, "There is no such directive here."),
	"KnownFragmentNames":                    fault.New(fault.Invalid, "There is no such fragment in the document."),
	"KnownRootType":                         fault.New(fault.Invalid, "The schema has no operations of this kind."),
	"KnownTypeNamesWithoutSuggestions":      fault.New(fault.Invalid, "There is no such type."),
	"LoneAnonymousOperation":                fault.New(fault.Invalid, "An operation without a name must be the only one."),
	"NoFragmentCycles":                      fault.New(fault.Invalid, "A fragment contains itself."),
	"NoUndefinedVariables":                  fault.New(fault.Invalid, "The operation does not declare this variable."),
	"NoUnusedFragments":                     fault.New(fault.Invalid, "The fragment is not used."),
	"NoUnusedVariables":                     fault.New(fault.Invalid, "The variable is not used."),
	"PossibleFragmentSpreads":               fault.New(fault.Invalid, "No object here is of the fragment's type."),
	"ProvidedRequiredArguments":             fault.New(fault.Invalid, "A required argument is missing."),
	"ScalarLeafsWithoutSuggestions":         fault.New(fault.Invalid, "An object needs a selection of its fields, and a value has none."),
	"SingleFieldSubscriptions":              fault.New(fault.Invalid, "A subscription has one root field."),
	"UniqueArgumentNames":                   fault.New(fault.Invalid, "An argument is given twice."),
	"UniqueDirectivesPerLocation":           fault.New(fault.Invalid, "A directive is given twice."),
	"UniqueFragmentNames":                   fault.New(fault.Invalid, "Two fragments have one name."),
	"UniqueInputFieldNames":                 fault.New(fault.Invalid, "A field of an input is given twice."),
	"UniqueOperationNames":                  fault.New(fault.Invalid, "Two operations have one name."),
	"UniqueVariableNames":                   fault.New(fault.Invalid, "A variable is declared twice."),
	"ValuesOfCorrectTypeWithoutSuggestions": fault.New(fault.Invalid, "A value is not of its type."),
	"VariablesAreInputTypes":                fault.New(fault.Invalid, "A variable is of a type that is not for input."),
	"VariablesInAllowedPosition":            fault.New(fault.Invalid, "A variable is used where its type does not fit."),
}

var errRuleBroken = fault.New(fault.Invalid, "The document breaks a rule of GraphQL.")

// schemaMessages are the validator's messages from which something of the schema is told: the pattern takes it out of
// the message, and the sentence says it. What the patterns take is the schema's by how the messages are made: the words
// of the document come after it, or before it in quotes, which no name has.
var schemaMessages = []struct {
	pattern  *regexp.Regexp
	sentence string
}{
	{regexp.MustCompile(`^Cannot query field "\w+" on type "(\w+)"`), "The type %s has no such field."},
	{regexp.MustCompile(`^Field "\w+" is not defined by type "(\w+)"`), "The type %s has no such field."},
	{regexp.MustCompile(`^Unknown argument "\w+" on field "(\w+\.\w+)"`), "The field %s has no such argument."},
	{regexp.MustCompile(`^Field "\w+" argument "(\w+)" of type "([\w\[\]!]+)" is required`), "The argument %s is required, of type %s."},
	{regexp.MustCompile(`^Field "(\w+\.\w+)" of required type "([\w\[\]!]+)"`), "%s is required, of type %s."},
	{regexp.MustCompile(`^Expected value of type "([\w\[\]!]+)"`), "A value is not of its type, which is %s."},
	{regexp.MustCompile(`^(Int|Float|String|Boolean|ID) cannot represent`), "A value is not of its type, which is %s."},
	{regexp.MustCompile(`^Variable "\$\w+" of type "[\w\[\]!]+" used in position expecting type "([\w\[\]!]+)"`), "A variable is used where its type does not fit, which is %s."},
	{regexp.MustCompile(`^Field "\w+" of type "([\w\[\]!]+)" must have`), "A selection of the fields of %s is missing."},
}

// enumPattern finds the enum of which a value is none.
var enumPattern = regexp.MustCompile(`^(?:Value "\w+" does not exist in|Enum) "[\[]*(\w+)`)

// explainErrors turns the validator's errors into the hub's.
func explainErrors(schema *ast.Schema, errs gqlerror.List) (out []Problem) {
	for _, e := range errs[:min(len(errs), maxReportedErrors)] {
		f, ok := faultsByRule[e.Rule]
		if !ok {
			f = errRuleBroken
		}
		out = append(out, Problem{faultFromMessage(schema, e.Message, f), e.Locations})
	}
	return out
}

// faultFromMessage says what of the schema a message is about; otherwise it is the fault that is given.
func faultFromMessage(schema *ast.Schema, message string, otherwise *fault.Error) *fault.Error {
	if enum := enumPattern.FindStringSubmatch(message); enum != nil && schema.Types[enum[1]] != nil {
		return fault.New(fault.Invalid, "A value of %s must be one of %s.", enum[1], EnumValueNames(schema.Types[enum[1]]))
	}
	for _, t := range schemaMessages {
		if names := t.pattern.FindStringSubmatch(message); names != nil {
			args := make([]any, len(names)-1)
			for i, name := range names[1:] {
				args[i] = name
			}
			f := fault.New(fault.Invalid, t.sentence, args...)
			if strings.HasPrefix(t.sentence, "The type ") {
				f.With("type", names[1])
			}
			return f
		}
	}
	return otherwise
}

// EnumValueNames lists the values of an enum.
func EnumValueNames(enum *ast.Definition) string {
	words := make([]string, len(enum.EnumValues))
	for i, v := range enum.EnumValues {
		words[i] = v.Name
	}
	return strings.Join(words, ", ")
}

// validationRules is GraphQL's rules without suggestions, which would name what the caller did not, and without the
// rule that takes quadratic time, for which there is Merge.
func validationRules() *rules.Rules {
	r := rules.NewDefaultRules()
	r.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	r.RemoveRule(rules.MaxIntrospectionDepth.Name) // Shape bounds it
	for _, rule := range []struct{ from, to core.Rule }{
		{rules.FieldsOnCorrectTypeRule, rules.FieldsOnCorrectTypeRuleWithoutSuggestions},
		{rules.KnownArgumentNamesRule, rules.KnownArgumentNamesRuleWithoutSuggestions},
		{rules.KnownTypeNamesRule, rules.KnownTypeNamesRuleWithoutSuggestions},
		{rules.ScalarLeafsRule, rules.ScalarLeafsRuleWithoutSuggestions},
		{rules.ValuesOfCorrectTypeRule, rules.ValuesOfCorrectTypeRuleWithoutSuggestions},
	} {
		r.RemoveRule(rule.from.Name)
		r.AddRule(rule.to.Name, rule.to.RuleFunc)
	}
	return r
}
