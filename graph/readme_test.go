package graph_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"rightshub/internal/apitest"
)

// codeFence matches a fenced block of Markdown with its language and its body.
var codeFence = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

// continuedLine matches the end of a line of the shell that goes on in the next line.
var continuedLine = regexp.MustCompile(`\s*\\\n\s*`)

// testCommand matches a command that runs the tests of a package.
var testCommand = regexp.MustCompile(`go test \./\S+`)

// Every query in the README gives the answer below it, and every command in it is run by a script or by .ci/run.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("../cmd/rightshub/testdata/script/readme.txtar")
	if err != nil {
		t.Fatal(err)
	}
	ci, err := os.ReadFile("../.ci/steps")
	if err != nil {
		t.Fatal(err)
	}
	api := apitest.New(t, apitest.Demo.SQLite(t))
	query, tested := "", 0
	for _, block := range codeFence.FindAllStringSubmatch(string(text), -1) {
		switch kind, body := block[1], block[2]; kind {
		case "graphql":
			query = body
		case "json":
			who := "coordinator.bf@demo"
			if comment, ok := strings.CutPrefix(query, "# as "); ok {
				who, _, _ = strings.Cut(comment, "\n")
			}
			var want any
			if err := json.Unmarshal([]byte(body), &want); err != nil {
				t.Fatal(err)
			}
			got := api.As(who, "").Ask(query, nil).RequireOK()
			if tested++; !reflect.DeepEqual(map[string]any{"data": got.Data}, want) {
				t.Errorf("%s\nanswers %s", query, got.Body)
			}
		case "js":
			file, err := os.ReadFile("../.ci/clients/listen.mjs")
			if err != nil || string(file) != body {
				t.Errorf(".ci/clients/listen.mjs, which CI runs, differs from the program in the README: %v", err)
			}
		case "sh":
			for line := range strings.Lines(continuedLine.ReplaceAllString(body, " ")) {
				line = strings.TrimSpace(line)
				if tests := testCommand.FindString(line); tests != "" && strings.Contains(string(ci), tests) {
					continue // .ci/run runs these tests, perhaps with another number of cases
				}
				if !strings.Contains(string(script), "# README: "+line+"\n") {
					t.Errorf("no script runs %q: add it to readme.txtar", line)
				}
			}
		default:
			t.Errorf("blocks of the language %q are not tested", kind)
		}
	}
	if tested < 2 {
		t.Errorf("only %d queries of the README were tested", tested)
	}
}
