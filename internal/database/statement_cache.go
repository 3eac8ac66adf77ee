package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
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
type cachingConnector struct {
	inner driver.Connector
	outages
}

func (c *cachingConnector) Driver() driver.Driver { return c.inner.Driver() }

func (c *cachingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	l, err := c.connect(ctx, c.inner)
	if err != nil {
		return nil, err
	}
	statements, err := lru.NewLRU[string, *cachedStatement](maxCachedStatements, func(_ string, k *cachedStatement) {
		if k.evicted = true; !k.busy {
			k.statement.Close()
		}
	})
	return &cachingConn{link: l, statements: statements}, err
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
	link
	statements *lru.LRU[string, *cachedStatement]
	inTx       bool
}

func (c *cachingConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *cachingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	defer c.watchSocket(ctx)()
	if p, ok := c.inner.(driver.ConnPrepareContext); ok {
		s, err := p.PrepareContext(ctx, query)
		return s, c.noteError(err, true)
	}
	s, err := c.inner.Prepare(query)
	return s, c.noteError(err, true)
}

// Close closes the statements first, because SQLite writes its log back only when no statement is open. PostgreSQL
// forgets them by itself, and a server that is silent would be waited for.
func (c *cachingConn) Close() error {
	if c.socket == nil {
		c.statements.Purge()
	}
	return c.inner.Close()
}

func (c *cachingConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *cachingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	stop := c.watchSocket(ctx)
	inner, err := c.beginScoped(ctx, o)
	if err != nil {
		stop()
		return nil, c.noteError(err, true)
	}
	c.inTx = true
	return &trackedTx{inner, c, stop}, nil
}

type trackedTx struct {
	driver.Tx
	conn *cachingConn
	stop func() // ends the watch over the transaction's context
}

func (t *trackedTx) Commit() error   { return t.end(t.Tx.Commit) }
func (t *trackedTx) Rollback() error { return t.end(t.Tx.Rollback) }

func (t *trackedTx) end(do func() error) error {
	defer t.stop()
	t.conn.inTx = false
	return t.conn.noteError(do(), false)
}

func (c *cachingConn) Ping(ctx context.Context) error {
	defer c.watchSocket(ctx)()
	if p, ok := c.inner.(driver.Pinger); ok {
		return c.noteError(p.Ping(ctx), true)
	}
	return nil
}

func (c *cachingConn) ResetSession(ctx context.Context) error {
	if c.isOutdated() {
		return driver.ErrBadConn
	}
	if r, ok := c.inner.(driver.SessionResetter); ok {
		return c.noteError(r.ResetSession(ctx), true)
	}
	return nil
}

func (c *cachingConn) IsValid() bool {
	v, ok := c.inner.(driver.Validator)
	return !c.isOutdated() && (!ok || v.IsValid())
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
	span, stop := startStatementSpan(ctx, query), c.watchSocket(ctx)
	err := c.withStatement(ctx, query, isRead(query), func(k *cachedStatement) error {
		rows, err := k.statement.(driver.StmtQueryContext).QueryContext(ctx, args)
		if err != nil {
			return err
		}
		k.busy = true
		out = &busyRows{rows, c, k, span, stop, releaseShare(ctx)}
		return nil
	})
	if err != nil {
		stop()
		endSpan(span)
	}
	return out, err
}

func (c *cachingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	countStatement(ctx)
	defer endSpan(startStatementSpan(ctx, query))
	defer c.watchSocket(ctx)()
	if e, ok := c.inner.(driver.ExecerContext); ok && len(args) == 0 {
		sent := c.sentBytes()
		res, err := e.ExecContext(ctx, query, args)
		return res, c.noteError(err, c.sentBytes() == sent)
	}
	var out driver.Result
	err := c.withStatement(ctx, query, false, func(k *cachedStatement) (err error) {
		out, err = k.statement.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return out, err
}

// withStatement runs do on the prepared statement. When a migration has made its plan stale, it prepares the statement
// again once. Inside a transaction it does not, because PostgreSQL has aborted the transaction by then. A statement
// that repeatable allows may be sent again on another connection although it was sent on this one.
func (c *cachingConn) withStatement(ctx context.Context, query string, repeatable bool,
	do func(*cachedStatement) error) error {
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
		sent := c.sentBytes()
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
		return c.noteError(err, repeatable || c.sentBytes() == sent)
	}
}

type busyRows struct {
	driver.Rows
	conn      *cachingConn
	statement *cachedStatement
	span      trace.Span // ends when all rows are read; nil without a trace
	stop      func()     // ends the watch over the statement's context
	release   func()     // gives the caller's share back
}

func (r *busyRows) Close() error {
	err := r.Rows.Close()
	defer r.release()
	r.stop()
	r.statement.releaseStatement()
	endSpan(r.span)
	return r.conn.noteError(err, false)
}

func (r *busyRows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err == io.EOF {
		return err // the end of the rows
	}
	return r.conn.noteError(err, false)
}

func isStalePlan(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code == "0A000" && strings.Contains(e.Message, "cached plan")
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
