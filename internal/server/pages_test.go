package server_test

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"rightshub/graph"
	"rightshub/internal/fault"
	"rightshub/internal/server"
)

// getPage asks for a page, with headers given as name and value in turn.
func getPage(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	schema, sdl, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	server.New(server.Options{Schema: schema, SDL: sdl, Log: slog.New(slog.DiscardHandler)}).Handler().ServeHTTP(w, r)
	return w
}

var assetAddresses = regexp.MustCompile(`(?:src|href)="(/graphiql/assets/[^"]+)"`)

// What the pages are made of is sent once, compressed where that is wanted, and never again while it is the same.
func TestAssets(t *testing.T) {
	home := getPage(t, "/graphiql")
	found := assetAddresses.FindAllStringSubmatch(home.Body.String(), -1)
	if home.Code != 200 || len(found) != 8 || home.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", home.Code, found, home.Body)
	}
	for _, f := range found {
		plain := getPage(t, f[1])
		if plain.Code != 200 || plain.Header().Get("Content-Encoding") != "" || strings.Contains(plain.Body.String(), "@font-face") {
			t.Errorf("%s: %d %v; no fonts may be in it", f[1], plain.Code, plain.Header())
		}
		for accept, want := range map[string]string{"zstd, br;q=0.8, gzip;q=0.8": "br", "gzip": "gzip"} {
			packed := getPage(t, f[1], "Accept-Encoding", accept)
			h := packed.Header()
			if h.Get("Content-Encoding") != want || !strings.Contains(strings.Join(h.Values("Vary"), ","), "Accept-Encoding") ||
				h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("ETag") == plain.Header().Get("ETag") {
				t.Errorf("%s: %v, packed %v", f[1], plain.Header(), h)
			}
			var r io.Reader = brotli.NewReader(packed.Body)
			if want == "gzip" {
				var err error
				if r, err = gzip.NewReader(packed.Body); err != nil {
					t.Fatal(err)
				}
			}
			if text, err := io.ReadAll(r); err != nil || string(text) != plain.Body.String() {
				t.Errorf("%s is another when compressed as %s: %v", f[1], want, err)
			}
		}
		if w := getPage(t, f[1], "If-None-Match", plain.Header().Get("ETag")); w.Code != 304 || w.Body.Len() > 0 {
			t.Errorf("%s again: %d", f[1], w.Code)
		}
		if w := getPage(t, strings.Replace(f[1], "?v=", "?v=old", 1)); w.Code != 200 || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s of another version is kept: %v", f[1], w.Header())
		}
	}
	if w := getPage(t, found[0][1], "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for who refuses it")
	}
	for _, path := range []string{"/graphiql/assets/nothing.js", "/graphiql/assets/..%2fpages.go", "/graphiql/assets/"} {
		if w := getPage(t, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// The page of the error codes says all of them, in the reader's language.
func TestErrorCodesPage(t *testing.T) {
	for header, at := range map[string]int{"": 0, "de": 0, "fr-CA, en;q=0.5": 1, "es": 2} {
		w := getPage(t, "/help/errors", "Accept-Language", header)
		text := strings.ReplaceAll(w.Body.String(), "&#39;", "'")
		if w.Code != 200 || w.Header().Get("Content-Language") != fault.Languages[at] || !strings.Contains(text, `<html lang="`+fault.Languages[at]+`">`) {
			t.Errorf("%q: %d %v", header, w.Code, w.Header())
		}
		for _, e := range fault.Explanations {
			if !strings.Contains(text, `id="`+string(e.Code)+`"`) || !strings.Contains(text, e.Means[at]) || !strings.Contains(text, e.Next[at]) {
				t.Errorf("%q: %s is not explained", header, e.Code)
			}
		}
	}
}
