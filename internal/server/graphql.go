package server

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/graph/plan"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// graphql answers /graphql by "GraphQL over HTTP": POST, and GET for registered documents.
func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
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
	defer end()
	q, status, err := read(r)
	if err != nil {
		s.refuse(w, r, status, err)
		return
	}
	ctx := graphql.StartOperationTrace(store.WithSession(r.Context(), session))
	op, errs := s.prepare(ctx, session, q, who)
	if errs != nil {
		s.reject(w, r, 0, errs)
		return
	}
	switch {
	case op.kind() == "subscription":
		s.refuse(w, r, http.StatusBadRequest, fault.New(fault.Invalid, "Subscriptions are not served on this path."))
		return
	case r.Method != http.MethodPost && op.kind() != "query":
		w.Header().Set("Allow", "POST")
		s.refuse(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "A mutation is sent by POST."))
		return
	}
	response := s.execute(ctx, op)
	if q.wantsCost() {
		response.Extensions = map[string]any{"cost": map[string]int{"objects": op.cost, "limit": s.o.Limits.Objects}}
	}
	s.write(w, r, http.StatusOK, body(response))
	s.answered(ctx, op, response, time.Since(started))
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

// answered counts an answer.
func (s *Server) answered(ctx context.Context, op *operation, response *graphql.Response, took time.Duration) {
	outcome := "ok"
	if len(response.Errors) > 0 {
		outcome = code(response.Errors[0])
	}
	s.requests.WithLabelValues(op.kind(), outcome).Inc()
	s.seconds.WithLabelValues(op.kind()).Observe(took.Seconds())
	s.o.Log.DebugContext(ctx, "answered", "request", ctx.Value(requestID{}), "kind", op.kind(), "outcome", outcome, "milliseconds", took.Milliseconds())
}

// enter signs the caller in; it reads nothing of the body.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) (store.Session, bool) {
	entry := store.Entry{Authorization: r.Header.Get("Authorization"), Purpose: r.Header.Get("Purpose-Of-Use"), Languages: languages(r)}
	var bad error
	if id := r.Header.Get("Audit-Grant"); id != "" {
		entry.Grant, bad = plan.ParseGrant(id)
	}
	session, err := s.o.Enter(r.Context(), entry)
	if err == nil && bad == nil {
		return session, true
	}
	if err == nil { // who may not come in learns nothing else
		err = bad
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
	if _, ok := s.enter(w, r); !ok {
		return
	}
	if s.o.NoIntrospection {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, s.o.SDL)
}
