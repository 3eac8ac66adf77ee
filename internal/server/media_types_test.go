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

// An answer is of the type that the caller likes best; a query is a stream of events for those alone who take nothing else.
func TestMediaTypes(t *testing.T) {
	const (
		plain, own, stream = "application/json; charset=utf-8", "application/graphql-response+json; charset=utf-8", "text/event-stream; charset=utf-8"
		urql               = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
	)
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("manager@demo", "")
	for accept, want := range map[string]string{
		"": plain, "*/*": plain, "application/*": plain, "text/html": plain, "application/json": plain, urql: own,
		"application/graphql-response+json, */*": own, "application/graphql-response+json;q=0.5, application/json;q=0.9": plain,
		"application/json;q=0.1, application/graphql-response+json": own, "application/graphql-response+json;q=0, application/*": plain,
		"application/json, text/event-stream;q=0": plain, "application/json;q=0.1, text/event-stream": plain, "text/event-stream, */*;q=0.1": plain,
		"text/event-stream": stream, "Text/Event-Stream;q=0.3": stream, "application/*;q=0, text/*": stream, "text/event-stream, application/json;q=0": stream,
		"text/event-stream;q=0": plain, "text/event-stream;q=x": plain,
	} {
		who.Headers["Accept"] = accept
		w := who.Send(t.Context(), `{"query":"{countries(first:38){nodes{iso2 name}}}"}`)
		if got := w.Header().Get("Content-Type"); got != want || w.Code != 200 || !strings.Contains(w.Body.String(), `"iso2":"BF"`) {
			t.Errorf("%q: %s %d %s", accept, got, w.Code, w.Body)
		}
	}
	who.Headers["Accept"], who.Headers["Accept-Encoding"] = urql, "gzip"
	if w := who.Send(t.Context(), `{"query":"{countries(first:38){nodes{iso2 name}}}"}`); w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("not compressed: %v", w.Header())
	}
	if w := who.Send(t.Context(), `{"query":"{nope}"}`); w.Code != 400 {
		t.Errorf("a document that is none: %d %s", w.Code, w.Body)
	}
}

// A subscription is a stream wherever that is among what the caller takes, by its name.
func TestMediaTypesOfSubscriptions(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	h := httptest.NewServer(api.Handler)
	t.Cleanup(h.Close)
	for accept, want := range map[string]string{
		"text/event-stream": "text/event-stream", "application/graphql-response+json, application/json, text/event-stream, multipart/mixed": "text/event-stream",
		"application/json, text/event-stream;q=0.1": "text/event-stream", "application/json, text/event-stream;q=0": "application/json", "*/*": "application/json", "": "application/json",
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/graphql", strings.NewReader(`{"query":"subscription{changed(types:[Country]){id}}"}`))
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
			t.Errorf("%q: %s", accept, got)
		}
		w.Body.Close()
	}
}

// What runs as a stream of events counts among what one caller may run at a time, until it has been answered.
func TestConcurrentStreams(t *testing.T) {
	schema, sdl, err := graph.Schema()
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
	handler := server.New(server.Options{Schema: schema, SDL: sdl, Log: slog.New(slog.DiscardHandler), Limits: limits,
		OpenSession: func(context.Context, store.Credentials) (store.Session, error) { return fakeSession{list: list}, nil }}).Handler()
	ask := func() string {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", strings.NewReader(`{"query":"{countries{totalCount}}"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "text/event-stream")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Body.String()
	}
	var first sync.WaitGroup
	first.Go(func() { ask() })
	<-running
	second := make(chan string)
	go func() { second <- ask() }()
	select {
	case text := <-second:
		if !strings.Contains(text, `"rule":"concurrent"`) {
			t.Errorf("a second: %s", text)
		}
	case <-running:
		t.Error("two run at a time")
	}
	close(finish)
	first.Wait()
}
