package server_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// hubAtPath is a hub at /hub of the host of a reverse proxy.
type hubAtPath struct {
	*testing.T
	*apitest.API
	proxy string // URL of the proxy
}

// startHubAtPath starts the hub and the proxy. What is asked outside of /hub fails the test.
func startHubAtPath(t *testing.T) hubAtPath {
	t.Helper()
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.BasePath, o.KeepAlive = "/hub", 10*time.Millisecond
	})
	hub := httptest.NewServer(api.Handler)
	t.Cleanup(hub.Close)
	target, err := url.Parse(hub.URL)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
	}}
	mux := http.NewServeMux()
	mux.Handle("/hub", pass)
	mux.Handle("/hub/", pass)
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the hub leads to %s", r.URL) })
	proxy := httptest.NewServer(mux)
	t.Cleanup(proxy.Close)
	return hubAtPath{t, api, proxy.URL}
}

// send sends a request with a body, or a GET without one, as the coordinator of Burkina Faso.
func (h hubAtPath) send(path, accept, body string) *http.Response {
	h.T.Helper()
	method := "POST"
	if body == "" {
		method = "GET"
	}
	r, err := http.NewRequestWithContext(h.T.Context(), method, h.proxy+path, strings.NewReader(body))
	if err != nil {
		h.T.Fatal(err)
	}
	for name, value := range h.As("coordinator.bf@demo", "").Headers {
		r.Header.Set(name, value)
	}
	r.Header.Set("Accept", accept)
	response, err := http.DefaultTransport.RoundTrip(r) // it follows no redirect
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() { response.Body.Close() })
	return response
}

var anyAddress = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

// TestPagesAtPath checks that no link, asset or redirect of the hub leaves its path, and that all of them answer.
func TestPagesAtPath(t *testing.T) {
	h := startHubAtPath(t)
	paths, redirects := []string{"/hub", "/hub//help", "/hub/graphiql/people", "/hub/schema.graphql"}, 0
	for i := 0; i < len(paths); i++ { // paths grows
		page, err := url.Parse(h.proxy + paths[i])
		if err != nil {
			t.Fatal(err)
		}
		response := h.send(paths[i], "*/*", "")
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		links := []string{}
		if location := response.Header.Get("Location"); location != "" {
			redirects++
			links = append(links, location)
		} else if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", paths[i], response.Status)
		}
		if strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
			for _, match := range anyAddress.FindAllStringSubmatch(string(body), -1) {
				links = append(links, match[1])
			}
		}
		for _, link := range links {
			target, err := page.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			if target.Host == page.Host && !slices.Contains(paths, target.RequestURI()) {
				paths = append(paths, target.RequestURI())
			}
		}
	}
	if len(paths) < 30 || redirects != 3 { // /hub, /hub/ and /hub//help
		t.Errorf("%d redirects, and only these paths: %q", redirects, paths)
	}
	for _, path := range []string{"/graphql", "/healthz", "/", "/hubs/graphql"} {
		w := httptest.NewRecorder()
		h.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "The hub is at /hub/ on this host.") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// TestRequestsAtPath checks operations, health, event streams and sockets of a hub that has a path on its host.
func TestRequestsAtPath(t *testing.T) {
	h := startHubAtPath(t)
	for _, c := range []struct{ path, body, want string }{
		{"/hub/graphql", `{"query":"{viewer{purpose}}"}`, `"data":{"viewer"`},
		{"/hub/healthz", "", "ok"},
		{"/hub/readyz", "", "ready"},
	} {
		response := h.send(c.path, "application/json", c.body)
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), c.want) {
			t.Errorf("%s: %s %s %v", c.path, response.Status, text, err)
		}
	}
	stream := h.send("/hub/graphql", "text/event-stream", `{"query":"subscription{changed(types:[Activity]){id}}"}`)
	if line, err := bufio.NewReader(stream.Body).ReadString('\n'); err != nil || !strings.HasPrefix(line, ":") {
		t.Errorf("the event stream begins with %q, %v", line, err)
	}
	conn, _, err := websocket.Dial(t.Context(), h.proxy+"/hub/graphql", &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"},
		HTTPHeader:   http.Header{"Origin": {h.proxy}}, // as GraphiQL's page sends it
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	socket := &testSocket{t, conn}
	socket.sendText(`{"type":"ping"}`)
	if text, code := socket.receiveText(); text != `{"type":"pong"}` {
		t.Errorf("the socket answers %q, %d", text, code)
	}
}

// TestStreamAtPathOutlastsRequests checks that a subscription does not end with the time that a request may take.
func TestStreamAtPathOutlastsRequests(t *testing.T) {
	withFakeClock(t, func(t *testing.T, api *apitest.API, dial func() net.Conn) {
		conn := dial()
		defer conn.Close()
		authorization := api.As("coordinator.bf@demo", "").Headers["Authorization"]
		lines := subscribeEventsAt(t, "/hub/graphql", conn, authorization)
		for began := time.Now(); time.Since(began) < 2*server.DefaultLimits.Timeout; {
			if !lines.Scan() || strings.Contains(lines.Text(), "complete") {
				t.Fatalf("the stream ended after %s: %q", time.Since(began), lines.Text())
			}
		}
	}, func(o *server.Options) { o.BasePath, o.Limits = "/hub", server.DefaultLimits })
}
