package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"testing"
)

// The version of the program is the newest version of the changelog.
func TestVersionIsInTheChangelog(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	newest := regexp.MustCompile(`(?m)^## (v\d+\.\d+\.\d+)\b`).FindSubmatch(text)
	if newest == nil || string(newest[1]) != version {
		t.Errorf("the newest version of CHANGELOG.md is %q, and version.go has %q", newest, version)
	}
}

func TestDescribeCommit(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "abcdef1234567890abcdef1234567890abcdef12"}
	day := debug.BuildSetting{Key: "vcs.time", Value: "2026-11-30T21:00:00Z"}
	for want, settings := range map[string][]debug.BuildSetting{
		"unknown commit":                    {day},
		"commit abcdef123456, 2026-11-30":   {revision, day, {Key: "vcs.modified", Value: "false"}},
		"commit abcdef123456, unknown date": {revision},
		"commit abcdef123456 with uncommitted changes, 2026-11-30": {
			revision, day, {Key: "vcs.modified", Value: "true"},
		},
	} {
		if got := describeCommit(settings); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A program that is built in a clone prints its commit.
func TestVersionOfABuild(t *testing.T) {
	commit, err := exec.CommandContext(t.Context(), "git", "rev-parse", "HEAD").Output()
	if err != nil {
		t.Skipf("git log fails, perhaps since this is no clone: %v", err)
	}
	if info, err := os.Stat("../../.git"); err != nil || !info.IsDir() {
		t.Skip("the go command finds no commit in a further work tree of git")
	}
	revision := string(commit)
	program := filepath.Join(t.TempDir(), "rightshub")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=true", "-o", program, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := regexp.MustCompile(`^rightshub ` + regexp.QuoteMeta(version) + ` \(commit ` + revision[:12] +
		`( with uncommitted changes)?, \d{4}-\d\d-\d\d\)\n$`)
	for _, argument := range []string{"version", "--version"} {
		out, err := exec.CommandContext(t.Context(), program, argument).CombinedOutput()
		if err != nil || !want.Match(out) {
			t.Errorf("rightshub %s prints %q, want %s (%v)", argument, out, want, err)
		}
	}
}
