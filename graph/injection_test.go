package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/graph"
	"rightshub/internal/apitest"
)

// attempts are what people write into a text to be taken for something else.
var attempts = []string{"' OR 1=1 --", `"; DROP TABLE users; --`, "%' UNION SELECT hash FROM access_tokens --", "$1", "?", "\\'; --", "x\u0000y", "{{7*7}}", "${jndi:ldap://127.0.0.1}", "../../etc/passwd", "<script>", "\U0001F600'", `"}}`, "int_pEs9lEY7TD6NtDVI-0jFUQ' --"}

// said are words that only the inside of the hub knows.
var said = []string{"INTERNAL", "sql", "pq:", "sqlite", "syntax", "constraint", "relation", "column", "goroutine", ".go:", "panic"}

// probe writes documents that put a text into every argument of the schema that takes one.
type probe struct {
	schema *ast.Schema
	docs   []string
	seen   map[string]bool
	turn   int
}

// input returns literals of a type with the variable $x at one place each.
func (p *probe) input(t *ast.Type, depth int) (out []string) {
	def := p.schema.Types[t.Name()]
	wrap := func(s string) string {
		if t.Elem != nil {
			return "[" + s + "]"
		}
		return s
	}
	switch {
	case def.Kind == ast.Scalar && def.Name != "Int" && def.Name != "Float" && def.Name != "Boolean":
		return []string{wrap("$x" + def.Name)}
	case def.Kind == ast.InputObject && depth > 0:
		required := ""
		for _, f := range def.Fields {
			if f.Type.NonNull {
				required += f.Name + ":" + p.some(f.Type) + " "
			}
		}
		if strings.HasSuffix(def.Name, "Filter") { // one of its comparisons each time
			p.turn++
			f := def.Fields[p.turn%len(def.Fields)]
			for _, inner := range p.input(f.Type, depth-1) {
				out = append(out, wrap("{"+f.Name+":"+inner+"}"))
			}
			return out
		}
		for _, f := range def.Fields {
			key := def.Name + "." + f.Name
			if p.seen[key] {
				continue
			}
			p.seen[key] = true
			for _, inner := range p.input(f.Type, depth-1) {
				rest := required
				if f.Type.NonNull {
					rest = strings.Replace(required, f.Name+":"+p.some(f.Type)+" ", "", 1)
				}
				out = append(out, wrap("{"+rest+f.Name+":"+inner+"}"))
			}
		}
	}
	return out
}

// some is any value of a type.
func (p *probe) some(t *ast.Type) string {
	def := p.schema.Types[t.Name()]
	s := `"x"`
	switch {
	case def.Kind == ast.Enum:
		s = def.EnumValues[0].Name
	case def.Name == "Int" || def.Name == "Float":
		s = "1"
	case def.Name == "Boolean":
		s = "true"
	case def.Name == "DateTime":
		s = `"2027-01-01T00:00:00Z"`
	case def.Name == "Date":
		s = `"2026-01-01"`
	case def.Kind == ast.InputObject:
		s = "{"
		for _, f := range def.Fields {
			if f.Type.NonNull {
				s += f.Name + ":" + p.some(f.Type) + " "
			}
		}
		s += "}"
	}
	if t.Elem != nil {
		return "[" + s + "]"
	}
	return s
}

func (p *probe) root(kind string, def *ast.Definition) {
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		for _, arg := range f.Arguments {
			for _, value := range p.input(arg.Type, 4) {
				rest := ""
				for _, other := range f.Arguments {
					if other != arg && other.Type.NonNull {
						rest += " " + other.Name + ":" + p.some(other.Type)
					}
				}
				scalar := "String"
				if at := strings.Index(value, "$x"); at >= 0 {
					scalar = value[at+2:]
					scalar = scalar[:strings.IndexFunc(scalar+" ", func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') })]
				}
				p.docs = append(p.docs, fmt.Sprintf("%s($x%s:%s!){%s(%s:%s%s){__typename}}", kind, scalar, scalar, f.Name, arg.Name, value, rest))
			}
		}
	}
}

// No text in any argument of the schema is taken for anything but a text: nothing fails inside, and no word of a
// database comes out.
func TestInjection(t *testing.T) {
	schema, _, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	p := &probe{schema: schema.Schema(), seen: map[string]bool{}}
	p.root("query", p.schema.Query)
	p.root("mutation", p.schema.Mutation)
	if len(p.docs) < 500 {
		t.Fatalf("only %d arguments were found", len(p.docs))
	}
	apitest.Both(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "services")
		for i, document := range p.docs {
			name := document[strings.Index(document, "$")+1 : strings.Index(document, ":")]
			text := attempts[i%len(attempts)] // each argument one of them, each of them many arguments
			a := who.Ask(document, map[string]any{name: text})
			for _, word := range said {
				if strings.Contains(a.Body, word) {
					t.Errorf("%s with %q: %s", document, text, a.Body)
				}
			}
			if strings.Contains(a.Body, "The document is not GraphQL") {
				t.Fatalf("%s: %s", document, a.Body)
			}
		}
		t.Logf("%d arguments", len(p.docs))
	})
}
