package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// graphql answers /graphql by "GraphQL over HTTP": POST, and GET for registered documents.
func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	started, lasting := time.Now(), r.Context() // the time that a subscription has is not the request's
	line := http.NewResponseController(w)
	line.SetReadDeadline(started.Add(s.o.Limits.Time)) // no recorder of a test has one
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
	line.SetReadDeadline(time.Time{}) // all of it is read: from here on, the context has the time
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

// statusOf is the status of a fault that says so itself.
func statusOf(err error) int {
	switch err {
	case errMethod:
		return http.StatusMethodNotAllowed
	case errKey:
		return http.StatusBadRequest
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
	case err == errSlow:
		return nil, http.StatusRequestTimeout, err
	case err != nil && fault.As(err).Code == fault.TooLarge:
		return nil, http.StatusRequestEntityTooLarge, err
	}
	return q, http.StatusBadRequest, err
}

// execute carries an operation out.
func (s *Server) execute(ctx context.Context, op *operation) *graphql.Response {
	responses, ctx := s.exec.DispatchOperation(s.recording(ctx, op), op.OperationContext)
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
