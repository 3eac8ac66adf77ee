package graph_test

import (
	"encoding/json"
	"os"
	"path/filepath"
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

// Every query in the README and in the English help pages gives the answer below it, and every command in them is run
// by a script or by .ci/run. A test of internal/help holds the other languages to the same code.
func TestDocumentation(t *testing.T) {
	pages, err := filepath.Glob("../internal/help/pages/en/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal("there are no help pages", err)
	}
	var text strings.Builder
	for _, path := range append([]string{"../README.md"}, pages...) {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(content)
	}
	script, err := os.ReadFile("../cmd/rightshub/testdata/script/documentation.txtar")
	if err != nil {
		t.Fatal(err)
	}
	ci, err := os.ReadFile("../.ci/steps")
	if err != nil {
		t.Fatal(err)
	}
	api := apitest.New(t, apitest.Demo.SQLite(t))
	query, tested := "", 0
	for _, block := range codeFence.FindAllStringSubmatch(text.String(), -1) {
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
				t.Errorf(".ci/clients/listen.mjs, which CI runs, differs from the program in the help pages: %v", err)
			}
		case "csv":
			change, err := os.ReadFile("../internal/repotest/testdata/changes/role/1_policy.patch")
			if err != nil || !strings.Contains(string(change), "+"+strings.ReplaceAll(strings.TrimSpace(body), "\n", "\n+")) {
				t.Errorf("the change of a role, which internal/repotest makes, has not these lines: %v\n%s", err, body)
			}
		case "sh":
			for line := range strings.Lines(continuedLine.ReplaceAllString(body, " ")) {
				line = strings.TrimSpace(line)
				if tests := testCommand.FindString(line); tests != "" && strings.Contains(string(ci), tests) {
					continue // .ci/run runs these tests, perhaps with another number of cases
				}
				if !strings.Contains(string(script), "# documented: "+line+"\n") {
					t.Errorf("no script runs %q: add it to documentation.txtar", line)
				}
			}
		default:
			t.Errorf("blocks of the language %q are not tested", kind)
		}
	}
	if tested < 4 {
		t.Errorf("only %d queries were tested", tested)
	}
}
