package query

import (
	"rightshub/internal/model"
)

// countAtEdge returns the number of rows of edgeTargetRows. Each row counts once, however many joining rows lead there.
func (c *Compiler) countAtEdge(e *model.Entity, alias string, pred *Predicate) *Fragment {
	t, counted := c.NewAlias(), "*"
	if pred.Edge.Kind == model.Through {
		counted = "DISTINCT " + Col(t, "id")
	}
	return (&Fragment{}).Add("(SELECT count(", counted, ")").Sub(c.edgeTargetRows(e, alias, t, pred)).Add(")")
}
