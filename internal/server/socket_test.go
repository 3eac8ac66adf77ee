package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"rightshub/graph"
	"rightshub/internal/fault"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// testSocket is a socket that a test has opened.
type testSocket struct {
	*testing.T
	conn *websocket.Conn
}

// newTestServer is a server whose callers are known by any Authorization.
func newTestServer(t *testing.T, beat time.Duration, origins ...string) *httptest.Server {
	t.Helper()
	schema, sdl, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(server.Options{Schema: schema, SDL: sdl, Log: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)), KeepAlive: beat, AllowedOrigins: origins,
		OpenSession: func(_ context.Context, e store.Credentials) (store.Session, error) {
			if e.Authorization == "" {
				return nil, fault.New(fault.Unauthenticated, "Sign in.")
			}
			return fakeSession{}, nil
		}})
	h := httptest.NewServer(s.Handler())
	t.Cleanup(h.Close)
	return h
}

func dialSocket(t *testing.T, h *httptest.Server, protocols ...string) *testSocket {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), h.URL+"/graphql", &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return &testSocket{t, conn}
}

func (l *testSocket) sendText(text string) {
	l.Helper()
	if err := l.conn.Write(l.Context(), websocket.MessageText, []byte(text)); err != nil {
		l.Fatal(err)
	}
}

// receiveText is the next message, or the code with which the socket was closed.
func (l *testSocket) receiveText() (string, websocket.StatusCode) {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), 10*time.Second)
	defer cancel()
	_, text, err := l.conn.Read(ctx)
	return string(text), websocket.CloseStatus(err)
}

const (
	initMessage      = `{"type":"connection_init","payload":{"authorization":"Bearer x"}}`
	subscribeMessage = `{"type":"subscribe","id":"1","payload":{"query":"subscription{changed{id}}"}}`
)

// What breaks the protocol closes the socket with its code; what is asked for wrongly is answered.
func TestSocketProtocol(t *testing.T) {
	h := newTestServer(t, 0)
	for name, c := range map[string]struct {
		say  []string
		text string
		code websocket.StatusCode
	}{
		"no JSON":                    {[]string{"x"}, "", 4400},
		"no such message":            {[]string{`{"type":"start"}`}, "", 4400},
		"nobody":                     {[]string{`{"type":"connection_init"}`}, "", 4403},
		"subscribed before hello":    {[]string{subscribeMessage}, "", 4401},
		"hello twice":                {[]string{initMessage, initMessage}, "", 4429},
		"no id":                      {[]string{initMessage, `{"type":"subscribe","payload":{"query":"{viewer{purpose}}"}}`}, "", 4400},
		"too large":                  {[]string{initMessage, `{"type":"ping","payload":{"x":"` + strings.Repeat("x", server.MaxMessageBytes) + `"}}`}, "", websocket.StatusMessageTooBig},
		"ping":                       {[]string{`{"type":"ping"}`}, `{"type":"pong"}`, -1},
		"a query":                    {[]string{initMessage, strings.Replace(subscribeMessage, "subscription{changed{id}}", "{viewer{purpose}}", 1)}, `"code":"INVALID"`, -1},
		"no such field":              {[]string{initMessage, strings.Replace(subscribeMessage, "changed", "nope", 1)}, `"code":"INVALID"`, -1},
		"completed, never begun":     {[]string{initMessage, `{"type":"complete","id":"7"}`, `{"type":"ping"}`}, `{"type":"pong"}`, -1},
		"a socket of other protocol": {nil, "", 4406},
	} {
		t.Run(name, func(t *testing.T) {
			protocols := []string{"graphql-transport-ws"}
			if c.say == nil {
				protocols = []string{"graphql-ws"}
			}
			l := dialSocket(t, h, protocols...)
			for _, text := range c.say {
				l.sendText(text)
			}
			text, code := l.receiveText()
			if strings.Contains(text, "connection_ack") {
				text, code = l.receiveText()
			}
			if code != c.code || !strings.Contains(text, c.text) {
				t.Errorf("%q, code %d", text, code)
			}
		})
	}
}

// Who says nothing is not kept.
func TestSocketInit(t *testing.T) {
	t.Parallel()
	if text, code := dialSocket(t, newTestServer(t, 0), "graphql-transport-ws").receiveText(); code != 4408 {
		t.Errorf("%q, code %d", text, code)
	}
}

// A page of the hub itself or of a listed origin opens a socket, and so does a program, which has none; no other page does.
func TestSocketOrigin(t *testing.T) {
	h := newTestServer(t, 0, "https://app.example.org", "http://[::1]:3000")
	for origin, want := range map[string]int{"": 101, h.URL: 101, "https://app.example.org": 101, "http://[::1]:3000": 101, "https://evil.example": 403, "http://app.example.org": 403, "https://app.example.org:444": 403,
		"https://app.example.org.evil.example": 403, "null": 403, "file://": 403, "%": 403, "https://APP.example.org": 403} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, answer, err := websocket.Dial(t.Context(), h.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: header})
		if answer.StatusCode != want {
			t.Errorf("%q: %d %v", origin, answer.StatusCode, err)
		}
		if err == nil {
			conn.CloseNow()
		}
	}
}

// One person opens so many sockets and no more; one that was closed makes room.
func TestSocketsOfOnePerson(t *testing.T) {
	h := newTestServer(t, 0)
	greet := func() (*testSocket, websocket.StatusCode) {
		l := dialSocket(t, h, "graphql-transport-ws")
		l.sendText(initMessage)
		_, code := l.receiveText()
		return l, code
	}
	first, code := greet()
	for range server.MaxPerCaller {
		if code != -1 {
			t.Fatalf("code %d", code)
		}
		_, code = greet()
	}
	if code != websocket.StatusTryAgainLater {
		t.Errorf("one more: %d", code)
	}
	first.conn.Close(websocket.StatusNormalClosure, "")
	for code = 0; code != -1; { // the hub hears of it in its own time
		_, code = greet()
	}
}

// Signs of life come by the clock.
func TestSocketPings(t *testing.T) {
	h := newTestServer(t, 5*time.Millisecond)
	pings := make(chan bool, 100)
	conn, _, err := websocket.Dial(t.Context(), h.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"},
		OnPingReceived: func(context.Context, []byte) bool { pings <- true; return true }})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	go conn.Read(t.Context())
	for range 3 {
		<-pings
	}
}

// postForEvents sends a body for an event stream that ends, and returns the status and all of it.
func postForEvents(t *testing.T, h *httptest.Server, authorization, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/graphql", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", authorization)
	w, err := h.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return readResponse(t, w)
}

// readResponse reads an answer to its end.
func readResponse(t *testing.T, w *http.Response) (int, string) {
	t.Helper()
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, string(text)
}

// A document that cannot be read is an event with its error, as graphql-sse wants it; an anonymous caller gets 401.
func TestEventsOfErrors(t *testing.T) {
	h := newTestServer(t, 0)
	for authorization, want := range map[string]string{"": `"UNAUTHENTICATED"`, "Bearer x": "event: next\ndata: {\"errors\":[{"} {
		status, text := postForEvents(t, h, authorization, `{"query":"subscription{nope}"}`)
		if !strings.Contains(text, want) || (authorization == "") != (status == http.StatusUnauthorized) {
			t.Errorf("%d %s", status, text)
		}
	}
}
