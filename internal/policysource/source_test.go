package policysource_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
	"rightshub/internal/policysource"
	"rightshub/policies"
)

// policyFolder writes the project's policies to a folder on disk. It returns the folder, and the texts of the two files
// that the tests change.
func policyFolder(t *testing.T) (dir string, texts map[string]string) {
	t.Helper()
	dir, texts = t.TempDir(), map[string]string{}
	if err := os.CopyFS(dir, policies.Files); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"roles.csv", "cases/outside.yaml"} {
		text, err := fs.ReadFile(policies.Files, path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return dir, texts
}

func writeFile(t *testing.T, dir, path, text string) {
	t.Helper()
	full := filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// donorReadsOffices reports whether the policies in force let a donor read offices.
func donorReadsOffices(s *policysource.Source) bool {
	donor := access.Subject{User: uuid.New(), Assignments: []access.Assignment{{Role: "donor"}}}
	return s.Current().View(donor).May("Office", model.Read)
}

const donorOfficeLine = "p, donor, Office, read, global, C0, -, allow\n"

// withoutDonorOffices returns roles.csv and cases/outside.yaml without the right of a donor to read offices.
func withoutDonorOffices(t *testing.T, f map[string]string) (roles, stories string) {
	t.Helper()
	_, rest, ok := strings.Cut(f["cases/outside.yaml"], "role: donor")
	if !ok {
		t.Fatal("no story about donors")
	}
	before := strings.TrimSuffix(f["cases/outside.yaml"], rest)
	rest = strings.Replace(rest, "    - {do: read, of: Office}\n", "", 1)
	return strings.Replace(f["roles.csv"], donorOfficeLine, "", 1), before + rest
}

// lineOf returns the number of the first line that has the text in it.
func lineOf(text, part string) int {
	before, _, _ := strings.Cut(text, part)
	return 1 + strings.Count(before, "\n")
}

// TestReload checks that a change of a file comes into force. A change with a mistake must not, and the error names its
// line.
func TestReload(t *testing.T) {
	dir, f := policyFolder(t)
	s, err := policysource.Open(os.DirFS(dir), theModel)
	if err != nil {
		t.Fatal(err)
	}
	before := s.Current()
	roles, stories := withoutDonorOffices(t, f)
	writeFile(t, dir, "roles.csv", roles)
	line := lineOf(f["cases/outside.yaml"], "- story: A donor") + 6
	want := fmt.Sprintf("policies/cases/outside.yaml line %d: ", line)
	if err := s.Reload(); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("policies that contradict a story: %v; want an error with %q", err, want)
	}
	if s.Current() != before || !s.Stale() || !donorReadsOffices(s) {
		t.Error("policies that contradict a story came into force")
	}
	if err := s.Reload(); err != nil {
		t.Errorf("the same mistake is reported twice: %v", err)
	}
	writeFile(t, dir, "cases/outside.yaml", stories)
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	if s.Current() == before || s.Stale() || donorReadsOffices(s) {
		t.Error("a change without mistakes is not in force")
	}
	current := s.Current()
	writeFile(t, dir, "roles.csv", "p, donor\n"+roles)
	if err := s.Reload(); err == nil || !strings.Contains(err.Error(), "roles.csv line 1:") {
		t.Errorf("a malformed line: %v", err)
	}
	if s.Current() != current || !s.Stale() {
		t.Error("policies with a malformed line came into force")
	}
	if err := os.Remove(filepath.Join(dir, "roles.csv")); err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(); err == nil || !strings.Contains(err.Error(), "roles.csv") || s.Current() != current {
		t.Errorf("a missing file: %v", err)
	}
	writeFile(t, dir, "roles.csv", roles)
	if err := s.Reload(); err != nil || s.Stale() || s.Current().Version() != current.Version() {
		t.Errorf("a repaired file: %v", err)
	}
	if _, err := policysource.Open(os.DirFS(t.TempDir()), theModel); err == nil {
		t.Error("an empty folder was opened")
	}
}

// gatedFS is a folder in which opening roles.csv blocks on the channel admit once closed is set.
type gatedFS struct {
	fs.FS
	closed atomic.Bool
	admit  chan struct{}

	taken chan struct{} // receives a value when the text has been read; later writes do not change it
}

func (g *gatedFS) Open(name string) (fs.File, error) {
	if name == "roles.csv" && g.closed.Load() {
		<-g.admit
		text, err := fs.ReadFile(g.FS, name)
		if err != nil {
			return nil, err
		}
		g.taken <- struct{}{}
		return fstest.MapFS{name: {Data: text}}.Open(name)
	}
	return g.FS.Open(name)
}

// TestWatch checks that Watch brings a change into force after two ticks with the same contents, reloads at once on a
// signal, and logs both.
func TestWatch(t *testing.T) {
	dir, f := policyFolder(t)
	g := &gatedFS{FS: os.DirFS(dir), admit: make(chan struct{}), taken: make(chan struct{}, 100)}
	s, err := policysource.Open(g, theModel)
	if err != nil {
		t.Fatal(err)
	}
	g.closed.Store(true)
	var log bytes.Buffer
	ctx, stop := context.WithCancel(t.Context())
	tick, signal, done := make(chan time.Time), make(chan os.Signal), make(chan struct{})
	go func() {
		s.Watch(ctx, tick, signal, slog.New(slog.NewTextHandler(&log, nil)))
		close(done)
	}()
	roles, stories := withoutDonorOffices(t, f)
	writeFile(t, dir, "cases/outside.yaml", stories)
	for _, text := range []string{roles, roles + "\n"} { // each text differs from the one before, so neither is loaded
		writeFile(t, dir, "roles.csv", text)
		tick <- time.Time{}
		g.admit <- struct{}{}
		<-g.taken
	}
	select {
	case tick <- time.Time{}: // the same text again
	case g.admit <- struct{}{}:
		t.Fatal("the policies were loaded after one tick with the same text")
	}
	close(g.admit)      // opening never blocks from now on
	tick <- time.Time{} // Watch accepts it only after the reload is done
	writeFile(t, dir, "model.conf", "nonsense")
	signal <- os.Interrupt
	stop()
	<-done
	if donorReadsOffices(s) || !s.Stale() {
		t.Errorf("reads %v, stale %v", donorReadsOffices(s), s.Stale())
	}
	text := log.String()
	wrong := !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "model.conf")
	if wrong || strings.Count(text, "new policies are in force") != 1 {
		t.Errorf("the log is %s", text)
	}
}
