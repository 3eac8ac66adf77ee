package server_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"rightshub/graph"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// startUnixHub starts a public hub on a Unix socket. The returned function sends a query for 10 objects with an
// X-Forwarded-For header, and reports whether the caller's allowance was used up.
func startUnixHub(t *testing.T, trusted bool) (isRefused func(forwarded string) bool) {
	t.Helper()
	schema, sdl, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	// All anonymous callers share ten times the rate of one.
	limits := server.Limits{
		PerSecond: 1, Burst: 10, Concurrent: 10,
		Objects: server.DefaultLimits.Objects, Timeout: server.DefaultLimits.Timeout,
	}
	s := server.New(server.Options{
		Schema: schema, SDL: sdl, Model: theModel, Log: log, Limits: limits, TrustUnixPeers: trusted,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // which no peer of a Unix socket is in
		OpenSession: func(context.Context, store.Credentials) (store.Session, error) {
			return anonymousSession{fakeSession{list: emptyPage}}, nil
		},
	})
	path := filepath.Join(t.TempDir(), "hub.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, l, s.Handler(), log, server.NewClientConnections()) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		},
	}}
	return func(forwarded string) bool {
		body := strings.NewReader(`{"query":"{countries(first:10){nodes{id}}}"}`)
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://localhost/graphql", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Forwarded-For", forwarded)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), `"RATE_LIMITED"`)
	}
}

// TestForwardedOverUnixSocket checks that X-Forwarded-For tells the callers of a Unix socket apart only if its peers
// are trusted, and that the entries before the last, which the caller wrote, never count.
func TestForwardedOverUnixSocket(t *testing.T) {
	for _, c := range []struct {
		trusted   bool
		forwarded string
		refused   bool
	}{
		{false, "192.0.2.2", true}, {true, "192.0.2.2", false},
		{true, "192.0.2.2, 192.0.2.1", true}, {true, "192.0.2.1, 192.0.2.2", false},
	} {
		isRefused := startUnixHub(t, c.trusted)
		if isRefused("192.0.2.1") {
			t.Fatal("the first request is refused")
		}
		if got := isRefused(c.forwarded); got != c.refused {
			t.Errorf("trusted %v, then from %s: refused %v, want %v", c.trusted, c.forwarded, got, c.refused)
		}
	}
}
