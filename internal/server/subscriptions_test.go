package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// pipeListener is a listener within this process. Its connections are pipes, which buffer nothing. So a client that
// does not read blocks the server at once.
type pipeListener chan net.Conn

func (p pipeListener) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

// Close is called once, by the server when it stops. If the test closed the listener earlier, the server would not
// wait for its connections.
func (p pipeListener) Close() error   { close(p); return nil }
func (p pipeListener) Addr() net.Addr { return &net.IPAddr{} }

// withFakeClock runs a test on a hub in a synctest bubble, where time advances as soon as every goroutine is blocked.
func withFakeClock(
	t *testing.T, test func(t *testing.T, api *apitest.API, dial func() net.Conn), change ...func(*server.Options),
) {
	t.Helper()
	apitest.Demo.SQLite(t) // fill the demonstration outside the bubble, by the real clock
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today.Add(time.Minute)))
		api := apitest.New(t, apitest.Demo.SQLite(t), change...)
		ctx, stop := context.WithCancel(t.Context())
		listener, ended := make(pipeListener), make(chan error, 1)
		log, connections := slog.New(slog.DiscardHandler), server.NewClientConnections()
		go func() { ended <- server.Serve(ctx, listener, api.Handler, log, connections) }()
		test(t, api, func() net.Conn {
			clientEnd, serverEnd := net.Pipe()
			t.Cleanup(func() { clientEnd.Close() })
			listener <- serverEnd
			return clientEnd
		})
		stop()
		<-ended
	})
}

// subscribeEvents subscribes to activities by an event stream on conn, and returns a scanner of its lines.
func subscribeEvents(t *testing.T, conn net.Conn, authorization string) *bufio.Scanner {
	t.Helper()
	return subscribeEventsAt(t, "/graphql", conn, authorization)
}

// subscribeEventsAt is subscribeEvents at a path.
func subscribeEventsAt(t *testing.T, path string, conn net.Conn, authorization string) *bufio.Scanner {
	t.Helper()
	const body = `{"query":"subscription{changed(types:[Activity]){id}}"}`
	const head = "POST %s HTTP/1.1\r\nHost: hub\r\nAccept: text/event-stream\r\n" +
		"Content-Type: application/json\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n"
	if _, err := fmt.Fprintf(conn, head+"%s", path, authorization, len(body), body); err != nil {
		t.Fatal(err)
	}
	w, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(w.Body)
}

// TestExpiryEndsSubscriptions checks that an open subscription ends within a millisecond after its token expires, for a
// personal access token and for a signed token.
func TestExpiryEndsSubscriptions(t *testing.T) {
	withFakeClock(t, func(t *testing.T, api *apitest.API, dial func() net.Conn) {
		coordinator, minute := api.As("coordinator.bf@demo", ""), time.Now().Truncate(time.Minute)
		personalEnd, signedEnd := minute.Add(2*time.Minute+111*time.Millisecond), minute.Add(4*time.Minute)
		_, token, err := api.SessionOf(coordinator, "").IssueToken(t.Context(), "short", []string{"read"}, personalEnd)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			authorization string
			expires       time.Time
		}{
			{"Bearer " + token, personalEnd},
			{api.AsWithTokenUntil("coordinator.bf@demo", signedEnd).Headers["Authorization"], signedEnd},
		} {
			lines, received := subscribeEvents(t, dial(), c.authorization), ""
			for lines.Scan() {
				if received += lines.Text() + "\n"; strings.Contains(received, "UNAUTHENTICATED") {
					break
				}
			}
			if !strings.Contains(received, "UNAUTHENTICATED") {
				t.Errorf("the subscription ended without UNAUTHENTICATED: %s", received)
			}
			if late := time.Since(c.expires); late < 0 || late > time.Millisecond {
				t.Errorf("the subscription ended %v after its token", late)
			}
		}
	})
}

// subscribeIdly subscribes to activities by a WebSocket on pipe, and then neither reads nor writes.
func subscribeIdly(t *testing.T, pipe net.Conn, authorization string) {
	t.Helper()
	dial := func(context.Context, string, string) (net.Conn, error) { return pipe, nil }
	conn, _, err := websocket.Dial(t.Context(), "ws://hub/graphql", &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"},
		HTTPClient:   &http.Client{Transport: &http.Transport{DialContext: dial}},
	})
	if err != nil {
		t.Fatal(err)
	}
	l := &testSocket{t, conn}
	l.sendText(strings.Replace(initMessage, "Bearer x", authorization, 1))
	l.receiveText()
	l.sendText(strings.Replace(subscribeMessage, "changed", "changed(types:[Activity])", 1))
}

// TestSlowReaders checks, for each transport, that a client loses the connection when it does not take an event or a
// keep-alive signal within SendTimeout.
func TestSlowReaders(t *testing.T) {
	const readIntervention = `{
		interventions(first: 1, where: {country: {iso2: {eq: "BF"}}}) { nodes { id } }
	}`
	const createActivity = `mutation($i: ID!) {
		createActivity(input: {interventionId: $i, title: [{language: "fr", text: "Essai"}], kind: TRAINING}) {
			activity { id }
		}
	}`
	for transport, subscribe := range map[string]func(*testing.T, net.Conn, string) io.Reader{
		"events": func(t *testing.T, pipe net.Conn, authorization string) io.Reader {
			subscribeEvents(t, pipe, authorization).Scan()
			return pipe
		},
		"socket": func(t *testing.T, pipe net.Conn, authorization string) io.Reader {
			subscribeIdly(t, pipe, authorization)
			return pipe
		},
	} {
		for unread, keepAlive := range map[string]time.Duration{"an event": time.Hour, "a keep-alive": time.Second} {
			t.Run(transport+", "+unread, func(t *testing.T) {
				withFakeClock(t, func(t *testing.T, api *apitest.API, dial func() net.Conn) {
					coordinator := api.As("coordinator.bf@demo", "")
					conn := subscribe(t, dial(), coordinator.Headers["Authorization"])
					synctest.Wait()
					if unread == "an event" {
						found := coordinator.Ask(readIntervention, nil).RequireOK()
						intervention := found.Text("interventions.nodes.0.id")
						coordinator.Ask(createActivity, map[string]any{"i": intervention}).RequireOK()
					}
					time.Sleep(server.SendTimeout + 2*time.Second)
					if n, err := conn.Read(make([]byte, 1)); err != io.EOF {
						t.Errorf("the connection is still open: %d bytes, %v", n, err)
					}
				}, func(o *server.Options) { o.KeepAlive = keepAlive })
			})
		}
	}
}

// TestSilentSocket checks that a client loses its WebSocket when it reads the pings and answers none.
func TestSilentSocket(t *testing.T) {
	withFakeClock(t, func(t *testing.T, api *apitest.API, dial func() net.Conn) {
		conn := dial()
		subscribeIdly(t, conn, api.As("coordinator.bf@demo", "").Headers["Authorization"])
		// The time also covers the close message, which the hub sends first.
		conn.SetReadDeadline(time.Now().Add(server.SendTimeout + 10*time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Errorf("the connection is still open: %v", err)
		}
	}, func(o *server.Options) { o.KeepAlive = time.Second })
}
