package query

import (
	"reflect"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// visibleUnderParent returns the condition of VisibleRows for rows with a foreign key to a row that is known to be
// visible, because this statement or the one before requires it. A condition of the view that only requires the same of
// the parent is left out, so that the database does not look the parent up again. Keys are the columns of the foreign
// keys to such rows.
func (c *Compiler) visibleUnderParent(e *model.Entity, alias string, keys ...string) *Fragment {
	p, cond := (&Fragment{}).Add(Col(alias, "archived_at"), " IS NULL"), c.View.RowsWhere(e.Name, model.Read)
	for _, key := range keys {
		cond = c.simplifyUnderParent(e, key, cond)
	}
	if cond.Op != access.True {
		p.Add(" AND ").Sub(c.CompileCondition(e, alias, cond))
	}
	return p
}

// simplifyUnderParent returns the condition for rows with a visible parent. A condition that holds for every such row
// becomes True.
func (c *Compiler) simplifyUnderParent(e *model.Entity, key string, cond access.Cond) access.Cond {
	switch cond.Op {
	case access.Via:
		edge := e.Edge(cond.Edge)
		if edge.Kind == model.ToOne &&
			edge.Column == key && reflect.DeepEqual(cond.Kids[0], c.View.RowsWhere(edge.Target, model.Read)) {
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
