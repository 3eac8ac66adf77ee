package query

import (
	"rightshub/internal/model"
)

// countCondition returns the condition of a PredicateCount on the row of the alias, which must be visible. In a list at
// the root, the rows at the end of the edge are counted once, in groups. Counted for each row, they would be counted
// again for each row that leads to the same one, and the rows that the caller does not see would be tested each time.
// In lists under parents the rows of the list are few, and each counts its own.
//
// A row without a group has the count zero. Where the condition holds for zero, it is written for the groups that do
// not satisfy it.
func (c *Compiler) countCondition(e *model.Entity, alias string, pred *Predicate) *Fragment {
	if !c.countsGroups {
		return c.compileComparison(c.countAtEdge(e, alias, pred), model.Int, pred)
	}
	t, g := c.NewAlias(), c.NewAlias()
	counted := "*"
	if pred.Edge.Kind == model.Through {
		counted = "DISTINCT " + Col(t, "id")
	}
	having := c.compileComparison((&Fragment{}).Add("count(", counted, ")"), model.Int, pred)
	exists, not := "EXISTS", ""
	if pred.matchesZero() {
		exists, not = "NOT EXISTS", " IS NOT TRUE"
	}
	origin, from := c.rowsByOrigin(pred.Edge, t)
	return (&Fragment{}).Add(exists, " (SELECT 1 FROM (SELECT ", origin, " AS id FROM ").Sub(from).
		Add(" GROUP BY ", origin, " HAVING (").Sub(having).Add(")", not, ") ", g,
		" WHERE ", Col(g, "id"), " = ", Col(alias, "id"), ")")
}

// rowsByOrigin returns the tables and the conditions of all visible rows to which an edge leads, and the column with
// the key of the row from which it leads there. The row from which it leads need not be visible.
func (c *Compiler) rowsByOrigin(edge *model.Edge, t string) (origin string, from *Fragment) {
	target := c.Model.Target(edge)
	visible := c.inSetsOfKeys(func() *Fragment { return c.VisibleRows(target, t) })
	if edge.Kind == model.ToMany {
		return Col(t, edge.Column), (&Fragment{}).Add(TableAs(target, t), " WHERE ").Sub(visible).
			Sub(c.followableEdge(target, t, edge))
	}
	via, v := c.Model.Entity(edge.Via), c.NewAlias()
	joining, joiningVisible := c.joiningRows(via, v, true, edge.ViaTarget)
	return Col(v, edge.ViaSelf), (&Fragment{}).Add(joining, " JOIN ", TableAs(target, t),
		" ON ", Col(t, "id"), " = ", Col(v, edge.ViaTarget), " WHERE ").Sub(joiningVisible).Add(" AND ").Sub(visible)
}

// matchesZero reports whether the comparison of a PredicateCount holds for the count zero. A value that is no number
// satisfies no comparison.
func (p *Predicate) matchesZero() bool {
	if p.Comparison == IsNull {
		return p.Values[0] == false
	}
	matches := p.Comparison == NotOneOf
	for _, v := range p.Values {
		n, ok := v.(int64)
		switch {
		case !ok:
			return false
		case p.Comparison == NotOneOf:
			matches = matches && n != 0
		case zeroCompares[p.Comparison](n):
			matches = true
		}
	}
	return matches
}

// zeroCompares maps each comparison to whether it holds between zero and a number.
var zeroCompares = map[Comparison]func(n int64) bool{
	Eq:    func(n int64) bool { return n == 0 },
	OneOf: func(n int64) bool { return n == 0 },
	Neq:   func(n int64) bool { return n != 0 },
	Lt:    func(n int64) bool { return n > 0 },
	Lte:   func(n int64) bool { return n >= 0 },
	Gt:    func(n int64) bool { return n < 0 },
	Gte:   func(n int64) bool { return n <= 0 },
}
