package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	"modernc.org/sqlite"
)

// brokenConnector makes connections that answer as lib/pq 1.12 does after it lost its socket during an answer.
type brokenConnector struct {
	driver.Connector
	queries int
}

type brokenConn struct {
	driver.Conn
	connector *brokenConnector
}

func (b *brokenConnector) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := b.Connector.Connect(ctx)
	return &brokenConn{c, b}, err
}

func (c *brokenConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.connector.queries++; c.connector.queries == 1 {
		return nil, errors.New("pq: there is already a query being processed on this connection")
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

// The pool drops a connection that lib/pq left unusable, and sends the statement again on another.
func TestBrokenConnectionIsReplaced(t *testing.T) {
	inner, err := sqlite.NewConnector("file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(&cachingConnector{inner: &brokenConnector{Connector: inner}})
	defer db.Close()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT 1").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
}
