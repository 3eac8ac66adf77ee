package main

import (
	"strings"
	"testing"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

// loadFixture loads a model of testdata as ent's graph.
func loadFixture(t *testing.T, folder string) *gen.Graph {
	t.Helper()
	storage, err := gen.NewStorage("sql")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := entc.LoadGraph(folder, &gen.Config{Storage: storage, Target: t.TempDir(), Package: "rightshub/ent"})
	if err != nil {
		t.Fatal(err)
	}
	return graph
}

// TestFieldWithoutClass generates from a model with a field that has no class. The generator must stop and say which
// field it is, and where.
func TestFieldWithoutClass(t *testing.T) {
	_, err := inventory(loadFixture(t, "./testdata/untagged"))
	if err == nil || !strings.HasPrefix(err.Error(), "testdata/untagged/schema.go:16: Castle.owner has no class") {
		t.Errorf("%v", err)
	}
}
