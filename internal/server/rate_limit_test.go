package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/graph"
	"rightshub/internal/apitest"
	"rightshub/internal/query"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// anonymousSession is the session of a caller that is not signed in.
type anonymousSession struct{ fakeSession }

func (anonymousSession) User() uuid.UUID { return uuid.Nil }

// publicHub is a hub that also answers anonymous callers.
type publicHub struct {
	// send sends a query for 10 objects from an address, with one X-Forwarded-For header for each of forwarded. It
	// returns the rule of the limit that refused the query, or "".
	send func(from, authorization string, forwarded ...string) (rule string)

	operatorView func() string // returns the metrics and the log
}

// newPublicHub returns a hub that answers every list by list.
func newPublicHub(
	t *testing.T, limits server.Limits, list func() (*query.Page, error), proxies ...netip.Prefix,
) *publicHub {
	t.Helper()
	schema, sdl, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	limits.Objects, limits.Timeout = server.DefaultLimits.Objects, server.DefaultLimits.Timeout
	s := server.New(server.Options{
		Schema: schema, SDL: sdl, Model: theModel,
		Log: slog.New(slog.NewTextHandler(log, nil)), Limits: limits, TrustedProxies: proxies,
		OpenSession: func(_ context.Context, c store.Credentials) (store.Session, error) {
			if c.Authorization == "" {
				return anonymousSession{fakeSession{list: list}}, nil
			}
			return fakeSession{list: list}, nil
		},
	})
	handler := s.Handler()
	return &publicHub{func(from, authorization string, forwarded ...string) string {
		body := strings.NewReader(`{"query":"{countries(first:10){nodes{id}}}"}`)
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", body)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", authorization)
		for _, hops := range forwarded {
			r.Header.Add("X-Forwarded-For", hops)
		}
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		_, rule, _ := strings.Cut(w.Body.String(), `"rule":"`)
		rule, _, _ = strings.Cut(rule, `"`)
		return rule
	}, func() string {
		w := httptest.NewRecorder()
		s.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String() + log.String()
	}}
}

// emptyPage answers every list with an empty page.
func emptyPage() (*query.Page, error) { return &query.Page{}, nil }

// TestAnonymousAllowance checks that anonymous callers have an allowance for each network and one that all share, and
// that neither takes from the allowance of a user.
func TestAnonymousAllowance(t *testing.T) {
	hub := newPublicHub(t, server.Limits{PerSecond: 1, Burst: 10, Concurrent: 10}, emptyPage)
	for _, c := range []struct{ from, authorization, rule string }{
		{"192.0.2.1:1", "", ""},
		{"192.0.2.1:2", "", "perSecond"},
		{"[::ffff:192.0.2.1]:3", "", "perSecond"},
		{"192.0.2.2:1", "", ""},
		{"[2001:db8::1]:1", "", ""},
		{"[2001:db8::2]:1", "", "perSecond"},
		{"[2001:db8:0:1::1]:1", "", ""},
		{"192.0.2.3:1", "", "strangers"},
		{"192.0.2.1:1", "Bearer x", ""},
		{"192.0.2.4:1", "Bearer x", "perSecond"},
	} {
		if rule := hub.send(c.from, c.authorization); rule != c.rule {
			t.Errorf("from %s, %q: refused by %q, want %q", c.from, c.authorization, rule, c.rule)
		}
	}
	if visible := hub.operatorView(); strings.Contains(visible, "192.0.2") || strings.Contains(visible, "2001:db8") {
		t.Errorf("operators see an address: %s", visible)
	}
}

// TestTrustedProxies checks that the client is the last address in X-Forwarded-For that is not a trusted proxy.
func TestTrustedProxies(t *testing.T) {
	hub := newPublicHub(t, server.Limits{PerSecond: 1, Burst: 10, Concurrent: 10}, emptyPage,
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"))
	for _, c := range []struct {
		from      string
		forwarded []string
		rule      string
	}{
		{"10.0.0.1:1", []string{"192.0.2.1"}, ""},
		{"10.0.0.1:1", []string{"192.0.2.1:99"}, "perSecond"},
		{"10.0.0.1:1", []string{"192.0.2.2"}, ""},                              // another client of the same proxy
		{"[fd00::1]:1", []string{"8.8.8.8, 192.0.2.2, 10.0.0.2"}, "perSecond"}, // the client wrote the first entry
		{"[::ffff:10.0.0.1]:1", []string{"8.8.8.8", "192.0.2.2"}, "perSecond"}, // the client wrote the first header
		{"192.0.2.2:1", []string{"8.8.8.8"}, "perSecond"},                      // the sender is no proxy
		{"10.0.0.1:1", []string{"8.8.8.8, nobody, 10.0.0.2"}, ""},              // the client counts as 10.0.0.2
		{"10.0.0.1:1", []string{"8.8.8.9, , 10.0.0.2"}, "perSecond"},           // the client counts as 10.0.0.2 again
	} {
		if rule := hub.send(c.from, "", c.forwarded...); rule != c.rule {
			t.Errorf("from %s, forwarded for %q: refused by %q, want %q", c.from, c.forwarded, rule, c.rule)
		}
	}
}

// TestAnonymousConcurrency checks the same two limits for the number of running requests.
func TestAnonymousConcurrency(t *testing.T) {
	running, finish := make(chan bool), make(chan bool)
	hub := newPublicHub(t, server.Limits{PerSecond: 1e6, Burst: 1e6, Concurrent: 1}, func() (*query.Page, error) {
		running <- true
		<-finish
		return &query.Page{}, nil
	})
	var wait sync.WaitGroup
	wait.Go(func() { hub.send("192.0.2.1:1", "") })
	<-running
	if rule := hub.send("192.0.2.1:2", ""); rule != "concurrent" {
		t.Errorf("a second request from one network: refused by %q, want concurrent", rule)
	}
	for _, from := range []string{"192.0.2.2:1", "192.0.2.3:1", "192.0.2.4:1"} {
		wait.Go(func() { hub.send(from, "") })
		<-running
	}
	if rule := hub.send("192.0.2.5:1", ""); rule != "strangers" {
		t.Errorf("a request from one more network: refused by %q, want strangers", rule)
	}
	wait.Go(func() { hub.send("192.0.2.5:1", "Bearer x") })
	<-running
	close(finish)
	wait.Wait()
	wait.Go(func() { hub.send("192.0.2.5:1", "") })
	<-running
	wait.Wait()
}

// TestAllowance checks the limits of one caller on objects per second and on running requests. Other callers are not
// affected.
func TestAllowance(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.Limits = server.Limits{Objects: 1000, PerSecond: 100, Burst: 1000, Concurrent: 1, Timeout: time.Minute}
	})
	coordinator, began := api.As("coordinator.bf@demo", ""), time.Now()
	coordinator.Ask(`{countries(first:100){nodes{offices(first:9){nodes{id}}}}}`, nil).RequireOK()
	w := coordinator.Send(t.Context(), `{"query":"{countries(first:100){nodes{offices(first:8){nodes{id}}}}}"}`)
	passed := int(time.Since(began).Seconds()) // the allowance grows meanwhile
	if wait, _ := strconv.Atoi(w.Header().Get("Retry-After")); w.Code != 429 || wait < 9-passed || wait > 9 ||
		!strings.Contains(w.Body.String(), `"rule":"perSecond"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	api.As("coordinator.cd@demo", "").Ask(`{countries(first:100){nodes{id}}}`, nil).RequireOK()

	supervisor := api.As("supervisor.bf@demo", "")
	reading, finish := make(chan bool), make(chan bool)
	slow := httptest.NewRequestWithContext(context.Background(), "POST", "/graphql", blockingBody{reading, finish})
	for name, value := range supervisor.Headers {
		slow.Header.Set(name, value)
	}
	done := make(chan bool)
	go func() { api.Handler.ServeHTTP(httptest.NewRecorder(), slow); close(done) }()
	<-reading
	w = supervisor.Send(t.Context(), `{"query":"{viewer{purpose}}"}`)
	if w.Code != 429 || !strings.Contains(w.Body.String(), `"rule":"concurrent"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	close(finish)
	<-done
	supervisor.Ask(`{viewer{purpose}}`, nil).RequireOK()
}

// blockingBody is a body with a Read that closes reading and then waits for finish.
type blockingBody struct{ reading, finish chan bool }

func (w blockingBody) Read([]byte) (int, error) {
	close(w.reading)
	<-w.finish
	return 0, context.Canceled
}
