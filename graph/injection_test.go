package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/graph"
	"rightshub/internal/apitest"
)

// injectionTexts are texts that an attacker sends in the hope that they are run as SQL, a template or a path.
var injectionTexts = []string{
	"' OR 1=1 --", `"; DROP TABLE users; --`, "%' UNION SELECT hash FROM access_tokens --", "$1", "?", "\\'; --",
	"x\u0000y", "{{7*7}}", "${jndi:ldap://127.0.0.1}", "../../etc/passwd", "<script>", "\U0001F600'", `"}}`,
	"int_pEs9lEY7TD6NtDVI-0jFUQ' --",
}

// leakedTerms are words that occur in internal errors only.
var leakedTerms = []string{
	"INTERNAL", "sql", "pq:", "sqlite", "syntax", "constraint", "relation", "column", "goroutine", ".go:", "panic",
}

// injectionDocuments builds documents that together put a text into every text argument of the schema.
type injectionDocuments struct {
	schema        *ast.Schema
	documents     []string
	visitedFields map[string]bool
	nextFilter    int
}

// inputLiterals returns literals of a type. Each literal has the variable $x in one place, followed by the name of the
// scalar that the place takes.
func (p *injectionDocuments) inputLiterals(t *ast.Type, depth int) (out []string) {
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
				required += f.Name + ":" + p.sampleLiteral(f.Type) + " "
			}
		}
		if strings.HasSuffix(def.Name, "Filter") { // the filters take turns with their operators
			p.nextFilter++
			f := def.Fields[p.nextFilter%len(def.Fields)]
			for _, inner := range p.inputLiterals(f.Type, depth-1) {
				out = append(out, wrap("{"+f.Name+":"+inner+"}"))
			}
			return out
		}
		for _, f := range def.Fields {
			key := def.Name + "." + f.Name
			if p.visitedFields[key] {
				continue
			}
			p.visitedFields[key] = true
			for _, inner := range p.inputLiterals(f.Type, depth-1) {
				rest := required
				if f.Type.NonNull {
					rest = strings.Replace(required, f.Name+":"+p.sampleLiteral(f.Type)+" ", "", 1)
				}
				out = append(out, wrap("{"+rest+f.Name+":"+inner+"}"))
			}
		}
	}
	return out
}

// sampleLiteral returns a valid literal of a type.
func (p *injectionDocuments) sampleLiteral(t *ast.Type) string {
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
				s += f.Name + ":" + p.sampleLiteral(f.Type) + " "
			}
		}
		s += "}"
	}
	if t.Elem != nil {
		return "[" + s + "]"
	}
	return s
}

// addRootFields adds documents for all fields of the type Query or Mutation.
func (p *injectionDocuments) addRootFields(kind string, def *ast.Definition) {
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		for _, arg := range f.Arguments {
			for _, value := range p.inputLiterals(arg.Type, 4) {
				rest := ""
				for _, other := range f.Arguments {
					if other != arg && other.Type.NonNull {
						rest += " " + other.Name + ":" + p.sampleLiteral(other.Type)
					}
				}
				scalar := "String"
				if at := strings.Index(value, "$x"); at >= 0 {
					scalar = value[at+2:]
					end := strings.IndexFunc(scalar+" ", func(r rune) bool {
						return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
					})
					scalar = scalar[:end]
				}
				p.documents = append(p.documents, fmt.Sprintf(
					"%s($x%s:%s!){%s(%s:%s%s){__typename}}", kind, scalar, scalar, f.Name, arg.Name, value, rest,
				))
			}
		}
	}
}

// A text in any argument of the schema is only ever a text. It causes no internal error, and the answer shows no term
// of a database.
func TestInjection(t *testing.T) {
	schema, _, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	p := &injectionDocuments{schema: schema.Schema(), visitedFields: map[string]bool{}}
	p.addRootFields("query", p.schema.Query)
	p.addRootFields("mutation", p.schema.Mutation)
	if len(p.documents) < 500 {
		t.Fatalf("only %d arguments were found", len(p.documents))
	}
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "services")
		for i, document := range p.documents {
			name := document[strings.Index(document, "$")+1 : strings.Index(document, ":")]
			text := injectionTexts[i%len(injectionTexts)] // one text per argument, and each text in many arguments
			a := who.Ask(document, map[string]any{name: text})
			for _, word := range leakedTerms {
				if strings.Contains(a.Body, word) {
					t.Errorf("%s with %q: %s", document, text, a.Body)
				}
			}
			if strings.Contains(a.Body, "The document is not GraphQL") {
				t.Fatalf("%s: %s", document, a.Body)
			}
		}
		t.Logf("%d arguments", len(p.documents))
	})
}
