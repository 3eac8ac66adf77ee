package store

import (
	"reflect"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// beneath is visible for rows that hang by the foreign key on a row that the same statement, or the one before, requires
// to be visible: where the view asks of that row what is asked of it already, it is not looked up again.
func (c *compiler) beneath(e *model.Entity, alias, key string) *part {
	p := (&part{}).add(col(alias, "archived_at"), " IS NULL")
	if cond := c.settle(e, key, c.view.Rows(e.Name, model.Read)); cond.Op != access.True {
		p.add(" AND ").sub(c.cond(e, alias, cond))
	}
	return p
}

// settle replaces by true what holds already.
func (c *compiler) settle(e *model.Entity, key string, cond access.Cond) access.Cond {
	switch cond.Op {
	case access.Via:
		edge := e.Edge(cond.Edge)
		if edge.Kind == model.ToOne && edge.Column == key && reflect.DeepEqual(cond.Kids[0], c.view.Rows(edge.Target, model.Read)) {
			return access.Cond{Op: access.True}
		}
	case access.Or:
		for _, k := range cond.Kids {
			if k = c.settle(e, key, k); k.Op == access.True {
				return k
			}
		}
	}
	return cond
}
