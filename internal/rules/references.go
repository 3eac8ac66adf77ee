package rules

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/query"
)

// checkReferences fails where a row refers to a row that does not exist, that the caller does not see, or that the
// caller may not change where the reference needs that right. The error is the same for all three. On PostgreSQL the
// statement also lets writers of the same distinct value wait for each other. SQLite has one writer at a time.
func (w *Write) checkReferences(ctx context.Context) error {
	c := w.NewCompiler()
	p := &query.Fragment{}
	var names []string
	startSelect := func(name string) {
		if len(names) > 0 {
			p.Add(" UNION ALL ")
		}
		p.Add(fmt.Sprintf("SELECT %d FROM ", len(names)))
		names = append(names, name)
	}
	for _, ch := range w.Columns {
		if ch.Distinct && c.IsPostgres && !w.DistinctAtEnd {
			startSelect(ch.InputName)
			addValueLock(p, w.Entity, ch.Column, ch.Value)
		}
		if ch.Edge == nil || ch.Value == nil {
			continue
		}
		target, t := w.Model().Target(ch.Edge), c.NewAlias()
		startSelect(ch.InputName)
		p.Add(query.TableAs(target, t), " WHERE ", query.Col(t, "id"), " = ").
			Arg(ch.Value.(uuid.UUID).String()).Add(" AND ").Sub(c.VisibleRows(target, t))
		if ch.Edge.Needs != "" {
			p.Add(" AND ").Sub(c.AllowedRows(target, t, ch.Edge.Needs))
		}
	}
	if len(names) == 0 {
		return nil
	}
	found := map[int]bool{}
	err := w.QueryRows(ctx, c, p, func(row Row) error {
		var i int
		err := row.Scan(&i)
		found[i] = true
		return err
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		if !found[i] {
			return fault.InvalidField(name, "there is no such row, or you may not see it.")
		}
	}
	return nil
}
