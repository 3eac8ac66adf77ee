package limit_test

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"rightshub/internal/limit"
)

const petSchema = `
interface Pet { name: String! }
type Dog implements Pet {
  name: String! bark(loud: Boolean, at: [At]): String age: Int owner(n: Int): Human! friends: [Pet!]
}
type Cat implements Pet { name: String! purr: Int age: String owner(n: Int): Human! friends: [Pet] }
type Human { name: String id: ID pet: Pet dog: Dog pets: [Pet] }
input At { x: Int y: Int }
type Query { pet: Pet dog: Dog human(n: Int): Human }`

// TestFieldMergingAgreesWithLibrary checks that the linear algorithm finds a conflict exactly where the quadratic one
// of the library does.
func TestFieldMergingAgreesWithLibrary(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: petSchema})
	conflicts := 0
	for _, document := range []string{
		`{dog{name name}}`,
		`{dog{a:name a:age}}`,
		`{dog{bark bark(loud:true)}}`,
		`{dog{bark(loud:true) bark(loud:true)}}`,
		`query($l:Boolean){dog{bark(loud:$l) bark(loud:$l)}}`,
		`query($l:Boolean,$m:Boolean){dog{bark(loud:$l) bark(loud:$m)}}`,
		`{dog{bark(at:[{x:1,y:2}]) bark(at:[{y:2,x:1}])}}`,
		`{dog{bark(at:[{x:1}]) bark(at:[{x:2}])}}`,
		`{pet{...on Dog{a:name} ...on Cat{a:name}}}`,
		`{pet{...on Dog{a:bark} ...on Cat{a:name}}}`,
		`{pet{...on Dog{age} ...on Cat{age}}}`,
		`{pet{...on Dog{x:age} ...on Cat{x:purr}}}`,
		`{pet{...on Dog{owner(n:1){name}} ...on Cat{owner(n:2){name}}}}`,
		`{pet{...on Dog{owner{a:name}} ...on Cat{owner{a:id}}}}`,
		`{pet{...on Dog{friends{name}} ...on Cat{friends{name}}}}`,
		`{pet{name ...on Dog{name:bark}}}`,
		`{pet{name ...on Dog{name}}}`,
		`{dog{...a ...b}} fragment a on Dog{x:name} fragment b on Dog{x:age}`,
		`{dog{...a ...a}} fragment a on Dog{x:name ...b} fragment b on Dog{x:name}`,
		`{dog{owner{pet{...on Dog{x:name}}} owner{pet{...on Dog{x:bark}}}}}`,
		`{dog{owner{pet{...on Dog{x:name}}} owner{pet{...on Cat{x:name}}}}}`,
		`{a:dog{name} a:human{name}}`,
		`{human{dog{name} dog:pet{name}}}`,
		`{human{x:pet{name} x:dog{name}}}`,
		`{human{x:pets{name} x:dog{name}}}`,
		`{human(n:1){name} human{name}}`,
		`{dog{owner{...h} owner{...h x:name}}} fragment h on Human{x:id}`,
	} {
		doc, err := parser.ParseQuery(&ast.Source{Input: document})
		if err != nil {
			t.Fatal(err)
		}
		library := rules.NewRules(rules.OverlappingFieldsCanBeMergedRule)
		want := len(validator.ValidateWithRules(schema, doc, library)) > 0
		if got := limit.CheckFieldMerging(schema, doc) != nil; got != want {
			t.Errorf("%s: conflict is %v, want %v as the library", document, got, want)
		}
		if want {
			conflicts++
		}
	}
	if conflicts < 10 {
		t.Errorf("only %d documents have a conflict", conflicts)
	}
}
