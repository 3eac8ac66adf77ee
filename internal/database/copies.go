package database

import (
	"context"
	"database/sql"
	"time"

	"rightshub/internal/fault"
)

// CopyInto writes a copy of a SQLite database into an empty or missing file, as it is at one moment. Others read and
// write meanwhile. The copy holds nothing of deleted rows.
func (db *DB) CopyInto(ctx context.Context, path string) error {
	_, err := db.pool.ExecContext(withLongStatements(ctx), "VACUUM INTO ?", path)
	return Classify(err)
}

// Snapshot is a moment of a PostgreSQL database that others can read too.
type Snapshot struct {
	Querier        // reads the database as it was at that moment
	Name    string // for the flag --snapshot of pg_dump
	Schema  string // the schema with the hub's tables
	Now     string // the moment by the database's clock, in RFC 3339
}

// InSnapshot runs do while the snapshot can be read.
func (db *DB) InSnapshot(ctx context.Context, do func(context.Context, Snapshot) error) error {
	ctx = withLongStatements(ctx)
	tx, err := db.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return Classify(err)
	}
	defer tx.Rollback()
	for _, setting := range []string{"statement_timeout", "idle_in_transaction_session_timeout"} {
		if _, err := tx.ExecContext(ctx, "SET LOCAL "+setting+" = 0"); err != nil {
			return Classify(err)
		}
	}
	s := Snapshot{Querier: tx}
	row := tx.QueryRowContext(ctx, `SELECT pg_export_snapshot(), current_schema(),
		to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)
	if err := row.Scan(&s.Name, &s.Schema, &s.Now); err != nil {
		return Classify(err)
	}
	return do(ctx, s)
}

// CheckIntegrity fails when a SQLite file is damaged, or when rows refer to missing rows. PostgreSQL checks the same
// when it loads a dump.
func (db *DB) CheckIntegrity(ctx context.Context) error {
	if db.IsPostgres() {
		return nil
	}
	ctx = withLongStatements(ctx)
	scan := func(r *sql.Rows) (text string, err error) { return text, r.Scan(&text) }
	found, err := ScanAll(ctx, db.pool, "PRAGMA integrity_check(1)", scan)
	if err != nil {
		return err
	}
	broken, err := ScanAll(ctx, db.pool, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`, scan)
	if err == nil && (len(found) != 1 || found[0] != "ok" || len(broken) > 0) {
		err = fault.New(fault.Invalid, "The SQLite file is damaged. Take another backup.")
	}
	return err
}

// connectionEnds is how long CheckUnused waits for connections to end. The server ends the process of a connection some
// time after its client has left, on a busy machine seconds later.
const connectionEnds = 5 * time.Second

// CheckUnused fails when a hub, or another command of the program, stays connected to the database. It needs a DB that
// was opened with one connection. PostgreSQL lists connections by the name that the program gives them. On SQLite it
// takes the file for itself for a moment, and moves what is in the log into the file.
func (db *DB) CheckUnused(ctx context.Context) error {
	if db.IsPostgres() {
		return db.waitUnused(ctx)
	}
	f, err := db.LockFile(ctx)
	if err == nil {
		f.Unlock()
	}
	return err
}

// waitUnused waits until no other connection of the program is open.
func (db *DB) waitUnused(ctx context.Context) error {
	for end := time.Now().Add(connectionEnds); ; {
		n, err := readNumber(ctx, db.pool, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND application_name = current_setting('application_name')`)
		if err != nil || n == 0 {
			return err
		}
		if time.Now().After(end) {
			return errInUse
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done(): // the next statement fails
		}
	}
}

var errInUse = fault.New(fault.Conflict, "A hub or another program is connected to the database. Stop it first, "+
	"and the socket of systemd that would start it again.")
