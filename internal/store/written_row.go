package store

import (
	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// addRowChecks writes a SELECT that checks the row as it has become, and appends its scan targets to dest. The caller
// must be allowed to write what the row holds now, cell by cell. No other row that the caller sees may have the same
// value in a field with distinct values. No date may lie before the date that must precede it. The caller of
// addRowChecks calls decide after the scan for the error.
func (w *rowWrite) addRowChecks(c *query.Compiler, p *query.Fragment, dest *[]any) (decide func() error) {
	t := c.NewAlias()
	p.Add("SELECT (SELECT count(*) FROM ", query.TableAs(w.entity, t), " WHERE ", query.Col(t, "id"), " = ").
		Arg(w.id.String()).Add(" AND ").Sub(c.AllowedRows(w.entity, t, w.action))
	checked := map[model.Tag]bool{}
	for _, ch := range w.changes {
		if checked[ch.tag] {
			continue
		}
		checked[ch.tag] = true
		if cond := c.View.WritableWhere(w.entity.Name, w.action, ch.tag); cond.Op != access.True {
			p.Add(" AND ").Sub(c.CompileCondition(w.entity, t, cond))
		}
	}
	p.Add(")")
	name := ""
	for _, ch := range w.changes {
		if ch.distinct {
			u := c.NewAlias()
			p.Add(", (SELECT count(*) FROM ", query.TableAs(w.entity, u)).
				Add(" WHERE ", query.Col(u, ch.column), " = ").Arg(ch.value).
				Add(" AND ", query.Col(u, "id"), " <> ").Arg(w.id.String()).
				Add(" AND ").Sub(c.VisibleRows(w.entity, u)).Add(")")
			name = ch.inputName
		}
	}
	n, others := 0, 0
	*dest = append(*dest, &n)
	if name != "" {
		*dest = append(*dest, &others)
	}
	checkDates := w.addDateOrder(c, p, dest)
	return func() error {
		if n == 0 {
			return w.forbiddenValuesError()
		}
		if err := checkDates(); err != nil {
			return err
		}
		if others > 0 {
			return valueTakenError(name)
		}
		return nil
	}
}

// valueTakenError is the error for a value that another row has in a field with distinct values.
func valueTakenError(name string) error {
	f := fault.New(fault.Conflict, "A row with this %s already exists: choose another.", name)
	f.Fields = []fault.Field{fault.NewField(name, "is taken.")}
	return f
}
