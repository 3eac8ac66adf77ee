package limit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/limit"
)

const parcelSchema = `
directive @label(text: String!, tags: [String!]) on QUERY | FIELD | FRAGMENT_DEFINITION
input Parcel { key: ID! = "k" keys: [ID!]! = [] notes: [String!] inner: Parcel }
type Query { parcel(in: Parcel, ids: [ID!]!, n: Int! = 1, free: Int): Int more: Query }`

// A variable that may be null because of a default is refused where it is null and the schema takes no null. Elsewhere
// null is a value like others, and a variable that is left out gets its default.
func TestNullInNonNullPosition(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: parcelSchema})
	for _, c := range []struct {
		document, variables string
		want                bool // an error
	}{
		{`query($b: Boolean = true) {more @include(if: $b) {__typename}}`, `{"b":null}`, true},
		{`query($b: Boolean = true) {more {...{__typename} ...@skip(if: $b) {__typename}}}`, `{"b":null}`, true},
		{`query($b: Boolean = true) {...f @skip(if: $b)} fragment f on Query {__typename}`, `{"b":null}`, true},
		{`query($b: Boolean = true) {...f} fragment f on Query {more @skip(if: $b) {__typename}}`, `{"b":null}`, true},
		{`query($s: String = "x") @label(text: $s) {__typename}`, `{"s":null}`, true},
		{`query($s: String = "x") {...f} fragment f on Query @label(text: $s) {__typename}`, `{"s":null}`, true},
		{`query($s: String = "x") {__typename @label(text: "a", tags: ["b", $s])}`, `{"s":null}`, true},
		{`query($i: [ID!] = ["x"]) {parcel(ids: $i)}`, `{"i":null}`, true},
		{`query($i: ID = "x") {parcel(ids: ["a", $i])}`, `{"i":null}`, true},
		{`query($n: Int) {parcel(ids: [], n: $n)}`, `{"n":null}`, true},
		{`query($k: ID) {parcel(ids: [], in: {key: $k})}`, `{"k":null}`, true},
		{`query($k: ID = "x") {parcel(ids: [], in: {inner: {keys: ["a", $k]}})}`, `{"k":null}`, true},
		{`query($s: String = "x") {parcel(ids: [], in: {notes: [$s]})}`, `{"s":null}`, true},

		{`query($b: Boolean = true) {more @include(if: $b) {__typename}}`, `{}`, false},
		{`query($b: Boolean = true) {more @include(if: $b) {__typename}}`, `{"b":false}`, false},
		{`query($n: Int) {parcel(ids: [], n: $n)}`, `{}`, false},
		{`query($n: Int = 1) {parcel(ids: [], free: $n)}`, `{"n":null}`, false},
		{`query($p: Parcel) {parcel(ids: [], in: $p)}`, `{"p":null}`, false},
		{`query($p: Parcel) {parcel(ids: [], in: {inner: $p})}`, `{"p":null}`, false},
		{`query($s: [String!] = ["x"]) {parcel(ids: [], in: {notes: $s})}`, `{"s":null}`, false},
	} {
		doc, problems := limit.Parse(schema, c.document, true)
		if problems != nil {
			t.Fatalf("%s: %v", c.document, problems[0].Fault)
		}
		var given map[string]any
		if err := json.Unmarshal([]byte(c.variables), &given); err != nil {
			t.Fatal(err)
		}
		_, problems = limit.VariableValues(schema, doc.Operations[0], given, true)
		switch _, name, _ := strings.Cut(c.document, "$"); {
		case !c.want && problems != nil:
			t.Errorf("%s %s: %v", c.document, c.variables, problems[0].Fault)
		case c.want && (len(problems) != 1 ||
			!strings.Contains(problems[0].Fault.Message, "The variable $"+name[:1]+" is null") ||
			len(problems[0].Locations) != 1):
			t.Errorf("%s %s: %v", c.document, c.variables, problems)
		}
		if !c.want {
			continue
		}
		_, problems = limit.VariableValues(schema, doc.Operations[0], given, false)
		if len(problems) != 1 || problems[0].Fault != limit.ErrSchemaMismatch {
			t.Errorf("%s %s: the schema is disclosed: %v", c.document, c.variables, problems)
		}
	}
}
