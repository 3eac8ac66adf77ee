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

// statuses are those of answers to requests that were not executed. What is missing is 400 in GraphQL's own media
// type, and 200 in plain JSON, whose clients expect that of every well-formed request.
var statuses = map[fault.Code]int{
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.RateLimited:     http.StatusTooManyRequests,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.Conflict:        http.StatusConflict,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.Internal:        http.StatusInternalServerError,
}

// refuse answers a request that was not executed. Status 0 means the one that goes with the code.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	s.reject(w, r, status, gqlerror.List{s.present(r.Context(), err)})
}

// reject answers a request that was not executed.
func (s *Server) reject(w http.ResponseWriter, r *http.Request, status int, errs gqlerror.List) {
	first := errs[0].Extensions
	if known := statuses[fault.Code(code(errs[0]))]; status == 0 && known != 0 {
		status = known
	} else if status == 0 {
		status = http.StatusOK
		if mediaType(r) == responseJSON {
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
	s.meters.requests.WithLabelValues("none", other, code(errs[0])).Inc()
	s.write(w, r, status, body(&graphql.Response{Errors: errs}))
}

// body writes an answer as JSON; a request that was not executed has no data.
func body(r *graphql.Response) []byte {
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

// write sends an answer.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	w.Header().Set("Content-Type", mediaType(r)+"; charset=utf-8")
	w.Header().Set("Content-Language", spoken(heard(r.Context())))
	s.send(w, r, status, text)
}

// present turns an error into GraphQL's form: a fault's message and code, and nothing else. What is internal is logged.
func (s *Server) present(ctx context.Context, err error) *gqlerror.Error {
	var own *gqlerror.Error
	if errors.As(err, &own) && own.Err == nil { // of gqlgen itself, whose messages may quote the document
		err = fault.New(fault.Invalid, "The document asks for something that cannot be answered.")
	}
	f := fault.As(err)
	if f.Cause != nil && !errors.Is(f.Cause, context.Canceled) { // nobody waits for that answer any more
		s.o.Log.ErrorContext(ctx, "failed", "request", ctx.Value(requestID{}), "code", f.Code, "error", f.Cause)
	}
	message, fields := f.In(spoken(heard(ctx)))
	out := &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(f.Code)}}
	for name, value := range f.More {
		out.Extensions[name] = value
	}
	if f.Code == fault.Unavailable && (err == errSlow || errors.Is(ctx.Err(), context.DeadlineExceeded)) {
		out.Extensions["rule"], out.Extensions["limit"] = "seconds", s.o.Limits.Time.Seconds()
	}
	if graphql.HasOperationContext(ctx) {
		out.Path = graphql.GetPath(ctx)
	}
	if len(fields) > 0 {
		out.Extensions["fields"] = fields
	}
	if id, ok := ctx.Value(requestID{}).(string); ok && f.Code == fault.Internal {
		out.Extensions["requestId"] = id
	}
	return out
}

func code(e *gqlerror.Error) string {
	c, _ := e.Extensions["code"].(string)
	return c
}
