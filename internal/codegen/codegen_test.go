package main

import (
	"strings"
	"testing"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

// A field without a class stops the generation, which names entity and field.
func TestFieldWithoutClass(t *testing.T) {
	storage, err := gen.NewStorage("sql")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := entc.LoadGraph("./testdata/untagged", &gen.Config{Storage: storage, Target: t.TempDir(), Package: "rightshub/ent"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inventory(graph); err == nil || !strings.Contains(err.Error(), "Castle.owner has no class") {
		t.Errorf("%v", err)
	}
}
