package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
)

// ScopeSetting is the setting of a transaction that row-level security reads. It holds name=keys for each table.
const ScopeSetting = "rightshub.scope"

// AllRowsScope returns a scope with all rows of some tables, for internal statements of the hub.
func AllRowsScope(tables ...string) string {
	out := " "
	for _, t := range tables {
		out += t + "={" + AllRowsKey.String() + "} "
	}
	return out
}

type scopeKey struct{}

// InScopedTransaction runs do in a transaction that row-level security limits to the scope. Without row-level security,
// a do that only reads runs on the pool.
func (db *DB) InScopedTransaction(ctx context.Context, scope string, o *sql.TxOptions, do func(Querier) error) error {
	if !db.rowLevelSecurity && o != nil && o.ReadOnly {
		if caller, ok := ctx.Value(shareKey{}).(string); ok {
			return do(db.Shared(caller))
		}
		return do(db.pool)
	}
	release, err := db.acquireShare(ctx)
	if err != nil {
		return err
	}
	defer release()
	if db.rowLevelSecurity {
		ctx = context.WithValue(ctx, scopeKey{}, scope)
	}
	tx, err := db.pool.BeginTx(ctx, o)
	if err != nil {
		return Classify(err)
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return Classify(tx.Commit())
}

// beginScoped begins a transaction with the scope of the context. A transaction without a scope sees no row under
// row-level security. BEGIN and the scope go in one round trip, in which the protocol allows no arguments.
func (c *cachingConn) beginScoped(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	scope, ok := ctx.Value(scopeKey{}).(string)
	if !ok {
		return c.inner.(driver.ConnBeginTx).BeginTx(ctx, o)
	}
	text := "BEGIN"
	if o.ReadOnly {
		text += " READ ONLY"
	}
	text += "; SELECT set_config('" + ScopeSetting + "', " + pq.QuoteLiteral(scope) + ", true)"
	tx := c.inner.(driver.Tx) // lib/pq's connection is its own transaction
	if _, err := c.inner.(driver.ExecerContext).ExecContext(ctx, text, nil); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}
