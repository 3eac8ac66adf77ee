package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// outages is what a pool knows about failures outside of the hub. A connection that met one is dropped. When the server
// turned out to be silent, or takes no writes any more, all connections made before are dropped when they are used
// next, because they lead to the same server.
type outages struct {
	dialer      *socketDialer // nil on SQLite
	answerLimit time.Duration // longest wait for an answer; 0 means for ever
	dsn         string        // the URL as lib/pq gets it
	hosts       int           // that the URL names
	generation  atomic.Int64  // grows when all connections made so far must go
	failures    atomic.Int64  // grows with each statement that failed from outside of the hub
	serverMoves atomic.Int64  // grows when a connection leads to another server than those before

	mu         sync.Mutex
	server     string    // the server of the connections, with its timeline; "" before the first
	refuse     error     // what every attempt to connect fails with until refuseTill, after one that timed out
	refuseTill time.Time // set with refuse
}

// refusalPeriod is how long attempts to connect fail at once after one that timed out. Otherwise the requests that wait
// for a connection would each wait for such a timeout, one after the other.
const refusalPeriod = time.Second

// errLostConnection stands for driver.ErrBadConn where the statement may have been carried out. The pool sends a
// statement again after driver.ErrBadConn, and would so write twice.
var errLostConnection = errors.New("the connection was lost while a statement ran")

// usePostgres makes the connector one for a PostgreSQL server.
func (c *cachingConnector) usePostgres(u *url.URL, timeout time.Duration) error {
	u, err := postgresURL(u, timeout)
	if err != nil {
		return err
	}
	inner, err := postgresConnector(u)
	if err != nil {
		return err
	}
	if named := u.Query().Get("statement_timeout"); named != "" {
		ms, err := strconv.Atoi(named)
		if timeout = time.Duration(ms) * time.Millisecond; err != nil {
			timeout = 0 // with a unit, or something that PostgreSQL refuses
		}
	}
	if timeout > 0 {
		c.answerLimit = timeout + answerGrace
	}
	c.dialer, c.dsn, c.hosts = newSocketDialer(), u.String(), 1+strings.Count(u.Query().Get("host"), ",")
	inner.Dialer(c.dialer)
	c.inner = inner
	return nil
}

// link is where a connection leads.
type link struct {
	inner      driver.Conn
	outages    *outages
	socket     *socket // nil on SQLite
	generation int64   // of the connection
	standby    bool    // the pool uses the connection only once, because a standby may take over
	broken     bool    // the pool drops the connection
}

// connect makes a connection. The sign-in is bounded too.
func (o *outages) connect(ctx context.Context, inner driver.Connector) (link, error) {
	l := link{outages: o, generation: o.generation.Load()}
	if o.dialer == nil {
		c, err := inner.Connect(ctx)
		l.inner = c
		return l, err
	}
	o.mu.Lock()
	refuse, till := o.refuse, o.refuseTill
	o.mu.Unlock()
	if time.Now().Before(till) {
		return l, refuse
	}
	var sockets dialedSockets
	limited, cancel := context.WithTimeout(ctx, connectTimeout*time.Duration(o.hosts)+answerGrace)
	defer cancel()
	stop := context.AfterFunc(limited, sockets.closeAll) // lib/pq does not hear the context once it has a socket
	defer stop()
	c, err := inner.Connect(context.WithValue(limited, dialedSocketsKey{}, &sockets))
	if err == nil {
		l.inner, l.socket = c, sockets.last()
		if err = l.recogniseServer(limited); err != nil {
			c.Close()
		}
	}
	if err != nil {
		if ctx.Err() == nil && (isNetTimeout(err) || limited.Err() != nil) {
			o.mu.Lock()
			o.refuse, o.refuseTill = errors.Join(errLostConnection, redactError(err)), time.Now().Add(refusalPeriod)
			o.mu.Unlock()
			err = o.refuse
		}
		return l, err
	}
	return l, nil
}

// selectServer reads the identity of a server and its timeline, which changes when a standby takes over. The timeline
// is the beginning of the name of the file to which the server writes. A standby has none.
const selectServer = `SELECT CASE WHEN NOT pg_is_in_recovery() THEN
	(SELECT CAST(system_identifier AS text) FROM pg_control_system()) || ' ' ||
	left(pg_walfile_name(pg_current_wal_lsn()), 8) END`

// recogniseServer finds out which server a new connection leads to. A server other than that of the connections before
// knows other transactions, so that the positions of the change feed mean nothing there.
func (l *link) recogniseServer(ctx context.Context) error {
	rows, err := l.inner.(driver.QueryerContext).QueryContext(ctx, selectServer, nil)
	if ErrorKind(err) == "privilege" { // the operator has taken the functions away
		return nil
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	var value [1]driver.Value
	if err := rows.Next(value[:]); err != nil {
		return err
	}
	if l.standby = value[0] == nil; l.standby {
		return nil
	}
	server, o := fmt.Sprintf("%s", value[0]), l.outages
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.server != "" && o.server != server {
		o.serverMoves.Add(1)
		l.generation = o.generation.Add(1)
	}
	o.server = server
	return nil
}

// ServerMoves returns a number that grows whenever the hub's connections lead to another server than before, or to one
// that was a standby before. The statements after it ran on the server of that moment.
func (db *DB) ServerMoves() int64 { return db.outages.serverMoves.Load() }

// isOutdated reports whether the pool must drop the connection.
func (c *cachingConn) isOutdated() bool {
	return c.broken || c.standby || c.generation != c.outages.generation.Load()
}

// replaceGeneration makes the pool drop this connection and all others that were made before now. Connections that
// replaced another of the same generation stay.
func (c *cachingConn) replaceGeneration() {
	c.broken = true
	c.outages.generation.CompareAndSwap(c.generation, c.generation+1)
}

// sentBytes returns how many bytes were sent on the connection. It is always 0 on SQLite.
func (c *cachingConn) sentBytes() int64 {
	if c.socket == nil {
		return 0
	}
	return c.socket.sent.Load()
}

// watchSocket bounds the waits for the server's answers, and closes the socket when the context ended long ago. The
// caller calls stop when the answer is there.
func (c *cachingConn) watchSocket(ctx context.Context) (stop func()) {
	if c.socket == nil {
		return func() {}
	}
	limit := c.outages.answerLimit
	if ctx.Value(longStatementKey{}) != nil {
		limit = 0
	}
	c.socket.limit.Store(int64(limit))
	if ctx.Done() == nil {
		return func() {}
	}
	return c.socket.watchContext(ctx)
}

// noteError looks at the error of a statement before the pool does. It marks the connection as broken when the cause
// lies outside of the hub. It returns driver.ErrBadConn, after which the pool sends the statement again on another
// connection, only when that is repeatable and the server was not merely silent.
func (c *cachingConn) noteError(err error, repeatable bool) error {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "there is already a query being processed") {
		// lib/pq 1.12 leaves such a connection in its pool after the socket was lost. Nothing was sent.
		c.broken = true
		return driver.ErrBadConn
	}
	kind := ErrorKind(err)
	if kind == "read-only" || kind == "full" || kind == "connection" {
		c.outages.failures.Add(1)
	}
	switch kind {
	case "read-only":
		c.replaceGeneration()
		return err
	case "full":
		c.broken = true
		return err
	case "connection":
		if isStalePlan(err) {
			return err // the connection is as good as before
		}
		c.broken = true
	default:
		return err
	}
	if c.socket == nil {
		return err
	}
	if c.socket.silent.Load() {
		c.replaceGeneration()
		c.outages.dialer.hurrySilentSockets()
		return errLostConnection
	}
	if repeatable && !c.inTx {
		return driver.ErrBadConn
	}
	if errors.Is(err, driver.ErrBadConn) {
		return errLostConnection
	}
	return err
}

// isRead reports whether a statement only reads, so that it may be sent twice.
func isRead(query string) bool {
	return strings.HasPrefix(query, "SELECT ") || strings.HasPrefix(query, "WITH RECURSIVE ")
}
