package repotest_test

import (
	"os/exec"
	"strings"
	"testing"
)

// .gitattributes marks every generated file, and no other, so that reviews and statistics leave out the right files.
func TestGeneratedFilesAreMarked(t *testing.T) {
	all, err := readSources()
	if err != nil {
		t.Fatal(err)
	}
	var paths strings.Builder
	for _, f := range all {
		paths.WriteString(f.path + "\x00")
	}
	cmd := exec.Command("git", "check-attr", "-z", "--stdin", "linguist-generated")
	cmd.Dir = repoRoot
	cmd.Stdin = strings.NewReader(paths.String())
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("git does not tell the attributes here: %v", err)
	}
	marked := map[string]bool{} // git answers with a path, the attribute and its value
	for answer := strings.Split(string(out), "\x00"); len(answer) > 3; answer = answer[3:] {
		marked[answer[0]] = answer[2] == "true"
	}
	for _, f := range all {
		switch {
		case f.generated && !marked[f.path]:
			t.Errorf("%s is generated, and .gitattributes does not mark it. Add a line with linguist-generated=true.", f.path)
		case !f.generated && marked[f.path]:
			t.Errorf("%s is marked as generated in .gitattributes, and is not. Move it, or add a line with "+
				"linguist-generated=false.", f.path)
		}
	}
}
