package proof_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestReferenceImports checks that the reference model shares no code with the hub. From the project it may import only
// the model and the inventory, which are data.
func TestReferenceImports(t *testing.T) {
	paths, err := filepath.Glob("reference_*_test.go")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	known := []string{"rightshub/ent/inventory", "rightshub/internal/model", "rightshub/internal/classification"}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(name, "rightshub/") && !slices.Contains(known, name) {
				t.Errorf("%s imports %s: the reference model must not share code with the hub", path, name)
			}
		}
	}
}
