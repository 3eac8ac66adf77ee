package server_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// TestHosts checks for which hosts a hub answers, that the refusal says what to set, and that it names no host that
// could forge a message.
func TestHosts(t *testing.T) {
	newHub := func(allowed []string) *apitest.API {
		return apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.AllowedHosts = allowed })
	}
	open, local, named := newHub(nil), newHub([]string{}), newHub([]string{"hub.example.org", "2001:db8::1"})
	for _, c := range []struct {
		hub        *apitest.API
		host, path string
		status     int
		names      string // what the refusal names
	}{
		{open, "anything.example", "/help", 200, ""},
		{open, "", "/help", 200, ""},
		{local, "localhost", "/help", 200, ""},
		{local, "LOCALHOST:8080", "/help", 200, ""},
		{local, "hub.localhost", "/help", 200, ""},
		{local, "127.0.0.1:8080", "/help", 200, ""},
		{local, "127.9.9.9", "/help", 200, ""},
		{local, "[::1]:8080", "/help", 200, ""},
		{local, "[::ffff:127.0.0.1]", "/help", 200, ""},
		{local, "rebound.example:8080", "/help", 421, "--allowed-hosts rebound.example."},
		{local, "rebound.example", "/graphql", 421, "--allowed-hosts rebound.example."},
		{local, "rebound.example", "/graphiql/people", 421, "--allowed-hosts rebound.example."},
		{local, "rebound.example", "/healthz", 200, ""},
		{local, "rebound.example", "/readyz", 200, ""},
		{local, "localhost.rebound.example", "/help", 421, "--allowed-hosts localhost.rebound.example."},
		{local, "notlocalhost", "/help", 421, "--allowed-hosts notlocalhost."},
		{local, "127.0.0.1.rebound.example", "/help", 421, "--allowed-hosts 127.0.0.1.rebound.example."},
		{local, "192.0.2.1", "/help", 421, "--allowed-hosts 192.0.2.1."},
		{local, "", "/help", 421, "names no host"},
		{local, `<b>x</b>"`, "/help", 421, "names no host"},
		{named, "hub.example.org", "/help", 200, ""},
		{named, "Hub.Example.Org.:443", "/help", 200, ""},
		{named, "[2001:db8::1]:443", "/help", 200, ""},
		{named, "localhost:8080", "/help", 200, ""},
		{named, "sub.hub.example.org", "/help", 421, "--allowed-hosts sub.hub.example.org."},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", c.path, nil)
		r.Host = c.host
		w := httptest.NewRecorder()
		c.hub.Handler.ServeHTTP(w, r)
		if body := w.Body.String(); w.Code != c.status || !strings.Contains(body, c.names) || strings.Contains(body, "<b>") {
			t.Errorf("host %q, %s: %d %s, want %d and %q", c.host, c.path, w.Code, body, c.status, c.names)
		}
	}
}

// TestForeignOriginIsNamed checks that the refusal of a page of another origin names the origin, the host and the flag.
func TestForeignOriginIsNamed(t *testing.T) {
	coordinator := apitest.New(t, apitest.Demo.SQLite(t)).As("coordinator.bf@demo", "")
	for origin, want := range map[string]string{
		"https://app.example.org": "Pages of https://app.example.org may not use the hub, which was asked as example.com.",
		"capacitor://localhost":   "--allowed-origins capacitor://localhost.",
		"null":                    "Pages of this origin may not use the hub",
		"https://<b>x</b>":        "Pages of this origin may not use the hub",
	} {
		coordinator.Headers["Origin"] = origin
		w := coordinator.Send(t.Context(), `{"query":"{viewer{purpose}}"}`)
		if body := w.Body.String(); w.Code != 403 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s, want %q", origin, w.Code, body, want)
		}
	}
}
