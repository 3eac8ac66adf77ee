package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"rightshub/graph"
	"rightshub/internal/apitest"
	"rightshub/internal/fault"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// fakeSession answers every read in its own way.
type fakeSession struct {
	store.Session
	list func() (*store.Page, error)
}

func (s fakeSession) List(context.Context, *store.List) (*store.Page, error) { return s.list() }
func (s fakeSession) Languages() []string                                    { return []string{"en"} }
func (s fakeSession) User() uuid.UUID                                        { return uuid.UUID{1} }
func (s fakeSession) Holds(string) bool                                      { return false }

func postBody(t *testing.T, list func() (*store.Page, error), body io.Reader) (*httptest.ResponseRecorder, string) {
	t.Helper()
	schema, sdl, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := server.New(server.Options{Schema: schema, SDL: sdl, Log: slog.New(slog.NewTextHandler(&log, nil)), Ready: func(context.Context) error { return fault.New(fault.Unavailable, "Not yet.") },
		OpenSession: func(_ context.Context, e store.Credentials) (store.Session, error) {
			if e.Authorization == "" {
				return nil, fault.New(fault.Unauthenticated, "Sign in.")
			}
			return fakeSession{list: list}, nil
		}})
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", body)
	r.Header.Set("Content-Type", "application/json")
	if list != nil {
		r.Header.Set("Authorization", "Bearer x")
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w, log.String()
}

const panicValue = "a child's name"

// A panic is a logged INTERNAL that says nothing, the other fields of the answer arrive, and the hub lives on.
func TestPanic(t *testing.T) {
	var calls atomic.Int64
	w, log := postBody(t, func() (*store.Page, error) {
		if calls.Add(1) == 1 {
			panic(panicValue)
		}
		return &store.Page{Total: 3}, nil
	}, strings.NewReader(`{"query":"{a:countries{totalCount} b:offices{totalCount}}"}`))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"INTERNAL"`) || !strings.Contains(w.Body.String(), `{"totalCount":3}`) || !strings.Contains(log, "panic") {
		t.Errorf("%d %s %s", w.Code, w.Body, log)
	}
	if strings.Contains(w.Body.String()+log, panicValue) {
		t.Errorf("the panic's value is shown: %s %s", w.Body, log)
	}
}

// unreadableBody reads a byte of the body before the caller is known.
type unreadableBody struct{ *testing.T }

func (n unreadableBody) Read([]byte) (int, error) {
	n.Error("the body was read")
	return 0, io.EOF
}

// Anonymous requests get one constant answer before anything is read.
func TestAnonymous(t *testing.T) {
	w, _ := postBody(t, nil, unreadableBody{t})
	if w.Code != 401 || w.Header().Get("WWW-Authenticate") != `Bearer realm="rightshub"` || !strings.Contains(w.Body.String(), `"UNAUTHENTICATED"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// An error from inside shows its code and the request's name only.
func TestInternalErrors(t *testing.T) {
	w, log := postBody(t, func() (*store.Page, error) { return nil, io.ErrUnexpectedEOF }, strings.NewReader(`{"query":"{countries{totalCount}}"}`))
	if !strings.Contains(w.Body.String(), `"INTERNAL"`) || !strings.Contains(w.Body.String(), "requestId") || strings.Contains(w.Body.String(), "EOF") || !strings.Contains(log, "unexpected EOF") {
		t.Errorf("%s %s", w.Body, log)
	}
}

// A token that is no good is told apart from none.
func TestChallenge(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	for authorization, want := range map[string]string{"": `Bearer realm="rightshub"`, "Basic eDp5": `Bearer realm="rightshub"`, "Bearer nonsense": `Bearer realm="rightshub", error="invalid_token"`} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query":"{viewer{purpose}}"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		api.Handler.ServeHTTP(w, r)
		if got := w.Header().Get("WWW-Authenticate"); w.Code != 401 || got != want {
			t.Errorf("%q: %d %s", authorization, w.Code, got)
		}
	}
}
