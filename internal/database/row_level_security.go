package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Row-level security is a second check, by PostgreSQL itself, behind the conditions of package query. A table shows a
// row only if one of the paths of its scope ends in one of the caller's keys for that table. The transaction carries
// the keys (scoped_transaction.go), and the policies say which they are (access.View.Keys). So row-level security stays
// the same when policies, people or roles change, and must be created again only when the model changes.

// AllRowsKey among the keys of a table stands for all its rows.
var AllRowsKey = uuid.Nil

// rowSecurityVersion returns a fingerprint of the row-level security of a model. It does not depend on the role.
func rowSecurityVersion(m *model.Model) string {
	sum := sha256.Sum256([]byte(strings.Join(rowSecurityStatements(m, "role"), ";")))
	return hex.EncodeToString(sum[:8])
}

// EnableRowLevelSecurity replaces row-level security by one for this role, in one transaction. The owner of the tables
// must call it. The role must be another, because PostgreSQL exempts owners and superusers.
func (db *DB) EnableRowLevelSecurity(ctx context.Context, m *model.Model, role string) error {
	return db.rebuildRowSecurity(ctx, func(tx *sql.Tx) error {
		bypasses, err := ScanAll(ctx, tx, `
			SELECT r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, c.relowner, 'USAGE')
			FROM pg_roles r, pg_class c
			WHERE r.rolname = $1 AND c.oid = to_regclass('children')`,
			func(r *sql.Rows) (b bool, err error) { return b, r.Scan(&b) }, role)
		switch {
		case err != nil:
			return err
		case len(bypasses) == 0:
			return fault.New(fault.Invalid,
				"The database has no role %q, or no tables yet: make the role "+
					"(CREATE ROLE %s LOGIN PASSWORD '...'), and run `rightshub migrate up`.",
				role, pq.QuoteIdentifier(role))
		case bypasses[0]:
			return fault.New(fault.Invalid,
				"The role %q owns the tables, is a superuser or has BYPASSRLS: PostgreSQL would not hold it. "+
					"Name another, by which the hub connects.", role)
		}
		comment := fmt.Sprintf("COMMENT ON FUNCTION hub_scope(text) IS '%s'", rowSecurityVersion(m))
		statements := append(rowSecurityStatements(m, role), comment)
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return fault.Wrap(redactError(err), "row-level security")
			}
		}
		return nil
	})
}

// DisableRowLevelSecurity turns row-level security off. The role keeps its privileges.
func (db *DB) DisableRowLevelSecurity(ctx context.Context) error {
	return db.rebuildRowSecurity(ctx, func(*sql.Tx) error { return nil })
}

var errRowSecurityUnsupported = fault.New(fault.Invalid,
	"Row-level security needs PostgreSQL: leave --row-level-security out on SQLite.")

// rebuildRowSecurity removes the present row-level security and calls make to create another.
func (db *DB) rebuildRowSecurity(ctx context.Context, make func(*sql.Tx) error) error {
	if !db.IsPostgres() {
		return errRowSecurityUnsupported
	}
	tx, err := db.pool.BeginTx(ctx, nil)
	if err != nil {
		return Classify(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLockKey); err != nil {
		return Classify(err)
	}
	old, err := ScanAll(ctx, tx, `
		SELECT format('DROP POLICY hub_scope ON %1$I; ALTER TABLE %1$I DISABLE ROW LEVEL SECURITY', tablename)
		FROM pg_policies
		WHERE policyname = 'hub_scope' AND schemaname = current_schema()
		UNION ALL
		SELECT format('DROP VIEW %I', viewname)
		FROM pg_views
		WHERE viewname LIKE 'hub\_path\_%' AND schemaname = current_schema()
		UNION ALL
		SELECT 'DROP FUNCTION IF EXISTS hub_scope(text)'`,
		func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) })
	if err != nil {
		return err
	}
	for _, s := range old {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fault.New(fault.Invalid,
				"Row-level security is changed by the owner of the tables: connect as the role that runs "+
					"`rightshub migrate up`.")
		}
	}
	if err := make(tx); err != nil {
		return err
	}
	return Classify(tx.Commit())
}

// RowLevelSecurity is the state of row-level security in a database.
type RowLevelSecurity struct {
	Role     string // the role under it; "" when it is off
	Current  bool   // it was created from the present model
	enforced bool   // it restricts the role of this connection, on every table
	bypassed bool   // it does not restrict the role of this connection on any table
}

// RowLevelSecurity reads the state of row-level security.
func (db *DB) RowLevelSecurity(ctx context.Context, m *model.Model) (RowLevelSecurity, error) {
	var w RowLevelSecurity
	if !db.IsPostgres() {
		return w, nil
	}
	names := make([]string, 0, len(m.Entities()))
	for _, e := range m.Entities() {
		names = append(names, e.Table)
	}
	var version string
	err := db.pool.QueryRowContext(ctx, `
		SELECT coalesce(min(p.roles[1]), ''),
			coalesce(obj_description(to_regprocedure('hub_scope(text)'), 'pg_proc'), ''),
			count(*) FILTER (WHERE p.roles[1] = current_user AND row_security_active(CAST(c.oid AS oid)))
				= cardinality($1::text[]),
			count(*) FILTER (WHERE row_security_active(CAST(c.oid AS oid))) = 0
		FROM unnest($1::text[]) t(name)
		LEFT JOIN pg_class c ON c.oid = to_regclass(quote_ident(t.name))
		LEFT JOIN pg_policies p
			ON p.policyname = 'hub_scope' AND p.tablename = t.name AND p.schemaname = current_schema()`,
		pq.Array(names)).Scan(&w.Role, &version, &w.enforced, &w.bypassed)
	w.Current = version == rowSecurityVersion(m)
	return w, Classify(err)
}

// CheckRowLevelSecurity fails, saying what to do, when row-level security in the database differs from what Options
// say.
func (db *DB) CheckRowLevelSecurity(ctx context.Context, m *model.Model) error {
	w, err := db.RowLevelSecurity(ctx, m)
	switch {
	case err != nil:
		return err
	case !db.rowLevelSecurity && !w.bypassed && db.IsPostgres():
		return fault.New(fault.Invalid,
			"Row-level security holds the database's role, which would see nothing: start with --row-level-security.")
	case !db.rowLevelSecurity:
		return nil
	case w.Role == "":
		return fault.New(fault.Invalid,
			"The database has no row-level security: run `rightshub row-security on --for ROLE` "+
				"as the owner of the tables.")
	case !w.Current:
		return fault.New(fault.Unavailable,
			"Row-level security was made for another model: run `rightshub row-security on --for %s` "+
				"as the owner of the tables.", w.Role)
	case !w.enforced:
		return fault.New(fault.Invalid,
			"Row-level security would not hold the role of the database URL: it owns the tables, is a superuser, "+
				"has BYPASSRLS, or is not %q. Connect as that role.", w.Role)
	}
	return nil
}
