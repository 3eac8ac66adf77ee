package policycheck_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"rightshub/policies"
)

// textFS is a file system in memory, with a text by path.
type textFS map[string]string

func (f textFS) Open(name string) (fs.File, error) {
	m := fstest.MapFS{}
	for path, text := range f {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return m.Open(name)
}

// projectFiles returns a copy of the project's policy files that a test may change.
func projectFiles(t testing.TB) textFS {
	t.Helper()
	out := textFS{}
	err := fs.WalkDir(policies.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(policies.Files, path)
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lineNumber returns the number of the first line of a file that begins with the text.
func lineNumber(t *testing.T, f textFS, file, begins string) int {
	t.Helper()
	for i, line := range strings.Split(f[file], "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), begins) {
			return i + 1
		}
	}
	t.Fatalf("%s has no line %q", file, begins)
	return 0
}

// replaceInFile replaces the first occurrence of a text in a file.
func replaceInFile(t *testing.T, f textFS, file, before, after string) {
	t.Helper()
	if !strings.Contains(f[file], before) {
		t.Fatalf("%s does not say %q", file, before)
	}
	f[file] = strings.Replace(f[file], before, after, 1)
}
