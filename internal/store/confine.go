package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// scopeSetting is the transaction's setting that row-level security reads: for each table, its name, "=" and the keys.
const scopeSetting = "rightshub.scope"

// scope is the caller's keys for the tables on whose rows they may do one of the actions: to read in order to read; all
// in order to write, since a new row is looked at by whoever made it.
func (s *caller) scope(name string, actions ...model.Action) string {
	if !s.hub.db.walled {
		return ""
	}
	return s.keys.Once("scope to "+name, func() any { return scopeText(s.hub.model, s.keys, actions...) }).(string)
}

func scopeText(m *model.Model, v *access.View, actions ...model.Action) string {
	var b strings.Builder
	for _, e := range m.Entities() {
		keys, all := v.Keys(e.Name, actions...)
		if all {
			keys = []uuid.UUID{everything}
		}
		if len(keys) > 0 {
			b.WriteString(" " + e.Table + "={" + strings.Join(texts(keys), ",") + "}")
		}
	}
	return b.String() + " "
}

// whole is the scope of a statement of the hub's own: all rows of some tables.
func whole(tables ...string) string {
	out := " "
	for _, t := range tables {
		out += t + "={" + everything.String() + "} "
	}
	return out
}

type scopeKey struct{}

// confined runs do in a transaction that row-level security holds to the scope; where it does not hold the hub, on the
// pool, if do only reads.
func (db *DB) confined(ctx context.Context, scope string, o *sql.TxOptions, do func(querier) error) error {
	if !db.walled && o != nil && o.ReadOnly {
		return do(db.sql)
	}
	if db.walled {
		ctx = context.WithValue(ctx, scopeKey{}, scope)
	}
	tx, err := db.sql.BeginTx(ctx, o)
	if err != nil {
		return Classify(err)
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return Classify(tx.Commit())
}

// begun gives a transaction that has just begun its scope; without one it sees no row.
func (c *conn) begun(ctx context.Context) error {
	scope, ok := ctx.Value(scopeKey{}).(string)
	if !ok {
		return nil
	}
	return c.with(ctx, "SELECT set_config($1, $2, true)", func(k *kept) error {
		_, err := k.stmt.(driver.StmtExecContext).ExecContext(ctx, []driver.NamedValue{{Ordinal: 1, Value: scopeSetting}, {Ordinal: 2, Value: scope}})
		return err
	})
}

// reading runs do on a caller who reads only: within the wall, all of it in one transaction.
func (s *caller) reading(ctx context.Context, do func(*caller) error) error {
	if _, ok := s.db.(*sql.Tx); ok || !s.hub.db.walled {
		return do(s)
	}
	counts := s.view.Subject().Acting != nil // whoever acts under a grant pays with its budget
	return s.hub.db.confined(ctx, s.scope("read", model.Read), &sql.TxOptions{ReadOnly: !counts}, func(q querier) error {
		inner := *s
		inner.db = q
		return do(&inner)
	})
}

// widened runs statements of the hub's own in the write's transaction, on all rows of the tables: what is judged on the
// stored rows, and not on what the caller may see.
func (w *write) widened(ctx context.Context, tables []string, do func() error) error {
	if !w.hub.db.walled {
		return do()
	}
	set := func(scope string) error {
		_, err := w.db.ExecContext(ctx, "SELECT set_config($1, $2, true)", scopeSetting, scope)
		return Classify(err)
	}
	if err := set(whole(tables...)); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return set(w.scope("write", model.Actions...))
}
