package repotest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A sourceFile is a text file of the repository.
type sourceFile struct {
	path  string // from the root of the repository, with slashes
	lines []string
	// generated is true of what a generator writes. Its first lines say so.
	generated bool
	fset      *token.FileSet
	syntax    *ast.File // nil unless it is Go and hand-written
}

// directory returns the directory of the file, from the root of the repository.
func (f *sourceFile) directory() string { return path.Dir(f.path) }

// isTest reports whether the file is part of tests only.
func (f *sourceFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// readExtensions are the kinds of files that are read by people.
var readExtensions = []string{".go", ".graphql", ".graphqls", ".md", ".sql", ".ts", ".tsx"}

// readSources returns the files of the repository that are read by people. They are read and parsed once for all tests.
var readSources = sync.OnceValues(func() ([]*sourceFile, error) {
	var all []*sourceFile
	fset := token.NewFileSet()
	err := filepath.WalkDir(repoRoot, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == "node_modules" || base == "dist" || len(base) > 2 && base[0] == '.' {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains(readExtensions, filepath.Ext(name)) {
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(repoRoot, name)
		if err != nil {
			return err
		}
		f := &sourceFile{path: filepath.ToSlash(relative), fset: fset}
		f.lines = strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
		f.generated = slices.ContainsFunc(f.lines[:min(3, len(f.lines))], saysGenerated)
		if strings.HasSuffix(name, ".go") && !f.generated {
			f.syntax, err = parser.ParseFile(fset, f.path, content, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
		}
		all = append(all, f)
		return nil
	})
	return all, err
})

// saysGenerated reports whether a line is the comment that a generator puts on top of its output.
func saysGenerated(line string) bool {
	comment := slices.ContainsFunc([]string{"//", "#", "--", "/*", "<!--"}, func(start string) bool {
		return strings.HasPrefix(line, start)
	})
	return comment && (strings.Contains(line, "Code generated") || strings.Contains(line, "DO NOT EDIT"))
}

// listHandWritten returns the files that no generator writes.
func listHandWritten(t *testing.T) []*sourceFile {
	t.Helper()
	all, err := readSources()
	if err != nil {
		t.Fatal(err)
	}
	var hand []*sourceFile
	for _, f := range all {
		if !f.generated {
			hand = append(hand, f)
		}
	}
	if len(hand) < 100 {
		t.Fatalf("only %d hand-written files were found under %s", len(hand), repoRoot)
	}
	return hand
}

// listHandWrittenGo returns the Go files that no generator writes, without those that are data of tests.
func listHandWrittenGo(t *testing.T) []*sourceFile {
	t.Helper()
	return slices.DeleteFunc(listHandWritten(t), func(f *sourceFile) bool {
		return f.syntax == nil || strings.Contains(f.path, "/testdata/")
	})
}
