package rules

import (
	"slices"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// addDateOrder adds to the check of a written row whether a date lies before the date that must precede it. It compares
// the cells that the caller sees. The caller of addDateOrder calls decide after the scan for the error.
func (w *Write) addDateOrder(c *query.Compiler, p *query.Fragment, dest *[]any) (decide func() error) {
	given := func(column string) bool {
		return slices.ContainsFunc(w.Columns, func(ch ColumnChange) bool { return ch.Column == column })
	}
	wrong := map[*model.Field]*int{}
	for i := range w.Entity.Fields {
		f := &w.Entity.Fields[i]
		if f.After == "" || !given(f.Column) && !given(f.After) {
			continue
		}
		t := c.NewAlias()
		end, _ := c.MaskedCell(w.Entity, t, f)
		start, _ := c.MaskedCell(w.Entity, t, w.Entity.Column(f.After))
		p.Add(", (SELECT count(*) FROM ", query.TableAs(w.Entity, t)).
			Add(" WHERE ", query.Col(t, "id"), " = ").Arg(w.ID.String()).
			Add(" AND ").Sub(c.VisibleRows(w.Entity, t)).
			Add(" AND (").Sub(end).Add(") < (").Sub(start).Add("))")
		wrong[f] = new(int)
		*dest = append(*dest, wrong[f])
	}
	return func() error {
		var refused []fault.Field
		for f, n := range wrong {
			if *n > 0 {
				start := fault.FieldName(w.Entity.Column(f.After).Name)
				refused = append(refused, fault.NewField(f.Name, "must not lie before %s.", start))
			}
		}
		return invalidFieldsError(refused)
	}
}
