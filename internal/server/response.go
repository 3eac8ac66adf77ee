package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
)

// statusByCode are those of answers to requests that were not executed. What is missing is 400 in GraphQL's own media
// type, and 200 in plain JSON, whose clients expect that of every well-formed request.
var statusByCode = map[fault.Code]int{
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.RateLimited:     http.StatusTooManyRequests,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Conflict:        http.StatusConflict,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
}

// writeError answers a request that was not executed. Status 0 means the one that goes with the code.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, status int, err error) {
	s.writeErrors(w, r, status, gqlerror.List{s.presentError(r.Context(), err)})
}

// writeErrors answers a request that was not executed.
func (s *Server) writeErrors(w http.ResponseWriter, r *http.Request, status int, errs gqlerror.List) {
	first := errs[0].Extensions
	if known := statusByCode[fault.Code(errorCode(errs[0]))]; status == 0 && known != 0 {
		status = known
	} else if status == 0 {
		status = http.StatusOK
		if responseMediaType(r) == graphqlResponseJSON {
			status = http.StatusBadRequest
		}
	}
	switch {
	case status == http.StatusUnauthorized:
		challenge := `Bearer realm="rightshub"`
		if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
			challenge += `, error="invalid_token"` // RFC 6750, 3.1: only where a token was sent
		}
		w.Header().Set("WWW-Authenticate", challenge)
	case first["retryAfter"] != nil:
		w.Header().Set("Retry-After", strconv.Itoa(first["retryAfter"].(int)))
	}
	s.metrics.requests.WithLabelValues("none", unregisteredName, errorCode(errs[0])).Inc()
	s.writeResponse(w, r, status, encodeResponse(&graphql.Response{Errors: errs}))
}

// encodeResponse writes an answer as JSON; a request that was not executed has no data.
func encodeResponse(r *graphql.Response) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	part := func(name string, v any) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `":`)
		if raw, ok := v.(json.RawMessage); ok { // written by the hub
			b.Write(raw)
			return
		}
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte(`null`)
		}
		b.Write(text)
	}
	if len(r.Errors) > 0 {
		part("errors", r.Errors)
	}
	if r.Data != nil {
		part("data", r.Data)
	}
	if len(r.Extensions) > 0 {
		part("extensions", r.Extensions)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// writeResponse sends an answer.
func (s *Server) writeResponse(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	w.Header().Set("Content-Type", responseMediaType(r)+"; charset=utf-8")
	w.Header().Set("Content-Language", responseLanguage(requestLanguages(r.Context())))
	s.writeCompressed(w, r, status, text)
}

// presentError turns an error into GraphQL's form: a fault's message and code, and nothing else. What is internal is logged.
func (s *Server) presentError(ctx context.Context, err error) *gqlerror.Error {
	var own *gqlerror.Error
	if errors.As(err, &own) && own.Err == nil { // of gqlgen itself, whose messages may quote the document
		err = fault.New(fault.Invalid, "The document asks for something that cannot be answered.")
	}
	f := fault.As(err)
	if f.Cause != nil && !errors.Is(f.Cause, context.Canceled) { // nobody waits for that answer any more
		s.options.Log.ErrorContext(ctx, "failed", "request", ctx.Value(requestIDKey{}), "code", f.Code, "error", f.Cause)
	}
	message, fields := f.Translated(responseLanguage(requestLanguages(ctx)))
	out := &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(f.Code)}}
	for name, value := range f.Extensions {
		out.Extensions[name] = value
	}
	if f.Code == fault.Unavailable && (err == errSlowBody || errors.Is(ctx.Err(), context.DeadlineExceeded)) {
		out.Extensions["rule"], out.Extensions["limit"] = "seconds", s.options.Limits.Timeout.Seconds()
	}
	if graphql.HasOperationContext(ctx) {
		out.Path = graphql.GetPath(ctx)
	}
	if len(fields) > 0 {
		out.Extensions["fields"] = fields
	}
	if id, ok := ctx.Value(requestIDKey{}).(string); ok && f.Code == fault.Internal {
		out.Extensions["requestId"] = id
	}
	return out
}

func errorCode(e *gqlerror.Error) string {
	c, _ := e.Extensions["code"].(string)
	return c
}
