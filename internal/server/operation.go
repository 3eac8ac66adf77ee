package server

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
	"rightshub/internal/limit"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// parsedDocument is a document that was parsed, checked against the limits, and validated against the schema.
type parsedDocument struct {
	text       string
	parsed     *ast.QueryDocument
	registered bool
}

// operation is an operation that passed all checks and may be executed.
type operation struct {
	*graphql.OperationContext
	cost       int  // in objects
	wantsCost  bool // the response's extensions report the cost
	registered bool // the operation's document is a registered document
}

// operationKind returns "query", "mutation" or "subscription".
func (o *operation) operationKind() string { return string(o.Operation.Operation) }

// prepareOperation runs every check that precedes the execution of an operation. The cheapest checks come first, so
// that an overload is refused as early as possible. They are the size of the text, its tokens, its shape, the rules
// of GraphQL, the variables, the cost, and the rest of the caller's allowance. None of them reads data for the caller.
func (s *Server) prepareOperation(
	ctx context.Context, session store.Session, q *request, allowance *allowance,
) (*operation, gqlerror.List) {
	doc, errs := s.loadDocument(ctx, session, q)
	if errs != nil {
		return nil, errs
	}
	fail := func(err error) (*operation, gqlerror.List) { return nil, gqlerror.List{s.presentError(ctx, err)} }
	op := doc.parsed.Operations.ForName(q.OperationName.value)
	if op == nil {
		return fail(fault.InvalidField("operationName",
			"must name an operation of the document. Only a document with one operation needs no name."))
	}
	if s.options.NoIntrospection && limit.Introspects(op) {
		return fail(limit.ErrIntrospection)
	}
	if q.Variables.refusal != nil {
		return fail(q.Variables.refusal)
	}
	variables, err := limit.VariableValues(s.options.Schema.Schema(), op, q.Variables.values)
	if err != nil {
		return nil, gqlerror.List{s.variableError(ctx, op, err)}
	}
	pageSizes := limit.PageSizes{Default: query.DefaultPage, Max: query.MaxPage}
	cost := limit.Cost(s.options.Schema.Schema(), op, variables, pageSizes)
	if err := limit.CheckCost(cost, s.options.Limits.Objects); err != nil {
		return fail(err)
	}
	if err := allowance.spendCost(cost); err != nil {
		return fail(err)
	}
	operationContext := &graphql.OperationContext{
		RawQuery: doc.text, Doc: doc.parsed, Operation: op, OperationName: q.OperationName.value, Variables: variables,
		RecoverFunc:        s.logPanic,
		ResolverMiddleware: func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
			return next(ctx)
		},
	}
	return &operation{operationContext, cost, q.wantsCost(), doc.registered}, nil
}

// loadDocument finds the document that the caller sent or named, and parses it unless the cache holds the parsed
// document. The cache holds the literals of other callers' documents, but a caller finds an entry only by sending the
// whole text.
func (s *Server) loadDocument(
	ctx context.Context, session store.Session, q *request,
) (*parsedDocument, gqlerror.List) {
	text, registered, err := s.documents.resolveText(ctx, session, q)
	if err != nil {
		return nil, gqlerror.List{s.presentError(ctx, err)}
	}
	if doc, ok := s.parsedDocuments.get(text); ok {
		return &parsedDocument{text, doc, registered}, nil
	}
	doc, problems := limit.Parse(s.options.Schema.Schema(), text, !s.options.NoIntrospection)
	if problems != nil {
		var errs gqlerror.List
		for _, p := range problems {
			e := s.presentError(ctx, p.Fault)
			e.Locations = p.Locations
			errs = append(errs, e)
		}
		return nil, errs
	}
	s.parsedDocuments.add(text, doc, len(text))
	return &parsedDocument{text, doc, registered}, nil
}

// variableError returns the error for a variable with a wrong value. It points to the declaration of the variable,
// and names the wrong part by the names of the schema only, because responses never repeat what a caller wrote.
func (s *Server) variableError(ctx context.Context, op *ast.OperationDefinition, err error) *gqlerror.Error {
	if s.options.NoIntrospection {
		return s.presentError(ctx, limit.ErrSchemaMismatch)
	}
	var e *gqlerror.Error
	if !errors.As(err, &e) || len(e.Path) < 2 {
		return s.presentError(ctx, errVariableValue)
	}
	name, _ := e.Path[1].(ast.PathName)
	i := slices.IndexFunc(op.VariableDefinitions, func(v *ast.VariableDefinition) bool {
		return v.Variable == string(name)
	})
	if i < 0 {
		return s.presentError(ctx, errVariableValue)
	}
	v := op.VariableDefinitions[i]
	f := fault.New(fault.Invalid, "A variable is missing, or its value does not match its type.")
	switch path, t, whole := s.schemaPath(v.Type, e.Path[2:]); {
	case path != "":
		f.Fields = []fault.Field{s.variableFieldError(path, t, whole)}
	case whole:
		f = fault.New(fault.Invalid, "A variable is missing, or its value does not match its type %s.", v.Type.String())
	default:
		f = fault.New(fault.Invalid, "A variable has a field that the type %s does not have.", t.Name())
	}
	out := s.presentError(ctx, f)
	if v.Position != nil {
		out.Locations = []gqlerror.Location{{Line: v.Position.Line, Column: v.Position.Column}}
	}
	return out
}

// errVariableValue is the error when it is not known which variable is wrong.
var errVariableValue = fault.New(fault.Invalid, "The value of a variable does not match its type.")

// schemaPath follows a path into an input of type t as far as the schema has its names. It returns the names up to
// there, joined by dots, and the type there. Names that only the caller knows are left out, and whole is then false.
func (s *Server) schemaPath(t *ast.Type, path ast.Path) (known string, last *ast.Type, whole bool) {
	var out []string
	for _, step := range path {
		name, ok := step.(ast.PathName)
		if !ok {
			if t.Elem != nil {
				t = t.Elem
			}
			continue
		}
		def := s.options.Schema.Schema().Types[t.Name()]
		if def == nil || def.Fields.ForName(string(name)) == nil {
			return strings.Join(out, "."), t, false
		}
		f := def.Fields.ForName(string(name))
		out, t = append(out, f.Name), f.Type
	}
	return strings.Join(out, "."), t, true
}

// variableFieldError returns the error for a part of a variable, which must be of type t. When whole is false, t
// lacks the next field of the path.
func (s *Server) variableFieldError(path string, t *ast.Type, whole bool) fault.Field {
	def := s.options.Schema.Schema().Types[t.Name()]
	switch {
	case !whole:
		return fault.NewField(path, "has a field that the type %s does not have.", t.Name())
	case def != nil && def.Kind == ast.Enum:
		return fault.NewField(path, "must be one of %s, or is missing.", limit.EnumValueNames(def))
	}
	return fault.NewField(path, "is missing, or not of type %s.", t.String())
}
