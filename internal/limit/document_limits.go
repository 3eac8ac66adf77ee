// Package limit parses, bounds and validates GraphQL documents and their variables before execution. It limits the
// shape of a document before it validates it, and the cost of an operation once its variables are known. It also fills
// in the defaults of the schema, so that the result is complete. Every pass takes time linear in the document, because
// it measures each fragment once. The package knows GraphQL only, and neither the model nor the caller.
package limit

import (
	"cmp"
	"math"

	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/internal/fault"
)

// Limits of a document. Fields of a fragment count wherever the fragment is spread.
const (
	MaxTokens             = 4_000
	MaxOperations         = 10
	MaxFragments          = 100
	MaxDepth              = 20    // fields within fields
	MaxAliases            = 100   // in the text
	MaxDirectives         = 100   // in the text
	MaxDirectivesPerPlace = 5     // in the text at one place, where GraphQL itself has two
	MaxRootFields         = 50    // of one operation
	MaxFields             = 3_000 // in the shape of the response
	MaxIntrospectionLists = 12    // lists of __schema and __type, because a small document could return megabytes
	MaxVariableValues     = 5_000 // in all variables together
	MaxValueDepth         = 30    // lists and objects within each other, as literals or in variables
)

// checkLimit fails when a document exceeds a limit. The message has one verb for the actual number and one for the
// limit.
func checkLimit(name string, actual, limit int, message string) error {
	if actual <= limit {
		return nil
	}
	return fault.New(fault.TooComplex, message, actual, limit).
		WithLimit(name, limit).
		With("asked", actual)
}

// selectionSize is the size of a selection with its fragments.
type selectionSize struct{ fields, topLevelFields, depth, introspectionLists, introspectionDepth int }

func (s *selectionSize) add(o selectionSize) {
	s.fields = addSaturating(s.fields, o.fields)
	s.topLevelFields = addSaturating(s.topLevelFields, o.topLevelFields)
	s.introspectionLists = addSaturating(s.introspectionLists, o.introspectionLists)
	s.depth, s.introspectionDepth = max(s.depth, o.depth), max(s.introspectionDepth, o.introspectionDepth)
}

// addSaturating adds two numbers that are not negative. A sum that would overflow becomes math.MaxInt32.
func addSaturating(a, b int) int {
	if a > math.MaxInt32-b {
		return math.MaxInt32
	}
	return a + b
}

// multiplySaturating multiplies two numbers that are not negative, and saturates like addSaturating.
func multiplySaturating(a, b int) int {
	if b > 0 && a > math.MaxInt32/b {
		return math.MaxInt32
	}
	return a * b
}

// shapeMeter measures the shape of one document.
type shapeMeter struct {
	fragments              map[string]*ast.FragmentDefinition
	fragmentSizes          map[string]*selectionSize // nil while it is being measured
	aliases, directives    int
	mostDirectivesPerPlace int
	deepestValue           int
	circular               bool
}

// CheckShape fails when a parsed document exceeds one of the limits above, or when a fragment contains itself. The
// document need not be valid.
func CheckShape(doc *ast.QueryDocument) error {
	err := cmp.Or(
		checkLimit("operations", len(doc.Operations), MaxOperations,
			"The document has %d operations; at most %d are allowed."),
		checkLimit("fragments", len(doc.Fragments), MaxFragments,
			"The document has %d fragments; at most %d are allowed."))
	if err != nil {
		return err
	}
	m := &shapeMeter{fragments: map[string]*ast.FragmentDefinition{}, fragmentSizes: map[string]*selectionSize{}}
	for _, f := range doc.Fragments {
		m.fragments[f.Name] = f
	}
	var total selectionSize
	rootFields := 0
	for _, op := range doc.Operations {
		m.countDirectives(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.countDirectives(v.Directives)
		}
		size := m.measureSelectionSet(op.SelectionSet)
		rootFields = max(rootFields, size.topLevelFields)
		total.add(size)
	}
	for name := range m.fragments { // unused fragments count too, because they are validated too
		size := m.measureFragment(name)
		total.fields = max(total.fields, size.fields)
		total.introspectionLists = max(total.introspectionLists, size.introspectionLists)
	}
	if m.circular {
		return fault.New(fault.Invalid, "A fragment contains itself.")
	}
	return cmp.Or(
		checkLimit("depth", total.depth, MaxDepth, "The document is %d fields deep; at most %d are allowed."),
		checkLimit("valueDepth", m.deepestValue, MaxValueDepth,
			"A value is %d lists and objects deep; at most %d are allowed."),
		checkLimit("aliases", m.aliases, MaxAliases, "The document has %d aliases; at most %d are allowed."),
		checkLimit("directives", m.directives, MaxDirectives,
			"The document has %d directives; at most %d are allowed."),
		checkLimit("directivesHere", m.mostDirectivesPerPlace, MaxDirectivesPerPlace,
			"One place of the document has %d directives; at most %d are allowed."),
		checkLimit("rootFields", rootFields, MaxRootFields,
			"The operation has %d root fields; at most %d are allowed."),
		checkLimit("fields", total.fields, MaxFields,
			"The document has %d fields with those of its fragments; at most %d are allowed."),
		checkLimit("introspection", total.introspectionLists, MaxIntrospectionLists,
			"The document requests %d lists of the schema; at most %d are allowed."),
		checkLimit("introspectionDepth", total.introspectionDepth, maxIntrospectionDepth,
			"The document nests lists of the schema %d times; at most %d is allowed."))
}

// maxIntrospectionDepth is how many lists of a type's members may lie within each other.
const maxIntrospectionDepth = 1

// countDirectives counts the directives at one place of the document.
func (m *shapeMeter) countDirectives(list ast.DirectiveList) {
	m.directives += len(list)
	m.mostDirectivesPerPlace = max(m.mostDirectivesPerPlace, len(list))
}

// literalDepth returns how many lists and objects of a literal lie within each other.
func literalDepth(v *ast.Value) (deepest int) {
	for _, c := range v.Children {
		deepest = max(deepest, literalDepth(c.Value))
	}
	if v.Kind == ast.ListValue || v.Kind == ast.ObjectValue {
		deepest++
	}
	return deepest
}

// CheckVariables fails when the variables hold too many values or values that are nested too deeply. It scans the text
// of a JSON object that is known to be well-formed, before the text is decoded. A list or an object that is not empty
// holds one value more than it has commas.
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
	return cmp.Or(
		checkLimit("values", values, MaxVariableValues, "The variables hold %d values; at most %d are allowed."),
		checkLimit("valueDepth", deepest-1, MaxValueDepth,
			"A value is %d lists and objects deep; at most %d are allowed."))
}

// typeMemberLists holds the fields of the introspection type __Type that are lists, through which a document reaches
// all types again.
var typeMemberLists = map[string]bool{
	"enumValues": true, "fields": true, "inputFields": true, "interfaces": true, "possibleTypes": true,
}

// schemaLists holds all fields of introspection that are lists, and __type.
var schemaLists = map[string]bool{
	"__type": true, "args": true, "directives": true, "enumValues": true, "fields": true, "inputFields": true,
	"interfaces": true, "possibleTypes": true, "types": true,
}

// measureSelectionSet measures a selection. It recognises lists of the schema by their names, so that fields of the hub
// with the same names count too.
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
			if schemaLists[s.Name] && len(s.SelectionSet) > 0 {
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

// measureFragment measures a fragment once. It sets circular when the fragment contains itself.
func (m *shapeMeter) measureFragment(name string) *selectionSize {
	if known, ok := m.fragmentSizes[name]; ok {
		if known == nil {
			m.circular = true
			return &selectionSize{}
		}
		return known
	}
	f := m.fragments[name]
	if f == nil { // an unknown fragment, which validation reports
		return &selectionSize{}
	}
	m.fragmentSizes[name] = nil
	m.countDirectives(f.Directives)
	size := m.measureSelectionSet(f.SelectionSet)
	m.fragmentSizes[name] = &size
	return &size
}
