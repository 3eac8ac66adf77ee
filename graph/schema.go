// Package graph is the hub's GraphQL schema, ready to be executed. What an entity looks like in it is derived from the
// model; hub.graphqls holds the words that all entities share. Resolvers are one expression each, and cannot decide
// who may see what: they hold a store.Session, which shows nothing else.
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
)

//go:embed hub.graphqls generated/schema/*.graphqls
var schemaFiles embed.FS

// schemaText is the schema as text.
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

// Schema returns the executable schema, and its text for code generators.
func Schema() (schema graphql.ExecutableSchema, text string, err error) {
	text, err = schemaText()
	if err != nil {
		return nil, "", err
	}
	full, err := gqlparser.LoadSchema(&ast.Source{Name: "rightshub.graphqls", Input: text})
	if err != nil {
		return nil, "", err
	}
	return generated.NewExecutableSchema(generated.Config{Schema: full, Resolvers: generated.Resolver{}}), text, nil
}
