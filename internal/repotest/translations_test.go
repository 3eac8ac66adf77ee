package repotest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rightshub/internal/fault"
)

// operatorFiles are the files with messages that the operator of the hub reads on the command line.
var operatorFiles = []string{"ent_hook.go"}

// messageArguments lists the functions that take a message, and which argument it is.
var messageArguments = map[string]int{
	"InvalidField": 1, "New": 1, "NewField": 1, "addRemark": 1, "checkLimit": 3, "inTerminalLanguage": 0, "invalidCell": 1,
	"invalidFieldsError": 1, "newRejection": 0, "refuseRow": 1,
}

// What callers of the API read is said in French and Spanish too, with the same blanks to fill.
func TestMessagesAreTranslated(t *testing.T) {
	found := 0
	for _, files := range []string{
		"cmd/rightshub/backup.go",
		"cmd/rightshub/export.go",
		"cmd/rightshub/restore.go",
		"cmd/rightshub/secret.go",
		"graph/plan/*.go",
		"internal/accounts/*.go",
		"internal/backup/*.go",
		"internal/changefeed/*.go",
		"internal/database/clock.go",
		"internal/database/contents.go",
		"internal/database/copies.go",
		"internal/database/replacement.go",
		"internal/database/secret*.go",
		"internal/exchange/*.go",
		"internal/identity/*.go",
		"internal/limit/*.go",
		"internal/listening/*.go",
		"internal/query/*.go",
		"internal/record/*.go",
		"internal/rules/*.go",
		"internal/server/*.go",
		"internal/store/*.go",
	} {
		paths, err := filepath.Glob(filepath.Join(repoRoot, files))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") || slices.Contains(operatorFiles, filepath.Base(path)) {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				name := ""
				switch f := call.Fun.(type) {
				case *ast.SelectorExpr:
					if x, ok := f.X.(*ast.Ident); ok && x.Name == "fault" {
						name = f.Sel.Name
					}
				case *ast.Ident:
					name = f.Name
				}
				i, ok := messageArguments[name]
				if !ok || len(call.Args) <= i {
					return true
				}
				if code, ok := call.Args[0].(*ast.SelectorExpr); ok && code.Sel.Name == "Internal" {
					return true // its message is replaced
				}
				if text, ok := literalText(t, call.Args[i]); ok {
					found++
					if !fault.IsTranslated(text) {
						t.Errorf("%s: %q is not said in French and Spanish: internal/fault/messages_*.go", path, text)
					}
				}
				return true
			})
		}
	}
	for _, e := range theModel.Entities() {
		messages := []string{e.NotBy.Message}
		for _, h := range e.Handovers {
			messages = append(messages, h.Message)
		}
		for _, text := range messages {
			if _, ok := fault.Translations[text]; !ok && text != "" {
				t.Errorf("ent/schema: %s: %q is not said in French and Spanish: internal/fault/messages_*.go", e.Name, text)
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d messages were found", found)
	}
	for english, others := range fault.Translations {
		for _, other := range others {
			if strings.Count(english, "%") != strings.Count(other, "%") {
				t.Errorf("%q has other blanks than %q", other, english)
			}
		}
	}
}

// literalText returns the value of a string literal, or of several literals joined by +.
func literalText(t *testing.T, e ast.Expr) (string, bool) {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return text, true
	case *ast.BinaryExpr:
		left, leftOK := literalText(t, e.X)
		right, rightOK := literalText(t, e.Y)
		return left + right, leftOK && rightOK
	}
	return "", false
}
