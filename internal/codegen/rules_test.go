package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// wantedMessage is a comment of the fixture that says what the generator must report about its line.
var wantedMessage = regexp.MustCompile("// want `(.*)`$")

// TestRules generates from a model whose rules name nothing, or contradict. The generator must report every one of
// them with its file and its line, and nothing else.
func TestRules(t *testing.T) {
	_, err := inventory(loadFixture(t, "./testdata/rules"))
	if err == nil {
		t.Fatal("the generator accepted wrong rules")
	}
	got := strings.Split(err.Error(), "\n")
	want := map[string]bool{}
	files, err := filepath.Glob("testdata/rules/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(source), "\n") {
			if m := wantedMessage.FindStringSubmatch(line); m != nil {
				want[fmt.Sprintf("%s:%d: %s", filepath.ToSlash(name), i+1, m[1])] = true
			}
		}
	}
	for _, message := range slices.Sorted(maps.Keys(want)) {
		if !slices.Contains(got, message) {
			t.Errorf("not reported: %s", message)
		}
	}
	for _, message := range got {
		if !want[message] {
			t.Errorf("reported without a want: %s", message)
		}
	}
}
