package database

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"rightshub/internal/fault"
)

// migrationsTableSQL creates the table in which the hub writes which versions were applied.
const migrationsTableSQL = `CREATE TABLE IF NOT EXISTS hub_migrations (
	version varchar(40) PRIMARY KEY,
	hash varchar(100) NOT NULL,
	applied_at varchar(40) NOT NULL
)`

// migrationLockKey is the hub's own number among PostgreSQL's advisory locks.
const migrationLockKey = 7_264_013

// Querier sends statements. A pool, a connection and a transaction are queriers.
type Querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

// appliedVersions returns the checksum of each version that the database has. Without the table it has none.
func (db *DB) appliedVersions(ctx context.Context, q Querier) (map[string]string, error) {
	probe := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'hub_migrations'"
	if db.IsPostgres() {
		probe = `SELECT count(*) FROM information_schema.tables
			WHERE table_schema = current_schema() AND table_name = 'hub_migrations'`
	}
	n, err := ScanAll(ctx, q, probe, func(r *sql.Rows) (n int, err error) { return n, r.Scan(&n) })
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	if n[0] == 0 {
		return out, nil
	}
	_, err = ScanAll(ctx, q, "SELECT version, hash FROM hub_migrations", func(r *sql.Rows) (string, error) {
		var version, hash string
		err := r.Scan(&version, &hash)
		out[version] = hash
		return version, err
	})
	return out, err
}

// ScanAll returns every row of a query.
func ScanAll[T any](
	ctx context.Context, q Querier, query string, scan func(*sql.Rows) (T, error), args ...any,
) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, Classify(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, Classify(err)
		}
		out = append(out, one)
	}
	return out, Classify(rows.Err())
}

// CheckSchema fails, saying what to do, when the database is behind or ahead of this program.
func (db *DB) CheckSchema(ctx context.Context) error {
	list, err := db.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		if !m.Applied {
			return fault.New(fault.Unavailable,
				"The database is behind this program, because it lacks version %s. "+
					"Run `rightshub migrate up`, or start with --migrate.", m.Version)
		}
	}
	return nil
}

// lockTimeout is how long a version waits on PostgreSQL for a table that another transaction uses. While it waits, all
// later readers and writers of that table queue behind it, so it gives up soon.
const lockTimeout = 10 * time.Second

// Migrate applies the missing versions under a lock, each in a transaction of its own, and returns how many. When it
// stops in the middle of a version, by an error, a cancelled context or a kill, the database holds nothing of it.
func (db *DB) Migrate(ctx context.Context) (int, error) {
	ctx = withLongStatements(ctx)
	c, err := db.pool.Conn(ctx)
	if err != nil {
		return 0, Classify(err)
	}
	defer c.Close()
	// Another process that migrates takes longer than another request, so SQLite waits longer for it.
	first := []string{"PRAGMA foreign_keys = off", "PRAGMA busy_timeout = 300000"}
	last := []string{"PRAGMA foreign_keys = on", sqliteBusyPragma}
	if db.IsPostgres() { // the timeout of the pool suits requests, while an index of a large table takes longer
		first = []string{"SET statement_timeout = 0", fmt.Sprintf("SELECT pg_advisory_lock(%d)", migrationLockKey)}
		last = []string{fmt.Sprintf("SELECT pg_advisory_unlock(%d)", migrationLockKey), "RESET statement_timeout"}
	} // SQLite ignores the switch inside a transaction. A version that rebuilds a table drops the old one.
	defer func() {
		for _, s := range last {
			c.ExecContext(context.WithoutCancel(ctx), s)
		}
	}()
	for _, s := range first {
		if _, err := c.ExecContext(ctx, s); err != nil {
			return 0, Classify(err)
		}
	}
	done := 0
	for {
		more, err := db.migrateOne(ctx, c)
		if err != nil || !more {
			return done, err
		}
		done++
	}
}

// createMigrationsTable creates the hub's own table in a database that has no version.
func (db *DB) createMigrationsTable(ctx context.Context, tx *sql.Tx) error {
	if err := db.checkNoOtherTables(ctx, tx); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, migrationsTableSQL)
	return migrationError(err, "migrate")
}

// checkNoOtherTables fails when a database without a version holds tables or views.
func (db *DB) checkNoOtherTables(ctx context.Context, q Querier) error {
	others := `SELECT count(*) FROM sqlite_master
		WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> 'hub_migrations'`
	if db.IsPostgres() { // except what an extension has created
		others = `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
			AND c.relname <> 'hub_migrations'
			AND NOT EXISTS (
				SELECT 1 FROM pg_depend d
				WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`
	}
	n, err := ScanAll(ctx, q, others, func(r *sql.Rows) (n int, err error) { return n, r.Scan(&n) })
	if err == nil && n[0] > 0 {
		err = fault.New(fault.Unavailable,
			"The database holds other tables, and none of the hub's in sight: "+
				"name an empty one with --database-url.")
	}
	return err
}

// migrateOne applies the first missing version. On SQLite its transaction is the lock: it begins by taking the file.
func (db *DB) migrateOne(ctx context.Context, c *sql.Conn) (bool, error) {
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return false, Classify(err)
	}
	defer tx.Rollback()
	applied, err := db.appliedVersions(ctx, tx)
	if err != nil {
		return false, err
	}
	missing, err := db.missingVersions(applied)
	if err != nil || len(missing) == 0 {
		return false, err
	}
	if len(applied) == 0 {
		if err := db.createMigrationsTable(ctx, tx); err != nil {
			return false, err
		}
	}
	if db.IsPostgres() {
		wait := fmt.Sprintf("SET LOCAL lock_timeout = %d", lockTimeout.Milliseconds())
		if _, err := tx.ExecContext(ctx, wait); err != nil {
			return false, Classify(err)
		}
	}
	if err := db.applyVersion(ctx, tx, missing[0]); err != nil {
		return false, err
	}
	if err := tx.Commit(); err != nil {
		return false, statementError(err, missing[0].path())
	}
	return true, nil
}

// applyVersion runs the statements of a version and writes down that the database has it.
func (db *DB) applyVersion(ctx context.Context, tx *sql.Tx, f migrationFile) error {
	statements, err := f.statements()
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s.text); err != nil {
			return statementError(err, fmt.Sprintf("%s:%d", f.path(), s.line))
		}
	}
	if err := db.checkForeignKeys(ctx, tx, f.path()); err != nil {
		return err
	}
	insert := "INSERT INTO hub_migrations (version, hash, applied_at) VALUES (?, ?, ?)"
	if db.IsPostgres() {
		insert = "INSERT INTO hub_migrations (version, hash, applied_at) VALUES ($1, $2, $3)"
	}
	if _, err := tx.ExecContext(ctx, insert, f.version, f.hash, time.Now().UTC().Format(time.RFC3339)); err != nil {
		return statementError(err, f.path())
	}
	return nil
}

// checkForeignKeys fails when a version left references to missing rows. SQLite does not check them while Migrate has
// the switch off.
func (db *DB) checkForeignKeys(ctx context.Context, tx *sql.Tx, path string) error {
	if db.IsPostgres() {
		return nil
	}
	broken, err := ScanAll(ctx, tx, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`,
		func(r *sql.Rows) (table string, err error) { return table, r.Scan(&table) })
	if err != nil || len(broken) == 0 {
		return err
	}
	return fault.New(fault.Unavailable,
		"%s: rows of %s refer to missing rows, so nothing of this version was applied. "+
			"Correct these rows and run `rightshub migrate up` again.", path, broken[0])
}
