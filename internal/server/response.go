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

// writeError answers a request that was not executed, with the status of the error.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	s.writeErrors(w, r, fault.As(err).Status(), gqlerror.List{s.presentError(r.Context(), err)})
}

// writeMalformed answers a request whose headers, URL or body cannot be read. No media type makes a success of it.
func (s *Server) writeMalformed(w http.ResponseWriter, r *http.Request, err error) {
	status := fault.As(err).Status()
	if status == fault.StatusByMediaType {
		status = http.StatusBadRequest
	}
	s.writeErrors(w, r, status, gqlerror.List{s.presentError(r.Context(), err)})
}

// writeErrors answers a request that was not executed. The first error decides about the headers.
func (s *Server) writeErrors(w http.ResponseWriter, r *http.Request, status int, errs gqlerror.List) {
	first := errs[0].Extensions
	if status == fault.StatusByMediaType {
		status = http.StatusOK
		if responseMediaType(r) == graphqlResponseJSON {
			status = http.StatusBadRequest
		}
	}
	switch {
	case status == http.StatusUnauthorized:
		challenge := `Bearer realm="rightshub"`
		if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
			challenge += `, error="invalid_token"` // by RFC 6750, section 3.1, only if the request has a token
		}
		w.Header().Set("WWW-Authenticate", challenge)
	case first["retryAfter"] != nil:
		w.Header().Set("Retry-After", strconv.Itoa(first["retryAfter"].(int)))
	}
	s.metrics.requests.WithLabelValues("none", unregisteredName, errorCode(errs[0])).Inc()
	s.writeResponse(w, r, status, encodeResponse(&graphql.Response{Errors: errs}))
}

// encodeResponse encodes a response as JSON. A response to a request that was not executed has no data.
func encodeResponse(r *graphql.Response) []byte {
	var b bytes.Buffer
	b.Grow(len(r.Data) + 64)
	b.WriteByte('{')
	writeMember := func(name string, v any) {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `":`)
		if raw, ok := v.(json.RawMessage); ok { // encoded by the hub, so that it needs no check
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
		writeMember("errors", r.Errors)
	}
	if r.Data != nil {
		writeMember("data", r.Data)
	}
	if len(r.Extensions) > 0 {
		writeMember("extensions", r.Extensions)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// writeResponse writes an encoded response with its media type and language.
func (s *Server) writeResponse(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	w.Header().Set("Content-Type", responseMediaType(r)+"; charset=utf-8")
	w.Header().Set("Content-Language", responseLanguage(requestLanguages(r.Context())))
	s.writeCompressed(w, r, status, text)
}

// presentError turns an error into a GraphQL error with the public half of its fault, in the language of the request.
// It logs the internal cause.
func (s *Server) presentError(ctx context.Context, err error) *gqlerror.Error {
	var gqlgenError *gqlerror.Error
	if errors.As(err, &gqlgenError) && gqlgenError.Err == nil { // made by gqlgen itself, and may quote the document
		err = fault.New(fault.Invalid, "The hub cannot answer this document. Check it against the schema.")
	}
	f := fault.As(err)
	if f.Cause != nil && !errors.Is(f.Cause, context.Canceled) { // a canceled request is no failure of the hub
		s.options.Log.ErrorContext(ctx, "request failed",
			"request", ctx.Value(requestIDKey{}), "code", f.Code, "error", f.Cause)
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

// errorCode returns extensions.code of an error.
func errorCode(e *gqlerror.Error) string {
	c, _ := e.Extensions["code"].(string)
	return c
}
