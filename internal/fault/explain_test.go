package fault

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"rightshub/internal/languages"
)

// TestExplanations checks that every code of fault.go is explained once in every language, that nothing else is, and
// that every code has a status.
func TestExplanations(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "fault.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[Code]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		kind, ok := spec.Type.(*ast.Ident)
		if literal, isText := spec.Values[0].(*ast.BasicLit); ok && isText && kind.Name == "Code" {
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			codes[Code(text)] = true
		}
		return true
	})
	if len(codes) < 10 {
		t.Errorf("found only %d codes in fault.go", len(codes))
	}
	for code := range codes {
		if _, ok := statuses[code]; !ok {
			t.Errorf("%s has no status", code)
		}
	}
	for _, e := range Explanations {
		if !codes[e.Code] {
			t.Errorf("%s is explained twice, or is not a code", e.Code)
		}
		delete(codes, e.Code)
		for i, language := range languages.All {
			if e.Means[i] == "" || e.Next[i] == "" {
				t.Errorf("%s is not explained in %s", e.Code, language)
			}
		}
	}
	for code := range codes {
		t.Errorf("%s is not explained", code)
	}
}
