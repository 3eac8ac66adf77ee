// Package graph holds the hub's GraphQL schema and makes it executable. The types of the entities are generated from
// the model. hub.graphqls holds the types that all entities share. Each resolver is one expression and has no access
// rules. It reads and writes through the caller's store.Session, which shows only what the caller may see.
package graph

import (
	"embed"
	"io/fs"
	"sort"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/graph/generated"
	"rightshub/graph/plan"
	"rightshub/internal/model"
)

//go:embed hub.graphqls generated/schema/*.graphqls
var schemaFiles embed.FS

// schemaText returns the text of the whole schema.
func schemaText() (string, error) {
	paths, err := fs.Glob(schemaFiles, "generated/schema/*.graphqls")
	if err != nil {
		return "", err
	}
	sort.Strings(paths)
	var b strings.Builder
	for _, path := range append([]string{"hub.graphqls"}, paths...) {
		text, err := schemaFiles.ReadFile(path)
		if err != nil {
			return "", err
		}
		b.Write(text)
		b.WriteString("\n")
	}
	return b.String(), nil
}

// Schema returns the executable schema of the model, and its text for tools that generate code.
func Schema(m *model.Model) (schema graphql.ExecutableSchema, text string, err error) {
	text, err = schemaText()
	if err != nil {
		return nil, "", err
	}
	full, err := gqlparser.LoadSchema(&ast.Source{Name: "rightshub.graphqls", Input: text})
	if err != nil {
		return nil, "", err
	}
	resolver := generated.Resolver{Planner: plan.Planner{Model: m}}
	return generated.NewExecutableSchema(generated.Config{Schema: full, Resolvers: resolver}), text, nil
}
