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
	MaxTokens             = 4_000
	MaxOperations         = 10
	MaxFragments          = 100
	MaxDepth              = 20    // fields within fields
	MaxAliases            = 100   // written
	MaxDirectives         = 100   // written
	MaxDirectivesPerPlace = 5     // written at one place, where GraphQL itself has two
	MaxRootFields         = 50    //
	MaxFields             = 3_000 // of the answer's shape
	MaxIntrospectionLists = 12    // lists of __schema and __type, so that a small question has no answer of megabytes
	MaxVariableValues     = 5_000 // of all variables
	MaxValueDepth         = 30    // lists and objects within each other, written or in variables
)

// checkLimit is the fault of a document that goes beyond a limit.
func checkLimit(name string, asked, limit int, message string) error {
	if asked <= limit {
		return nil
	}
	return fault.New(fault.TooComplex, message, asked, limit).With("rule", name).With("limit", limit).With("asked", asked)
}

// selectionSize is what a selection comes to with its fragments.
type selectionSize struct{ fields, topLevelFields, depth, introspectionLists, introspectionDepth int }

func (s *selectionSize) add(o selectionSize) {
	s.fields, s.topLevelFields, s.introspectionLists = addSaturating(s.fields, o.fields), addSaturating(s.topLevelFields, o.topLevelFields), addSaturating(s.introspectionLists, o.introspectionLists)
	s.depth, s.introspectionDepth = max(s.depth, o.depth), max(s.introspectionDepth, o.introspectionDepth)
}

// addSaturating adds without overflow.
func addSaturating(a, b int) int {
	if a > math.MaxInt32-b {
		return math.MaxInt32
	}
	return a + b
}

func multiplySaturating(a, b int) int {
	if b > 0 && a > math.MaxInt32/b {
		return math.MaxInt32
	}
	return a * b
}

// shapeMeter measures a document.
type shapeMeter struct {
	fragments              map[string]*ast.FragmentDefinition
	fragmentSizes          map[string]*selectionSize // nil while it is being measured
	aliases, directives    int
	mostDirectivesPerPlace int // the most directives of one place
	deepestValue           int // value
	circular               bool
}

// CheckShape fails where the document, parsed and not validated, is too large in one of the ways above, or its fragments
// lead back to themselves.
func CheckShape(doc *ast.QueryDocument) error {
	if err := checkLimit("operations", len(doc.Operations), MaxOperations, "The document has %d operations; at most %d are allowed."); err != nil {
		return err
	}
	if err := checkLimit("fragments", len(doc.Fragments), MaxFragments, "The document has %d fragments; at most %d are allowed."); err != nil {
		return err
	}
	m := &shapeMeter{fragments: map[string]*ast.FragmentDefinition{}, fragmentSizes: map[string]*selectionSize{}}
	for _, f := range doc.Fragments {
		m.fragments[f.Name] = f
	}
	var all selectionSize
	roots := 0
	for _, op := range doc.Operations {
		m.countDirectives(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.countDirectives(v.Directives)
		}
		one := m.measureSelectionSet(op.SelectionSet)
		roots = max(roots, one.topLevelFields)
		all.add(one)
	}
	for name := range m.fragments { // those that nobody spreads are validated, too
		f := m.measureFragment(name)
		all.fields, all.introspectionLists = max(all.fields, f.fields), max(all.introspectionLists, f.introspectionLists)
	}
	if m.circular {
		return fault.New(fault.Invalid, "Fragments lead back to themselves.")
	}
	for _, err := range []error{
		checkLimit("depth", all.depth, MaxDepth, "The document is %d fields deep; at most %d are allowed."),
		checkLimit("valueDepth", m.deepestValue, MaxValueDepth, "A value is %d lists and objects deep; at most %d are allowed."),
		checkLimit("aliases", m.aliases, MaxAliases, "The document has %d aliases; at most %d are allowed."),
		checkLimit("directives", m.directives, MaxDirectives, "The document has %d directives; at most %d are allowed."),
		checkLimit("directivesHere", m.mostDirectivesPerPlace, MaxDirectivesPerPlace, "One place of the document has %d directives; at most %d are allowed."),
		checkLimit("rootFields", roots, MaxRootFields, "The operation has %d root fields; at most %d are allowed."),
		checkLimit("fields", all.fields, MaxFields, "The document has %d fields with those of its fragments; at most %d are allowed."),
		checkLimit("introspection", all.introspectionLists, MaxIntrospectionLists, "The document asks for %d lists of the schema; at most %d are allowed."),
		checkLimit("introspectionDepth", all.introspectionDepth, 1, "The document asks for members of the schema %d times within each other; at most %d is allowed."),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// countDirectives counts the directives of one place.
func (m *shapeMeter) countDirectives(of ast.DirectiveList) {
	m.directives, m.mostDirectivesPerPlace = m.directives+len(of), max(m.mostDirectivesPerPlace, len(of))
}

// literalDepth is how many lists and objects of a written value lie within each other.
func literalDepth(v *ast.Value) (deepest int) {
	for _, c := range v.Children {
		deepest = max(deepest, literalDepth(c.Value))
	}
	if v.Kind == ast.ListValue || v.Kind == ast.ObjectValue {
		deepest++
	}
	return deepest
}

// CheckVariables fails where they hold too much, or what they hold is too deep. It reads the text of a JSON object without a
// mistake, before anything is made of it: each list or object with something in it holds one value more than it has commas.
func CheckVariables(text []byte) error {
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
	if err := checkLimit("values", values, MaxVariableValues, "The variables hold %d values; at most %d are allowed."); err != nil {
		return err
	}
	return checkLimit("valueDepth", deepest-1, MaxValueDepth, "A value is %d lists and objects deep; at most %d are allowed.")
}

// typeMemberLists are the fields of introspection's __Type that lead to lists, and so to all types again.
var typeMemberLists = map[string]bool{"fields": true, "inputFields": true, "interfaces": true, "possibleTypes": true, "enumValues": true}

// schemaLists are all fields of introspection that are lists.
var schemaLists = map[string]bool{"types": true, "directives": true, "args": true, "__type": true,
	"fields": true, "inputFields": true, "interfaces": true, "possibleTypes": true, "enumValues": true}

// measureSelectionSet measures a selection. A list of the schema is counted by its name: fields of the hub with such a name count too.
func (m *shapeMeter) measureSelectionSet(sels ast.SelectionSet) (out selectionSize) {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			m.countDirectives(s.Directives)
			for _, arg := range s.Arguments {
				m.deepestValue = max(m.deepestValue, literalDepth(arg.Value))
			}
			if s.Alias != s.Name {
				m.aliases++
			}
			in := m.measureSelectionSet(s.SelectionSet)
			in.topLevelFields, in.fields, in.depth = 1, addSaturating(in.fields, 1), in.depth+1
			if schemaLists[s.Name] && (len(s.SelectionSet) > 0) {
				in.introspectionLists = addSaturating(in.introspectionLists, 1)
				if typeMemberLists[s.Name] {
					in.introspectionDepth++
				}
			}
			out.add(in)
		case *ast.InlineFragment:
			m.countDirectives(s.Directives)
			out.add(m.measureSelectionSet(s.SelectionSet))
		case *ast.FragmentSpread:
			m.countDirectives(s.Directives)
			out.add(*m.measureFragment(s.Name))
		}
	}
	return out
}

func (m *shapeMeter) measureFragment(name string) *selectionSize {
	if known, ok := m.fragmentSizes[name]; ok {
		if known == nil {
			m.circular = true
			return &selectionSize{}
		}
		return known
	}
	f := m.fragments[name]
	if f == nil { // validation says so
		return &selectionSize{}
	}
	m.fragmentSizes[name] = nil
	m.countDirectives(f.Directives)
	got := m.measureSelectionSet(f.SelectionSet)
	m.fragmentSizes[name] = &got
	return &got
}
