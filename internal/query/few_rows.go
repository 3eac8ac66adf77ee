package query

import (
	"slices"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// This file tells which conditions leave few rows. A few rows are tested one by one.

// matchesAtMostOneRow reports whether a predicate can hold for one row at most, because it compares a unique key with
// one value.
func matchesAtMostOneRow(e *model.Entity, p *Predicate) bool {
	if p.Op == PredicateAnd {
		return slices.ContainsFunc(p.Operands, func(k Predicate) bool { return matchesAtMostOneRow(e, &k) })
	}
	if p.Op != PredicateField || p.Comparison != Eq {
		return false
	}
	return p.Field == nil || slices.ContainsFunc(e.Unique, func(key []string) bool {
		return len(key) == 1 && key[0] == p.Field.Column
	})
}

// leavesFewRows reports whether a predicate leaves few rows, because it compares a key of the row, or a key of the row
// at the end of an edge.
func leavesFewRows(m *model.Model, e *model.Entity, p *Predicate) bool {
	switch {
	case p == nil:
		return false
	case p.Op == PredicateAnd:
		return slices.ContainsFunc(p.Operands, func(k Predicate) bool { return leavesFewRows(m, e, &k) })
	case p.Op == PredicateToOne:
		return leavesFewRows(m, m.Target(p.Edge), &p.Operands[0])
	case p.Op == PredicateField && p.Field == nil:
		return p.Comparison == Eq || p.Comparison == OneOf
	}
	return matchesAtMostOneRow(e, p)
}

// namesPersons reports whether rows that satisfy a condition are found by the keys of persons or of single rows. Such
// rows are few, for example the cases for which somebody is responsible.
func (c *Compiler) namesPersons(e *model.Entity, cond access.Cond) bool {
	names := func(k access.Cond) bool { return c.namesPersons(e, k) }
	switch cond.Op {
	case access.KeyIn:
		isPerson := func(d model.Edge) bool {
			return d.Kind == model.ToOne && d.Column == cond.Column && d.Target == "User"
		}
		return cond.Column == "id" || slices.ContainsFunc(e.Edges, isPerson)
	case access.Via:
		return c.namesPersons(c.Model.Target(e.Edge(cond.Edge)), cond.Kids[0])
	case access.And:
		return slices.ContainsFunc(cond.Kids, names)
	case access.Or:
		return !slices.ContainsFunc(cond.Kids, func(k access.Cond) bool { return !names(k) })
	}
	return false
}
