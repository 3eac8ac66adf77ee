// Package database opens the hub's database. It holds the connections to SQLite and PostgreSQL, prepared statements,
// migrations, row-level security, tracing, and the classification of the database's errors. It knows no caller and
// decides nothing. Package store reads and writes the rows of callers.
package database

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"

	"rightshub/internal/fault"
	"rightshub/migrations"
)

// Options say which database to open and how.
type Options struct {
	URL              string        // sqlite:///path/file.db or postgres://...
	MaxConnections   int           // most connections; 0 means 16
	StatementTimeout time.Duration // longest a statement may take; 0 means 7 s
	Migrations       fs.FS         // folders sqlite and postgres; nil means the program's own versions
	RowLevelSecurity bool          // PostgreSQL limits each transaction to its scope
	Volatile         bool          // SQLite may lose acknowledged writes when the power fails, for tests
}

// defaultStatementTimeout leaves time within ten seconds to notice that a server is silent and to try another
// connection.
const defaultStatementTimeout = 7 * time.Second

// DB is an open database.
type DB struct {
	pool             *sql.DB
	kind             string
	url              string
	outages          *outages
	writable         writableProbe
	shares           *shares
	migrations       fs.FS
	clockOffset      atomic.Int64 // as of ClockOffset, in nanoseconds
	rowLevelSecurity bool         // the role of the hub is under row-level security
}

// Open connects and checks that the database answers. Its errors say what to do and hold no password.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.MaxConnections == 0 {
		o.MaxConnections = 16
	}
	if o.StatementTimeout == 0 {
		o.StatementTimeout = defaultStatementTimeout
	}
	if o.Migrations == nil {
		o.Migrations = migrations.Files
	}
	if o.URL == "" {
		return nil, fault.New(fault.Invalid, "No database is named: set --database-url, or RIGHTSHUB_DATABASE_URL.")
	}
	u, err := parseURL(o.URL)
	if err != nil {
		return nil, fault.New(fault.Invalid,
			"The database URL cannot be read: write sqlite:///path/file.db or "+
				"postgres://user@host/name?sslmode=verify-full.")
	}
	var (
		connector = &cachingConnector{}
		kind      string
	)
	switch u.Scheme {
	case "sqlite":
		kind = dialect.SQLite
		if o.RowLevelSecurity {
			return nil, errRowSecurityUnsupported
		}
		connector.inner, err = sqliteConnector(u, o.Volatile)
	case "postgres", "postgresql":
		kind = dialect.Postgres
		err = connector.usePostgres(u, o.StatementTimeout)
	default:
		return nil, fault.New(fault.Invalid,
			"The database URL begins with %q: write sqlite:///path/file.db or "+
				"postgres://user@host/name?sslmode=verify-full.", u.Scheme)
	}
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(o.MaxConnections)
	pool.SetMaxIdleConns(o.MaxConnections)
	pool.SetConnMaxLifetime(30 * time.Minute)
	db := &DB{pool: pool, kind: kind, url: o.URL, outages: &connector.outages, migrations: o.Migrations,
		rowLevelSecurity: o.RowLevelSecurity, shares: newShares(o.MaxConnections)}
	if err := db.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

// SQL returns the pool. Only this package and its tests send statements through it.
func (db *DB) SQL() *sql.DB { return db.pool }

// Kind returns dialect.SQLite or dialect.Postgres.
func (db *DB) Kind() string { return db.kind }

// URL returns the URL of Options. It may hold a password.
func (db *DB) URL() string { return db.url }

// Close closes all connections.
func (db *DB) Close() error { return db.pool.Close() }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := db.pool.PingContext(ctx); err != nil {
		f := fault.New(fault.Unavailable,
			"The database does not answer: check that it runs and that the database URL names it, its user and "+
				"its password.")
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			f = fault.New(fault.Unavailable, "The database was not opened, because the program stops.")
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			f = fault.New(fault.Unavailable,
				"The database did not answer in time: check the load of its machine, its disk and the network.")
		case isNotSQLiteFile(err):
			f = fault.New(fault.Unavailable,
				"The database file is not a SQLite database: name another with --database-url.")
		case db.kind == dialect.SQLite:
			f = fault.New(fault.Unavailable,
				"The database file cannot be opened: check that its folder exists and may be written to.")
		}
		f.Cause = redactError(err)
		return f
	}
	return nil
}

// IsPostgres reports whether the database is PostgreSQL. Otherwise it is SQLite.
func (db *DB) IsPostgres() bool { return db.kind == dialect.Postgres }

// Analyze lets the database collect the statistics from which it plans queries. Call it after many rows have come in at
// once. Without it, SQLite searches all cases of a country for those of one child.
func (db *DB) Analyze(ctx context.Context) error {
	_, err := db.pool.ExecContext(ctx, "ANALYZE")
	return Classify(err)
}

// EnforcesRowSecurity reports whether row-level security limits the hub's transactions to their scope.
func (db *DB) EnforcesRowSecurity() bool { return db.rowLevelSecurity }
