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

// serveGraphQL answers /graphql by "GraphQL over HTTP": POST, and GET for registered documents.
func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	started, lasting := time.Now(), r.Context() // the time that a subscription has is not the request's
	line := http.NewResponseController(w)
	line.SetReadDeadline(started.Add(s.options.Limits.Timeout)) // no recorder of a test has one
	ctx, cancel := context.WithTimeout(lasting, s.options.Limits.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	session, ok := s.openRequestSession(w, r)
	if !ok {
		return
	}
	who := s.rateLimiter.allowanceOf(session, r)
	end, err := who.startRequest()
	if err != nil {
		s.writeError(w, r, 0, err)
		return
	}
	end = sync.OnceFunc(end)
	defer end()
	q, status, err := readRequest(r)
	if err != nil {
		s.writeError(w, r, status, err)
		return
	}
	line.SetReadDeadline(time.Time{}) // all of it is read: from here on, the context has the time
	ctx = graphql.StartOperationTrace(store.WithSession(ctx, session))
	op, errs := s.prepareOperation(ctx, session, q, who)
	switch {
	case errs == nil && op.operationKind() == "subscription" && acceptsEventStream(r):
		end() // it is counted among what stays open from here on
		s.serveEventStream(graphql.StartOperationTrace(store.WithSession(lasting, session)), w, r.WithContext(lasting), session, op, nil)
		return
	case acceptsOnlyEventStream(r):
		s.serveEventStream(ctx, w, r, session, op, errs)
		return
	case errs != nil:
		s.writeErrors(w, r, 0, errs)
		return
	}
	if err := s.checkTransport(w, r, op); err != nil {
		s.writeError(w, r, statusOfFault(err), err)
		return
	}
	ctx, span := s.startSpan(ctx, op)
	text, outcome, err := s.executeIdempotent(ctx, w, r, session, op)
	if err != nil {
		s.observeResponse(ctx, span, op, string(fault.As(err).Code), time.Since(started))
		s.writeError(w, r, statusOfFault(err), err)
		return
	}
	if r.Method == http.MethodPost || !s.writeNotModified(w, r, session.User().String(), text) {
		s.writeResponse(w, r, http.StatusOK, text)
	}
	s.observeResponse(ctx, span, op, outcome, time.Since(started))
}

// checkTransport fails for what this path and method do not serve.
func (s *Server) checkTransport(w http.ResponseWriter, r *http.Request, op *operation) error {
	switch {
	case op.operationKind() == "subscription":
		return fault.New(fault.Invalid, "Send Accept: text/event-stream to subscribe, or use a socket of graphql-transport-ws.")
	case r.Method != http.MethodPost && (op.operationKind() != "query" || !op.registered):
		w.Header().Set("Allow", "POST")
		return errMethodNotAllowed
	}
	return nil
}

var errMethodNotAllowed = fault.New(fault.Invalid, "Only queries of registered documents are asked by GET.")

// statusOfFault is the status of a fault that says so itself.
func statusOfFault(err error) int {
	switch err {
	case errMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case errIdempotencyKey:
		return http.StatusBadRequest
	case errTooManyConnections:
		return http.StatusServiceUnavailable
	}
	if fault.As(err).Extensions["rule"] == "idempotency" && fault.As(err).Code == fault.Invalid {
		return http.StatusUnprocessableEntity
	}
	return 0
}

// readRequest reads a request, and says which status a bad one has.
func readRequest(r *http.Request) (*request, int, error) {
	if r.Method != http.MethodPost {
		q, err := readURL(r)
		return q, http.StatusBadRequest, err
	}
	q, err := readBody(r)
	switch {
	case err == errMediaType:
		return nil, http.StatusUnsupportedMediaType, err
	case err == errSlowBody:
		return nil, http.StatusRequestTimeout, err
	case err != nil && fault.As(err).Code == fault.TooLarge:
		return nil, http.StatusRequestEntityTooLarge, err
	}
	return q, http.StatusBadRequest, err
}

// executeOperation carries an operation out.
func (s *Server) executeOperation(ctx context.Context, op *operation) *graphql.Response {
	responses, ctx := s.executor.DispatchOperation(s.withFingerprint(ctx, op), op.OperationContext)
	response := responses(ctx)
	if response == nil { // the request's time is over
		return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{s.presentError(ctx, fault.New(fault.Unavailable, "The request took too long. Ask for less, or try again."))}}
	}
	return response
}

// openRequestSession signs the caller in; it reads nothing of the body.
func (s *Server) openRequestSession(w http.ResponseWriter, r *http.Request) (store.Session, bool) {
	session, err := s.sessionOpener(r, requestLanguages(r.Context()))(r.Context())
	if err == nil {
		return session, true
	}
	status := 0
	if fault.As(err).Code == fault.Invalid {
		status = http.StatusBadRequest
	}
	s.writeError(w, r, status, err)
	return nil, false
}

// serveSchema gives signed-in callers the schema.
func (s *Server) serveSchema(w http.ResponseWriter, r *http.Request) {
	session, ok := s.openRequestSession(w, r)
	if !ok {
		return
	}
	if s.options.NoIntrospection {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !s.writeNotModified(w, r, session.User().String(), []byte(s.options.SDL)) {
		s.writeCompressed(w, r, http.StatusOK, []byte(s.options.SDL))
	}
}
