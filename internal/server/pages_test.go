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
	"rightshub/internal/languages"
	"rightshub/internal/server"
)

// getPage requests a path of a server without a database. The headers alternate between names and values.
func getPage(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	schema, sdl, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s := server.New(server.Options{Schema: schema, SDL: sdl, Model: theModel, Log: slog.New(slog.DiscardHandler)})
	s.Handler().ServeHTTP(w, r)
	return w
}

var assetAddresses = regexp.MustCompile(`(?:src|href)="(/graphiql/assets/[^"]+)"`)

// TestAssets checks that browsers may cache the files of the pages forever, that the files are compressed on request,
// and that only URLs with the current hash are cached.
func TestAssets(t *testing.T) {
	home := getPage(t, "/graphiql")
	found := assetAddresses.FindAllStringSubmatch(home.Body.String(), -1)
	if home.Code != 200 || len(found) != 8 || home.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", home.Code, found, home.Body)
	}
	for _, match := range found {
		url := match[1]
		plain := getPage(t, url)
		if plain.Code != 200 || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %d %v", url, plain.Code, plain.Header())
		}
		if strings.Contains(plain.Body.String(), "@font-face") {
			t.Errorf("%s loads a font", url)
		}
		for accept, want := range map[string]string{"zstd, br;q=0.8, gzip;q=0.8": "br", "gzip": "gzip"} {
			compressed := getPage(t, url, "Accept-Encoding", accept)
			h := compressed.Header()
			if h.Get("Content-Encoding") != want || h.Get("ETag") == plain.Header().Get("ETag") ||
				!strings.Contains(strings.Join(h.Values("Vary"), ","), "Accept-Encoding") ||
				h.Get("Cache-Control") != "public, max-age=31536000, immutable" {
				t.Errorf("%s: %v, compressed %v", url, plain.Header(), h)
			}
			var r io.Reader = brotli.NewReader(compressed.Body)
			if want == "gzip" {
				var err error
				if r, err = gzip.NewReader(compressed.Body); err != nil {
					t.Fatal(err)
				}
			}
			if text, err := io.ReadAll(r); err != nil || string(text) != plain.Body.String() {
				t.Errorf("%s has other content when compressed as %s: %v", url, want, err)
			}
		}
		if w := getPage(t, url, "If-None-Match", plain.Header().Get("ETag")); w.Code != 304 || w.Body.Len() > 0 {
			t.Errorf("%s with its ETag: %d, want 304", url, w.Code)
		}
		w := getPage(t, strings.Replace(url, "?v=", "?v=old", 1))
		if w.Code != 200 || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s with an old hash may be cached: %d %v", url, w.Code, w.Header())
		}
	}
	if w := getPage(t, found[0][1], "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("the response is compressed although the client refuses gzip")
	}
	for _, path := range []string{
		"/graphiql/assets/nothing.js",
		"/graphiql/assets/..%2fpages.go",
		"/graphiql/assets/",
	} {
		if w := getPage(t, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestErrorCodesPage checks that the page explains every error code in the language of the request.
func TestErrorCodesPage(t *testing.T) {
	for header, i := range map[string]int{"": 0, "de": 0, "fr-CA, en;q=0.5": 1, "es": 2} {
		w := getPage(t, "/help/errors", "Accept-Language", header)
		text := strings.ReplaceAll(w.Body.String(), "&#39;", "'")
		language := languages.All[i]
		if w.Code != 200 || w.Header().Get("Content-Language") != language ||
			!strings.Contains(text, `<html lang="`+language+`">`) {
			t.Errorf("%q: %d %v, want %s", header, w.Code, w.Header(), language)
		}
		for _, e := range fault.Explanations {
			for _, want := range []string{`id="` + string(e.Code) + `"`, e.Means[i], e.Next[i]} {
				if !strings.Contains(text, want) {
					t.Errorf("%q: the explanation of %s lacks %s", header, e.Code, want)
				}
			}
		}
	}
}

// TestHelpPages checks in which language a help page is served, that browsers may keep it, and that it runs no script.
func TestHelpPages(t *testing.T) {
	for _, c := range []struct{ path, accept, language, title string }{
		{"/help", "", "en", "Help"},
		{"/help/", "fr", "fr", "Aide"},
		{"/help/es", "fr", "es", "Ayuda"},
		{"/help/office", "fr-CA", "fr", "Bureaux : travail hors ligne, import et export"},
		{"/help/fr/office", "es", "fr", "Bureaux : travail hors ligne, import et export"},
		{"/help/es/errors", "", "es", "Códigos de error"},
		{"/help/en/auditor", "", "en", "Auditors: reading under a grant"},
		{"/help/fr/developer", "", "fr", "Développement : requêtes et abonnements"},
	} {
		w := getPage(t, c.path, "Accept-Language", c.accept)
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Language") != c.language || h.Get("Cache-Control") != "no-cache" ||
			!strings.Contains(w.Body.String(), ">"+c.title+"</h1>") ||
			!strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'; frame-") {
			t.Errorf("%s for %q: %d %v, want %s and %q", c.path, c.accept, w.Code, h, c.language, c.title)
		}
		if w := getPage(t, c.path, "Accept-Language", c.accept, "If-None-Match", h.Get("ETag")); w.Code != 304 {
			t.Errorf("%s with its ETag: %d, want 304", c.path, w.Code)
		}
		// 64 kbit/s carry 8,000 bytes in a second.
		if w := getPage(t, c.path, "Accept-Encoding", "br"); w.Body.Len() > 8000 {
			t.Errorf("%s has %d compressed bytes", c.path, w.Body.Len())
		}
	}
	for _, path := range []string{"/help/nobody", "/help/de/office", "/help/fr/nobody", "/help/fr/..%2fen%2foffice"} {
		if w := getPage(t, path); w.Code != 404 {
			t.Errorf("%s: %d, want 404", path, w.Code)
		}
	}
}
