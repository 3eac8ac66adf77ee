package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// graphql answers /graphql by "GraphQL over HTTP": POST, and GET for registered documents.
func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	started, lasting := time.Now(), r.Context() // the time that a subscription has is not the request's
	ctx, cancel := context.WithTimeout(lasting, s.o.Limits.Time)
	defer cancel()
	r = r.WithContext(ctx)
	session, ok := s.enter(w, r)
	if !ok {
		return
	}
	who := s.callers.of(session, r)
	end, err := who.begin()
	if err != nil {
		s.refuse(w, r, 0, err)
		return
	}
	end = sync.OnceFunc(end)
	defer end()
	q, status, err := read(r)
	if err != nil {
		s.refuse(w, r, status, err)
		return
	}
	ctx = graphql.StartOperationTrace(store.WithSession(ctx, session))
	op, errs := s.prepare(ctx, session, q, who)
	switch {
	case errs == nil && op.kind() == "subscription" && takesEvents(r):
		end() // it is counted among what stays open from here on
		s.stream(graphql.StartOperationTrace(store.WithSession(lasting, session)), w, r.WithContext(lasting), session, op, nil)
		return
	case onlyEvents(r):
		s.stream(ctx, w, r, session, op, errs)
		return
	case errs != nil:
		s.reject(w, r, 0, errs)
		return
	}
	if err := s.acceptable(w, r, op); err != nil {
		s.refuse(w, r, statusOf(err), err)
		return
	}
	ctx, span := s.begin(ctx, op)
	text, outcome, err := s.carryOut(ctx, w, r, session, op)
	if err != nil {
		s.answered(ctx, span, op, string(fault.As(err).Code), time.Since(started))
		s.refuse(w, r, statusOf(err), err)
		return
	}
	if r.Method == http.MethodPost || !s.unchanged(w, r, session.User().String(), text) {
		s.write(w, r, http.StatusOK, text)
	}
	s.answered(ctx, span, op, outcome, time.Since(started))
}

// acceptable fails for what this path and method do not serve.
func (s *Server) acceptable(w http.ResponseWriter, r *http.Request, op *operation) error {
	switch {
	case op.kind() == "subscription":
		return fault.New(fault.Invalid, "Send Accept: text/event-stream to subscribe, or use a socket of graphql-transport-ws.")
	case r.Method != http.MethodPost && (op.kind() != "query" || !op.registered):
		w.Header().Set("Allow", "POST")
		return errMethod
	}
	return nil
}

var errMethod = fault.New(fault.Invalid, "Only queries of registered documents are asked by GET.")

// carryOut executes the operation, once for its Idempotency-Key where it has one, and returns the answer and its first
// error's code.
func (s *Server) carryOut(ctx context.Context, w http.ResponseWriter, r *http.Request, session store.Session, op *operation) (text []byte, outcome string, err error) {
	execute := func(ctx context.Context) ([]byte, string) {
		response := s.execute(ctx, op)
		if op.wantsCost {
			response.Extensions = map[string]any{"cost": map[string]int{"objects": op.cost, "limit": s.o.Limits.Objects}}
		}
		if len(response.Errors) > 0 {
			return body(response), code(response.Errors[0])
		}
		return body(response), "ok"
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" || op.kind() != "mutation" {
		text, outcome = execute(ctx)
		return text, outcome, nil
	}
	payload, err := op.once(key, r)
	if err != nil {
		return nil, "", err
	}
	outcome = "replayed"
	text, replayed, err := session.Once(ctx, key, payload, func(ctx context.Context, _ store.Session) ([]byte, store.Outcome) {
		var text []byte
		text, outcome = execute(ctx)
		became := becameOf(outcome)
		if became == store.Done && sensitive(op.Operation.SelectionSet) {
			became = store.Told
		}
		return text, became
	})
	if replayed && err == nil {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	return text, outcome, err
}

// maxKey is how long an Idempotency-Key may be.
const maxKey = 200

// once checks that the mutation may have a key, and returns what makes it another request under the same key.
func (o *operation) once(key string, r *http.Request) ([]byte, error) {
	if len(key) > maxKey || strings.ContainsFunc(key, func(c rune) bool { return c < ' ' || c > '~' }) {
		return nil, fault.InvalidField("Idempotency-Key", "must be from 1 to %d printable characters.", maxKey)
	}
	field, ok := o.Operation.SelectionSet[0].(*ast.Field)
	if !ok || len(o.Operation.SelectionSet) != 1 {
		return nil, fault.New(fault.Invalid, "A mutation with an Idempotency-Key has one root field, written out: send the others by themselves.")
	}
	if field.Name == "createAccessToken" {
		return nil, fault.New(fault.Invalid, "createAccessToken takes no Idempotency-Key: its answer would be kept and shown again, and the secret in it is shown once. Send it without the key; where no answer comes, archive the token among accessTokens and make another.")
	}
	return json.Marshal([]any{o.RawQuery, o.OperationName, o.Variables, r.Header.Get("Purpose-Of-Use"), r.Header.Get("Audit-Grant")})
}

// sensitive reports whether more of a child's record is selected than which row it is.
func sensitive(sels ast.SelectionSet) bool {
	return slices.ContainsFunc(sels, func(sel ast.Selection) bool {
		switch s := sel.(type) {
		case *ast.Field:
			bare := s.Name == "id" || s.Name == "version" || s.Name == "__typename"
			return !bare && s.ObjectDefinition != nil && slices.ContainsFunc(s.ObjectDefinition.Fields, ofRecord) || sensitive(s.SelectionSet)
		case *ast.InlineFragment:
			return sensitive(s.SelectionSet)
		case *ast.FragmentSpread:
			return s.Definition != nil && sensitive(s.Definition.SelectionSet)
		}
		return false
	})
}

// ofRecord reports whether a field is of the class C3.
func ofRecord(f *ast.FieldDefinition) bool {
	class := f.Directives.ForName("class")
	return class != nil && class.Arguments.ForName("level").Value.Raw == "C3"
}

// becameOf says what became of a mutation, by the code of its error. Those that may go away are tried again.
func becameOf(outcome string) store.Outcome {
	switch fault.Code(outcome) {
	case "ok":
		return store.Done
	case fault.Internal, fault.Unavailable, fault.RateLimited, fault.Conflict:
		return store.Failed
	}
	return store.Refused
}

// statusOf is the status of a fault that says so itself.
func statusOf(err error) int {
	switch err {
	case errMethod:
		return http.StatusMethodNotAllowed
	case errLasting:
		return http.StatusServiceUnavailable
	}
	if fault.As(err).More["rule"] == "idempotency" && fault.As(err).Code == fault.Invalid {
		return http.StatusUnprocessableEntity
	}
	return 0
}

// read reads a request, and says which status a bad one has.
func read(r *http.Request) (*request, int, error) {
	if r.Method != http.MethodPost {
		q, err := readURL(r)
		return q, http.StatusBadRequest, err
	}
	q, err := readBody(r)
	switch {
	case err == errMedia:
		return nil, http.StatusUnsupportedMediaType, err
	case err != nil && fault.As(err).Code == fault.TooLarge:
		return nil, http.StatusRequestEntityTooLarge, err
	}
	return q, http.StatusBadRequest, err
}

// execute carries an operation out.
func (s *Server) execute(ctx context.Context, op *operation) *graphql.Response {
	responses, ctx := s.exec.DispatchOperation(ctx, op.OperationContext)
	response := responses(ctx)
	if response == nil { // the request's time is over
		return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{s.present(ctx, fault.New(fault.Unavailable, "The request took too long. Ask for less, or try again."))}}
	}
	return response
}

// enter signs the caller in; it reads nothing of the body.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) (store.Session, bool) {
	session, err := s.sign(r, heard(r.Context()))(r.Context())
	if err == nil {
		return session, true
	}
	status := 0
	if fault.As(err).Code == fault.Invalid {
		status = http.StatusBadRequest
	}
	s.refuse(w, r, status, err)
	return nil, false
}

// sdl gives signed-in callers the schema.
func (s *Server) sdl(w http.ResponseWriter, r *http.Request) {
	session, ok := s.enter(w, r)
	if !ok {
		return
	}
	if s.o.NoIntrospection {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !s.unchanged(w, r, session.User().String(), []byte(s.o.SDL)) {
		s.send(w, r, http.StatusOK, []byte(s.o.SDL))
	}
}
