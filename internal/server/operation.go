package server

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
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
	schema := s.options.Schema.Schema()
	variables, problems := limit.VariableValues(schema, op, q.Variables.values, s.disclosesSchema(session))
	if problems != nil {
		return nil, s.presentProblems(ctx, problems)
	}
	pageSizes := limit.PageSizes{Default: query.DefaultPage, Max: query.MaxPage}
	cost := limit.Cost(schema, op, variables, pageSizes)
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
	doc, problems := limit.Parse(s.options.Schema.Schema(), text, s.disclosesSchema(session))
	if problems != nil {
		return nil, s.presentProblems(ctx, problems)
	}
	s.parsedDocuments.add(text, doc, len(text))
	return &parsedDocument{text, doc, registered}, nil
}

// disclosesSchema reports whether messages to the caller may name parts of the schema. They may for signed-in callers,
// unless the operator has switched introspection off.
func (s *Server) disclosesSchema(session store.Session) bool {
	return !s.options.NoIntrospection && session.User() != uuid.Nil
}

// presentProblems turns the problems of a document or of its variables into GraphQL's form.
func (s *Server) presentProblems(ctx context.Context, problems []limit.Problem) (errs gqlerror.List) {
	for _, p := range problems {
		e := s.presentError(ctx, p.Fault)
		e.Locations = p.Locations
		errs = append(errs, e)
	}
	return errs
}
