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

// TestCompression checks that a long response has the encoding that the client prefers, and that a short one is not
// compressed.
func TestCompression(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	manager := api.As("manager@demo", "")
	body := `{"query":"{countries(first:38){nodes{iso2 name}}}"}`
	plain := manager.Send(t.Context(), body).Body.String()
	for accept, want := range map[string]string{
		"gzip":                 "gzip",
		"br, gzip;q=0.5":       "br",
		"gzip, zstd":           "zstd",
		"gzip;q=0, identity":   "",
		"":                     "",
		"deflate":              "",
		"br;q=x":               "",
		"gzip;q=0.1, br;q=0.9": "br",
	} {
		manager.Headers["Accept-Encoding"] = accept
		w := manager.Send(t.Context(), body)
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
		h := w.Header()
		if err != nil || string(text) != plain {
			t.Errorf("%q: the response is not the plain response: %v %q", accept, err, h)
		}
		if h.Get("Content-Encoding") != want || !strings.Contains(h.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%q: got %q, want the encoding %q", accept, h, want)
		}
	}
	manager.Headers["Accept-Encoding"] = "gzip"
	if w := manager.Send(t.Context(), `{"query":"{viewer{purpose}}"}`); w.Header().Get("Content-Encoding") != "" {
		t.Error("a short response is compressed")
	}
}

// TestEntityTags checks that each user has an own ETag, that the ETag changes with a visible change and not with a
// hidden change, and that a request with the current ETag gets 304.
func TestEntityTags(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		hash := registerDocument(t, api, `{children{totalCount nodes{id caseCode}} countries{totalCount}}`)
		send := func(c *apitest.Caller, etag string) (status int, newETag, cacheControl string) {
			c.Headers["If-None-Match"] = etag
			w := getQuery(c, url.Values{"documentId": {hash}})
			return w.Code, w.Header().Get("ETag"), w.Header().Get("Cache-Control")
		}
		bf, cd, admin := api.As("coordinator.bf@demo", ""), api.As("coordinator.cd@demo", ""), api.As("admin@demo", "")
		_, tag, cacheControl := send(bf, "")
		_, supervisorTag, _ := send(api.As("supervisor.bf@demo", ""), "")
		if tag == "" || tag == supervisorTag || cacheControl != "private, no-cache" {
			t.Errorf("tags %s and %s, Cache-Control %s", tag, supervisorTag, cacheControl)
		}
		same := url.Values{"documentId": {registerDocument(t, api, `query Same{countries{totalCount}}`)}}
		toBF, toCD := getQuery(bf, same), getQuery(cd, same)
		if toBF.Body.String() != toCD.Body.String() || toBF.Header().Get("ETag") == toCD.Header().Get("ETag") {
			t.Errorf("the same response to two users: %v %v", toBF.Header(), toCD.Header())
		}
		child := cd.Ask(`{children(first:1){nodes{id version}}}`, nil).RequireOK()
		const archiveChild = `mutation($id:ID!,$v:Int!){archiveChild(input:{id:$id,version:$v}){id}}`
		cd.Ask(archiveChild, map[string]any{
			"id": child.Text("children.nodes.0.id"), "v": child.Int("children.nodes.0.version"),
		})
		if status, newTag, _ := send(bf, tag); status != 304 || newTag != tag {
			t.Errorf("after a hidden change: %d, tag %s instead of %s", status, newTag, tag)
		}
		admin.Ask(createCountryMutation, createCountryVariables("ZZ")).RequireOK()
		if status, newTag, _ := send(bf, tag); status != 200 || newTag == tag {
			t.Errorf("after a visible change: %d, tag %s", status, newTag)
		}
		bf.Headers["Purpose-Of-Use"] = "services"
		if _, _, caching := send(bf, ""); caching != "no-store" {
			t.Errorf("with a purpose: %s", caching)
		}
	})
}

// TestOrigins checks that the hub refuses pages of other sites unless their origin is allowed, and accepts requests
// without an origin, which programs send.
func TestOrigins(t *testing.T) {
	const allowedOrigin = "https://app.example.org"
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.AllowedOrigins = []string{allowedOrigin}
	})
	coordinator := api.As("coordinator.bf@demo", "")
	for origin, want := range map[string]int{
		allowedOrigin:                          200,
		"https://app.example.org.evil.example": 403,
		"http://app.example.org":               403,
		"null":                                 403,
		"":                                     200,
		"http://example.com":                   200, // the host of requests by httptest
	} {
		coordinator.Headers["Origin"] = origin
		w := coordinator.Send(t.Context(), `{"query":"{viewer{purpose}}"}`)
		wantAllow := ""
		if origin == allowedOrigin {
			wantAllow = allowedOrigin
		}
		if allow := w.Header().Get("Access-Control-Allow-Origin"); w.Code != want || allow != wantAllow {
			t.Errorf("%s: got %d and allowed origin %q, want %d and %q", origin, w.Code, allow, want, wantAllow)
		}
		r := httptest.NewRequest("OPTIONS", "/graphql", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		p := httptest.NewRecorder()
		api.Handler.ServeHTTP(p, r)
		if (p.Code == 204) != (origin == allowedOrigin) || p.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("preflight of %s: %d", origin, p.Code)
		}
		allowedHeaders := strings.Split(p.Header().Get("Access-Control-Allow-Headers"), ", ")
		for _, name := range []string{
			"Authorization", "Content-Type", "Purpose-Of-Use", "Audit-Grant", "Idempotency-Key", "If-None-Match",
			"Last-Event-ID", "X-Request-Id", "apollographql-client-name", "apollographql-client-version",
			"apollo-require-preflight", "x-graphql-event-stream-token", "traceparent", "tracestate", "baggage",
		} {
			if slices.Contains(allowedHeaders, name) != (p.Code == 204) {
				t.Errorf("preflight of %s: got %d with the headers %s; see %s", origin, p.Code, allowedHeaders, name)
			}
		}
		if exposed := w.Header().Get("Access-Control-Expose-Headers"); (exposed != "") != (p.Code == 204) {
			t.Errorf("%s may read %q", origin, exposed)
		}
	}
}

// TestHeaders checks that every response has the security headers and sets no cookie.
func TestHeaders(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	for _, path := range []string{
		"/", "/graphiql", "/graphiql/assets/page.js", "/graphiql/people", "/graphql", "/schema.graphql",
		"/healthz", "/readyz", "/nowhere",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "OPTIONS"} {
			w := httptest.NewRecorder()
			api.Handler.ServeHTTP(w, httptest.NewRequest(method, path, bytes.NewReader(nil)))
			for _, name := range []string{
				"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
				"Cache-Control", "X-Request-Id", "Cross-Origin-Resource-Policy", "Vary",
			} {
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
