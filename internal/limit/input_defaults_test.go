package limit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/limit"
)

const shopSchema = `
enum Size { SMALL LARGE }
input Box { size: Size! = SMALL label: String! = "none" within: Box notes: [String!]! = ["fragile"] lid: Lid = {} }
input Lid { hinges: Int! = 2 }
input Order { box: Box boxes: [Box!] sizes: [Size!] }
type Query { order(in: Order!, sizes: [Size!]): Int more: Query }`

// TestInputDefaults checks that the fields that an input object omits get the defaults of the schema, whether the
// object is a literal, a variable, or a literal with variables in it.
func TestInputDefaults(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: shopSchema})
	const box = `{"label":"none","lid":{"hinges":2},"notes":["fragile"],"size":"SMALL"}`
	large := strings.Replace(box, "SMALL", "LARGE", 1)
	for _, c := range []struct{ document, variables, want string }{
		{`{order(in:{box:{}})}`, `{}`, `{"in":{"box":` + box + `}}`},
		{`query($in:Order!){order(in:$in)}`, `{"in":{"box":{}}}`, `{"in":{"box":` + box + `}}`},
		{`query($in:Order!={box:{}}){order(in:$in)}`, `{}`, `{"in":{"box":` + box + `}}`},
		{`query($b:Box){order(in:{box:$b})}`, `{"b":{}}`, `{"in":{"box":` + box + `}}`},
		{`query($b:Box){order(in:{box:$b})}`, `{}`, `{"in":{}}`},
		{`query($b:Box){order(in:{box:$b})}`, `{"b":null}`, `{"in":{"box":null}}`},
		{`query($s:Size){order(in:{box:{size:$s}})}`, `{}`, `{"in":{"box":` + box + `}}`},
		{`query($s:Size){order(in:{box:{size:$s}})}`, `{"s":"LARGE"}`, `{"in":{"box":` + large + `}}`},
		{`query($s:Size=LARGE){order(in:{box:{size:$s}})}`, `{}`, `{"in":{"box":` + large + `}}`},
		{`{order(in:{boxes:[{size:LARGE},{}]})}`, `{}`, `{"in":{"boxes":[` + large + `,` + box + `]}}`},
		{
			`query($in:Order!){order(in:$in)}`,
			`{"in":{"boxes":[{"size":"LARGE"},{}]}}`,
			`{"in":{"boxes":[` + large + `,` + box + `]}}`,
		},
		// a single value for a list
		{
			`query($in:Order!){order(in:$in)}`,
			`{"in":{"boxes":{}}}`,
			`{"in":{"boxes":[` + box + `]}}`,
		},
		{
			`query($s:[Size!]){order(in:{sizes:$s},sizes:$s)}`,
			`{"s":"LARGE"}`,
			`{"in":{"sizes":["LARGE"]},"sizes":["LARGE"]}`,
		},
		{`query($s:[Size!]=LARGE){order(in:{},sizes:$s)}`, `{}`, `{"in":{},"sizes":["LARGE"]}`},
		{
			`{more{...f}} fragment f on Query{...{order(in:{box:{within:{}}})}}`,
			`{}`,
			`{"in":{"box":` + strings.TrimSuffix(box, "}") + `,"within":` + box + `}}}`,
		},
		{
			`{order(in:{box:{size:LARGE,label:"x",notes:["y"],lid:null}})}`,
			`{}`,
			`{"in":{"box":{"label":"x","lid":null,"notes":["y"],"size":"LARGE"}}}`,
		},
		// enum values are case-sensitive
		{
			`query($in:Order!){order(in:$in)}`,
			`{"in":{"sizes":["LARGE","large"]}}`,
			`variable.in.sizes[1]`,
		},
	} {
		doc, problems := limit.Parse(schema, c.document, true)
		if problems != nil {
			t.Fatalf("%s: %v", c.document, problems[0].Fault)
		}
		var given map[string]any
		if err := json.Unmarshal([]byte(c.variables), &given); err != nil {
			t.Fatal(err)
		}
		variables, problems := limit.VariableValues(schema, doc.Operations[0], given, true)
		if problems != nil {
			if !strings.Contains(problems[0].Fault.Message, c.want) {
				t.Errorf("%s %s: %v", c.document, c.variables, problems[0].Fault)
			}
			continue
		}
		got, err := json.Marshal(firstFieldWithArguments(doc.Operations[0].SelectionSet).ArgumentMap(variables))
		if err != nil || string(got) != c.want {
			t.Errorf("%s %s: %s %v, want %s", c.document, c.variables, got, err, c.want)
		}
	}
}

// firstFieldWithArguments returns the first field with arguments. It follows first selections only.
func firstFieldWithArguments(sels ast.SelectionSet) *ast.Field {
	switch s := sels[0].(type) {
	case *ast.Field:
		if len(s.Arguments) > 0 {
			return s
		}
		return firstFieldWithArguments(s.SelectionSet)
	case *ast.InlineFragment:
		return firstFieldWithArguments(s.SelectionSet)
	case *ast.FragmentSpread:
		return firstFieldWithArguments(s.Definition.SelectionSet)
	}
	return nil
}
