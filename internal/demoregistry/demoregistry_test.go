package demoregistry_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/demoregistry"
)

// TestFind checks that Find returns the newest demonstration that answers, or the one at the given URL, although others
// have ended or were killed.
func TestFind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	requireFind := func(url, want string) {
		t.Helper()
		d, err := demoregistry.Find(url)
		if err == nil && d.URL != want || err != nil && (want == "" || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v %v, want %q", url, d, err, want)
		}
	}
	requireFind("", "No demonstration runs here")
	var all []demoregistry.Demonstration
	var hubs []*httptest.Server
	for i := range 3 {
		mux := http.NewServeMux()
		mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
		hubs = append(hubs, httptest.NewServer(mux))
		defer hubs[i].Close()
		all = append(all, demoregistry.Demonstration{
			URL: hubs[i].URL, HealthURL: hubs[i].URL + "/healthz", Secret: database.NewSecret(),
		})
		if err := all[i].Announce(); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil || len(files) != i+1 {
			t.Fatal(files, err)
		}
		for _, file := range files { // make each a minute older than the next
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if at := info.ModTime().Add(-time.Minute); os.Chtimes(file, at, at) != nil || info.Mode() != 0o600 {
				t.Fatal(file, info.Mode())
			}
		}
	}
	requireFind("", all[2].URL)
	requireFind(all[0].URL+"/", all[0].URL)
	if d, err := demoregistry.Find(all[1].URL); err != nil || *d != all[1] {
		t.Errorf("%v %v", d, err)
	}
	requireFind("http://127.0.0.1:1", "Running demonstrations: "+all[2].URL+", "+all[1].URL+", "+all[0].URL)
	hubs[2].Close() // as if the process was killed
	requireFind("", all[1].URL)
	requireFind(all[2].URL, "No demonstration of yours answers at "+all[2].URL)
	all[1].Withdraw()
	requireFind("", all[0].URL)
	again := all[0]
	again.Secret = database.NewSecret()
	if err := again.Announce(); err != nil {
		t.Fatal(err)
	}
	all[0].Withdraw() // another demonstration has taken its address
	requireFind("", again.URL)
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files { // as if another user had written it
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	requireFind("", "No demonstration runs here")
}
