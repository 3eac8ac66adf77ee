package query

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// This file writes the conditions on rows that the rules of separation of duties and of archiving need. A path is a
// list of names of edges joined by dots, as in model.Scope.

// AuthorCondition returns the condition that the caller is an author of the row of the alias. Such a caller must not
// give the approval.
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

// LeadsToCallerCondition returns the condition that a path from a row of e with the key leads to the caller, over rows
// that the caller sees. With an empty path the key is that of a user.
func (c *Compiler) LeadsToCallerCondition(key *Fragment, e *model.Entity, path string) *Fragment {
	if path == "" {
		return (&Fragment{}).Sub(key).Add(" = ").Arg(c.View.Subject().User.String())
	}
	first, rest, _ := strings.Cut(path, ".")
	edge, t := e.Edge(first), c.NewAlias()
	further := c.LeadsToCallerCondition((&Fragment{}).Add(Col(t, edge.Column)), c.Model.Target(edge), rest)
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", TableAs(e, t), " WHERE ", Col(t, "id"), " = ").Sub(key).
		Add(" AND ").Sub(c.VisibleRows(e, t)).Add(" AND ").Sub(further).Add(")")
}

// AboutCallerCondition returns the condition that a path leads from a row to the caller.
func (c *Compiler) AboutCallerCondition(e *model.Entity, alias, path string) *Fragment {
	first, rest, _ := strings.Cut(path, ".")
	edge := e.Edge(first)
	return c.LeadsToCallerCondition((&Fragment{}).Add(Col(alias, edge.Column)), c.Model.Target(edge), rest)
}

// KeyArgument returns a key as an argument that the database can compare with columns of keys.
func (c *Compiler) KeyArgument(id uuid.UUID) *Fragment {
	if c.IsPostgres {
		return (&Fragment{}).Add("CAST(").Arg(id.String()).Add(" AS uuid)")
	}
	return (&Fragment{}).Arg(id.String())
}

// SubjectPaths lists the paths from a row to the user that the row is about, where people enter that user. It leaves out
// users that the hub sets, and users that are responsible for the row.
func SubjectPaths(e *model.Entity) (paths []string) {
	for _, path := range e.Scope.Self {
		first, _, _ := strings.Cut(path, ".")
		edge := e.Edge(first)
		if edge != nil && edge.Kind == model.ToOne && !edge.Managed && !slices.Contains(e.Scope.Assigned, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// HasDependants returns the condition that an edge of KeptWhile leads from a row to rows that the caller sees.
func (c *Compiler) HasDependants(e *model.Entity, alias, name string) *Fragment {
	edge, t := e.Edge(name), c.NewAlias()
	target := c.Model.Target(edge)
	return (&Fragment{}).Add("EXISTS (SELECT 1 FROM ", TableAs(target, t),
		" WHERE ", Col(t, edge.Column), " = ", Col(alias, "id"), " AND ").Sub(c.VisibleRows(target, t)).
		Sub(c.followableEdge(target, t, edge)).Add(")")
}
