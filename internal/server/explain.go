package server

import (
	"context"
	"regexp"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
)

// mostErrors is how many errors of one document are told.
const mostErrors = 10

// broken says what each rule of GraphQL asks, in place of the parser's messages, which quote the document. The place
// in the document is told beside it; names are told only where they are the schema's.
var broken = map[string]*fault.Error{
	"FieldsOnCorrectTypeWithoutSuggestions": fault.New(fault.Invalid, "The type has no such field."),
	"FragmentsOnCompositeTypes":             fault.New(fault.Invalid, "A fragment is about a type that has no fields."),
	"KnownArgumentNamesWithoutSuggestions":  fault.New(fault.Invalid, "There is no such argument."),
	"KnownDirectives":                       fault.New(fault.Invalid, "There is no such directive here."),
	"KnownFragmentNames":                    fault.New(fault.Invalid, "There is no such fragment in the document."),
	"KnownRootType":                         fault.New(fault.Invalid, "The schema has no operations of this kind."),
	"KnownTypeNamesWithoutSuggestions":      fault.New(fault.Invalid, "There is no such type."),
	"LoneAnonymousOperation":                fault.New(fault.Invalid, "An operation without a name must be the only one."),
	"NoFragmentCycles":                      fault.New(fault.Invalid, "Fragments lead back to themselves."),
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

var errBroken = fault.New(fault.Invalid, "The document breaks a rule of GraphQL.")

// onType finds the type of a field that does not exist.
var onType = regexp.MustCompile(`on type "(\w+)"`)

// explain turns the validator's errors into the hub's.
func (s *Server) explain(ctx context.Context, errs gqlerror.List) (out gqlerror.List) {
	for _, e := range errs[:min(len(errs), mostErrors)] {
		f, ok := broken[e.Rule]
		if !ok {
			f = errBroken
		}
		told := s.present(ctx, f)
		if at := onType.FindStringSubmatch(e.Message); at != nil && e.Rule == "FieldsOnCorrectTypeWithoutSuggestions" && s.o.Schema.Schema().Types[at[1]] != nil {
			told.Extensions["type"] = at[1]
		}
		told.Locations = e.Locations
		out = append(out, told)
	}
	return out
}
