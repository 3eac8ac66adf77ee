package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/lib/pq"
	"go.opentelemetry.io/otel/trace"
)

// cachedStatements is how many prepared statements a connection keeps.
const cachedStatements = 200

// connector makes connections that keep their prepared statements: with lib/pq, a statement with arguments costs two
// round trips when it is prepared anew, and one when it is kept.
type connector struct{ inner driver.Connector }

func (c *connector) Driver() driver.Driver { return c.inner.Driver() }

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := lru.NewLRU[string, *kept](cachedStatements, func(_ string, k *kept) {
		if k.evicted = true; !k.busy {
			k.stmt.Close()
		}
	})
	return &conn{inner: inner, kept: kept}, err
}

// kept is one prepared statement; while its rows are read it is busy and is not used again.
type kept struct {
	stmt          driver.Stmt
	busy, evicted bool
}

func (k *kept) release() {
	if k.busy = false; k.evicted {
		k.stmt.Close()
	}
}

// conn is one connection. database/sql uses it from one goroutine at a time.
type conn struct {
	inner driver.Conn
	kept  *lru.LRU[string, *kept]
	inTx  bool
}

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if p, ok := c.inner.(driver.ConnPrepareContext); ok {
		s, err := p.PrepareContext(ctx, query)
		return s, mend(err)
	}
	s, err := c.inner.Prepare(query)
	return s, mend(err)
}

// Close gives up the statements first: SQLite writes its log back only when none is left.
func (c *conn) Close() error {
	c.kept.Purge()
	return c.inner.Close()
}

func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	inner, err := c.begin(ctx, o)
	if err != nil {
		return nil, mend(err)
	}
	c.inTx = true
	return &tx{inner, c}, nil
}

type tx struct {
	driver.Tx
	c *conn
}

func (t *tx) Commit() error   { t.c.inTx = false; return t.Tx.Commit() }
func (t *tx) Rollback() error { t.c.inTx = false; return t.Tx.Rollback() }

func (c *conn) Ping(ctx context.Context) error {
	if p, ok := c.inner.(driver.Pinger); ok {
		return mend(p.Ping(ctx))
	}
	return nil
}

func (c *conn) ResetSession(ctx context.Context) error {
	if r, ok := c.inner.(driver.SessionResetter); ok {
		return mend(r.ResetSession(ctx))
	}
	return nil
}

func (c *conn) IsValid() bool {
	v, ok := c.inner.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.inner.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	count(ctx) // without arguments too a statement is kept: planning may cost more than running
	var out driver.Rows
	seen := traced(ctx, query)
	err := c.with(ctx, query, func(k *kept) error {
		rows, err := k.stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
		if err != nil {
			return err
		}
		k.busy = true
		out = &busyRows{rows, k, seen}
		return nil
	})
	if err != nil {
		untraced(seen)
	}
	return out, err
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	count(ctx)
	defer untraced(traced(ctx, query))
	if e, ok := c.inner.(driver.ExecerContext); ok && len(args) == 0 {
		res, err := e.ExecContext(ctx, query, args)
		return res, mend(err)
	}
	var out driver.Result
	err := c.with(ctx, query, func(k *kept) (err error) {
		out, err = k.stmt.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return out, err
}

// with runs do on the prepared statement. A plan that a migration made stale is prepared again, once, unless a
// transaction is open, which PostgreSQL has then already given up.
func (c *conn) with(ctx context.Context, query string, do func(*kept) error) error {
	for again := false; ; again = true {
		k, ok := c.kept.Get(query)
		if !ok || k.busy {
			stmt, err := c.PrepareContext(ctx, query)
			if err != nil {
				return err
			}
			k = &kept{stmt: stmt, evicted: ok} // a second one beside a busy one is not kept
			if !ok {
				c.kept.Add(query, k)
			}
		}
		err := do(k)
		if k.evicted && !k.busy {
			k.stmt.Close()
		}
		if err == nil {
			return nil
		}
		if stale(err) {
			c.kept.Remove(query)
			if !again && !c.inTx {
				continue
			}
		}
		return mend(err)
	}
}

type busyRows struct {
	driver.Rows
	k    *kept
	seen trace.Span // until all rows are read; nil: none
}

func (r *busyRows) Close() error {
	err := r.Rows.Close()
	r.k.release()
	untraced(r.seen)
	return mend(err)
}

func (r *busyRows) Next(dest []driver.Value) error { return mend(r.Rows.Next(dest)) }

func stale(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == "0A000" && strings.Contains(e.Message, "cached plan")
}

// mend marks as broken a connection that lib/pq 1.12 leaves in its pool after the socket was lost: every later
// statement would fail on it.
func mend(err error) error {
	if err != nil && strings.Contains(err.Error(), "there is already a query being processed") {
		return driver.ErrBadConn
	}
	return err
}

// Counter counts the statements sent with a context; BEGIN and COMMIT are none.
type Counter struct{ n atomic.Int64 }

// Load is the number of statements so far.
func (c *Counter) Load() int { return int(c.n.Load()) }

type counterKey struct{}

// CountStatements returns a context whose statements are counted, for tests and metrics.
func CountStatements(ctx context.Context) (context.Context, *Counter) {
	c := &Counter{}
	return context.WithValue(ctx, counterKey{}, c), c
}

func count(ctx context.Context) {
	if c, ok := ctx.Value(counterKey{}).(*Counter); ok {
		c.n.Add(1)
	}
}
