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
	"rightshub/internal/query"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// fakeSession is the session of a user, without a database. It answers every list by list.
type fakeSession struct {
	store.Session
	list func() (*query.Page, error)
}

func (s fakeSession) List(context.Context, *query.List) (*query.Page, error) { return s.list() }
func (s fakeSession) Languages() []string                                    { return []string{"en"} }
func (s fakeSession) User() uuid.UUID                                        { return uuid.UUID{1} }
func (s fakeSession) Holds(string) bool                                      { return false }

// postBody sends a body to a hub with sessions that answer every list by list, and returns the response and the log.
// With a nil list, the request is anonymous.
func postBody(t *testing.T, list func() (*query.Page, error), body io.Reader) (*httptest.ResponseRecorder, string) {
	t.Helper()
	schema, sdl, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := server.New(server.Options{
		Schema: schema, SDL: sdl, Model: theModel, Log: slog.New(slog.NewTextHandler(&log, nil)),
		OpenSession: func(_ context.Context, c store.Credentials) (store.Session, error) {
			if c.Authorization == "" {
				return nil, fault.New(fault.Unauthenticated, "Sign in.")
			}
			return fakeSession{list: list}, nil
		},
	})
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

// TestPanic checks that a panic in one field becomes an INTERNAL error without the value of the panic, that it is
// logged, and that the other fields of the response arrive.
func TestPanic(t *testing.T) {
	var calls atomic.Int64
	w, log := postBody(t, func() (*query.Page, error) {
		if calls.Add(1) == 1 {
			panic(panicValue)
		}
		return &query.Page{Total: 3}, nil
	}, strings.NewReader(`{"query":"{a:countries{totalCount} b:offices{totalCount}}"}`))
	body := w.Body.String()
	if w.Code != 200 || !strings.Contains(body, `"INTERNAL"`) || !strings.Contains(body, `{"totalCount":3}`) {
		t.Errorf("%d %s", w.Code, body)
	}
	if !strings.Contains(log, "panic") {
		t.Errorf("the panic is not logged: %s", log)
	}
	if strings.Contains(body+log, panicValue) {
		t.Errorf("the value of the panic is shown: %s %s", body, log)
	}
}

// unreadableBody is a body that must not be read.
type unreadableBody struct{ *testing.T }

func (n unreadableBody) Read([]byte) (int, error) {
	n.Error("the body was read")
	return 0, io.EOF
}

// TestAnonymous checks that an anonymous request gets 401 before its body is read.
func TestAnonymous(t *testing.T) {
	w, _ := postBody(t, nil, unreadableBody{t})
	if w.Code != 401 || !strings.Contains(w.Body.String(), `"UNAUTHENTICATED"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="rightshub"` {
		t.Errorf("WWW-Authenticate: %s", got)
	}
}

// TestInternalErrors checks that the response to an internal error holds only its code and the request's id, and that
// the log holds its cause.
func TestInternalErrors(t *testing.T) {
	fail := func() (*query.Page, error) { return nil, io.ErrUnexpectedEOF }
	w, log := postBody(t, fail, strings.NewReader(`{"query":"{countries{totalCount}}"}`))
	body := w.Body.String()
	if !strings.Contains(body, `"INTERNAL"`) || !strings.Contains(body, "requestId") || strings.Contains(body, "EOF") {
		t.Errorf("the response: %s", body)
	}
	if !strings.Contains(log, "unexpected EOF") {
		t.Errorf("the log: %s", log)
	}
}

// TestChallenge checks that WWW-Authenticate distinguishes an invalid token from a missing token.
func TestChallenge(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	for authorization, want := range map[string]string{
		"":                `Bearer realm="rightshub"`,
		"Basic eDp5":      `Bearer realm="rightshub"`,
		"Bearer nonsense": `Bearer realm="rightshub", error="invalid_token"`,
	} {
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
