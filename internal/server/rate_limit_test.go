package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/graph"
	"rightshub/internal/apitest"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

// anonymousSession is the session of whoever is not signed in.
type anonymousSession struct{ fakeSession }

func (anonymousSession) User() uuid.UUID { return uuid.Nil }

// publicHub is a hub that answers people who are not signed in, with little for each. It says the rule that refused them.
type publicHub struct {
	ask          func(from, authorization string, through ...string) (rule string)
	operatorView func() string // by operators
}

func newPublicHub(t *testing.T, limits server.Limits, list func() (*store.Page, error), proxies ...netip.Prefix) *publicHub {
	t.Helper()
	schema, sdl, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	limits.Objects, limits.Timeout = server.DefaultLimits.Objects, server.DefaultLimits.Timeout
	s := server.New(server.Options{Schema: schema, SDL: sdl, Log: slog.New(slog.NewTextHandler(log, nil)), Limits: limits, TrustedProxies: proxies,
		OpenSession: func(_ context.Context, e store.Credentials) (store.Session, error) {
			if e.Authorization == "" {
				return anonymousSession{fakeSession{list: list}}, nil
			}
			return fakeSession{list: list}, nil
		}})
	handler := s.Handler()
	return &publicHub{func(from, authorization string, through ...string) string {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", strings.NewReader(`{"query":"{countries(first:10){nodes{id}}}"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", authorization)
		for _, hops := range through {
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

// Those who are not signed in have an allowance for each network, and one for all of them, which leaves the others theirs.
func TestAnonymousAllowance(t *testing.T) {
	p := newPublicHub(t, server.Limits{PerSecond: 1, Burst: 10, Concurrent: 10}, func() (*store.Page, error) { return &store.Page{}, nil })
	for _, c := range []struct{ from, authorization, rule string }{
		{"192.0.2.1:1", "", ""}, {"192.0.2.1:2", "", "perSecond"}, {"[::ffff:192.0.2.1]:3", "", "perSecond"}, {"192.0.2.2:1", "", ""},
		{"[2001:db8::1]:1", "", ""}, {"[2001:db8::2]:1", "", "perSecond"}, {"[2001:db8:0:1::1]:1", "", ""},
		{"192.0.2.3:1", "", "strangers"}, {"192.0.2.1:1", "Bearer x", ""}, {"192.0.2.4:1", "Bearer x", "perSecond"},
	} {
		if rule := p.ask(c.from, c.authorization); rule != c.rule {
			t.Errorf("from %s, %q: refused by %q, want %q", c.from, c.authorization, rule, c.rule)
		}
	}
	if seen := p.operatorView(); strings.Contains(seen, "192.0.2") || strings.Contains(seen, "2001:db8") {
		t.Errorf("operators see an address: %s", seen)
	}
}

// Behind proxies, who asks is whom the last proxy that is known names: nobody else's word counts.
func TestTrustedProxies(t *testing.T) {
	p := newPublicHub(t, server.Limits{PerSecond: 1, Burst: 10, Concurrent: 10}, func() (*store.Page, error) { return &store.Page{}, nil },
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"))
	for _, c := range []struct {
		from    string
		through []string
		rule    string
	}{
		{"10.0.0.1:1", []string{"192.0.2.1"}, ""}, {"10.0.0.1:1", []string{"192.0.2.1:99"}, "perSecond"},
		{"10.0.0.1:1", []string{"192.0.2.2"}, ""},                              // another client of the same proxy
		{"[fd00::1]:1", []string{"8.8.8.8, 192.0.2.2, 10.0.0.2"}, "perSecond"}, // what the client wrote itself comes first
		{"[::ffff:10.0.0.1]:1", []string{"8.8.8.8", "192.0.2.2"}, "perSecond"}, // in a header of its own
		{"192.0.2.2:1", []string{"8.8.8.8"}, "perSecond"},                      // no proxy
		{"10.0.0.1:1", []string{"8.8.8.8, nobody, 10.0.0.2"}, ""},              // the last that is known
		{"10.0.0.1:1", []string{"8.8.8.9, , 10.0.0.2"}, "perSecond"},           //
	} {
		if rule := p.ask(c.from, "", c.through...); rule != c.rule {
			t.Errorf("from %s through %q: refused by %q, want %q", c.from, c.through, rule, c.rule)
		}
	}
}

// The same holds for what runs at a time.
func TestAnonymousConcurrency(t *testing.T) {
	running, finish := make(chan bool), make(chan bool)
	p := newPublicHub(t, server.Limits{PerSecond: 1e6, Burst: 1e6, Concurrent: 1}, func() (*store.Page, error) {
		running <- true
		<-finish
		return &store.Page{}, nil
	})
	var wait sync.WaitGroup
	wait.Go(func() { p.ask("192.0.2.1:1", "") })
	<-running
	if rule := p.ask("192.0.2.1:2", ""); rule != "concurrent" {
		t.Errorf("a second of one network: %q", rule)
	}
	for _, from := range []string{"192.0.2.2:1", "192.0.2.3:1", "192.0.2.4:1"} {
		wait.Go(func() { p.ask(from, "") })
		<-running
	}
	if rule := p.ask("192.0.2.5:1", ""); rule != "strangers" {
		t.Errorf("one more network: %q", rule)
	}
	wait.Go(func() { p.ask("192.0.2.5:1", "Bearer x") })
	<-running
	close(finish)
	wait.Wait()
	wait.Go(func() { p.ask("192.0.2.5:1", "") })
	<-running
	wait.Wait()
}

// A caller who asks for too much, or too much at a time, is told how long to wait; others are not.
func TestAllowance(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.Limits = server.Limits{Objects: 1000, PerSecond: 100, Burst: 1000, Concurrent: 1, Timeout: 10 * time.Second}
	})
	who := api.As("coordinator.bf@demo", "")
	who.Ask(`{countries(first:100){nodes{offices(first:9){nodes{id}}}}}`, nil).RequireOK()
	body := `{"query":"{countries(first:100){nodes{offices(first:8){nodes{id}}}}}"}`
	w := who.Send(t.Context(), body)
	if w.Code != 429 || w.Header().Get("Retry-After") != "9" || !strings.Contains(w.Body.String(), `"rule":"perSecond"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	api.As("coordinator.cd@demo", "").Ask(`{countries(first:100){nodes{id}}}`, nil).RequireOK()

	who = api.As("supervisor.bf@demo", "")
	inside, leave := make(chan bool), make(chan bool)
	slow := httptest.NewRequestWithContext(context.Background(), "POST", "/graphql", blockingBody{inside, leave})
	for name, value := range who.Headers {
		slow.Header.Set(name, value)
	}
	done := make(chan bool)
	go func() { api.Handler.ServeHTTP(httptest.NewRecorder(), slow); close(done) }()
	<-inside
	if w := who.Send(t.Context(), `{"query":"{viewer{purpose}}"}`); w.Code != 429 || !strings.Contains(w.Body.String(), `"rule":"concurrent"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	close(leave)
	<-done
	who.Ask(`{viewer{purpose}}`, nil).RequireOK()
}

// blockingBody is a body that takes its time.
type blockingBody struct{ inside, leave chan bool }

func (w blockingBody) Read([]byte) (int, error) {
	close(w.inside)
	<-w.leave
	return 0, context.Canceled
}
