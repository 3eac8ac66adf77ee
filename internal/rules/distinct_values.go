package rules

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// A writer of a field with distinct values takes two advisory locks on PostgreSQL, until its transaction ends. It
// shares the lock of the field with other writers, and has the lock of the value alone. A write of very many rows would
// fill the server's table of locks. It takes the lock of the field alone instead, and only at its end, so that other
// writers wait for one check and not for the whole write.

// addValueLock adds the locks of a writer of one value to a FROM clause.
func addValueLock(p *query.Fragment, e *model.Entity, column string, value any) {
	field := e.Name + "." + column
	p.Add("(SELECT pg_advisory_xact_lock_shared(hashtextextended(").Arg(field).Add(", 0)),").
		Add(" pg_advisory_xact_lock(hashtextextended(").Arg(field + " " + fmt.Sprint(value)).Add(", 0))) l")
}

// CheckDistinctAtEnd takes the lock of a field with distinct values alone, and fails when another row that the caller
// sees has a value of the rows with the ids.
func CheckDistinctAtEnd(ctx context.Context, t Transaction, e *model.Entity, column string, ids []uuid.UUID) error {
	lock := (&query.Fragment{}).Add("SELECT pg_advisory_xact_lock(hashtextextended(").Arg(e.Name + "." + column).
		Add(", 0))")
	if err := t.ExecStatement(ctx, lock); err != nil {
		return err
	}
	c := t.NewCompiler()
	own, other := c.NewAlias(), c.NewAlias()
	p := (&query.Fragment{}).Add("SELECT count(*) FROM ", query.TableAs(e, own), " JOIN ", query.TableAs(e, other)).
		Add(" ON ", query.Col(other, column), " = ", query.Col(own, column)).
		Add(" AND ", query.Col(other, "id"), " <> ", query.Col(own, "id")).
		Add(" WHERE ").Sub(c.ColumnInKeys(query.Col(own, "id"), ids)).Add(" AND ").Sub(c.VisibleRows(e, other))
	others := 0
	if err := t.QueryRows(ctx, c, p, func(row Row) error { return row.Scan(&others) }); err != nil {
		return err
	}
	if others > 0 {
		return fault.New(fault.Conflict,
			"Somebody wrote a row with the same %s meanwhile, so nothing was written. Try again.", e.Column(column).Name)
	}
	return nil
}
