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

var codeFence = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

// testCommand is a command that tests packages.
var testCommand = regexp.MustCompile(`go test \./\S+`)

// Every query of the README gives the answer that stands below it, and every command is run by a script.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("../cmd/rightshub/testdata/script/readme.txtar")
	if err != nil {
		t.Fatal(err)
	}
	ci, err := os.ReadFile("../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	api := apitest.New(t, apitest.Demo.SQLite(t))
	query, asked := "", 0
	for _, block := range codeFence.FindAllStringSubmatch(string(text), -1) {
		switch kind, body := block[1], block[2]; kind {
		case "graphql":
			query = body
		case "json":
			who := "coordinator.bf@demo"
			if first, _, ok := strings.Cut(strings.TrimPrefix(query, "# as "), "\n"); ok && strings.HasPrefix(query, "# as ") {
				who = first
			}
			var want any
			if err := json.Unmarshal([]byte(body), &want); err != nil {
				t.Fatal(err)
			}
			got := api.As(who, "").Ask(query, nil).RequireOK()
			if asked++; !reflect.DeepEqual(map[string]any{"data": got.Data}, want) {
				t.Errorf("%s\nanswers %s", query, got.Body)
			}
		case "js":
			file, err := os.ReadFile("../.ci/clients/listen.mjs")
			if err != nil || string(file) != body {
				t.Errorf(".ci/clients/listen.mjs, which CI runs, is not what the README shows: %v", err)
			}
		case "sh":
			for line := range strings.Lines(body) {
				line = strings.TrimSpace(line)
				if tests := testCommand.FindString(line); tests != "" && strings.Contains(string(ci), tests) {
					continue // .ci/run runs these tests; how many cases of them, the reader says
				}
				if !strings.Contains(string(script), "# README: "+line+"\n") {
					t.Errorf("no script runs %q", line)
				}
			}
		default:
			t.Errorf("a block of kind %q is not tested", kind)
		}
	}
	if asked < 2 {
		t.Errorf("%d queries of the README were asked", asked)
	}
}
