package database

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"rightshub/internal/database/hubtables"
	"rightshub/internal/fault"
)

// Contents describes what a database holds, without any value of a row. A backup states it, and a restored database is
// compared with it.
type Contents struct {
	Versions    map[string]string `json:"versions"`         // the checksum of each version of the schema
	Rows        map[string]int64  `json:"rows"`             // how many rows each table has
	LastEvent   int64             `json:"lastRecordNumber"` // the largest number in the record of access, or 0
	SecretCheck string            `json:"secretCheckValue"` // as of Secret.CheckValue; "" before the first `serve`
}

// ReadContents reads the contents through a querier, which may be a transaction.
func (db *DB) ReadContents(ctx context.Context, q Querier) (Contents, error) {
	ctx = withLongStatements(ctx)
	c := Contents{Rows: map[string]int64{}}
	var err error
	if c.Versions, err = db.appliedVersions(ctx, q); err != nil {
		return c, err
	}
	tables, err := db.listTables(ctx, q)
	if err != nil {
		return c, err
	}
	for _, table := range tables {
		if c.Rows[table], err = readNumber(ctx, q, "SELECT count(*) FROM "+quoteIdentifier(table)); err != nil {
			return c, err
		}
	}
	if _, ok := c.Rows["access_events"]; ok {
		c.LastEvent, err = readNumber(ctx, q, "SELECT COALESCE(max(sequence), 0) FROM access_events")
	}
	if _, ok := c.Rows["hub_secrets"]; ok && err == nil {
		c.SecretCheck, err = readCheckValue(ctx, q)
	}
	return c, err
}

// listTables lists the tables of the schema, except those of extensions and of SQLite itself.
func (db *DB) listTables(ctx context.Context, q Querier) ([]string, error) {
	text := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name`
	if db.IsPostgres() {
		text = `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
			AND NOT EXISTS (
				SELECT 1 FROM pg_depend d
				WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
			ORDER BY c.relname`
	}
	return ScanAll(ctx, q, text, func(r *sql.Rows) (name string, err error) { return name, r.Scan(&name) })
}

// readNumber returns the number that a query of one row and one column finds.
func readNumber(ctx context.Context, q Querier, text string) (int64, error) {
	n, err := ScanAll(ctx, q, text, func(r *sql.Rows) (n int64, err error) { return n, r.Scan(&n) })
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// CheckEqual fails, naming the first table, when a database has other contents than a backup states.
func (c Contents) CheckEqual(found Contents) error {
	tables := maps.Clone(c.Rows)
	maps.Copy(tables, found.Rows)
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		if c.Rows[table] != found.Rows[table] {
			return fault.New(fault.Invalid, "The table %s has %d rows, and the backup states %d. "+
				"The backup is not whole. Take another one.", table, found.Rows[table], c.Rows[table])
		}
	}
	if c.LastEvent != found.LastEvent || c.SecretCheck != found.SecretCheck || !maps.Equal(c.Versions, found.Versions) {
		return fault.New(fault.Invalid, "The schema, the record of access or the secret of the backup differ from what "+
			"the backup states. The backup is not whole. Take another one.")
	}
	return nil
}

// ContentsDifferCode is the SQLSTATE with which the statements of CheckStatements fail.
const ContentsDifferCode = "RH001"

// CheckStatements returns statements that fail with ContentsDifferCode where the tables of a PostgreSQL schema have
// other numbers of rows, or the record of access another last number. They belong at the end of the transaction that
// loads a backup, because nobody else can have written into the tables then.
func (c Contents) CheckStatements(schema string) (out []string) {
	check := func(query string, want int64) {
		out = append(out, fmt.Sprintf("DO $check$ BEGIN IF (%s) IS DISTINCT FROM %d THEN "+
			"RAISE EXCEPTION USING ERRCODE = '%s'; END IF; END $check$", query, want, ContentsDifferCode))
	}
	for _, table := range slices.Sorted(maps.Keys(c.Rows)) {
		check("SELECT count(*) FROM "+quoteIdentifier(schema)+"."+quoteIdentifier(table), c.Rows[table])
	}
	if _, ok := c.Rows["access_events"]; ok {
		check("SELECT COALESCE(max(sequence), 0) FROM "+quoteIdentifier(schema)+".access_events", c.LastEvent)
	}
	return out
}

// EntityRows returns how many rows of entities there are. The tables that the hub needs for its own work do not count.
func (c Contents) EntityRows() (n int64) {
	rows := maps.Clone(c.Rows)
	delete(rows, "hub_migrations")
	for _, t := range hubtables.All() {
		delete(rows, t.Name)
	}
	for _, count := range rows {
		n += count
	}
	return n
}

// CheckVersions fails when the program lacks a version of the schema that the contents have, or has another text of it.
// Missing lists the versions of the program that the contents lack.
func (db *DB) CheckVersions(c Contents) (missing []string, err error) {
	files, err := db.missingVersions(c.Versions)
	for _, f := range files {
		missing = append(missing, f.version)
	}
	return missing, err
}

// CheckRecord fails when the next event of the record of access would get a number that the record has already. Each
// read of identifying data would then fail.
func (db *DB) CheckRecord(ctx context.Context) error {
	next := "SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = 'record_numbers'"
	if db.IsPostgres() {
		next = "SELECT COALESCE(pg_sequence_last_value(CAST(pg_get_serial_sequence('record_numbers', 'id') AS regclass)), 0)"
	}
	given, err := readNumber(ctx, db.pool, next)
	if err != nil {
		return err
	}
	last, err := readNumber(ctx, db.pool, "SELECT COALESCE(max(sequence), 0) FROM access_events")
	if err == nil && last > given {
		err = fault.New(fault.Invalid, "The record of access has an event with the number %d, but the hub counts its "+
			"events from %d. The database is not whole. Take another backup.", last, given)
	}
	return err
}
