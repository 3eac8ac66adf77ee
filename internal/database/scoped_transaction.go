package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
)

// ScopeSetting is the transaction's setting that row-level security reads: for each table, its name, "=" and the keys.
const ScopeSetting = "rightshub.scope"

type scopeKey struct{}

// InScopedTransaction runs do in a transaction that row-level security holds to the scope; where it does not hold the hub, on the
// pool, if do only reads.
func (db *DB) InScopedTransaction(ctx context.Context, scope string, o *sql.TxOptions, do func(Querier) error) error {
	if !db.rowLevelSecurity && o != nil && o.ReadOnly {
		return do(db.pool)
	}
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

// beginScoped begins a transaction, with its scope where the context has one: without a scope it sees no row. Both go in one
// round trip, in which the protocol has no arguments.
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
