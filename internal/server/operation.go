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

// parsedDocument is a text that was parsed, bounded and validated.
type parsedDocument struct {
	text       string
	parsed     *ast.QueryDocument
	registered bool
}

// operation is one that may be carried out.
type operation struct {
	*graphql.OperationContext
	cost       int
	wantsCost  bool
	registered bool
}

// operationKind is query, mutation or subscription.
func (o *operation) operationKind() string { return string(o.Operation.Operation) }

// prepareOperation does everything that comes before an operation is carried out, cheapest first, so that an overload ends
// where it is noticed: the text's size, its tokens, its shape, the rules of GraphQL, the variables, the cost, and what
// the caller has left of it. Nothing is read for anybody meanwhile.
func (s *Server) prepareOperation(ctx context.Context, session store.Session, q *request, who *allowance) (*operation, gqlerror.List) {
	doc, errs := s.loadDocument(ctx, session, q)
	if errs != nil {
		return nil, errs
	}
	fail := func(err error) (*operation, gqlerror.List) { return nil, gqlerror.List{s.presentError(ctx, err)} }
	op := doc.parsed.Operations.ForName(q.OperationName.value)
	if op == nil {
		return fail(fault.InvalidField("operationName", "names no operation of the document, or is missing where there are several."))
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
	cost := limit.Cost(s.options.Schema.Schema(), op, variables, limit.PageSizes{Default: query.DefaultPage, Max: query.MaxPage})
	if err := limit.CheckCost(cost, s.options.Limits.Objects); err != nil {
		return fail(err)
	}
	if err := who.spendCost(cost); err != nil {
		return fail(err)
	}
	return &operation{cost: cost, wantsCost: q.wantsCost(), registered: doc.registered, OperationContext: &graphql.OperationContext{
		RawQuery: doc.text, Doc: doc.parsed, Operation: op, OperationName: q.OperationName.value, Variables: variables,
		RecoverFunc:            s.logPanic,
		ResolverMiddleware:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}}, nil
}

// loadDocument finds the text that the caller sends or names, and parses it, or takes what was parsed before. What is kept
// holds the literals of somebody's document, but it is found by the whole text only.
func (s *Server) loadDocument(ctx context.Context, session store.Session, q *request) (*parsedDocument, gqlerror.List) {
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

// variableError says which variable is wrong, by the place where it is declared and the names of the schema within it.
func (s *Server) variableError(ctx context.Context, op *ast.OperationDefinition, err error) *gqlerror.Error {
	if s.options.NoIntrospection {
		return s.presentError(ctx, limit.ErrSchemaMismatch)
	}
	var e *gqlerror.Error
	if !errors.As(err, &e) || len(e.Path) < 2 {
		return s.presentError(ctx, fault.New(fault.Invalid, "A variable has a value that is not of its type."))
	}
	name, _ := e.Path[1].(ast.PathName)
	at := slices.IndexFunc(op.VariableDefinitions, func(v *ast.VariableDefinition) bool { return v.Variable == string(name) })
	if at < 0 {
		return s.presentError(ctx, fault.New(fault.Invalid, "A variable has a value that is not of its type."))
	}
	v := op.VariableDefinitions[at]
	f := fault.New(fault.Invalid, "A variable has a value that is not of its type, or is missing.")
	switch path, t, whole := s.schemaPath(v.Type, e.Path[2:]); {
	case path != "":
		f.Fields = []fault.Field{s.variableFieldError(path, t, whole)}
	case whole:
		f = fault.New(fault.Invalid, "A variable is missing, or has a value that is not of its type %s.", v.Type.String())
	default:
		f = fault.New(fault.Invalid, "A variable has a field that the type %s has not.", t.Name())
	}
	out := s.presentError(ctx, f)
	if v.Position != nil {
		out.Locations = []gqlerror.Location{{Line: v.Position.Line, Column: v.Position.Column}}
	}
	return out
}

// schemaPath is the part of a path into an input whose names are the schema's, with the type there: the caller's own words are
// not repeated. Whole says that it is all of the path.
func (s *Server) schemaPath(t *ast.Type, path ast.Path) (known string, at *ast.Type, whole bool) {
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

// variableFieldError says what a part of a variable must be.
func (s *Server) variableFieldError(path string, t *ast.Type, whole bool) fault.Field {
	def := s.options.Schema.Schema().Types[t.Name()]
	switch {
	case !whole:
		return fault.NewField(path, "has a field that the type %s has not.", t.Name())
	case def != nil && def.Kind == ast.Enum:
		return fault.NewField(path, "must be one of %s, or is missing.", limit.EnumValueNames(def))
	}
	return fault.NewField(path, "is missing, or not of type %s.", t.String())
}
