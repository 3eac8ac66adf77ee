package database

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

// maxCachedStatements is the largest number of prepared statements of a connection.
const maxCachedStatements = 200

// cachingConnector makes connections that keep their prepared statements. With lib/pq, a statement with arguments costs
// two round trips when it must be prepared, and one when it is prepared already.
type cachingConnector struct{ inner driver.Connector }

func (c *cachingConnector) Driver() driver.Driver { return c.inner.Driver() }

func (c *cachingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	statements, err := lru.NewLRU[string, *cachedStatement](maxCachedStatements, func(_ string, k *cachedStatement) {
		if k.evicted = true; !k.busy {
			k.statement.Close()
		}
	})
	return &cachingConn{inner: inner, statements: statements}, err
}

// cachedStatement is one prepared statement. While its rows are read it is busy, and nothing else uses it.
type cachedStatement struct {
	statement     driver.Stmt
	busy, evicted bool
}

func (k *cachedStatement) releaseStatement() {
	if k.busy = false; k.evicted {
		k.statement.Close()
	}
}

// cachingConn is one connection. database/sql uses it from one goroutine at a time.
type cachingConn struct {
	inner      driver.Conn
	statements *lru.LRU[string, *cachedStatement]
	inTx       bool
}

func (c *cachingConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *cachingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if p, ok := c.inner.(driver.ConnPrepareContext); ok {
		s, err := p.PrepareContext(ctx, query)
		return s, markBrokenConn(err)
	}
	s, err := c.inner.Prepare(query)
	return s, markBrokenConn(err)
}

// Close closes the statements first, because SQLite writes its log back only when no statement is open.
func (c *cachingConn) Close() error {
	c.statements.Purge()
	return c.inner.Close()
}

func (c *cachingConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *cachingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	inner, err := c.beginScoped(ctx, o)
	if err != nil {
		return nil, markBrokenConn(err)
	}
	c.inTx = true
	return &trackedTx{inner, c}, nil
}

type trackedTx struct {
	driver.Tx
	conn *cachingConn
}

func (t *trackedTx) Commit() error   { t.conn.inTx = false; return t.Tx.Commit() }
func (t *trackedTx) Rollback() error { t.conn.inTx = false; return t.Tx.Rollback() }

func (c *cachingConn) Ping(ctx context.Context) error {
	if p, ok := c.inner.(driver.Pinger); ok {
		return markBrokenConn(p.Ping(ctx))
	}
	return nil
}

func (c *cachingConn) ResetSession(ctx context.Context) error {
	if r, ok := c.inner.(driver.SessionResetter); ok {
		return markBrokenConn(r.ResetSession(ctx))
	}
	return nil
}

func (c *cachingConn) IsValid() bool {
	v, ok := c.inner.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *cachingConn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.inner.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *cachingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	countStatement(ctx)
	var out driver.Rows // a query without arguments is cached too, because planning may cost more than running
	span := startStatementSpan(ctx, query)
	err := c.withStatement(ctx, query, func(k *cachedStatement) error {
		rows, err := k.statement.(driver.StmtQueryContext).QueryContext(ctx, args)
		if err != nil {
			return err
		}
		k.busy = true
		out = &busyRows{rows, k, span}
		return nil
	})
	if err != nil {
		endSpan(span)
	}
	return out, err
}

func (c *cachingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	countStatement(ctx)
	defer endSpan(startStatementSpan(ctx, query))
	if e, ok := c.inner.(driver.ExecerContext); ok && len(args) == 0 {
		res, err := e.ExecContext(ctx, query, args)
		return res, markBrokenConn(err)
	}
	var out driver.Result
	err := c.withStatement(ctx, query, func(k *cachedStatement) (err error) {
		out, err = k.statement.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return out, err
}

// withStatement runs do on the prepared statement. When a migration has made its plan stale, it prepares the statement
// again once. Inside a transaction it does not, because PostgreSQL has aborted the transaction by then.
func (c *cachingConn) withStatement(ctx context.Context, query string, do func(*cachedStatement) error) error {
	for again := false; ; again = true {
		k, ok := c.statements.Get(query)
		if !ok || k.busy {
			stmt, err := c.PrepareContext(ctx, query)
			if err != nil {
				return err
			}
			k = &cachedStatement{statement: stmt, evicted: ok} // a second one beside a busy one is not cached
			if !ok {
				c.statements.Add(query, k)
			}
		}
		err := do(k)
		if k.evicted && !k.busy {
			k.statement.Close()
		}
		if err == nil {
			return nil
		}
		if isStalePlan(err) {
			c.statements.Remove(query)
			if !again && !c.inTx {
				continue
			}
		}
		return markBrokenConn(err)
	}
}

type busyRows struct {
	driver.Rows
	statement *cachedStatement
	span      trace.Span // ends when all rows are read; nil without a trace
}

func (r *busyRows) Close() error {
	err := r.Rows.Close()
	r.statement.releaseStatement()
	endSpan(r.span)
	return markBrokenConn(err)
}

func (r *busyRows) Next(dest []driver.Value) error { return markBrokenConn(r.Rows.Next(dest)) }

func isStalePlan(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == "0A000" && strings.Contains(e.Message, "cached plan")
}

// markBrokenConn turns an error of a connection that lib/pq 1.12 leaves in its pool after the socket was lost into
// driver.ErrBadConn. Otherwise every later statement on the connection would fail.
func markBrokenConn(err error) error {
	if err != nil && strings.Contains(err.Error(), "there is already a query being processed") {
		return driver.ErrBadConn
	}
	return err
}

// StatementCounter counts the statements sent with a context, without BEGIN and COMMIT.
type StatementCounter struct{ statements atomic.Int64 }

// Load returns the number of statements so far.
func (c *StatementCounter) Load() int { return int(c.statements.Load()) }

type counterKey struct{}

// CountStatements returns a context that counts its statements, for tests and metrics.
func CountStatements(ctx context.Context) (context.Context, *StatementCounter) {
	c := &StatementCounter{}
	return context.WithValue(ctx, counterKey{}, c), c
}

func countStatement(ctx context.Context) {
	if c, ok := ctx.Value(counterKey{}).(*StatementCounter); ok {
		c.statements.Add(1)
	}
}
