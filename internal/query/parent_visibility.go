package query

import (
	"reflect"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// visibleUnderParent is visible for rows that hang by the foreign key on a row that the same statement, or the one before, requires
// to be visible: where the view asks of that row what is asked of it already, it is not looked up again.
func (c *Compiler) visibleUnderParent(e *model.Entity, alias, key string) *Fragment {
	p := (&Fragment{}).Add(Col(alias, "archived_at"), " IS NULL")
	if cond := c.simplifyUnderParent(e, key, c.View.RowsWhere(e.Name, model.Read)); cond.Op != access.True {
		p.Add(" AND ").Sub(c.CompileCondition(e, alias, cond))
	}
	return p
}

// simplifyUnderParent replaces by true what holds already.
func (c *Compiler) simplifyUnderParent(e *model.Entity, key string, cond access.Cond) access.Cond {
	switch cond.Op {
	case access.Via:
		edge := e.Edge(cond.Edge)
		if edge.Kind == model.ToOne && edge.Column == key && reflect.DeepEqual(cond.Kids[0], c.View.RowsWhere(edge.Target, model.Read)) {
			return access.Cond{Op: access.True}
		}
	case access.Or:
		for _, k := range cond.Kids {
			if k = c.simplifyUnderParent(e, key, k); k.Op == access.True {
				return k
			}
		}
	}
	return cond
}
