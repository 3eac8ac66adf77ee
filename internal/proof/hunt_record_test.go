package proof_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"rightshub/internal/model"
)

// huntedFile records the world in which each leak, and each table without row-level security, was last found. A hunt
// begins with that world, so it takes seconds while the cases are drawn as before. Where it finds nothing there, it
// hunts anew, so a record that is out of date costs time and never hides anything.
const huntedFile = "testdata/hunted.txt"

// leakHunt says what this run hunts, and knows what earlier runs found. RIGHTSHUB_PROOF_LEAKS is the mode. "recorded"
// hunts everything and begins with the recorded worlds. "all" hunts everything in new worlds. Otherwise only what a few
// cases find is hunted.
type leakHunt struct {
	mode   string
	worlds map[string]int // the seeds of the recorded worlds, by name
	writes bool           // RIGHTSHUB_PROOF_RECORD is "true", so what this run finds is recorded
	lock   sync.Mutex
}

func newLeakHunt(t *testing.T) *leakHunt {
	t.Helper()
	worlds, err := readHunted()
	if err != nil {
		t.Fatal(err)
	}
	return &leakHunt{
		mode:   os.Getenv("RIGHTSHUB_PROOF_LEAKS"),
		worlds: worlds,
		writes: os.Getenv("RIGHTSHUB_PROOF_RECORD") == "true",
	}
}

func (h *leakHunt) includesEverything() bool { return h.mode == "all" || h.mode == "recorded" }

// includesLeak reports whether the n-th leak is hunted.
func (h *leakHunt) includesLeak(n int) bool {
	return h.includesEverything() || slices.Contains(quickLeaks, leaks[n-1].description)
}

// includesTable reports whether the table of the entity is hunted without row-level security.
func (h *leakHunt) includesTable(e *model.Entity) bool {
	return h.includesEverything() || slices.Contains([]string{"Child", "Referral", "Activity"}, e.Name)
}

// recordedWorld returns the seed of the world in which the leak or table was last found, or 0.
func (h *leakHunt) recordedWorld(name string) int {
	if h.mode == "all" {
		return 0
	}
	return h.worlds[name]
}

// recordWorld writes down where a leak or table was found, and drops the lines of leaks and tables that are no more.
func (h *leakHunt) recordWorld(t *testing.T, name string, seed int) {
	t.Helper()
	if !h.writes {
		return
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	h.worlds[name] = seed
	names := huntedNames(t)
	maps.DeleteFunc(h.worlds, func(name string, _ int) bool { return !slices.Contains(names, name) })
	var text bytes.Buffer
	for _, name := range names {
		if seed := h.worlds[name]; seed != 0 {
			fmt.Fprintf(&text, "%d %s\n", seed, name)
		}
	}
	if err := os.WriteFile(huntedFile, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// huntedNames lists the names of all leaks and tables in the order of the record.
func huntedNames(t *testing.T) (names []string) {
	t.Helper()
	for i := range leaks {
		names = append(names, leakName(i+1))
	}
	for _, e := range rowSecuredEntities(t) {
		names = append(names, tableName(e))
	}
	return names
}

func leakName(n int) string { return "leak " + leaks[n-1].description }

func tableName(e *model.Entity) string { return "table " + e.Table }

func readHunted() (map[string]int, error) {
	out := map[string]int{}
	text, err := os.ReadFile(huntedFile)
	if os.IsNotExist(err) {
		return out, nil
	}
	for line := range strings.Lines(string(text)) {
		word, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		seed, err := strconv.Atoi(word)
		if err != nil || name == "" {
			return nil, fmt.Errorf("%s: %q is not a seed and a name", huntedFile, line)
		}
		out[name] = seed
	}
	return out, err
}

// The record has no line of a leak or table that is no more, and no two leaks have one name.
func TestHuntRecord(t *testing.T) {
	worlds, err := readHunted()
	if err != nil {
		t.Fatal(err)
	}
	names := huntedNames(t)
	for name := range worlds {
		if !slices.Contains(names, name) {
			t.Errorf("%s records %q, which is neither a leak nor a table: remove the line", huntedFile, name)
		}
	}
	slices.Sort(names)
	if unique := slices.Compact(slices.Clone(names)); len(unique) != len(names) {
		t.Error("two leaks have one description, so one would begin with the world of the other")
	}
}
