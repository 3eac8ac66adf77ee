package query

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// AuthorCondition is the condition that the caller is an author of a row, and so must not give the approval.
func (c *Compiler) AuthorCondition(e *model.Entity, alias string, approval *model.Approval) *Fragment {
	user := c.View.Subject().User.String()
	p := (&Fragment{}).Add("(")
	for i, author := range approval.Authors {
		if i > 0 {
			p.Add(" OR ")
		}
		switch author {
		case model.Creator:
			p.Add(Col(alias, author), " = ").Arg(user)
		case model.Editors:
			p.Sub(c.listContains((&Fragment{}).Add(Col(alias, author)), user))
		default:
			p.Sub(c.AboutCallerCondition(e, alias, author))
		}
	}
	return p.Add(")")
}

// LeadsToCallerCondition is the condition that a key of a row leads to the caller, as far as they see the rows on the way. "": it is a person's.
func (c *Compiler) LeadsToCallerCondition(key *Fragment, e *model.Entity, way string) *Fragment {
	if way == "" {
		return (&Fragment{}).Sub(key).Add(" = ").Arg(c.View.Subject().User.String())
	}
	first, rest, _ := strings.Cut(way, ".")
	edge, t := e.Edge(first), c.NewAlias()
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", TableAs(e, t), " WHERE ", Col(t, "id"), " = ").Sub(key).Add(" AND ").Sub(c.VisibleRows(e, t)).
		Add(" AND ").Sub(c.LeadsToCallerCondition((&Fragment{}).Add(Col(t, edge.Column)), c.Model.Target(edge), rest)).Add(")")
}

// AboutCallerCondition is the condition that a way leads from a row to the caller.
func (c *Compiler) AboutCallerCondition(e *model.Entity, alias, way string) *Fragment {
	first, rest, _ := strings.Cut(way, ".")
	edge := e.Edge(first)
	return c.LeadsToCallerCondition((&Fragment{}).Add(Col(alias, edge.Column)), c.Model.Target(edge), rest)
}

// KeyArgument is a key as the database compares it with others.
func (c *Compiler) KeyArgument(id uuid.UUID) *Fragment {
	if c.IsPostgres {
		return (&Fragment{}).Add("CAST(").Arg(id.String()).Add(" AS uuid)")
	}
	return (&Fragment{}).Arg(id.String())
}

// SubjectPaths are the ways from a row to the person whom others say that it is about: not who the hub notes, nor who is responsible.
func SubjectPaths(e *model.Entity) (ways []string) {
	for _, way := range e.Scope.Self {
		first, _, _ := strings.Cut(way, ".")
		edge := e.Edge(first)
		if edge != nil && edge.Kind == model.ToOne && !edge.Managed && !slices.Contains(e.Scope.Assigned, way) {
			ways = append(ways, way)
		}
	}
	return ways
}

// HasDependants is the condition that an edge of KeptWhile leads from a row to rows that the caller sees.
func (c *Compiler) HasDependants(e *model.Entity, alias, name string) *Fragment {
	edge, t := e.Edge(name), c.NewAlias()
	target := c.Model.Target(edge)
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", TableAs(target, t), " WHERE ", Col(t, edge.Column), " = ", Col(alias, "id"), " AND ").Sub(c.VisibleRows(target, t)).
		Sub(c.followableEdge(target, t, edge)).Add(")")
}
