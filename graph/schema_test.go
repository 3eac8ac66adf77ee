package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/graph"
	"rightshub/internal/apitest"
)

// Client libraries read the whole schema by introspection, with its descriptions.
func TestIntrospection(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	a := api.As("donor@demo", "").Ask(introspectionQuery, nil).RequireOK()
	found := false
	for i := range a.Len("__schema.types") {
		if path := fmt.Sprintf("__schema.types.%d", i); a.Text(path+".name") == "Intervention" {
			found = a.Text(path+".description") != "" && a.Len(path+".fields") > 20
		}
	}
	if !found || a.Text("__schema.mutationType.name") != "Mutation" {
		t.Errorf("%.2000s", a.Body)
	}
}

// introspectionQuery is the introspection query that client libraries send.
const introspectionQuery = `query IntrospectionQuery {
	__schema {
		queryType { name }
		mutationType { name }
		subscriptionType { name }
		types { ...FullType }
		directives { name description locations args { ...InputValue } }
	}
}
fragment FullType on __Type {
	kind name description
	fields(includeDeprecated: true) {
		name description
		args { ...InputValue }
		type { ...TypeRef }
		isDeprecated deprecationReason
	}
	inputFields { ...InputValue }
	interfaces { ...TypeRef }
	enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
	possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type {
	kind name
	ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
}`

// Every type, field, argument and enum value of the schema has a description. The description of a classified field
// names its class.
func TestSchemaIsDescribed(t *testing.T) {
	_, text, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: text})
	for name, def := range schema.Types {
		if def.BuiltIn {
			continue
		}
		if def.Description == "" {
			t.Errorf("%s has no description", name)
		}
		for _, f := range def.Fields {
			if f.Description == "" && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s has no description", name, f.Name)
			}
			if class := f.Directives.ForName("class"); class != nil {
				words := "Class " + class.Arguments.ForName("level").Value.Raw + ":"
				if how := class.Arguments.ForName("identifies").Value.Raw; how != "NONE" {
					words = strings.TrimSuffix(words, ":") + " " + strings.ToLower(how) + ": null where"
				}
				if !strings.Contains(f.Description, words) {
					t.Errorf("the description of %s.%s does not contain %q", name, f.Name, words)
				}
			}
			for _, arg := range f.Arguments {
				if arg.Description == "" && !strings.HasPrefix(f.Name, "__") {
					t.Errorf("%s.%s(%s) has no description", name, f.Name, arg.Name)
				}
			}
		}
		for _, v := range def.EnumValues {
			if v.Description == "" {
				t.Errorf("%s.%s has no description", name, v.Name)
			}
		}
	}
}
