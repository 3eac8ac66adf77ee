package server_test

import (
	"bytes"
	"compress/gzip"
	"net/http/httptest"
	"strings"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// gzipped returns the text as a stream of gzip.
func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRequestBodies checks that the hub reads bodies that begin with U+FEFF, and bodies in gzip, and that it reports
// other encodings and bodies that are too large when they are unpacked.
func TestRequestBodies(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	manager := api.As("manager@demo", "")
	const body, bom = `{"query":"{viewer{purpose}}"}`, "\uFEFF"
	huge := `{"query":"` + strings.Repeat(" ", server.MaxBodyBytes) + `"}`
	for _, c := range []struct {
		name, encoding, body string
		status               int
		message              string
	}{
		{"plain", "", body, 200, ""},
		{"identity", "identity", body, 200, ""},
		{"byte order", "", bom + body, 200, ""},
		{"two of them", "", bom + bom + body, 400, "not a JSON object"},
		{"gzip", "gzip", gzipped(t, body), 200, ""},
		{"Gzip", "GZIP", gzipped(t, body), 200, ""},
		{"x-gzip", "x-gzip", gzipped(t, body), 200, ""},
		{"byte order in gzip", "gzip", gzipped(t, bom+body), 200, ""},
		{"gzip that is none", "gzip", body, 400, "is not in gzip"},
		{"gzip cut off", "gzip", gzipped(t, body)[:30], 400, "is not in gzip"},
		{"gzip without its header", "", gzipped(t, body), 400, "not a JSON object"},
		{"gzip of too much", "gzip", gzipped(t, huge), 413, "larger than 1048576 bytes"},
		{"other encoding", "br", body, 415, "gzip"},
		{"two encodings", "gzip, gzip", gzipped(t, gzipped(t, body)), 415, "gzip"},
		{"UTF-16", "", "\xFF\xFE{\x00}\x00", 415, "in UTF-8"},
	} {
		delete(manager.Headers, "Content-Encoding")
		if c.encoding != "" {
			manager.Headers["Content-Encoding"] = c.encoding
		}
		w := manager.Send(t.Context(), c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.message) {
			t.Errorf("%s: got %d %.200s, want %d %s", c.name, w.Code, w.Body, c.status, c.message)
		}
		if accepted := w.Header().Get("Accept-Encoding"); (accepted == "gzip") != (c.message == "gzip") {
			t.Errorf("%s: Accept-Encoding %q", c.name, accepted)
		}
	}
}

// TestPreflightHeaders checks that a page of an allowed origin may send whatever headers its libraries add.
func TestPreflightHeaders(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.AllowedOrigins = []string{"https://app.example.org", "capacitor://localhost"}
	})
	for _, origin := range []string{"https://app.example.org", "capacitor://localhost"} {
		for requested, want := range map[string]string{
			"": "Authorization,Content-Type,sentry-trace,x-apollo-operation-name,Content-Encoding",
			"authorization,content-type,x-datadog-trace-id": "Authorization,Content-Type,x-datadog-trace-id",
			"x-a, x-b":           "x-a,x-b",
			"x-a,b\tc,\"d\",x-e": "x-a,x-e",
		} {
			r := httptest.NewRequest("OPTIONS", "/graphql", nil)
			r.Header.Set("Origin", origin)
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("Access-Control-Request-Headers", requested)
			w := httptest.NewRecorder()
			api.Handler.ServeHTTP(w, r)
			allowed := "," + strings.ReplaceAll(w.Header().Get("Access-Control-Allow-Headers"), " ", "") + ","
			for name := range strings.SplitSeq(want, ",") {
				if strings.Count(strings.ToLower(allowed), ","+strings.ToLower(name)+",") != 1 {
					t.Errorf("%s requests %q: %d %s lacks %s", origin, requested, w.Code, allowed, name)
				}
			}
			if strings.ContainsAny(allowed, "\t\"") {
				t.Errorf("%s requests %q: %q", origin, requested, allowed)
			}
		}
	}
}
