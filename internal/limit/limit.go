// Package limit bounds what a GraphQL document may ask, before anything of it is carried out: its shape before it is
// validated, and what it costs once its variables are known. What then remains is whole: the schema's defaults are in
// it. Each walk takes time linear in the document, whatever its fragments do: a fragment is measured once. The package knows
// GraphQL, and neither the model nor the caller.
package limit

import (
	"math"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
)

// What a document may have. Fragments count wherever they are spread.
const (
	Tokens         = 4_000
	Operations     = 10
	Fragments      = 100
	Depth          = 20    // fields within fields
	Aliases        = 100   // written
	Directives     = 100   // written
	DirectivesHere = 5     // written at one place, where GraphQL itself has two
	RootFields     = 50    //
	Fields         = 3_000 // of the answer's shape
	Introspection  = 12    // lists of __schema and __type, so that a small question has no answer of megabytes
	Values         = 5_000 // of all variables
	ValueDepth     = 30    // lists and objects within each other, written or in variables
)

// exceeds is the fault of a document that goes beyond a limit.
func exceeds(name string, asked, limit int, message string) error {
	if asked <= limit {
		return nil
	}
	return fault.New(fault.TooComplex, message, asked, limit).With("rule", name).With("limit", limit).With("asked", asked)
}

// size is what a selection comes to with its fragments.
type size struct{ fields, level, depth, lists, deep int }

func (s *size) add(o size) {
	s.fields, s.level, s.lists = plus(s.fields, o.fields), plus(s.level, o.level), plus(s.lists, o.lists)
	s.depth, s.deep = max(s.depth, o.depth), max(s.deep, o.deep)
}

// plus adds without overflow.
func plus(a, b int) int {
	if a > math.MaxInt32-b {
		return math.MaxInt32
	}
	return a + b
}

func times(a, b int) int {
	if b > 0 && a > math.MaxInt32/b {
		return math.MaxInt32
	}
	return a * b
}

// shape measures a document.
type shape struct {
	fragments           map[string]*ast.FragmentDefinition
	known               map[string]*size // nil while it is being measured
	aliases, directives int
	crowded             int // the most directives of one place
	deepest             int // value
	circular            bool
}

// Shape fails where the document, parsed and not validated, is too large in one of the ways above, or its fragments
// lead back to themselves.
func Shape(doc *ast.QueryDocument) error {
	if err := exceeds("operations", len(doc.Operations), Operations, "The document has %d operations; at most %d are allowed."); err != nil {
		return err
	}
	if err := exceeds("fragments", len(doc.Fragments), Fragments, "The document has %d fragments; at most %d are allowed."); err != nil {
		return err
	}
	m := &shape{fragments: map[string]*ast.FragmentDefinition{}, known: map[string]*size{}}
	for _, f := range doc.Fragments {
		m.fragments[f.Name] = f
	}
	var all size
	roots := 0
	for _, op := range doc.Operations {
		m.marks(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.marks(v.Directives)
		}
		one := m.set(op.SelectionSet)
		roots = max(roots, one.level)
		all.add(one)
	}
	for name := range m.fragments { // those that nobody spreads are validated, too
		f := m.fragment(name)
		all.fields, all.lists = max(all.fields, f.fields), max(all.lists, f.lists)
	}
	if m.circular {
		return fault.New(fault.Invalid, "Fragments lead back to themselves.")
	}
	for _, err := range []error{
		exceeds("depth", all.depth, Depth, "The document is %d fields deep; at most %d are allowed."),
		exceeds("valueDepth", m.deepest, ValueDepth, "A value is %d lists and objects deep; at most %d are allowed."),
		exceeds("aliases", m.aliases, Aliases, "The document has %d aliases; at most %d are allowed."),
		exceeds("directives", m.directives, Directives, "The document has %d directives; at most %d are allowed."),
		exceeds("directivesHere", m.crowded, DirectivesHere, "One place of the document has %d directives; at most %d are allowed."),
		exceeds("rootFields", roots, RootFields, "The operation has %d root fields; at most %d are allowed."),
		exceeds("fields", all.fields, Fields, "The document has %d fields with those of its fragments; at most %d are allowed."),
		exceeds("introspection", all.lists, Introspection, "The document asks for %d lists of the schema; at most %d are allowed."),
		exceeds("introspectionDepth", all.deep, 1, "The document asks for members of the schema %d times within each other; at most %d is allowed."),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// marks counts the directives of one place.
func (m *shape) marks(of ast.DirectiveList) {
	m.directives, m.crowded = m.directives+len(of), max(m.crowded, len(of))
}

// depth is how many lists and objects of a written value lie within each other.
func depth(v *ast.Value) (deepest int) {
	for _, c := range v.Children {
		deepest = max(deepest, depth(c.Value))
	}
	if v.Kind == ast.ListValue || v.Kind == ast.ObjectValue {
		deepest++
	}
	return deepest
}

// Variables fails where they hold too much, or what they hold is too deep. It reads the text of a JSON object without a
// mistake, before anything is made of it: each list or object with something in it holds one value more than it has commas.
func Variables(text []byte) error {
	values, depth, deepest := 1, 0, 0
	quoted, opened := false, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted:
			if c == '\\' {
				i++
			}
			quoted = c != '"'
			continue
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			continue
		}
		if opened && c != '}' && c != ']' {
			values++
		}
		opened = c == '{' || c == '['
		switch c {
		case '"':
			quoted = true
		case ',':
			values++
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	if err := exceeds("values", values, Values, "The variables hold %d values; at most %d are allowed."); err != nil {
		return err
	}
	return exceeds("valueDepth", deepest-1, ValueDepth, "A value is %d lists and objects deep; at most %d are allowed.")
}

// members are the fields of introspection's __Type that lead to lists, and so to all types again.
var members = map[string]bool{"fields": true, "inputFields": true, "interfaces": true, "possibleTypes": true, "enumValues": true}

// schemaLists are all fields of introspection that are lists.
var schemaLists = map[string]bool{"types": true, "directives": true, "args": true, "__type": true,
	"fields": true, "inputFields": true, "interfaces": true, "possibleTypes": true, "enumValues": true}

// set measures a selection. A list of the schema is counted by its name: fields of the hub with such a name count too.
func (m *shape) set(sels ast.SelectionSet) (out size) {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			m.marks(s.Directives)
			for _, arg := range s.Arguments {
				m.deepest = max(m.deepest, depth(arg.Value))
			}
			if s.Alias != s.Name {
				m.aliases++
			}
			in := m.set(s.SelectionSet)
			in.level, in.fields, in.depth = 1, plus(in.fields, 1), in.depth+1
			if schemaLists[s.Name] && (len(s.SelectionSet) > 0) {
				in.lists = plus(in.lists, 1)
				if members[s.Name] {
					in.deep++
				}
			}
			out.add(in)
		case *ast.InlineFragment:
			m.marks(s.Directives)
			out.add(m.set(s.SelectionSet))
		case *ast.FragmentSpread:
			m.marks(s.Directives)
			out.add(*m.fragment(s.Name))
		}
	}
	return out
}

func (m *shape) fragment(name string) *size {
	if known, ok := m.known[name]; ok {
		if known == nil {
			m.circular = true
			return &size{}
		}
		return known
	}
	f := m.fragments[name]
	if f == nil { // validation says so
		return &size{}
	}
	m.known[name] = nil
	m.marks(f.Directives)
	got := m.set(f.SelectionSet)
	m.known[name] = &got
	return &got
}
