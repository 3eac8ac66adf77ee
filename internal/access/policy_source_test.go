package access_test

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

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/model"
)

// policyFolder is a real folder with the project's policies.
func policyFolder(t *testing.T) (string, textFS) {
	t.Helper()
	dir, f := t.TempDir(), projectFiles(t)
	for path, text := range f {
		writeFile(t, dir, path, text)
	}
	return dir, f
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

// donorReadsOffices reports whether a donor reads offices by the policies in force.
func donorReadsOffices(s *access.Source) bool {
	return s.Current().View(access.Subject{User: uuid.New(), Assignments: []access.Assignment{{Role: "donor"}}}).May("Office", model.Read)
}

const donorOfficeLine = "p, donor, Office, read, global, C0, -, allow\n"

// Without its line and its story, a donor reads no office.
func withoutDonorOffices(t *testing.T, f textFS) (roles, stories string) {
	t.Helper()
	_, rest, ok := strings.Cut(f["cases/outside.yaml"], "role: donor")
	if !ok {
		t.Fatal("no story about donors")
	}
	return strings.Replace(f["roles.csv"], donorOfficeLine, "", 1),
		strings.TrimSuffix(f["cases/outside.yaml"], rest) + strings.Replace(strings.Replace(rest, "    - {do: read, of: Office}\n", "", 1), "Intervention Office,", "Intervention,", 1)
}

// A change of a file comes into force; a broken one never does, and says where it is broken.
func TestReload(t *testing.T) {
	dir, f := policyFolder(t)
	s, err := access.Open(os.DirFS(dir), inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	before := s.Current()
	roles, stories := withoutDonorOffices(t, f)
	writeFile(t, dir, "roles.csv", roles)
	line := lineNumber(t, f, "cases/outside.yaml", "- story: A donor") + 6
	if err := s.Reload(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("policies/cases/outside.yaml line %d: ", line)) {
		t.Errorf("a line that contradicts a story: %v", err)
	}
	if s.Current() != before || !s.Stale() || !donorReadsOffices(s) {
		t.Error("policies that a story contradicts came into force")
	}
	if err := s.Reload(); err != nil {
		t.Errorf("the same mistake is told twice: %v", err)
	}
	writeFile(t, dir, "cases/outside.yaml", stories)
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	if s.Current() == before || s.Stale() || donorReadsOffices(s) {
		t.Error("a sound change is not in force")
	}
	now := s.Current()
	writeFile(t, dir, "roles.csv", "p, donor\n"+roles)
	if err := s.Reload(); err == nil || !strings.Contains(err.Error(), "roles.csv line 1:") || s.Current() != now || !s.Stale() {
		t.Errorf("a broken line: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "roles.csv")); err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(); err == nil || !strings.Contains(err.Error(), "roles.csv") || s.Current() != now {
		t.Errorf("a file that is gone: %v", err)
	}
	writeFile(t, dir, "roles.csv", roles)
	if err := s.Reload(); err != nil || s.Stale() || s.Current().Version() != now.Version() {
		t.Errorf("mended: %v", err)
	}
	if _, err := access.Open(os.DirFS(t.TempDir()), inventory.Model); err == nil {
		t.Error("an empty folder was opened")
	}
}

// gatedFS is a folder whose readers of roles.csv wait to be let in, once the gate is shut.
type gatedFS struct {
	fs.FS
	closed atomic.Bool
	admit  chan struct{}

	taken chan struct{} // the text was taken: what is written now is not in it
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

// The watch brings a change into force after two looks that found the same, at once on a signal, and says so in the
// log.
func TestWatch(t *testing.T) {
	dir, f := policyFolder(t)
	g := &gatedFS{FS: os.DirFS(dir), admit: make(chan struct{}), taken: make(chan struct{}, 100)}
	s, err := access.Open(g, inventory.Model)
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
	for _, text := range []string{roles, roles + "\n"} { // each another text than a look before: not yet
		writeFile(t, dir, "roles.csv", text)
		tick <- time.Time{}
		g.admit <- struct{}{}
		<-g.taken
	}
	select {
	case tick <- time.Time{}: // the same text again
	case g.admit <- struct{}{}:
		t.Fatal("a text was read that was found once")
	}
	close(g.admit)      // everybody is let in from now on
	tick <- time.Time{} // that look is over
	writeFile(t, dir, "model.conf", "nonsense")
	signal <- os.Interrupt
	stop()
	<-done
	if donorReadsOffices(s) || !s.Stale() {
		t.Errorf("reads %v, stale %v", donorReadsOffices(s), s.Stale())
	}
	text := log.String()
	if strings.Count(text, "new policies are in force") != 1 || !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "model.conf") {
		t.Errorf("the log says %s", text)
	}
}
