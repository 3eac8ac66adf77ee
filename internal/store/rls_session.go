package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// scopeSetting is the transaction's setting that row-level security reads: for each table, its name, "=" and the keys.
const scopeSetting = "rightshub.scope"

// rowScope is the caller's keys for the tables on whose rows they may do one of the actions: to read in order to read; all
// in order to write, since a new row is looked at by whoever made it.
func (s *session) rowScope(name string, actions ...model.Action) string {
	if !s.hub.db.rowLevelSecurity {
		return ""
	}
	return s.scopeView.Memoize("scope to "+name, func() any { return formatScope(s.hub.model, s.scopeView, actions...) }).(string)
}

func formatScope(m *model.Model, v *access.View, actions ...model.Action) string {
	var b strings.Builder
	for _, e := range m.Entities() {
		keys, all := v.ScopeKeys(e.Name, actions...)
		if all {
			keys = []uuid.UUID{allRowsKey}
		}
		if len(keys) > 0 {
			b.WriteString(" " + e.Table + "={" + strings.Join(keyStrings(keys), ",") + "}")
		}
	}
	return b.String() + " "
}

// allRowsScope is the scope of a statement of the hub's own: all rows of some tables.
func allRowsScope(tables ...string) string {
	out := " "
	for _, t := range tables {
		out += t + "={" + allRowsKey.String() + "} "
	}
	return out
}

type scopeKey struct{}

// inScopedTransaction runs do in a transaction that row-level security holds to the scope; where it does not hold the hub, on the
// pool, if do only reads.
func (db *DB) inScopedTransaction(ctx context.Context, scope string, o *sql.TxOptions, do func(querier) error) error {
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
	text += "; SELECT set_config('" + scopeSetting + "', " + pq.QuoteLiteral(scope) + ", true)"
	tx := c.inner.(driver.Tx) // lib/pq's connection is its own transaction
	if _, err := c.inner.(driver.ExecerContext).ExecContext(ctx, text, nil); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// inReadTransaction runs do on a caller who reads only: within the wall, all of it in one transaction.
func (s *session) inReadTransaction(ctx context.Context, do func(*session) error) error {
	if _, ok := s.db.(*sql.Tx); ok || !s.hub.db.rowLevelSecurity {
		return do(s)
	}
	counts := s.view.Subject().ActingGrant != nil // whoever acts under a grant pays with its budget
	scope, inner := s.rowScope("read", model.Read), *s
	inner.touchedRows, inner.publishedCount = nil, 0
	err := s.hub.db.inScopedTransaction(ctx, scope, &sql.TxOptions{ReadOnly: !counts && !s.seesRecordedValues()}, func(q querier) error {
		inner.db, inner.activeScope = q, scope
		if err := do(&inner); err != nil {
			return err
		}
		return inner.publishWrites(ctx)
	})
	if err == nil && len(inner.touchedRows) > 0 {
		s.hub.feed.afterCommit()
	}
	return err
}

// withAllRows runs statements of the hub's own in the caller's transaction, on all rows of the tables: what is judged on the
// stored rows, and not on what the caller may see.
func (s *session) withAllRows(ctx context.Context, tables []string, do func() error) error {
	if !s.hub.db.rowLevelSecurity {
		return do()
	}
	set := func(scope string) error {
		_, err := s.db.ExecContext(ctx, "SELECT set_config($1, $2, true)", scopeSetting, scope)
		return Classify(err)
	}
	if err := set(allRowsScope(tables...)); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return set(s.activeScope)
}
