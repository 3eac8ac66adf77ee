package query

import (
	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// FollowCondition returns the condition under which the caller may follow a reference, in both directions. The
// condition is on the row that holds the foreign key, of entity holder, and assumes that this row is visible. The
// result always reports that every visible row lets the caller follow it.
func (c *Compiler) FollowCondition(holder *model.Entity, edge *model.Edge) (clear access.Cond, always bool) {
	rows := c.View.RowsWhere(holder.Name, model.Read)
	if edge.Tag.Ident == classification.None {
		return rows, true
	}
	clear = c.View.ClearWhere(holder.Name, edge.Name, edge.Tag)
	return clear, sameCondition(clear, rows)
}

// followableEdge returns FollowCondition as SQL that begins with AND, for the alias of the row that holds the
// reference. It is empty where the condition always holds.
func (c *Compiler) followableEdge(holder *model.Entity, alias string, edge *model.Edge) *Fragment {
	clear, always := c.FollowCondition(holder, edge)
	if always {
		return &Fragment{}
	}
	return (&Fragment{}).Add(" AND ").Sub(c.CompileCondition(holder, alias, clear))
}

// VisibleEdgeKey returns the key to which an edge to one of the row with the alias leads, as the caller may see it. It
// is null where the edge leads nowhere, where the caller may not follow it, and where it leads to a hidden row.
func (c *Compiler) VisibleEdgeKey(e *model.Entity, alias string, edge *model.Edge) *Fragment {
	target, t := c.Model.Target(edge), c.NewAlias()
	return (&Fragment{}).Add("(SELECT ", Col(t, "id"), " FROM ", TableAs(target, t), " WHERE ", Col(t, "id"), " = ",
		Col(alias, edge.Column)).
		Sub(c.followableEdge(e, alias, edge)).Add(" AND ").Sub(c.VisibleRows(target, t)).Add(")")
}
