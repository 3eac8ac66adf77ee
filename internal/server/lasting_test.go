package server_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// pipes are a listener within this process, whose lines hold nothing that is not read.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.IPAddr{} }

// clocked runs a test on a hub whose time is the test's: it goes on when nothing else can happen, and at once.
func clocked(t *testing.T, test func(*testing.T, *apitest.API, func(request string) net.Conn), change ...func(*server.Options)) {
	t.Helper()
	apitest.Demo.SQLite(t) // made by the real clock
	today := time.Now()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today.Add(time.Minute)))
		api := apitest.New(t, apitest.Demo.SQLite(t), change...)
		ctx, stop := context.WithCancel(t.Context())
		lines, ended := make(pipes), make(chan error, 1)
		go func() { ended <- server.Serve(ctx, lines, api.Handler, slog.New(slog.DiscardHandler)) }()
		test(t, api, func(request string) net.Conn {
			ours, theirs := net.Pipe()
			t.Cleanup(func() { ours.Close() })
			lines <- theirs
			if _, err := ours.Write([]byte(request)); err != nil {
				t.Fatal(err)
			}
			return ours
		})
		close(lines)
		stop()
		<-ended
	})
}

// subscribing is the request that follows activities, as events.
func subscribing(authorization string) string {
	const body = `{"query":"subscription{changed(types:[Activity]){id}}"}`
	return fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: hub\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n%s", authorization, len(body), body)
}

// An open subscription ends when its token does, and not a tick later: a personal access token, and a signed one.
func TestExpiryEndsSubscriptions(t *testing.T) {
	clocked(t, func(t *testing.T, api *apitest.API, line func(string) net.Conn) {
		who, minute := api.As("coordinator.bf@demo", ""), time.Now().Truncate(time.Minute)
		personal, signed := minute.Add(2*time.Minute+111*time.Millisecond), minute.Add(4*time.Minute)
		_, token, err := api.Session(who, "").IssueToken(t.Context(), "short", []string{"read"}, personal)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			authorization string
			ends          time.Time
		}{{"Bearer " + token, personal}, {api.Until("coordinator.bf@demo", signed).Headers["Authorization"], signed}} {
			w, err := http.ReadResponse(bufio.NewReader(line(subscribing(c.authorization))), nil)
			if err != nil {
				t.Fatal(err)
			}
			lines, said := bufio.NewScanner(w.Body), ""
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
