package database

import (
	"context"
	"database/sql"
	"time"
)

// PlannedVersion is a version that the database lacks, with what it will do.
type PlannedVersion struct {
	File   string         // migrations/sqlite/20261126143208_model.sql
	Tables []PlannedTable // in the order of the file
	sqlite bool
	check  time.Duration // estimate of SQLite's check of all foreign keys at the end
}

// PlannedTable is what a version does to one table, what it locks and how long that takes.
type PlannedTable struct {
	Name    string        // "" for statements that name no table
	Created bool          // a missing version creates the table, so it has no rows and nobody uses it
	Rows    int64         // rows today
	Actions []string      // "adds the column note"
	Indexes []string      // names of the new indexes
	Lock    TableLock     // the strongest lock
	Work    time.Duration // estimated from the number of rows
}

// TableLock says who waits while a version uses a table of PostgreSQL.
type TableLock int

// The locks, from the weakest to the strongest.
const (
	LockNothing TableLock = iota
	LockRows              // writers of the changed rows wait
	LockWriters           // all writers wait
	LockAll               // readers and writers wait
)

// Rows per second that the estimates assume. They are orders of magnitude for a plain server with a local disk.
const (
	indexedRowsPerSecond = 300_000   // an index is built
	copiedRowsPerSecond  = 100_000   // rows are written again
	scannedRowsPerSecond = 1_000_000 // rows are read, such as by a check of a new foreign key

	checkedBytesPerSecond = 50_000_000 // SQLite checks the foreign keys of the whole file after each version
)

// PlanMigrations returns the versions that Migrate would apply, the oldest first. It reads the database and changes
// nothing. It fails where Migrate would refuse the database.
func (db *DB) PlanMigrations(ctx context.Context) ([]PlannedVersion, error) {
	applied, err := db.appliedVersions(ctx, db.pool)
	if err != nil {
		return nil, err
	}
	missing, err := db.missingVersions(applied)
	if err != nil {
		return nil, err
	}
	if len(applied) == 0 {
		if err := db.checkNoOtherTables(ctx, db.pool); err != nil {
			return nil, err
		}
	}
	p := &migrationPlanner{db: db, rows: map[string]int64{}, created: map[string]bool{}, indexes: map[string]string{}}
	if err := p.loadIndexes(ctx); err != nil {
		return nil, err
	}
	var out []PlannedVersion
	for _, f := range missing {
		v, err := p.planVersion(ctx, f)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// migrationPlanner follows the tables and indexes through the missing versions.
type migrationPlanner struct {
	db      *DB
	rows    map[string]int64  // counted rows by table
	created map[string]bool   // tables of missing versions
	indexes map[string]string // tables by index
	rebuilt map[string]string // tables of SQLite by the new table that replaces them in this version
	version *PlannedVersion
}

// loadIndexes reads which index belongs to which table.
func (p *migrationPlanner) loadIndexes(ctx context.Context) error {
	query := "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'"
	if p.db.IsPostgres() {
		query = "SELECT indexname, tablename FROM pg_indexes WHERE schemaname = current_schema()"
	}
	_, err := ScanAll(ctx, p.db.pool, query, func(r *sql.Rows) (string, error) {
		var index, table string
		err := r.Scan(&index, &table)
		p.indexes[index] = table
		return index, err
	})
	return err
}

// largeTable is the number of rows from which the statistics of PostgreSQL replace an exact count.
const largeTable = 100_000

// countRows returns the number of rows of an existing table.
func (p *migrationPlanner) countRows(ctx context.Context, table string) (int64, error) {
	if n, ok := p.rows[table]; ok {
		return n, nil
	}
	scan := func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) }
	exists := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
	if p.db.IsPostgres() { // -1 is a table without statistics, and -2 is no table
		exists = `SELECT coalesce(
			(SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(quote_ident($1))), -2)`
	}
	found, err := ScanAll(ctx, p.db.pool, exists, scan, table)
	if err != nil {
		return 0, err
	}
	n := found[0]
	switch {
	case p.db.IsPostgres() && n > largeTable:
	case p.db.IsPostgres() && n == -2, !p.db.IsPostgres() && n == 0:
		n = 0
	default:
		counted, err := ScanAll(ctx, p.db.pool, "SELECT count(*) FROM "+quoteIdentifier(table), scan)
		if err != nil {
			return 0, err
		}
		n = counted[0]
	}
	p.rows[table] = n
	return n, nil
}

// planVersion returns what the version does.
func (p *migrationPlanner) planVersion(ctx context.Context, f migrationFile) (PlannedVersion, error) {
	p.version = &PlannedVersion{File: f.path(), sqlite: !p.db.IsPostgres()}
	p.rebuilt = map[string]string{}
	if !p.db.IsPostgres() {
		size, err := ScanAll(ctx, p.db.pool, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
			func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) })
		if err != nil {
			return PlannedVersion{}, err
		}
		p.version.check = estimateWork(size[0], checkedBytesPerSecond)
	}
	statements, err := f.statements()
	if err != nil {
		return PlannedVersion{}, err
	}
	for _, s := range statements {
		if err := p.planStatement(ctx, s); err != nil {
			return PlannedVersion{}, err
		}
	}
	return *p.version, nil
}

// table returns what the version does to the table, to add to it.
func (p *migrationPlanner) table(ctx context.Context, name string) (*PlannedTable, error) {
	for i, t := range p.version.Tables {
		if t.Name == name {
			return &p.version.Tables[i], nil
		}
	}
	t := PlannedTable{Name: name, Created: p.created[name]}
	if !t.Created && name != "" {
		n, err := p.countRows(ctx, name)
		if err != nil {
			return nil, err
		}
		t.Rows = n
	}
	p.version.Tables = append(p.version.Tables, t)
	return &p.version.Tables[len(p.version.Tables)-1], nil
}

// add notes an action on a table. perSecond is how many rows it handles, or 0 when it does not depend on them.
func (p *migrationPlanner) add(ctx context.Context, table, action string, lock TableLock, perSecond int64) error {
	t, err := p.table(ctx, table)
	if err != nil {
		return err
	}
	if action != "" {
		t.Actions = append(t.Actions, action)
	}
	if t.Created {
		return nil
	}
	t.Lock = max(t.Lock, lock)
	if perSecond > 0 {
		t.Work += estimateWork(t.Rows, perSecond)
	}
	return nil
}

// isReplaced reports whether a table of SQLite is rebuilt in this version.
func (p *migrationPlanner) isReplaced(table string) bool {
	for _, old := range p.rebuilt {
		if old == table {
			return true
		}
	}
	return false
}

// estimateWork returns how long work takes at a rate.
func estimateWork(amount, perSecond int64) time.Duration {
	return time.Duration(float64(amount) / float64(perSecond) * float64(time.Second))
}
