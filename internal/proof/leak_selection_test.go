package proof_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/scanner"
	"go/token"
	"hash"
	"io"
	"maps"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rightshub/internal/model"
)

// huntedFile records, for each leak and each table, a fingerprint of the sources that it was last found in. It is like
// go.sum: only a run that found the leak writes the line, and only where RIGHTSHUB_PROOF_RECORD is "true".
const huntedFile = "testdata/hunted.txt"

// rowSecurityFiles make row-level security. A table is hunted anew where one of them changed.
var rowSecurityFiles = []string{
	"internal/database/row_level_security.go",
	"internal/database/scoped_transaction.go",
	"internal/store/rls_session.go",
}

// huntSelection says which leaks and tables are hunted beside those that a few cases find. RIGHTSHUB_PROOF_LEAKS is the
// mode. "all" hunts everything. "changed" hunts what was never found with the present sources, and a tenth of the rest
// that changes with the commit. Otherwise nothing is added.
type huntSelection struct {
	mode     string
	tenth    int               // of the leaks, 0 to 9
	recorded map[string]string // fingerprints by name
	common   string            // fingerprint of the proof and the policies
	record   bool
	lock     sync.Mutex
}

func newHuntSelection(t *testing.T) *huntSelection {
	t.Helper()
	s := &huntSelection{
		mode:   os.Getenv("RIGHTSHUB_PROOF_LEAKS"),
		record: os.Getenv("RIGHTSHUB_PROOF_RECORD") == "true",
	}
	if s.mode != "changed" && !s.record {
		return s
	}
	var err error
	if s.recorded, err = readHunted(); err != nil {
		t.Fatal(err)
	}
	if s.common, err = fingerprintProof(); err != nil {
		t.Fatal(err)
	}
	if s.mode == "changed" {
		if s.tenth, err = tenthOfCommit(); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// includes reports whether the n-th leak or table is hunted.
func (s *huntSelection) includes(t *testing.T, n int, name string, fingerprint func() (string, error)) bool {
	t.Helper()
	switch s.mode {
	case "all":
		return true
	case "changed":
		now, err := fingerprint()
		if err != nil {
			t.Fatal(err)
		}
		return n%10 == s.tenth || s.recorded[name] != now
	}
	return false
}

func (s *huntSelection) includesLeak(t *testing.T, n int) bool {
	t.Helper()
	return slices.Contains(quickLeaks, leaks[n-1].description) ||
		s.includes(t, n, leakName(n), func() (string, error) { return s.fingerprintLeak(n) })
}

func (s *huntSelection) includesTable(t *testing.T, n int, e *model.Entity) bool {
	t.Helper()
	return slices.Contains([]string{"Child", "Referral", "Activity"}, e.Name) ||
		s.includes(t, n, tableName(e), func() (string, error) { return s.fingerprintTable(e) })
}

// recordLeak writes down that the n-th leak was found.
func (s *huntSelection) recordLeak(t *testing.T, n int) {
	t.Helper()
	s.write(t, leakName(n), func() (string, error) { return s.fingerprintLeak(n) })
}

// recordTable writes down that the missing row-level security of a table was found.
func (s *huntSelection) recordTable(t *testing.T, e *model.Entity) {
	t.Helper()
	s.write(t, tableName(e), func() (string, error) { return s.fingerprintTable(e) })
}

// write adds a line to the record, and drops the lines of leaks and tables that are no more.
func (s *huntSelection) write(t *testing.T, name string, fingerprint func() (string, error)) {
	t.Helper()
	if !s.record {
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	now, err := fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	s.recorded[name] = now
	var names []string
	for i := range leaks {
		names = append(names, leakName(i+1))
	}
	for _, e := range rowSecuredEntities(t) {
		names = append(names, tableName(e))
	}
	maps.DeleteFunc(s.recorded, func(name, _ string) bool { return !slices.Contains(names, name) })
	var text bytes.Buffer
	for _, name := range names {
		if s.recorded[name] != "" {
			fmt.Fprintf(&text, "%s %s\n", s.recorded[name], name)
		}
	}
	if err := os.WriteFile(huntedFile, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// leakName holds the number too, since the cases of a hunt are drawn from it.
func leakName(n int) string { return fmt.Sprintf("leak %d %s", n, leaks[n-1].description) }

func tableName(e *model.Entity) string { return "table " + e.Table }

func readHunted() (map[string]string, error) {
	out := map[string]string{}
	text, err := os.ReadFile(huntedFile)
	if os.IsNotExist(err) {
		return out, nil
	}
	for line := range strings.Lines(string(text)) {
		if fingerprint, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			out[name] = fingerprint
		}
	}
	return out, err
}

// fingerprintLeak covers the guarded files of a leak, its edits, the policies and the proof.
func (s *huntSelection) fingerprintLeak(n int) (string, error) {
	h := sha256.New()
	io.WriteString(h, s.common)
	for _, e := range leaks[n-1].edits {
		fmt.Fprintf(h, "%q %q %q %t\n", e.anchor, e.condition, e.replacement, e.isExpression)
		if err := hashFile(h, filepath.Join(repoRoot, e.file)); err != nil {
			return "", err
		}
	}
	return shortSum(h), nil
}

// fingerprintTable covers what makes the table's policy, the policies and the proof.
func (s *huntSelection) fingerprintTable(e *model.Entity) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %+v\n", s.common, e.Scope)
	for _, file := range rowSecurityFiles {
		if err := hashFile(h, filepath.Join(repoRoot, file)); err != nil {
			return "", err
		}
	}
	return shortSum(h), nil
}

// fingerprintProof covers the policies, and the files of this package that draw cases and judge answers. The table of
// leaks is not among them, since the fingerprint of each leak holds its own entry.
func fingerprintProof() (string, error) {
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		return "", err
	}
	files = slices.DeleteFunc(files, func(f string) bool {
		return f == "leak_table_test.go" || f == "leak_selection_test.go"
	})
	bent, err := filepath.Glob("testdata/leak/*")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, f := range slices.Concat(files, bent, []string{repoRoot + "/policies/model.conf", repoRoot + "/policies/roles.csv"}) {
		if err := hashFile(h, f); err != nil {
			return "", err
		}
	}
	return shortSum(h), nil
}

func shortSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)[:8]) }

// hashFile adds what a file says: the tokens of Go, and the lines of other files that are no comments.
func hashFile(to io.Writer, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".go.txt") {
		hashTokens(to, text)
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			fmt.Fprintln(to, line)
		}
	}
	return nil
}

// hashTokens adds the tokens of a Go source. Comments and layout do not count, except for directives. A comma before a
// closing bracket is layout too.
func hashTokens(to io.Writer, source []byte) {
	var (
		s     scanner.Scanner
		comma bool
	)
	files := token.NewFileSet()
	s.Init(files.AddFile("", files.Base(), len(source)), source, nil, scanner.ScanComments)
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return
		case tok == token.COMMENT && !strings.HasPrefix(text, "//go:"), tok == token.SEMICOLON && text == "\n":
			continue
		case tok == token.COMMA:
			comma = true
			continue
		case comma && tok != token.RPAREN && tok != token.RBRACE && tok != token.RBRACK:
			fmt.Fprintln(to, token.COMMA)
		}
		comma = false
		fmt.Fprintln(to, tok, text)
	}
}

// tenthOfCommit is the part of the leaks whose turn it is, worked out from the commit's tree.
func tenthOfCommit() (int, error) {
	out, err := exec.Command("git", "-C", repoRoot, "rev-parse", "HEAD^{tree}").Output()
	if err != nil {
		return 0, fmt.Errorf("the tree of the commit: %w", err)
	}
	tree, ok := new(big.Int).SetString(strings.TrimSpace(string(out)), 16)
	if !ok {
		return 0, fmt.Errorf("%q is no tree", out)
	}
	return int(tree.Mod(tree, big.NewInt(10)).Int64()), nil
}

// Prose and layout do not make a leak one that must be hunted anew. Everything else does.
func TestHuntSelection(t *testing.T) {
	sum := func(source string) string {
		h := sha256.New()
		hashTokens(h, []byte(source))
		return shortSum(h)
	}
	plain := sum("package a\n\nfunc f() { g(1, 2) }\n")
	for source, same := range map[string]bool{
		"package a\n\n// f calls g.\nfunc f() {\n\tg(\n\t\t1,\n\t\t2,\n\t)\n}\n": true,
		"package a\n\nfunc f() { g(2, 1) }\n":                                    false,
		"package a\n\n//go:noinline\nfunc f() { g(1, 2) }\n":                     false,
		"package a\n\nfunc f() { h(1, 2) }\n":                                    false,
	} {
		if got := sum(source) == plain; got != same {
			t.Errorf("the fingerprint is the same: %t, want %t, of\n%s", got, same, source)
		}
	}
	common, err := fingerprintProof()
	if err != nil {
		t.Fatal(err)
	}
	s := &huntSelection{mode: "changed", common: common, tenth: 3, recorded: map[string]string{}}
	for i := range leaks {
		name := leakName(i + 1)
		if s.recorded[name], err = s.fingerprintLeak(i + 1); err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range rowSecuredEntities(t) {
		if s.recorded[tableName(e)], err = s.fingerprintTable(e); err != nil {
			t.Fatal(err)
		}
		if got := s.includesTable(t, i, e); !got && i%10 == s.tenth {
			t.Errorf("table %d is not in its tenth", i)
		}
	}
	s.recorded[leakName(20)] = "another"
	for i := range leaks {
		n := i + 1
		want := n == 20 || n%10 == s.tenth || slices.Contains(quickLeaks, leaks[i].description)
		if got := s.includesLeak(t, n); got != want {
			t.Errorf("leak %d is hunted: %t, want %t", n, got, want)
		}
	}
}
