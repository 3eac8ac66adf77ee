package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

// version is the version of the program. CHANGELOG.md has it as its newest version.
const version = "v0.1.0"

// versionCommand prints the version, like the flag --version.
type versionCommand struct{}

func (versionCommand) Run(to streams) error { return printVersion(to.out) }

// versionFlag is the flag --version. It prints the version and ends the program.
type versionFlag bool

// BeforeReset runs before the rest of the command line is read, so that the flag needs no command.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	err := printVersion(app.Stdout)
	app.Exit(0)
	return err
}

func printVersion(to io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	_, err := fmt.Fprintf(to, "rightshub %s (%s)\n", version, describeCommit(info.Settings))
	return err
}

// describeCommit returns the commit that the program was built from with its date, as the go command has written them
// into the program. It does so for a build in a clone of the repository, and not for `go run` and `go test`.
func describeCommit(settings []debug.BuildSetting) string {
	values := map[string]string{}
	for _, s := range settings {
		values[s.Key] = s.Value
	}
	revision := values["vcs.revision"]
	if revision == "" {
		return "unknown commit"
	}
	modified := ""
	if values["vcs.modified"] == "true" {
		modified = " with uncommitted changes"
	}
	day, _, _ := strings.Cut(values["vcs.time"], "T")
	return fmt.Sprintf("commit %.12s%s, %s", revision, modified, cmp.Or(day, "unknown date"))
}
