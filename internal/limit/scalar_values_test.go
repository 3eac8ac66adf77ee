package limit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/limit"
)

const formSchema = `
input Form { count: Int score: Float done: Boolean text: String key: ID counts: [Int!] rows: [[Int]] inner: Form }
type Query { form(in: Form, count: Int, score: Float, done: Boolean, text: String, key: ID, counts: [Int]): Int }`

// TestScalarVariables checks which JSON each scalar takes and what it reads. A text is no number, and a number is no
// text. The place and the kind of value that are refused are in the message, and the value is not.
func TestScalarVariables(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: formSchema})
	for _, c := range []struct{ variable, value, want string }{
		{"count: Int", `2`, `2`},
		{"count: Int", `2.0`, `2`},
		{"count: Int", `2e1`, `20`},
		{"count: Int", `-2147483648`, `-2147483648`},
		{"count: Int", `"2"`, `"$count" got a String; expected Int.`},
		{"count: Int", `"2.0"`, `"$count" got a String; expected Int.`},
		{"count: Int", `2.5`, `"$count" got a Float; expected Int.`},
		{"count: Int", `true`, `"$count" got a Boolean; expected Int.`},
		{"count: Int", `[2]`, `"$count" got a list; expected Int.`},
		{"count: Int", `{}`, `"$count" got an object; expected Int.`},
		{"count: Int", `2147483648`, `"$count" got an Int of more than 32 bits; expected Int.`},
		{"count: Int", `-2147483649`, `"$count" got an Int of more than 32 bits; expected Int.`},
		{"count: Int", `3e9`, `"$count" got a Float; expected Int.`},
		{"count: Int", `1e999`, `"$count" got a Float; expected Int.`},
		{"count: Int!", `null`, `"$count" of non-null type "Int!" must not be null.`},
		{"count: Int = 7", `null`, `null`},

		{"score: Float", `2`, `2`},
		{"score: Float", `2.5`, `2.5`},
		{"score: Float", `"2.5"`, `"$score" got a String; expected Float.`},
		{"score: Float", `"NaN"`, `"$score" got a String; expected Float.`},
		{"score: Float", `1e999`, `"$score" got a Float; expected Float.`},

		{"done: Boolean", `true`, `true`},
		{"done: Boolean", `"true"`, `"$done" got a String; expected Boolean.`},
		{"done: Boolean", `1`, `"$done" got an Int; expected Boolean.`},

		{"text: String", `"2"`, `"2"`},
		{"text: String", `2`, `"$text" got an Int; expected String.`},
		{"text: String", `2.5`, `"$text" got a Float; expected String.`},
		{"text: String", `false`, `"$text" got a Boolean; expected String.`},

		{"key: ID", `"abc"`, `"abc"`},
		{"key: ID", `4`, `"4"`},
		{"key: ID", `4.5`, `"$key" got a Float; expected ID.`},
		{"key: ID", `true`, `"$key" got a Boolean; expected ID.`},

		{"counts: [Int]", `2.0`, `[2]`},
		{"counts: [Int]", `[1,null,2.0]`, `[1,null,2]`},
		{"counts: [Int]", `"2"`, `"$counts" got a String; expected Int.`},
		{"counts: [Int]", `[1,"2"]`, `"$counts" got a String at "variable.counts[1]"; expected Int.`},
		{"counts: [Int]", `[[1]]`, `"$counts" got a list at "variable.counts[0]"; expected Int.`},

		{"in: Form", `{"count":2.0,"score":1,"key":7,"rows":[[1.0],2]}`, `{"count":2,"key":"7","rows":[[1],[2]],"score":1}`},
		{"in: Form", `{"__typename":"Form","text":"x"}`, `{"text":"x"}`},
		{"in: Form", `{"count":"2"}`, `"$in" got a String at "variable.in.count"; expected Int.`},
		{"in: Form", `{"inner":{"inner":{"score":"1"}}}`, `got a String at "variable.in.inner.inner.score"; expected Float.`},
		{"in: Form", `{"inner":{"counts":[1,"2"]}}`, `got a String at "variable.in.inner.counts[1]"; expected Int!.`},
		{"in: Form", `{"text":{"a":1}}`, `"$in" got an object at "variable.in.text"; expected String.`},
	} {
		name, _, _ := strings.Cut(c.variable, ":")
		document := `query($` + c.variable + `){form(` + name + `:$` + name + `)}`
		doc, problems := limit.Parse(schema, document, true)
		if problems != nil {
			t.Fatalf("%s: %v", document, problems[0].Fault)
		}
		given := map[string]any{}
		d := json.NewDecoder(strings.NewReader(`{"` + name + `":` + c.value + `}`))
		d.UseNumber() // as a request is read
		if err := d.Decode(&given); err != nil {
			t.Fatal(err)
		}
		values, problems := limit.VariableValues(schema, doc.Operations[0], given, true)
		if problems != nil {
			if len(problems) > 1 || !strings.HasSuffix(problems[0].Fault.Message, c.want) {
				t.Errorf("$%s %s: %v, want %s", c.variable, c.value, problems[0].Fault, c.want)
			}
			continue
		}
		if got, err := json.Marshal(values[name]); err != nil || string(got) != c.want {
			t.Errorf("$%s %s: %s %v, want %s", c.variable, c.value, got, err, c.want)
		}
	}
}

// TestScalarLiterals checks the two mistakes in literals that the library takes.
func TestScalarLiterals(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: formSchema})
	const wide, object = "Int cannot represent non 32-bit signed integer value, found an Int.", "found an object."
	for document, want := range map[string]string{
		`{form(count:2147483647)}`:                         "",
		`{form(score:2147483648,key:2147483648)}`:          "",
		`{form(count:2147483648)}`:                         wide,
		`{form(count:-2147483649)}`:                        wide,
		`{form(counts:[1,2147483648])}`:                    wide,
		`{form(in:{inner:{count:2147483648}})}`:            wide,
		`query($n:Int=2147483648){form(count:$n)}`:         wide,
		`{form(count:{})}`:                                 object,
		`{form(in:{text:{}})}`:                             object,
		`{form(count:"2")}`:                                "Int cannot represent non-integer value, found a String.",
		`{form(in:{},done:true,counts:2,text:"2")}`:        "",
		`query($n:Int="2"){form(count:$n)}`:                "Int cannot represent non-integer value, found a String.",
		`query($b:Boolean="true"){form(done:$b)}`:          "Boolean cannot represent a non boolean value, found a String.",
		`query($f:Float=2,$i:ID=4){form(score:$f,key:$i)}`: "",
	} {
		_, problems := limit.Parse(schema, document, true)
		switch {
		case want == "" && problems == nil:
		case problems == nil:
			t.Errorf("%s is taken, want %s", document, want)
		case want == "" || len(problems) > 1 || !strings.HasSuffix(problems[0].Fault.Message, want):
			t.Errorf("%s: %v, want %s", document, problems, want)
		}
	}
}
