package rules

import (
	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// AddRowChecks writes a SELECT that checks the row as it has become, and appends its scan targets to dest. The caller
// must be allowed to write what the row holds now, cell by cell. No other row that the caller sees may have the same
// value in a field with distinct values. No date may lie before the date that must precede it. The caller of
// AddRowChecks calls decide after the scan for the error.
func (w *Write) AddRowChecks(c *query.Compiler, p *query.Fragment, dest *[]any) (decide func() error) {
	t := c.NewAlias()
	p.Add("SELECT (SELECT count(*) FROM ", query.TableAs(w.Entity, t), " WHERE ", query.Col(t, "id"), " = ").
		Arg(w.ID.String()).Add(" AND ").Sub(c.AllowedRows(w.Entity, t, w.Action))
	checked := map[model.Tag]bool{}
	for _, ch := range w.Columns {
		if checked[ch.Tag] {
			continue
		}
		checked[ch.Tag] = true
		if cond := c.View.WritableWhere(w.Entity.Name, w.Action, ch.Tag); cond.Op != access.True {
			p.Add(" AND ").Sub(c.CompileCondition(w.Entity, t, cond))
		}
	}
	p.Add(")")
	name := ""
	for _, ch := range w.Columns {
		if ch.Distinct {
			u := c.NewAlias()
			p.Add(", (SELECT count(*) FROM ", query.TableAs(w.Entity, u)).
				Add(" WHERE ", query.Col(u, ch.Column), " = ").Arg(ch.Value).
				Add(" AND ", query.Col(u, "id"), " <> ").Arg(w.ID.String()).
				Add(" AND ").Sub(c.VisibleRows(w.Entity, u)).Add(")")
			name = ch.InputName
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
			return w.ForbiddenValuesError()
		}
		if err := checkDates(); err != nil {
			return err
		}
		if others > 0 {
			return ValueTakenError(name)
		}
		return nil
	}
}

// ValueTakenError is the error for a value that another row has in a field with distinct values.
func ValueTakenError(name string) error {
	f := fault.New(fault.Conflict, "A row with this %s already exists: choose another.", name)
	f.Fields = []fault.Field{fault.NewField(name, "is taken.")}
	return f
}
