package query

import (
	"slices"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// This file writes conditions of the view as sets of keys. The view of a coordinator holds rows of its countries and
// rows that share work with them, which is an OR with a subquery. PostgreSQL takes such an OR for half of all rows and
// runs the subquery for each row. A set of keys is read once, by the indexes of the keys, and its size is known.

// inSetsOfKeys runs write. Meanwhile conditions of the view are written as sets of keys where keyUnion can. This suits
// conditions on any number of rows. Rows that are found by their own keys are better tested one by one.
func (c *Compiler) inSetsOfKeys(write func() *Fragment) *Fragment {
	before := c.setsOfKeys
	c.setsOfKeys = true
	p := write()
	c.setsOfKeys = before
	return p
}

// keyUnion returns the condition that one of the conditions holds for the row of the alias, of entity e, as a set of
// the keys of all such rows. It returns nil when a condition is not found by keys, and when none of them reads another
// table. Under row-level security it returns nil too, because the set would read the table for a row that was reached
// through a view of the owner.
func (c *Compiler) keyUnion(e *model.Entity, alias string, conds []access.Cond) *Fragment {
	readsOthers := slices.ContainsFunc(conds, func(k access.Cond) bool { return k.Op != access.KeyIn })
	isNotKeyed := func(k access.Cond) bool { return !foundByKeys(k) }
	if !c.setsOfKeys || c.RowLevelSecurity || !readsOthers || slices.ContainsFunc(conds, isNotKeyed) {
		return nil
	}
	p := (&Fragment{}).Add(Col(alias, "id"), " IN (")
	for i, k := range conds {
		if i > 0 {
			p.Add(" UNION ALL ")
		}
		p.Sub(c.keysWhere(e, k))
	}
	return p.Add(")")
}

// foundByKeys reports whether indexes of keys find the rows that satisfy a condition.
func foundByKeys(cond access.Cond) bool {
	switch cond.Op {
	case access.KeyIn:
		return true
	case access.Via:
		return foundByKeys(cond.Kids[0])
	case access.And:
		return slices.ContainsFunc(cond.Kids, foundByKeys)
	case access.Or:
		return !slices.ContainsFunc(cond.Kids, func(k access.Cond) bool { return !foundByKeys(k) })
	}
	return false
}

// keysWhere returns a SELECT of the keys of the rows of e that satisfy a condition of the view. A key may appear more
// than once, and null may appear.
func (c *Compiler) keysWhere(e *model.Entity, cond access.Cond) *Fragment {
	p, t := &Fragment{}, c.NewAlias()
	if cond.Op == access.Via {
		edge, kid := e.Edge(cond.Edge), cond.Kids[0]
		switch {
		case edge.Kind == model.ToMany:
			target := c.Model.Target(edge)
			return p.Add("SELECT ", Col(t, edge.Column), " FROM ", TableAs(target, t),
				" WHERE ", Col(t, "archived_at"), " IS NULL AND ").Sub(c.CompileCondition(target, t, kid))
		case leadsToKeys(edge, kid):
			return p.Add("SELECT ", Col(t, edge.ViaSelf), " FROM ", TableAs(c.Model.Entity(edge.Via), t),
				" WHERE ", Col(t, "archived_at"), " IS NULL AND ").
				Sub(c.columnInViewKeys(Col(t, edge.ViaTarget), kid.Values))
		}
	}
	return p.Add("SELECT ", Col(t, "id"), " FROM ", TableAs(e, t), " WHERE ").Sub(c.CompileCondition(e, t, cond))
}

// leadsToKeys reports whether a condition over an edge only requires that a joining row has one of the keys. The row at
// the end of the edge is then not read.
func leadsToKeys(edge *model.Edge, kid access.Cond) bool {
	return edge.Kind == model.Through && kid.Op == access.KeyIn && kid.Column == "id"
}
