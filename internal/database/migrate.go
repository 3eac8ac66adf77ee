package database

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"slices"
	"time"

	"ariga.io/atlas/sql/migrate"
	"github.com/lib/pq"

	"rightshub/internal/fault"
	"rightshub/migrations"
)

// migrationsTableSQL is the table in which the hub writes which versions were applied.
const migrationsTableSQL = `CREATE TABLE IF NOT EXISTS hub_migrations (version varchar(40) PRIMARY KEY, hash varchar(100) NOT NULL, applied_at varchar(40) NOT NULL)`

// migrationLockKey is the hub's own number among PostgreSQL's advisory locks.
const migrationLockKey = 7_264_013

// Migration is one version and whether the database has it.
type Migration struct {
	Version string
	Applied bool
}

// loadMigrations loads the embedded versions of this kind of database; a file that was changed after it was written fails.
func (db *DB) loadMigrations() (*migrate.MemDir, error) {
	dir := &migrate.MemDir{}
	sub, err := fs.Sub(migrations.Files, db.migrationFolder())
	if err != nil {
		return nil, fault.Wrap(err, "migrations")
	}
	entries, err := fs.ReadDir(sub, ".")
	if err != nil {
		return nil, fault.Wrap(err, "migrations")
	}
	for _, e := range entries {
		text, err := fs.ReadFile(sub, e.Name())
		if err == nil {
			err = dir.WriteFile(e.Name(), text)
		}
		if err != nil {
			return nil, fault.Wrap(err, "migrations")
		}
	}
	if err := migrate.Validate(dir); err != nil {
		return nil, fault.New(fault.Internal, "A migration file was changed after it was written: restore the folder migrations/%s, or take a program that was built from it unchanged.", db.migrationFolder())
	}
	return dir, nil
}

func (db *DB) migrationFolder() string {
	if db.IsPostgres() {
		return "postgres"
	}
	return "sqlite"
}

// Migrations compares the embedded versions with the database's. A database that has a version this program does not
// know, or another text of one, is an error.
func (db *DB) Migrations(ctx context.Context) ([]Migration, error) {
	applied, err := db.appliedVersions(ctx, db.pool)
	if err != nil {
		return nil, err
	}
	return db.compareVersions(applied)
}

func (db *DB) compareVersions(applied map[string]string) ([]Migration, error) {
	dir, err := db.loadMigrations()
	if err != nil {
		return nil, err
	}
	files, err := dir.Files()
	if err != nil {
		return nil, fault.Wrap(err, "migrations")
	}
	sums, err := dir.Checksum()
	if err != nil {
		return nil, fault.Wrap(err, "migrations")
	}
	var out []Migration
	for _, f := range files {
		sum, err := sums.SumByName(f.Name())
		if err != nil {
			return nil, fault.Wrap(err, "migrations")
		}
		hash, ok := applied[f.Version()]
		if ok && hash != sum {
			return nil, fault.New(fault.Unavailable, "The database was migrated with another text of version %s: use the program that migrated it.", f.Version())
		}
		delete(applied, f.Version())
		out = append(out, Migration{f.Version(), ok})
	}
	if len(applied) > 0 {
		return nil, fault.New(fault.Unavailable, "The database is ahead of this program: use a newer one.")
	}
	return out, nil
}

type Querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

// appliedVersions reads what the database has; a database without the table has nothing.
func (db *DB) appliedVersions(ctx context.Context, q Querier) (map[string]string, error) {
	probe := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'hub_migrations'"
	if db.IsPostgres() {
		probe = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'hub_migrations'"
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

// ScanAll reads every row of a statement.
func ScanAll[T any](ctx context.Context, q Querier, query string, scan func(*sql.Rows) (T, error), args ...any) ([]T, error) {
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
			return fault.New(fault.Unavailable, "The database is behind this program: run `rightshub migrate up`, or start with --migrate.")
		}
	}
	return nil
}

// Migrate applies the missing versions under a lock, each in a transaction of its own, and returns how many.
func (db *DB) Migrate(ctx context.Context) (int, error) {
	c, err := db.pool.Conn(ctx)
	if err != nil {
		return 0, Classify(err)
	}
	defer c.Close()
	if db.IsPostgres() {
		if _, err := c.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLockKey); err != nil {
			return 0, Classify(err)
		}
		defer c.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLockKey)
	}
	if !db.IsPostgres() { // a version that remakes a table drops the old one; within a transaction the switch does nothing
		if _, err := c.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
			return 0, Classify(err)
		}
		defer c.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = on")
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

// createMigrationsTable makes the hub's own table in a database that has no version. One that holds other tables is left as it is.
func (db *DB) createMigrationsTable(ctx context.Context, tx *sql.Tx) error {
	others := "SELECT count(*) FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> 'hub_migrations'"
	if db.IsPostgres() { // what an extension has made is nobody's
		others = `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relname <> 'hub_migrations'
			AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`
	}
	n, err := ScanAll(ctx, tx, others, func(r *sql.Rows) (n int, err error) { return n, r.Scan(&n) })
	if err != nil {
		return err
	}
	if n[0] > 0 {
		return fault.New(fault.Unavailable, "The database holds other tables, and none of the hub's in sight: name an empty one with --database-url.")
	}
	_, err = tx.ExecContext(ctx, migrationsTableSQL)
	return migrationError(err, "migrate")
}

// migrationError says why a statement of a migration failed.
func migrationError(err error, doing string) error {
	var p *pq.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p) && (p.Code == "42501" || p.Code == "3F000"): // no right to the schema, or none that is in sight
		f := fault.New(fault.Unavailable, "The database lets this role make or change no tables: name their owner in --database-url, or let the database's owner grant the role CREATE on the schema.")
		f.Cause = redactError(err)
		return f
	}
	return fault.Wrap(redactError(err), doing)
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
	list, err := db.compareVersions(applied)
	if err != nil {
		return false, err
	}
	if !slices.ContainsFunc(list, func(m Migration) bool { return m.Applied }) {
		if err := db.createMigrationsTable(ctx, tx); err != nil {
			return false, err
		}
	}
	dir, err := db.loadMigrations()
	if err != nil {
		return false, err
	}
	files, err := dir.Files()
	if err != nil {
		return false, fault.Wrap(err, "migrations")
	}
	sums, err := dir.Checksum()
	if err != nil {
		return false, fault.Wrap(err, "migrations")
	}
	for i, m := range list {
		if m.Applied {
			continue
		}
		statements, err := files[i].Stmts()
		if err != nil {
			return false, fault.Wrap(err, "migration "+m.Version)
		}
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return false, migrationError(err, "migration "+m.Version)
			}
		}
		sum, err := sums.SumByName(files[i].Name())
		if err != nil {
			return false, fault.Wrap(err, "migration "+m.Version)
		}
		if err := db.checkForeignKeys(ctx, tx); err != nil {
			return false, fault.Wrap(err, "migration "+m.Version)
		}
		insert := "INSERT INTO hub_migrations (version, hash, applied_at) VALUES (?, ?, ?)"
		if db.IsPostgres() {
			insert = "INSERT INTO hub_migrations (version, hash, applied_at) VALUES ($1, $2, $3)"
		}
		if _, err := tx.ExecContext(ctx, insert, m.Version, sum, time.Now().UTC().Format(time.RFC3339)); err != nil {
			return false, Classify(err)
		}
		return true, Classify(tx.Commit())
	}
	return false, nil
}

// checkForeignKeys fails where a version left a reference to nothing: SQLite does not look while its switch is off.
func (db *DB) checkForeignKeys(ctx context.Context, tx *sql.Tx) error {
	if db.IsPostgres() {
		return nil
	}
	broken, err := ScanAll(ctx, tx, "SELECT count(*) FROM pragma_foreign_key_check", func(r *sql.Rows) (n int, err error) { return n, r.Scan(&n) })
	if err == nil && broken[0] > 0 {
		err = errors.New("references to nothing")
	}
	return err
}
