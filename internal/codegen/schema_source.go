package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"entgo.io/ent/entc/gen"
)

// schemaSource finds the lines of the schema's source on which the entities state their fields and their annotations.
type schemaSource struct {
	files   *token.FileSet
	types   map[string]string        // position of the type, by entity
	methods map[string]*ast.FuncDecl // methods of the types, as CaseFile.Annotations
}

// readSchemaSource parses the files in which ent found the entities.
func readSchemaSource(g *gen.Graph) (*schemaSource, error) {
	s := &schemaSource{files: token.NewFileSet(), types: map[string]string{}, methods: map[string]*ast.FuncDecl{}}
	parsed := map[string]bool{}
	for _, t := range g.Nodes {
		s.types[t.Name] = shortPosition(t.Pos())
		name, _, _ := strings.Cut(t.Pos(), ":")
		if parsed[name] {
			continue
		}
		parsed[name] = true
		file, err := parser.ParseFile(s.files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				if receiver, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
					s.methods[receiver.Name+"."+f.Name.Name] = f
				}
			}
		}
	}
	return s, nil
}

// place is where an entity states something in one of its methods. The steps lead there from the method. A string is
// the key of a field in a composite literal, an int the index of an element in one, a text a string literal, and a
// moveStep a move of a state machine.
type place struct {
	entity  string
	method  string
	steps   []any
	subject string // what the rule is about, for messages, as CaseFile.status
}

// text is a step to the last string literal of this value.
type text string

// moveStep is a step to the last call of model.Moves that states a move.
type moveStep struct{ from, to string }

// at returns the place that the steps lead to from p.
func (p place) at(steps ...any) place {
	p.steps = append(p.steps[:len(p.steps):len(p.steps)], steps...)
	return p
}

// sibling returns the place of another element of the list in which p is one.
func (p place) sibling(index int) place {
	p.steps = p.steps[:len(p.steps)-1]
	return p.at(index)
}

// key returns the last key on the way to p.
func (p place) key() (key string) {
	for _, step := range p.steps {
		if name, ok := step.(string); ok {
			key = name
		}
	}
	return key
}

// position returns the file and the line of a place. Where the source computes what a step leads into, it is the line
// up to which the steps lead.
func (s *schemaSource) position(p place) string {
	method := s.methods[p.entity+"."+p.method]
	if method == nil {
		return cmp.Or(s.types[p.entity], "ent/schema")
	}
	var node ast.Node = method
	for _, step := range p.steps {
		next := findStep(node, step)
		if next == nil {
			break
		}
		node = next
	}
	if node == method {
		node = method.Name
	}
	return shortPosition(s.files.Position(node.Pos()).String())
}

// line returns the number of the line of a place.
func (s *schemaSource) line(p place) string {
	position := s.position(p)
	return position[strings.LastIndex(position, ":")+1:]
}

// findStep returns the node that a step leads to, or nil.
func findStep(node ast.Node, step any) (found ast.Node) {
	switch step := step.(type) {
	case int:
		if list, ok := node.(*ast.CompositeLit); ok && step < len(list.Elts) {
			return list.Elts[step]
		}
		return nil
	case string:
		ast.Inspect(node, func(n ast.Node) bool {
			if pair, ok := n.(*ast.KeyValueExpr); ok && found == nil {
				if key, ok := pair.Key.(*ast.Ident); ok && key.Name == step {
					found = pair.Value
				}
			}
			return found == nil
		})
	case text:
		ast.Inspect(node, func(n ast.Node) bool {
			if isText(n, string(step)) {
				found = n
			}
			return true
		})
	case moveStep:
		ast.Inspect(node, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 || !isText(call.Args[1], step.from) {
				return true
			}
			for _, to := range call.Args[2:] {
				if isText(to, step.to) {
					found = to
				}
			}
			return true
		})
	}
	return found
}

// isText reports whether a node is a string literal of this value.
func isText(n ast.Node, value string) bool {
	word, ok := n.(*ast.BasicLit)
	return ok && word.Value == strconv.Quote(value)
}

// shortPosition returns a position without the column, and with its file relative to the folder of the project.
func shortPosition(position string) string {
	parts := strings.SplitN(position, ":", 3)
	if wd, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(wd, parts[0]); err == nil && filepath.IsLocal(short) {
			parts[0] = filepath.ToSlash(short)
		}
	}
	return strings.Join(parts[:min(len(parts), 2)], ":")
}
