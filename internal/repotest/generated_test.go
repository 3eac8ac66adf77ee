package repotest_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// .gitattributes marks every generated file, and no other, so that reviews and statistics leave out the right files.
func TestGeneratedFilesAreMarked(t *testing.T) {
	files := runGit(t, "", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	// git answers with a path, the attribute and its value.
	answers := strings.Split(runGit(t, files, "check-attr", "-z", "--stdin", "linguist-generated"), "\x00")
	checked := 0
	for answer := range slices.Chunk(answers, 3) {
		if len(answer) < 3 {
			break
		}
		path, marked := answer[0], answer[2] == "true"
		head, err := readHead(filepath.Join(repoRoot, path))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and not yet committed
		} else if err != nil {
			t.Fatal(err)
		}
		checked++
		switch generated := slices.ContainsFunc(head, saysGenerated); {
		case generated && !marked:
			t.Errorf("%s:1 says it is generated, and .gitattributes does not mark it. "+
				"Add a line with linguist-generated=true.", path)
		case !generated && marked:
			t.Errorf("%s is marked as generated in .gitattributes, and does not say so in its first lines. "+
				"Move it, let its generator write the comment, or add a line with linguist-generated=false.", path)
		}
	}
	if checked < 100 {
		t.Errorf("only %d files were checked", checked)
	}
}

// runGit returns the output of a git command in the root of the repository.
func runGit(t *testing.T, input string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = repoRoot
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("git %s fails, perhaps since this is no clone: %v", args[0], err)
	}
	return string(out)
}

// readHead returns the first three lines of a file.
func readHead(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, 1000))
	lines := strings.SplitN(string(content), "\n", 4)
	return lines[:min(3, len(lines))], err
}
