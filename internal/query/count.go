package query

import (
	"math"

	"rightshub/internal/model"
)

// countAtEdge returns the number of rows of edgeTargetRows. Each row counts once, however many joining rows lead there.
// Where the predicate compares the number, it counts no further than the comparison needs. Otherwise a condition on the
// parent of many rows would count all rows of the parent again for each of them.
func (c *Compiler) countAtEdge(e *model.Entity, alias string, pred *Predicate) *Fragment {
	t, distinct, counted := c.NewAlias(), "", "*"
	if pred.Edge.Kind == model.Through {
		distinct, counted = "DISTINCT ", "DISTINCT "+Col(t, "id")
	}
	rows := c.edgeTargetRows(e, alias, t, pred)
	limit, limited := pred.countLimit()
	if !limited {
		return (&Fragment{}).Add("(SELECT count(", counted, ")").Sub(rows).Add(")")
	}
	return (&Fragment{}).Add("(SELECT count(*) FROM (SELECT ", distinct, Col(t, "id")).Sub(rows).
		Add(" LIMIT ").Arg(limit).Add(") ", c.NewAlias(), ")")
}

// countLimit returns the number of rows after which a count compares with the values as any greater one does. It is one
// more than the greatest value. The result limited is false when no such number exists.
func (p *Predicate) countLimit() (limit int64, limited bool) {
	for _, v := range p.Values {
		n, ok := v.(int64)
		if !ok || n == math.MaxInt64 {
			return 0, false
		}
		limit = max(limit, n+1)
	}
	return limit, len(p.Values) > 0
}
