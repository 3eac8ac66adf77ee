package server_test

import (
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

// testSocket is the client's end of a WebSocket.
type testSocket struct {
	*testing.T
	conn *websocket.Conn
}

// newTestServer returns a server that signs in the same user with any Authorization header.
func newTestServer(t *testing.T, keepAlive time.Duration, allowedOrigins ...string) *httptest.Server {
	t.Helper()
	schema, sdl, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(server.Options{
		Schema: schema, SDL: sdl, Model: theModel, Log: slog.New(slog.DiscardHandler),
		KeepAlive: keepAlive, AllowedOrigins: allowedOrigins,
		OpenSession: func(_ context.Context, c store.Credentials) (store.Session, error) {
			if c.Authorization == "" {
				return nil, fault.New(fault.Unauthenticated, "Sign in.")
			}
			return fakeSession{}, nil
		},
	})
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

// receiveText returns the next message, or the close code of the socket. Without a close, the code is -1.
func (l *testSocket) receiveText() (string, websocket.StatusCode) {
	l.Helper()
	ctx, cancel := context.WithTimeout(l.Context(), time.Minute)
	defer cancel()
	_, text, err := l.conn.Read(ctx)
	return string(text), websocket.CloseStatus(err)
}

const (
	initMessage      = `{"type":"connection_init","payload":{"authorization":"Bearer x"}}`
	subscribeMessage = `{"type":"subscribe","id":"1","payload":{"query":"subscription{changed{id}}"}}`
)

// TestSocketProtocol checks that a violation of the protocol closes the socket with the right code, and that a wrong
// operation gets an error.
func TestSocketProtocol(t *testing.T) {
	h := newTestServer(t, 0)
	const open websocket.StatusCode = -1
	for name, c := range map[string]struct {
		messages []string
		want     string // part of the response
		wantCode websocket.StatusCode
	}{
		"not JSON":                         {[]string{"x"}, "", 4400},
		"unknown type of message":          {[]string{`{"type":"start"}`}, "", 4400},
		"connection_init without a token":  {[]string{`{"type":"connection_init"}`}, "", 4403},
		"subscribe before connection_init": {[]string{subscribeMessage}, "", 4401},
		"connection_init twice":            {[]string{initMessage, initMessage}, "", 4429},
		"subscribe without an id": {
			[]string{initMessage, strings.Replace(subscribeMessage, `"id":"1",`, "", 1)}, "", 4400,
		},
		"ping":                {[]string{`{"type":"ping"}`}, `{"type":"pong"}`, open},
		"another subprotocol": {nil, "", 4406},
		"message too large": {
			[]string{
				initMessage,
				`{"type":"ping","payload":{"x":"` + strings.Repeat("x", server.MaxMessageBytes) + `"}}`,
			},
			"", websocket.StatusMessageTooBig,
		},
		"query": {
			[]string{
				initMessage,
				strings.Replace(subscribeMessage, "subscription{changed{id}}", "{viewer{purpose}}", 1),
			},
			`"code":"INVALID"`, open,
		},
		"unknown field": {
			[]string{initMessage, strings.Replace(subscribeMessage, "changed", "nope", 1)},
			`"code":"INVALID"`, open,
		},
		"complete of an unknown id": {
			[]string{initMessage, `{"type":"complete","id":"7"}`, `{"type":"ping"}`},
			`{"type":"pong"}`, open,
		},
	} {
		t.Run(name, func(t *testing.T) {
			protocol := "graphql-transport-ws"
			if c.messages == nil {
				protocol = "graphql-ws"
			}
			l := dialSocket(t, h, protocol)
			for _, text := range c.messages {
				l.sendText(text)
			}
			text, code := l.receiveText()
			if strings.Contains(text, "connection_ack") {
				text, code = l.receiveText()
			}
			if code != c.wantCode || !strings.Contains(text, c.want) {
				t.Errorf("got %q and close code %d, want %q and %d", text, code, c.want, c.wantCode)
			}
		})
	}
}

// TestSocketInit checks that the hub closes a socket without connection_init after InitTimeout.
func TestSocketInit(t *testing.T) {
	t.Parallel()
	if text, code := dialSocket(t, newTestServer(t, 0), "graphql-transport-ws").receiveText(); code != 4408 {
		t.Errorf("%q, code %d", text, code)
	}
}

// TestSocketOrigin checks that pages of the hub and of the allowed origins may open a socket, and programs, which
// send no origin. All other pages are refused.
func TestSocketOrigin(t *testing.T) {
	h := newTestServer(t, 0, "https://app.example.org", "http://[::1]:3000")
	for origin, want := range map[string]int{
		"":                                     101,
		h.URL:                                  101,
		"https://app.example.org":              101,
		"http://[::1]:3000":                    101,
		"https://evil.example":                 403,
		"http://app.example.org":               403,
		"https://app.example.org:444":          403,
		"https://app.example.org.evil.example": 403,
		"null":                                 403,
		"file://":                              403,
		"%":                                    403,
		"https://APP.example.org":              403,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, response, err := websocket.Dial(t.Context(), h.URL+"/graphql", &websocket.DialOptions{
			Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: header,
		})
		if response.StatusCode != want {
			t.Errorf("%q: got %d, want %d; %v", origin, response.StatusCode, want, err)
		}
		if err == nil {
			conn.CloseNow()
		}
	}
}

// TestSocketsOfOnePerson checks that one user can open MaxPerCaller sockets, and another one after closing one of them.
func TestSocketsOfOnePerson(t *testing.T) {
	h := newTestServer(t, 0)
	open := func() (*testSocket, websocket.StatusCode) {
		l := dialSocket(t, h, "graphql-transport-ws")
		l.sendText(initMessage)
		_, code := l.receiveText()
		return l, code
	}
	first, code := open()
	for range server.MaxPerCaller {
		if code != -1 {
			t.Fatalf("the hub closed a socket below the limit with code %d", code)
		}
		_, code = open()
	}
	if code != websocket.StatusTryAgainLater {
		t.Errorf("one socket above the limit: close code %d, want %d", code, websocket.StatusTryAgainLater)
	}
	first.conn.Close(websocket.StatusNormalClosure, "")
	for code = 0; code != -1; { // the hub counts the closed socket out with some delay
		_, code = open()
	}
}

// TestSocketPings checks that the hub sends pings periodically.
func TestSocketPings(t *testing.T) {
	h := newTestServer(t, 5*time.Millisecond)
	pings := make(chan bool, 100)
	conn, _, err := websocket.Dial(t.Context(), h.URL+"/graphql", &websocket.DialOptions{
		Subprotocols:   []string{"graphql-transport-ws"},
		OnPingReceived: func(context.Context, []byte) bool { pings <- true; return true },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	go conn.Read(t.Context())
	for range 3 {
		<-pings
	}
}

// postForEvents sends a body that is answered by an event stream with an end. It returns the status and the whole
// stream.
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

// readResponse returns the status and the whole body of a response.
func readResponse(t *testing.T, w *http.Response) (int, string) {
	t.Helper()
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, string(text)
}

// TestEventsOfErrors checks that the error of an invalid document is sent as an event, as graphql-sse requires. An
// anonymous caller gets 401.
func TestEventsOfErrors(t *testing.T) {
	h := newTestServer(t, 0)
	for _, c := range []struct {
		authorization, want string
		wantStatus          int
	}{
		{"", `"UNAUTHENTICATED"`, 401},
		{"Bearer x", "event: next\ndata: {\"errors\":[{", 200},
	} {
		status, text := postForEvents(t, h, c.authorization, `{"query":"subscription{nope}"}`)
		if status != c.wantStatus || !strings.Contains(text, c.want) {
			t.Errorf("%q: got %d %s, want %d and %s", c.authorization, status, text, c.wantStatus, c.want)
		}
	}
}
