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

	"rightshub/internal/fault"
)

// Problem is an error in a document or in its variables, with its places in the document.
type Problem struct {
	Fault     *fault.Error
	Locations []gqlerror.Location
}

// ErrSchemaMismatch is the only answer to a document or to variables that do not fit a schema that must not be
// disclosed. It has no location and names no rule, because a caller could find out the names of the schema from either.
var ErrSchemaMismatch = fault.New(fault.Invalid,
	"The document or its variables do not fit the schema of this hub, which it does not tell.")

// problemsOf returns one problem.
func problemsOf(err error, locations ...gqlerror.Location) []Problem {
	return []Problem{{fault.As(err), locations}}
}

// Parse parses, bounds and validates a document, cheapest step first, and fills in the defaults of its input objects.
// With discloseSchema its problems are GraphQL's usual messages, which name types, fields and values of the schema.
// Without it, ErrSchemaMismatch is the only problem that validation reports.
func Parse(schema *ast.Schema, text string, discloseSchema bool) (*ast.QueryDocument, []Problem) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, MaxTokens)
	if err != nil {
		return nil, syntaxProblems(text, err, discloseSchema)
	}
	if len(doc.Operations) == 0 {
		return nil, problemsOf(fault.New(fault.Invalid, "The document has no operation."))
	}
	if err := CheckShape(doc); err != nil {
		return nil, problemsOf(err)
	}
	errs := validator.ValidateWithRules(schema, doc, validationRules())
	var conflict *MergeConflict
	if len(errs) == 0 {
		conflict = CheckFieldMerging(schema, doc)
	}
	switch {
	case len(errs) == 0 && conflict == nil:
		completeDocument(schema, doc)
		return doc, nil
	case !discloseSchema:
		return nil, problemsOf(ErrSchemaMismatch)
	case conflict != nil:
		return nil, []Problem{conflict.problem()}
	}
	return nil, explainErrors(schema, errs)
}

// syntaxProblems explains why the parser stopped.
func syntaxProblems(text string, err error, detailed bool) []Problem {
	var e *gqlerror.Error
	if !errors.As(err, &e) {
		e = &gqlerror.Error{}
	}
	switch cause := syntaxPattern.FindString(e.Message); {
	case strings.HasPrefix(e.Message, "exceeded token limit"):
		f := fault.New(fault.TooComplex, "The document has more than %d tokens: split it.", MaxTokens).
			WithLimit("tokens", MaxTokens)
		if n := countTokens(text); n > MaxTokens && n < maxCountedTokens {
			f.With("asked", n)
		}
		return problemsOf(f)
	case detailed && cause != "":
		cause = strings.ReplaceAll(cause, lexer.Invalid.String(), "an invalid token")
		return problemsOf(developerFault("Syntax Error: "+cause+"."), e.Locations...)
	}
	f := fault.New(fault.Invalid, "The document is not GraphQL: it cannot be read on from here.")
	return problemsOf(f, e.Locations...)
}

// syntaxPattern matches the part of a syntax error that says which kind of token was found, and omits its text. The
// text of a name is omitted too, because it may be a part of a value with a quote in it.
var syntaxPattern = regexp.MustCompile(`^(?:Expected \S+, found [^" ]+|Unexpected [^" ]+|Unterminated string\b|` +
	`expected at least one definition, found \S+|exceeded maximum nesting depth of \d+)`)

// maxCountedTokens is the most tokens that countTokens counts, because counting them takes time too.
const maxCountedTokens = 100_000

// countTokens counts the tokens of a text, up to maxCountedTokens or to the first error.
func countTokens(text string) (n int) {
	l := lexer.New(&ast.Source{Input: text})
	for ; n < maxCountedTokens; n++ {
		if t, err := l.ReadToken(); err != nil || t.Kind == lexer.EOF {
			break
		}
	}
	return n
}
