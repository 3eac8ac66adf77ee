package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// Answers are compressed as the caller prefers; short ones are not.
func TestCompression(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("manager@demo", "")
	body := `{"query":"{countries(first:38){nodes{iso2 name}}}"}`
	plain := who.Send(t.Context(), body).Body.String()
	for accept, want := range map[string]string{"gzip": "gzip", "br, gzip;q=0.5": "br", "gzip, zstd": "zstd", "gzip;q=0, identity": "", "": "", "deflate": "", "br;q=x": "", "gzip;q=0.1, br;q=0.9": "br"} {
		who.Headers["Accept-Encoding"] = accept
		w := who.Send(t.Context(), body)
		var r io.Reader = w.Body
		var err error
		switch w.Header().Get("Content-Encoding") {
		case "gzip":
			r, err = gzip.NewReader(w.Body)
		case "br":
			r = brotli.NewReader(w.Body)
		case "zstd":
			r, err = zstd.NewReader(w.Body)
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || string(text) != plain || w.Header().Get("Content-Encoding") != want || !strings.Contains(w.Header().Get("Vary"), "Accept-Encoding") {
			t.Errorf("%q: %v %q", accept, err, w.Header())
		}
	}
	who.Headers["Accept-Encoding"] = "gzip"
	if w := who.Send(t.Context(), `{"query":"{viewer{purpose}}"}`); w.Header().Get("Content-Encoding") != "" {
		t.Error("a short answer is compressed")
	}
}

// A tag is the caller's own, changes with what the caller is shown and not with what is hidden, and spares the answer.
func TestEntityTags(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		hash := registerDocument(t, api, `{children{totalCount nodes{id caseCode}} countries{totalCount}}`)
		ask := func(c *apitest.Caller, known string) (int, string, string) {
			c.Headers["If-None-Match"] = known
			w := getQuery(c, url.Values{"documentId": {hash}})
			return w.Code, w.Header().Get("ETag"), w.Header().Get("Cache-Control")
		}
		bf, cd, admin := api.As("coordinator.bf@demo", ""), api.As("coordinator.cd@demo", ""), api.As("admin@demo", "")
		_, first, caching := ask(bf, "")
		_, others, _ := ask(api.As("supervisor.bf@demo", ""), "")
		same := registerDocument(t, api, `query Same{countries{totalCount}}`)
		mine, theirs := getQuery(bf, url.Values{"documentId": {same}}), getQuery(cd, url.Values{"documentId": {same}})
		if mine.Body.String() != theirs.Body.String() || mine.Header().Get("ETag") == theirs.Header().Get("ETag") {
			t.Errorf("one answer to two callers: %v %v", mine.Header(), theirs.Header())
		}
		if first == "" || first == others || caching != "private, no-cache" {
			t.Errorf("%s %s %s", first, others, caching)
		}
		child := cd.Ask(`{children(first:1){nodes{id version}}}`, nil).RequireOK()
		cd.Ask(`mutation($id:ID!,$v:Int!){archiveChild(input:{id:$id,version:$v}){id}}`, map[string]any{"id": child.Text("children.nodes.0.id"), "v": child.Int("children.nodes.0.version")})
		if status, tag, _ := ask(bf, first); status != 304 || tag != first {
			t.Errorf("after a hidden change: %d %s %s", status, tag, first)
		}
		admin.Ask(`mutation{createCountry(input:{iso2:"ZZ",name:[{language:"en",text:"X"}]}){country{id}}}`, nil).RequireOK()
		if status, tag, _ := ask(bf, first); status != 200 || tag == first {
			t.Errorf("after a visible change: %d", status)
		}
		bf.Headers["Purpose-Of-Use"] = "services"
		if _, _, caching := ask(bf, ""); caching != "no-store" {
			t.Errorf("with a purpose: %s", caching)
		}
	})
}

// Pages of other sites are refused unless they are listed; programs, which say no origin, are not asked.
func TestOrigins(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.AllowedOrigins = []string{"https://app.example.org"} })
	who := api.As("coordinator.bf@demo", "")
	for origin, want := range map[string]int{"https://app.example.org": 200, "https://app.example.org.evil.example": 403, "http://app.example.org": 403, "null": 403, "": 200, "http://example.com": 200} {
		who.Headers["Origin"] = origin // httptest asks example.com
		w := who.Send(t.Context(), `{"query":"{viewer{purpose}}"}`)
		if allow := w.Header().Get("Access-Control-Allow-Origin"); w.Code != want || allow != "" && allow != "https://app.example.org" || (allow != "") != (origin == "https://app.example.org") {
			t.Errorf("%s: %d %s", origin, w.Code, allow)
		}
		r := httptest.NewRequest("OPTIONS", "/graphql", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		p := httptest.NewRecorder()
		api.Handler.ServeHTTP(p, r)
		if (p.Code == 204) != (origin == "https://app.example.org") || p.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("preflight of %s: %d", origin, p.Code)
		}
		for _, name := range []string{"Authorization", "Content-Type", "Purpose-Of-Use", "Audit-Grant", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "X-Request-Id", "apollographql-client-name",
			"apollographql-client-version", "apollo-require-preflight", "x-graphql-event-stream-token", "traceparent", "tracestate", "baggage"} {
			if allowed := strings.Split(p.Header().Get("Access-Control-Allow-Headers"), ", "); slices.Contains(allowed, name) != (p.Code == 204) {
				t.Errorf("preflight of %s: %s is not in %s", origin, name, allowed)
			}
		}
		if exposed := w.Header().Get("Access-Control-Expose-Headers"); (exposed != "") != (p.Code == 204) {
			t.Errorf("%s may read %q", origin, exposed)
		}
	}
}

// Every answer has the headers that keep a browser from doing something else with it, and no cookie.
func TestHeaders(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	for _, path := range []string{"/", "/graphiql", "/graphiql/assets/page.js", "/graphiql/people", "/graphql", "/schema.graphql", "/healthz", "/readyz", "/nowhere"} {
		for _, method := range []string{"GET", "POST", "PUT", "OPTIONS"} {
			w := httptest.NewRecorder()
			api.Handler.ServeHTTP(w, httptest.NewRequest(method, path, bytes.NewReader(nil)))
			for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cache-Control", "X-Request-Id", "Cross-Origin-Resource-Policy", "Vary"} {
				if w.Header().Get(name) == "" {
					t.Errorf("%s %s has no %s", method, path, name)
				}
			}
			if w.Header().Get("Set-Cookie") != "" || w.Code >= 500 {
				t.Errorf("%s %s: %d %v", method, path, w.Code, w.Header())
			}
		}
	}
}
