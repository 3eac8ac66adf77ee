package repotest_test

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// logCalls lists the functions and methods of log/slog that write a line, and which argument is the message.
var logCalls = map[string]int{
	"Debug": 0, "Info": 0, "Warn": 0, "Error": 0,
	"DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1,
	"Log": 2, "LogAttrs": 2,
}

// serverMessages begins the lines that net/http writes by http.Server.ErrorLog.
const serverMessages = "http:"

// listLogMessages returns the messages of the lines that the program logs. It fails at a message that is no constant
// text, because no page could explain it.
func listLogMessages(t *testing.T) (messages []string) {
	t.Helper()
	for _, f := range listHandWrittenGo(t) {
		imports := func(path string) bool {
			return slices.ContainsFunc(f.syntax.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == path })
		}
		if f.isTest() {
			continue
		}
		if imports(`"log"`) {
			t.Errorf("%s imports log. Use log/slog, so that the line has a message that can be explained.", f.path)
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !isLogger(selector.X) {
				return true
			}
			i, ok := logCalls[selector.Sel.Name]
			if !ok || len(call.Args) <= i {
				return true
			}
			text, ok := literalText(t, call.Args[i])
			if !ok {
				t.Errorf("%s: the message is no constant text", f.fset.Position(call.Pos()))
			}
			messages = append(messages, text)
			return true
		})
	}
	return append(messages, serverMessages)
}

// isLogger reports whether an expression is the package slog, or named as loggers are.
func isLogger(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "slog" || strings.EqualFold(e.Name, "log") || strings.EqualFold(e.Name, "logger")
	case *ast.SelectorExpr:
		return isLogger(e.Sel)
	case *ast.CallExpr: // as slog.Default() and log.With(...)
		selector, ok := e.Fun.(*ast.SelectorExpr)
		return ok && isLogger(selector.X)
	}
	return false
}

// explainedLine matches what an item of the list of log lines begins with.
var explainedLine = regexp.MustCompile("(?m)^- `([^`]+)`")

// TestLogLinesAreExplained checks that the help page for operators explains each line of the log, and no other.
func TestLogLinesAreExplained(t *testing.T) {
	_, section, found := strings.Cut(readDocument(t, "internal/help/pages/en/monitoring.md"), "\n## Log\n")
	var explained []string
	for _, match := range explainedLine.FindAllStringSubmatch(section, -1) {
		explained = append(explained, match[1])
	}
	messages := listLogMessages(t)
	for _, message := range messages {
		if !slices.Contains(explained, message) {
			t.Errorf("internal/help/pages/en/monitoring.md does not explain %q. Say what it means, and what to do.", message)
		}
	}
	for _, message := range explained {
		if !slices.Contains(messages, message) {
			t.Errorf("internal/help/pages/en/monitoring.md explains %q, which the program does not log", message)
		}
	}
	if !found || len(messages) < 8 {
		t.Errorf("only %d messages were found: %q", len(messages), messages)
	}
}
