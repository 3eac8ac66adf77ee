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

// A token is for the newest demonstration that answers, or for the one that is named, whichever others end or were killed.
func TestFind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	finds := func(url, want string) {
		t.Helper()
		d, err := demoregistry.Find(url)
		if err == nil && d.URL != want || err != nil && (want == "" || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v %v, want %q", url, d, err, want)
		}
	}
	finds("", "No demonstration runs here")
	var all []demoregistry.Demonstration
	var hubs []*httptest.Server
	for i := range 3 {
		mux := http.NewServeMux()
		mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
		hubs = append(hubs, httptest.NewServer(mux))
		defer hubs[i].Close()
		all = append(all, demoregistry.Demonstration{URL: hubs[i].URL, Secret: database.NewSecret()})
		if err := all[i].Announce(); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil || len(files) != i+1 {
			t.Fatal(files, err)
		}
		for _, file := range files { // each is a minute older than the next
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if at := info.ModTime().Add(-time.Minute); os.Chtimes(file, at, at) != nil || info.Mode() != 0o600 {
				t.Fatal(file, info.Mode())
			}
		}
	}
	finds("", all[2].URL)
	finds(all[0].URL+"/", all[0].URL)
	if d, err := demoregistry.Find(all[1].URL); err != nil || *d != all[1] {
		t.Errorf("%v %v", d, err)
	}
	finds("http://127.0.0.1:1", "Those that do: "+all[2].URL+", "+all[1].URL+", "+all[0].URL)
	hubs[2].Close() // killed
	finds("", all[1].URL)
	finds(all[2].URL, "No demonstration of yours answers on "+all[2].URL)
	all[1].Withdraw()
	finds("", all[0].URL)
	again := demoregistry.Demonstration{URL: all[0].URL, Secret: database.NewSecret()}
	if err := again.Announce(); err != nil {
		t.Fatal(err)
	}
	all[0].Withdraw() // another has come to its address
	finds("", again.URL)
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files { // as if somebody else had written it
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	finds("", "No demonstration runs here")
}
