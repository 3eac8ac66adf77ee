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

// pipeListener are a listener within this process, whose lines hold nothing that is not read.
type pipeListener chan net.Conn

func (p pipeListener) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipeListener) Close() error   { close(p); return nil } // by the server, once, when it stops: closed before, it would not wait for its lines
func (p pipeListener) Addr() net.Addr { return &net.IPAddr{} }

// withFakeClock runs a test on a hub whose time is the test's: it goes on when nothing else can happen, and at once.
func withFakeClock(t *testing.T, test func(t *testing.T, api *apitest.API, dial func() net.Conn), change ...func(*server.Options)) {
	t.Helper()
	apitest.Demo.SQLite(t) // made by the real clock
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today.Add(time.Minute)))
		api := apitest.New(t, apitest.Demo.SQLite(t), change...)
		ctx, stop := context.WithCancel(t.Context())
		lines, ended := make(pipeListener), make(chan error, 1)
		go func() { ended <- server.Serve(ctx, lines, api.Handler, slog.New(slog.DiscardHandler)) }()
		test(t, api, func() net.Conn {
			ours, theirs := net.Pipe()
			t.Cleanup(func() { ours.Close() })
			lines <- theirs
			return ours
		})
		stop()
		<-ended
	})
}

// subscribeEvents subscribes to activities over the line, and returns what it hears.
func subscribeEvents(t *testing.T, line net.Conn, authorization string) *bufio.Scanner {
	t.Helper()
	const body = `{"query":"subscription{changed(types:[Activity]){id}}"}`
	_, err := fmt.Fprintf(line, "POST /graphql HTTP/1.1\r\nHost: hub\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n%s", authorization, len(body), body)
	if err != nil {
		t.Fatal(err)
	}
	w, err := http.ReadResponse(bufio.NewReader(line), nil)
	if err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(w.Body)
}

// An open subscription ends when its token does, and not a tick later: a personal access token, and a signed one.
func TestExpiryEndsSubscriptions(t *testing.T) {
	withFakeClock(t, func(t *testing.T, api *apitest.API, dial func() net.Conn) {
		who, minute := api.As("coordinator.bf@demo", ""), time.Now().Truncate(time.Minute)
		personal, signed := minute.Add(2*time.Minute+111*time.Millisecond), minute.Add(4*time.Minute)
		_, token, err := api.SessionOf(who, "").IssueToken(t.Context(), "short", []string{"read"}, personal)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			authorization string
			ends          time.Time
		}{{"Bearer " + token, personal}, {api.AsWithTokenUntil("coordinator.bf@demo", signed).Headers["Authorization"], signed}} {
			lines, said := subscribeEvents(t, dial(), c.authorization), ""
			for lines.Scan() {
				if said += lines.Text() + "\n"; strings.Contains(said, "UNAUTHENTICATED") {
					break
				}
			}
			if late := time.Since(c.ends); late < 0 || late > time.Millisecond || !strings.Contains(said, "UNAUTHENTICATED") {
				t.Errorf("%v late: %s", late, said)
			}
		}
	})
}

// subscribeIdly subscribes to activities over a socket on the line, and does nothing more.
func subscribeIdly(t *testing.T, pipe net.Conn, authorization string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return pipe, nil }}}
	conn, _, err := websocket.Dial(t.Context(), "ws://hub/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	l := &testSocket{t, conn}
	l.sendText(strings.Replace(initMessage, "Bearer x", authorization, 1))
	l.receiveText()
	l.sendText(strings.Replace(subscribeMessage, "changed", "changed(types:[Activity])", 1))
}

// Who does not take what is sent loses the line after ten seconds: an event or a sign of life, over each transport.
func TestSlowReaders(t *testing.T) {
	const write = `mutation($i:ID!){createActivity(input:{interventionId:$i,title:[{language:"fr",text:"Essai"}],kind:TRAINING}){activity{id}}}`
	for transport, listen := range map[string]func(*testing.T, net.Conn, string) io.Reader{
		"events": func(t *testing.T, pipe net.Conn, authorization string) io.Reader {
			subscribeEvents(t, pipe, authorization).Scan()
			return pipe
		},
		"socket": func(t *testing.T, pipe net.Conn, authorization string) io.Reader {
			subscribeIdly(t, pipe, authorization)
			return pipe
		},
	} {
		for cause, alive := range map[string]time.Duration{"an event": time.Hour, "a sign of life": time.Second} {
			t.Run(transport+", "+cause, func(t *testing.T) {
				withFakeClock(t, func(t *testing.T, api *apitest.API, dial func() net.Conn) {
					who := api.As("coordinator.bf@demo", "")
					left := listen(t, dial(), who.Headers["Authorization"])
					synctest.Wait()
					if alive == time.Hour {
						i := who.Ask(`{interventions(first:1,where:{country:{iso2:{eq:"BF"}}}){nodes{id}}}`, nil).RequireOK().Text("interventions.nodes.0.id")
						who.Ask(write, map[string]any{"i": i}).RequireOK()
					}
					time.Sleep(server.SendTimeout + 2*time.Second)
					if n, err := left.Read(make([]byte, 1)); err != io.EOF {
						t.Errorf("the line is open: %d bytes, %v", n, err)
					}
				}, func(o *server.Options) { o.KeepAlive = alive })
			})
		}
	}
}

// Who takes the pings of a socket, but answers none, loses it too.
func TestSilentSocket(t *testing.T) {
	withFakeClock(t, func(t *testing.T, api *apitest.API, dial func() net.Conn) {
		line := dial()
		subscribeIdly(t, line, api.As("coordinator.bf@demo", "").Headers["Authorization"])
		line.SetReadDeadline(time.Now().Add(server.SendTimeout + 10*time.Second)) // it is asked to close by itself, too
		if _, err := io.Copy(io.Discard, line); err != nil {
			t.Errorf("the line is open: %v", err)
		}
	}, func(o *server.Options) { o.KeepAlive = time.Second })
}
