package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"rightshub/graph"
	"rightshub/internal/apitest"
	"rightshub/internal/query"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// urqlAccept is the Accept header of the client library urql.
const urqlAccept = "application/graphql-response+json, application/graphql+json, application/json, " +
	"text/event-stream, multipart/mixed"

// TestMediaTypes checks that a response to a query has the media type that the client prefers. It is an event stream
// only if the client accepts nothing else.
func TestMediaTypes(t *testing.T) {
	const (
		plain      = "application/json; charset=utf-8"
		graphqlOwn = "application/graphql-response+json; charset=utf-8"
		stream     = "text/event-stream; charset=utf-8"
		query      = `{"query":"{countries(first:38){nodes{iso2 name}}}"}`
	)
	api := apitest.New(t, apitest.Demo.SQLite(t))
	manager := api.As("manager@demo", "")
	for accept, want := range map[string]string{
		"":                 plain,
		"*/*":              plain,
		"application/*":    plain,
		"text/html":        plain,
		"application/json": plain,
		urqlAccept:         graphqlOwn,

		"application/graphql-response+json, */*":                          graphqlOwn,
		"application/graphql-response+json;q=0.5, application/json;q=0.9": plain,
		"application/json;q=0.1, application/graphql-response+json":       graphqlOwn,
		"application/graphql-response+json;q=0, application/*":            plain,

		"application/json, text/event-stream;q=0":   plain,
		"application/json;q=0.1, text/event-stream": plain,
		"text/event-stream, */*;q=0.1":              plain,
		"text/event-stream":                         stream,
		"Text/Event-Stream;q=0.3":                   stream,
		"application/*;q=0, text/*":                 stream,
		"text/event-stream, application/json;q=0":   stream,
		"text/event-stream;q=0":                     plain,
		"text/event-stream;q=x":                     plain,
	} {
		manager.Headers["Accept"] = accept
		w := manager.Send(t.Context(), query)
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"iso2":"BF"`) {
			t.Errorf("%q: %d %s", accept, w.Code, w.Body)
		}
		if got := w.Header().Get("Content-Type"); got != want {
			t.Errorf("%q: got %s, want %s", accept, got, want)
		}
	}
	manager.Headers["Accept"], manager.Headers["Accept-Encoding"] = urqlAccept, "gzip"
	if w := manager.Send(t.Context(), query); w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("the response is not compressed: %v", w.Header())
	}
	if w := manager.Send(t.Context(), `{"query":"{nope}"}`); w.Code != 400 {
		t.Errorf("an invalid document: %d %s", w.Code, w.Body)
	}
}

// TestMediaTypesOfSubscriptions checks that a subscription is answered by an event stream whenever the client accepts
// text/event-stream explicitly.
func TestMediaTypesOfSubscriptions(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	h := httptest.NewServer(api.Handler)
	t.Cleanup(h.Close)
	for accept, want := range map[string]string{
		"text/event-stream": "text/event-stream",
		"application/graphql-response+json, application/json, text/event-stream, multipart/mixed": "text/event-stream",
		"application/json, text/event-stream;q=0.1":                                               "text/event-stream",
		"application/json, text/event-stream;q=0":                                                 "application/json",
		"*/*": "application/json",
		"":    "application/json",
	} {
		body := strings.NewReader(`{"query":"subscription{changed(types:[Country]){id}}"}`)
		r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/graphql", body)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range api.As("manager@demo", "").Headers {
			r.Header.Set(name, value)
		}
		r.Header.Set("Accept", accept)
		w, err := h.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Header.Get("Content-Type"); got != want+"; charset=utf-8" {
			t.Errorf("%q: got %s, want %s", accept, got, want)
		}
		w.Body.Close()
	}
}

// TestConcurrentStreams checks that a query with an event stream as its response counts as a running request of its
// caller.
func TestConcurrentStreams(t *testing.T) {
	schema, sdl, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	running, finish := make(chan bool), make(chan bool)
	list := func() (*query.Page, error) {
		running <- true
		<-finish
		return &query.Page{}, nil
	}
	limits := server.DefaultLimits
	limits.Concurrent = 1
	handler := server.New(server.Options{
		Schema: schema, SDL: sdl, Model: theModel, Log: slog.New(slog.DiscardHandler), Limits: limits,
		OpenSession: func(context.Context, store.Credentials) (store.Session, error) {
			return fakeSession{list: list}, nil
		},
	}).Handler()
	send := func() string {
		body := strings.NewReader(`{"query":"{countries{totalCount}}"}`)
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", body)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "text/event-stream")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Body.String()
	}
	var first sync.WaitGroup
	first.Go(func() { send() })
	<-running
	second := make(chan string)
	go func() { second <- send() }()
	select {
	case text := <-second:
		if !strings.Contains(text, `"rule":"concurrent"`) {
			t.Errorf("the second request: %s, want a refusal by the rule concurrent", text)
		}
	case <-running:
		t.Error("two requests run at the same time")
	}
	close(finish)
	first.Wait()
}
