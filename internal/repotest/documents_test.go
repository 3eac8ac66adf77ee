package repotest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// maxDocumentColumns is the longest line of a document.
const maxDocumentColumns = 120

// topFolders are the folders of the repository that a document may name.
var topFolders = []string{".ci", ".deploy", "cmd", "ent", "graph", "internal", "migrations", "policies"}

// pathDocuments are the documents whose paths in backticks must exist, with how many each names at least.
var pathDocuments = map[string]int{"README.md": 2, "CONTRIBUTING.md": 50}

// functionDocuments are the documents that place functions in files.
var functionDocuments = []string{"README.md", "CONTRIBUTING.md"}

var (
	markdownFence   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	markdownCode    = regexp.MustCompile("``.+?``|`[^`]+`")
	markdownLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markdownHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	// functionOfFile matches "`function` in [file](path)".
	functionOfFile = regexp.MustCompile("`(\\w+)` in\\s+\\[[^\\]]+\\]\\(([^)\\s]+)\\)")
)

// listDocuments lists the Markdown files of the repository, without those of installed packages.
func listDocuments(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(repoRoot, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".md"):
			path, err = filepath.Rel(repoRoot, path)
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// readDocument reads a file of the repository.
func readDocument(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repoRoot, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// No line of a document is longer than a reader's window.
func TestDocumentColumns(t *testing.T) {
	for _, path := range listDocuments(t) {
		number := 0
		for line := range strings.Lines(readDocument(t, path)) {
			number++
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > maxDocumentColumns {
				t.Errorf("%s line %d has %d columns, and may have %d", path, number, n, maxDocumentColumns)
			}
		}
	}
}

// Every path of the repository that a document names exists. A pattern such as `ent/schema/*.go` matches a file.
func TestDocumentPaths(t *testing.T) {
	for _, path := range listDocuments(t) {
		least, listed := pathDocuments[path]
		if !listed && !strings.HasPrefix(path, "internal/help/pages/") {
			continue
		}
		named := 0
		text := markdownFence.ReplaceAllString(readDocument(t, path), "")
		for _, code := range markdownCode.FindAllString(text, -1) {
			name := strings.Trim(code, "`")
			top, _, hasSlash := strings.Cut(name, "/")
			if !hasSlash || strings.ContainsAny(name, " =?") || !slices.Contains(topFolders, top) {
				continue
			}
			named++
			found, err := filepath.Glob(filepath.Join(repoRoot, strings.TrimSuffix(name, "/")))
			if err != nil || len(found) == 0 {
				t.Errorf("%s names %q, which does not exist", path, name)
			}
		}
		if named < least {
			t.Errorf("%s names only %d paths", path, named)
		}
	}
}

// Every link between the documents, and from them to files, leads to a file and to a heading that exist.
func TestDocumentLinks(t *testing.T) {
	for _, path := range listDocuments(t) {
		text := markdownFence.ReplaceAllString(readDocument(t, path), "")
		for _, link := range markdownLink.FindAllStringSubmatch(text, -1) {
			file, anchor, _ := strings.Cut(link[1], "#")
			if strings.Contains(file, "://") || strings.HasPrefix(file, "mailto:") {
				continue
			}
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(filepath.Join(repoRoot, target)); err != nil {
				t.Errorf("%s links to %q, which does not exist", path, link[1])
				continue
			}
			if anchor != "" && !slices.Contains(listAnchors(readDocument(t, target)), anchor) {
				t.Errorf("%s links to %q, and %s has no such heading", path, link[1], target)
			}
		}
	}
}

// listAnchors lists the anchors of the headings of a document, as GitHub writes them.
func listAnchors(text string) (anchors []string) {
	for _, heading := range markdownHeading.FindAllStringSubmatch(markdownFence.ReplaceAllString(text, ""), -1) {
		anchors = append(anchors, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, heading[1]))
	}
	return anchors
}

// A function that a document places in a file is declared in that file.
func TestDocumentFunctions(t *testing.T) {
	for _, path := range functionDocuments {
		found := functionOfFile.FindAllStringSubmatch(readDocument(t, path), -1)
		for _, place := range found {
			declaration := regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + place[1] + `[(\[]`)
			if !declaration.MatchString(readDocument(t, place[2])) {
				t.Errorf("%s places %q in %s, which does not declare it", path, place[1], place[2])
			}
		}
		if len(found) < 10 {
			t.Errorf("%s names only %d functions with their files", path, len(found))
		}
	}
}
