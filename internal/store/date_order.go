package store

import (
	"slices"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// addDateOrder adds to the check of a written row whether a date lies before the date that must precede it. It compares
// the cells that the caller sees. The caller of addDateOrder calls decide after the scan for the error.
func (w *rowWrite) addDateOrder(c *query.Compiler, p *query.Fragment, dest *[]any) (decide func() error) {
	given := func(column string) bool {
		return slices.ContainsFunc(w.changes, func(ch columnChange) bool { return ch.column == column })
	}
	wrong := map[*model.Field]*int{}
	for i := range w.entity.Fields {
		f := &w.entity.Fields[i]
		if f.After == "" || !given(f.Column) && !given(f.After) {
			continue
		}
		t := c.NewAlias()
		end, _ := c.MaskedCell(w.entity, t, f)
		start, _ := c.MaskedCell(w.entity, t, w.entity.Column(f.After))
		p.Add(", (SELECT count(*) FROM ", query.TableAs(w.entity, t)).
			Add(" WHERE ", query.Col(t, "id"), " = ").Arg(w.id.String()).
			Add(" AND ").Sub(c.VisibleRows(w.entity, t)).
			Add(" AND (").Sub(end).Add(") < (").Sub(start).Add("))")
		wrong[f] = new(int)
		*dest = append(*dest, wrong[f])
	}
	return func() error {
		var refused []fault.Field
		for f, n := range wrong {
			if *n > 0 {
				start := w.entity.Column(f.After).Name
				refused = append(refused, fault.NewField(f.Name, "must not lie before %s.", start))
			}
		}
		return invalidFieldsError(refused)
	}
}
