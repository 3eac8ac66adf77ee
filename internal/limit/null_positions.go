package limit

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
)

// nullFinder finds the variables of an operation that are null where the schema takes no null. Section 5.8.5 of the
// specification of GraphQL allows a nullable variable there when it or the position has a default, and section 6.4.1
// refuses the null itself. The executor does not check it.
type nullFinder struct {
	values   map[string]any
	reported map[string]bool // by the name of a variable
	seen     map[*ast.FragmentDefinition]bool
	problems []Problem
}

// findMisplacedNulls returns one problem for each variable with a misplaced null, up to maxReportedErrors. The document
// is valid.
func findMisplacedNulls(op *ast.OperationDefinition, values map[string]any) []Problem {
	f := &nullFinder{values: values, reported: map[string]bool{}, seen: map[*ast.FragmentDefinition]bool{}}
	for _, value := range values {
		if value == nil {
			f.checkDirectives(op.Directives)
			f.checkSelectionSet(op.SelectionSet)
			break
		}
	}
	return f.problems
}

// checkSelectionSet checks the arguments of fields and of directives. It checks each fragment once.
func (f *nullFinder) checkSelectionSet(sels ast.SelectionSet) {
	for _, sel := range sels {
		switch s := sel.(type) {
		case *ast.Field:
			f.checkArguments(s.Arguments)
			f.checkDirectives(s.Directives)
			f.checkSelectionSet(s.SelectionSet)
		case *ast.InlineFragment:
			f.checkDirectives(s.Directives)
			f.checkSelectionSet(s.SelectionSet)
		case *ast.FragmentSpread:
			f.checkDirectives(s.Directives)
			if !f.seen[s.Definition] {
				f.seen[s.Definition] = true
				f.checkDirectives(s.Definition.Directives)
				f.checkSelectionSet(s.Definition.SelectionSet)
			}
		}
	}
}

func (f *nullFinder) checkDirectives(list ast.DirectiveList) {
	for _, d := range list {
		f.checkArguments(d.Arguments)
	}
}

func (f *nullFinder) checkArguments(list ast.ArgumentList) {
	for _, a := range list {
		f.checkPosition(a.Value)
	}
}

// checkPosition checks a variable, or the variables in a list or an object.
func (f *nullFinder) checkPosition(v *ast.Value) {
	for _, child := range v.Children {
		f.checkPosition(child.Value)
	}
	if v.Kind != ast.Variable || v.ExpectedType == nil || !v.ExpectedType.NonNull {
		return
	}
	value, given := f.values[v.Raw]
	if !given || value != nil || f.reported[v.Raw] || len(f.problems) >= maxReportedErrors {
		return
	}
	f.reported[v.Raw] = true
	p := Problem{Fault: fault.New(fault.Invalid, "The variable $%s is null where the schema needs a value of type %s. "+
		"Send a value, or leave the variable out so that its default applies.",
		boundMessage(v.Raw), v.ExpectedType.String())}
	if at := v.Position; at != nil {
		p.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	f.problems = append(f.problems, p)
}
