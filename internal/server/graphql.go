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

// serveGraphQL answers /graphql by the specification "GraphQL over HTTP". It takes POST requests, and GET requests for
// registered documents.
func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	unlimited := r.Context() // for subscriptions, which outlast the request's timeout
	controller := http.NewResponseController(w)
	// The error is ignored, because the recorders of tests have no deadline.
	controller.SetReadDeadline(started.Add(s.options.Limits.Timeout))
	ctx, cancel := context.WithTimeout(unlimited, s.options.Limits.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	session, ok := s.openRequestSession(w, r)
	if !ok {
		return
	}
	allowance := s.rateLimiter.allowanceOf(session, r)
	end, err := allowance.startRequest()
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	end = sync.OnceFunc(end)
	defer end()
	q, err := readRequest(r)
	if err != nil {
		if err == errContentEncoding {
			w.Header().Set("Accept-Encoding", "gzip") // RFC 9110, section 12.5.3
		}
		s.writeMalformed(w, r, err)
		return
	}
	controller.SetReadDeadline(time.Time{}) // the body is read, and from here on the context limits the time
	ctx = graphql.StartOperationTrace(store.WithSession(ctx, session))
	op, errs := s.prepareOperation(ctx, session, q, allowance)
	switch {
	case errs == nil && op.operationKind() == "subscription" && acceptsEventStream(r):
		end() // from here on it counts as a connection instead
		ctx := graphql.StartOperationTrace(store.WithSession(unlimited, session))
		s.serveEventStream(ctx, w, r.WithContext(unlimited), session, op, nil)
		return
	case acceptsOnlyEventStream(r):
		s.serveEventStream(ctx, w, r, session, op, errs)
		return
	case errs != nil:
		s.writeErrors(w, r, fault.Code(errorCode(errs[0])).Status(), errs)
		return
	}
	if err := s.checkTransport(w, r, op); err != nil {
		s.writeError(w, r, err)
		return
	}
	ctx, span := s.startSpan(ctx, op)
	text, outcome, err := s.executeIdempotent(ctx, w, r, session, op)
	if err != nil {
		s.observeResponse(ctx, span, op, string(fault.As(err).Code), time.Since(started))
		s.writeError(w, r, err)
		return
	}
	if r.Method == http.MethodPost || !s.writeNotModified(w, r, session.User().String(), text) {
		s.writeResponse(w, r, http.StatusOK, text)
	}
	s.observeResponse(ctx, span, op, outcome, time.Since(started))
}

// checkTransport refuses a subscription, which needs an event stream or a socket, and refuses by GET whatever is not
// a query of a registered document.
func (s *Server) checkTransport(w http.ResponseWriter, r *http.Request, op *operation) error {
	switch {
	case op.operationKind() == "subscription":
		return fault.New(fault.Invalid,
			"Send Accept: text/event-stream to subscribe, or use a WebSocket with the protocol graphql-transport-ws.")
	case r.Method != http.MethodPost && (op.operationKind() != "query" || !op.registered):
		w.Header().Set("Allow", "POST")
		return errMethodNotAllowed
	}
	return nil
}

var errMethodNotAllowed = fault.New(fault.Invalid,
	"GET serves queries of registered documents only. Send a POST request.").
	WithStatus(http.StatusMethodNotAllowed)

// readRequest reads a request from the body of a POST or the URL of a GET.
func readRequest(r *http.Request) (*request, error) {
	if r.Method != http.MethodPost {
		return readURL(r)
	}
	return readBody(r)
}

// executeOperation executes an operation. When the request's time is over, the response holds an UNAVAILABLE error.
func (s *Server) executeOperation(ctx context.Context, op *operation) *graphql.Response {
	responses, ctx := s.executor.DispatchOperation(s.withFingerprint(ctx, op), op.OperationContext)
	response := responses(ctx)
	if response == nil { // the context ended
		err := fault.New(fault.Unavailable, "The request took too long. Request less, or try again.")
		return &graphql.Response{Data: []byte("null"), Errors: gqlerror.List{s.presentError(ctx, err)}}
	}
	return response
}

// serveSchema answers /schema.graphql. Like introspection, it is for signed-in callers, and off with NoIntrospection.
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
