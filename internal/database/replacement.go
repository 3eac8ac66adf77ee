package database

import (
	"context"
	"database/sql"

	"rightshub/internal/fault"
)

// checkOwnTables fails when the database holds tables or views, and none of the hub's.
func (db *DB) checkOwnTables(ctx context.Context, q Querier) error {
	applied, err := db.appliedVersions(ctx, q)
	if err != nil || len(applied) > 0 {
		return err
	}
	return db.checkNoOtherTables(ctx, q)
}

// CheckReplaceable fails when the database must not be replaced by a backup. It may hold no tables but the hub's, and
// rows only with replace.
func (db *DB) CheckReplaceable(ctx context.Context, q Querier, replace bool) error {
	if err := db.checkOwnTables(ctx, q); err != nil {
		return err
	}
	found, err := db.ReadContents(ctx, q)
	if err != nil {
		return err
	}
	if n := found.EntityRows(); n > 0 && !replace {
		return fault.New(fault.Conflict, "The database holds %d rows already. Name an empty one with --database-url. "+
			"With --replace they are deleted, and the backup takes their place.", n)
	}
	return nil
}

// DropStatements returns the statements that remove the tables of a PostgreSQL database, with its row-level security.
// They fail when somebody's own views read the tables.
func (db *DB) DropStatements(ctx context.Context) ([]string, error) {
	return ScanAll(ctx, db.pool, `
		WITH named AS (
			SELECT c.relkind, n.nspname, string_agg(format('%I.%I', n.nspname, c.relname), ', ') AS list
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = current_schema()
			AND (c.relkind = 'v' AND c.relname LIKE 'hub\_path\_%' OR c.relkind = 'r' AND NOT EXISTS (
				SELECT 1 FROM pg_depend d
				WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
			GROUP BY c.relkind, n.nspname)
		SELECT * FROM (
			SELECT 'DROP VIEW ' || list FROM named WHERE relkind = 'v'
			UNION ALL
			SELECT 'DROP TABLE ' || list FROM named WHERE relkind = 'r'
			UNION ALL
			SELECT format('DROP FUNCTION IF EXISTS %I.hub_scope(text)', current_schema())) s`,
		func(r *sql.Rows) (text string, err error) { return text, r.Scan(&text) })
}

// CheckRestorable fails when PostgreSQL's programs could not restore tables of a schema into the database. A role under
// row-level security must exist there too; "" stands for none.
func (db *DB) CheckRestorable(ctx context.Context, schema, role string) error {
	var current string
	var found bool
	err := db.pool.QueryRowContext(ctx, "SELECT current_schema(), EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)",
		role).Scan(&current, &found)
	switch {
	case err != nil:
		return Classify(err)
	case current != schema:
		return fault.New(fault.Invalid, "The tables of the backup are in the schema %s, and the database URL leads to the "+
			"schema %s. Name the same in both.", schema, current)
	case role != "" && !found:
		return fault.New(fault.Invalid, "The server lacks the role %s, for which the backup has row-level security. "+
			"Make the role: CREATE ROLE %s LOGIN PASSWORD '...'", role, quoteIdentifier(role))
	}
	return nil
}
