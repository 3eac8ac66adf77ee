package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"golang.org/x/text/language"

	"rightshub/graph/plan"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

const (
	plainJSON    = "application/json"
	responseJSON = "application/graphql-response+json"
)

// graphql answers POST /graphql by "GraphQL over HTTP".
func (s *Server) graphql(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	w.Header().Set("Content-Type", mediaType(r)+"; charset=utf-8")
	session, ok := s.enter(w, r)
	if !ok {
		return
	}
	params, err := readParams(r)
	if err != nil {
		status := http.StatusBadRequest
		switch fault.As(err).Code {
		case fault.TooLarge:
			status = http.StatusRequestEntityTooLarge
		case fault.Forbidden:
			media := *fault.As(err)
			media.Code = fault.Invalid
			status, err = http.StatusUnsupportedMediaType, &media
		}
		s.refuse(w, r, status, err)
		return
	}
	ctx := graphql.StartOperationTrace(store.WithSession(r.Context(), session))
	op, errs := s.exec.CreateOperationContext(ctx, params)
	if wantsEvents(r) {
		s.stream(ctx, w, r, op, errs)
		return
	}
	if errs != nil {
		for _, e := range errs {
			s.code(e)
		}
		if status := http.StatusBadRequest; mediaType(r) == responseJSON {
			w.WriteHeader(status)
		}
		s.write(w, &graphql.Response{Errors: errs})
		s.requests.WithLabelValues("none", string(fault.Invalid)).Inc()
		return
	}
	kind := string(op.Operation.Operation)
	if kind == "subscription" {
		s.refuse(w, r, http.StatusBadRequest, fault.New(fault.Invalid, "Send Accept: text/event-stream to subscribe, or use a socket of graphql-transport-ws."))
		return
	}
	responses, ctx := s.exec.DispatchOperation(plan.WithBudget(ctx), op)
	response := responses(ctx)
	s.write(w, response)
	outcome := "ok"
	if len(response.Errors) > 0 {
		outcome = code(response.Errors[0])
	}
	s.requests.WithLabelValues(kind, outcome).Inc()
	s.seconds.WithLabelValues(kind).Observe(time.Since(started).Seconds())
	s.o.Log.DebugContext(ctx, "answered", "request", ctx.Value(requestID{}), "kind", kind, "outcome", outcome, "milliseconds", time.Since(started).Milliseconds())
}

// enter signs the caller in; it reads nothing of the body.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) (store.Session, bool) {
	session, err := s.sign(r)(r.Context())
	if err == nil {
		return session, true
	}
	status := http.StatusInternalServerError
	switch fault.As(err).Code {
	case fault.Unauthenticated:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Bearer realm="rightshub"`)
	case fault.Invalid:
		status = http.StatusBadRequest
	case fault.Forbidden:
		status = http.StatusForbidden
	case fault.Unavailable:
		status = http.StatusServiceUnavailable
	}
	s.refuse(w, r, status, err)
	return nil, false
}

// languages are those of Accept-Language, best first.
func languages(r *http.Request) (out []string) {
	header := r.Header.Get("Accept-Language")
	if len(header) > 200 {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	for _, t := range tags {
		base, _ := t.Base()
		out = append(out, base.String())
	}
	return out
}

type languageKey struct{}

// spoken is the first of the caller's languages that the hub speaks.
func spoken(r *http.Request) string {
	for _, l := range languages(r) {
		if slices.Contains(store.Languages, l) {
			return l
		}
	}
	return "en"
}

// mediaType is what the answer is written as: JSON, unless the caller prefers GraphQL's own type.
func mediaType(r *http.Request) string {
	for _, accepted := range strings.Split(r.Header.Get("Accept"), ",") {
		switch t, _, _ := mime.ParseMediaType(accepted); t {
		case responseJSON:
			return responseJSON
		case plainJSON:
			return plainJSON
		}
	}
	return plainJSON
}

// readParams reads the body. Nothing of it is ever echoed.
func readParams(r *http.Request) (*graphql.RawParams, error) {
	if t, p, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != plainJSON || p["charset"] != "" && !strings.EqualFold(p["charset"], "utf-8") {
		return nil, fault.New(fault.Forbidden, "Send the body as Content-Type: application/json, in UTF-8.")
	}
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, fault.New(fault.TooLarge, "The body is larger than %d bytes.", MaxBody)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "The body ended too early.")
	}
	var in struct {
		Query         *string         `json:"query"`
		Variables     map[string]any  `json:"variables"`
		OperationName string          `json:"operationName"`
		Extensions    json.RawMessage `json:"extensions"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		return nil, fault.New(fault.Invalid, `The body is not a JSON object {"query": "...", "variables": {...}, "operationName": "..."}.`)
	}
	if d.More() {
		return nil, fault.New(fault.Invalid, "The body has more after its JSON object. Send one operation in each request.")
	}
	if in.Query == nil || *in.Query == "" {
		return nil, fault.New(fault.Invalid, `The body has no "query".`)
	}
	params := &graphql.RawParams{Query: *in.Query, Variables: in.Variables, OperationName: in.OperationName, ReadTime: graphql.TraceTiming{Start: time.Now(), End: time.Now()}}
	if ext := bytes.TrimSpace(in.Extensions); len(ext) > 0 && ext[0] != '{' && string(ext) != "null" {
		return nil, fault.New(fault.Invalid, `"extensions" must be an object.`)
	}
	return params, nil
}

// write writes an answer; a request that was not executed has no data.
func (s *Server) write(w http.ResponseWriter, r *graphql.Response) {
	var b bytes.Buffer
	b.WriteByte('{')
	if len(r.Errors) > 0 {
		text, err := json.Marshal(r.Errors)
		if err != nil {
			text = []byte(`[{"message":"The hub could not answer.","extensions":{"code":"INTERNAL"}}]`)
		}
		b.WriteString(`"errors":`)
		b.Write(text)
	}
	if r.Data != nil {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(`"data":`)
		b.Write(r.Data)
	}
	b.WriteString("}\n")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.Write(b.Bytes())
}

// refuse answers a request that was not executed.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", plainJSON+"; charset=utf-8")
	}
	w.WriteHeader(status)
	s.write(w, &graphql.Response{Errors: gqlerror.List{s.present(r.Context(), err)}})
	s.requests.WithLabelValues("none", string(fault.As(err).Code)).Inc()
}

// present turns an error into GraphQL's form: a fault's message and code, and nothing else. What is internal is logged.
func (s *Server) present(ctx context.Context, err error) *gqlerror.Error {
	var own *gqlerror.Error
	var f *fault.Error
	if errors.As(err, &own) && own.Err == nil { // of parsing and validation; what a resolver returned is wrapped
		s.code(own)
		return own
	}
	f = fault.As(err)
	if f.Cause != nil {
		s.o.Log.ErrorContext(ctx, "failed", "request", ctx.Value(requestID{}), "code", f.Code, "error", f.Cause)
	}
	language, _ := ctx.Value(languageKey{}).(string)
	message, fields := f.In(language)
	out := &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(f.Code)}}
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

// code gives gqlgen's own errors a code of the fixed list.
func (s *Server) code(e *gqlerror.Error) {
	given := code(e)
	e.Extensions = map[string]any{"code": string(fault.Invalid)}
	if given == errcode.ParseFailed && strings.Contains(e.Message, "token limit") {
		e.Extensions["code"] = string(fault.TooComplex)
	}
	e.Rule = ""
}

func code(e *gqlerror.Error) string {
	c, _ := e.Extensions["code"].(string)
	return c
}

// sdl gives signed-in callers the schema.
func (s *Server) sdl(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.enter(w, r); !ok {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, s.o.SDL)
}
