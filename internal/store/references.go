package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/query"
)

// checkReferences fails where a row refers to a row that does not exist, that the caller does not see, or that the
// caller may not change where the reference needs that right. The error is the same for all three. On PostgreSQL the
// statement also lets writers of the same distinct value wait for each other. SQLite has one writer at a time.
func (w *rowWrite) checkReferences(ctx context.Context) error {
	c := w.newCompiler()
	p := &query.Fragment{}
	var names []string
	startSelect := func(name string) {
		if len(names) > 0 {
			p.Add(" UNION ALL ")
		}
		p.Add(fmt.Sprintf("SELECT %d FROM ", len(names)))
		names = append(names, name)
	}
	for _, ch := range w.changes {
		if ch.distinct && c.IsPostgres {
			startSelect(ch.inputName)
			p.Add("(SELECT pg_advisory_xact_lock(hashtextextended(").
				Arg(fmt.Sprintf("%s.%s %v", w.entity.Name, ch.column, ch.value)).Add(", 0))) l")
		}
		if ch.edge == nil || ch.value == nil {
			continue
		}
		target, t := w.hub.model.Target(ch.edge), c.NewAlias()
		startSelect(ch.inputName)
		p.Add(query.TableAs(target, t), " WHERE ", query.Col(t, "id"), " = ").
			Arg(ch.value.(uuid.UUID).String()).Add(" AND ").Sub(c.VisibleRows(target, t))
		if ch.edge.Needs != "" {
			p.Add(" AND ").Sub(c.AllowedRows(target, t, ch.edge.Needs))
		}
	}
	if len(names) == 0 {
		return nil
	}
	found := map[int]bool{}
	err := w.queryRows(ctx, c, p, func(rows *sql.Rows) error {
		var i int
		err := rows.Scan(&i)
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
