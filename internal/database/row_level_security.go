package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/database/hubtables"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Row-level security is a second check, by PostgreSQL itself, behind the conditions of package query. A table shows a
// row only if one of the paths of its scope ends in one of the caller's keys for that table. The transaction carries
// the keys (scoped_transaction.go), and the policies say which they are (access.View.Keys). So row-level security stays
// the same when policies, people or roles change, and must be created again only when the model changes.

// scopeFunctionSQL creates hub_scope, which returns the caller's keys for a table.
const scopeFunctionSQL = `CREATE FUNCTION hub_scope(name text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
 $$ SELECT CAST(NULLIF(split_part(split_part(current_setting('` + ScopeSetting + `', true), ' ' || name || '=', 2), ' ', 1), '') AS uuid[]) $$`

// AllRowsKey among the keys of a table stands for all its rows.
var AllRowsKey = uuid.Nil

// PathViewName returns the name of the view of a table that the paths of policies read. The view belongs to the owner
// of the tables, who is not under row-level security, because the caller need not see the rows along a path. It has
// keys and the columns that decide the consent basis, and no data about a person.
func PathViewName(table string) string { return quoteIdentifier("hub_path_" + table) }

// basisColumns are the columns that decide the consent basis.
var basisColumns = map[string][]string{
	"Consent":  {"state", "obtained_on", "expires_on", "purposes"},
	"Referral": {"state", "expires_on", "fields_shared"},
}

// pathColumns returns the columns of an entity that conditions read along paths. They are keys, the columns of the
// consent basis, and the dates of an audit's period.
func pathColumns(m *model.Model, e *model.Entity) []string {
	columns := []string{"id", "archived_at"}
	for _, edge := range e.Edges {
		if edge.Kind == model.ToOne {
			columns = append(columns, edge.Column)
		}
	}
	columns = append(columns, basisColumns[e.Name]...)
	dates := func(of *model.Entity) bool {
		edge := of.Edge(of.Scope.Period)
		return edge != nil && edge.Target == e.Name
	}
	if slices.ContainsFunc(m.Entities(), dates) {
		columns = append(columns, "created_at", e.Scope.Period)
	}
	return columns
}

// rowSecurityStatements returns the statements that create row-level security for a role, in order.
func rowSecurityStatements(m *model.Model, role string) []string {
	to := pq.QuoteIdentifier(role)
	out := []string{scopeFunctionSQL, "GRANT SELECT ON hub_migrations TO " + to}
	for _, t := range hubtables.All() { // keys and hashes; no value of a row
		out = append(out,
			fmt.Sprintf("GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s", quoteIdentifier(t.Name), to))
	}
	for _, e := range m.Entities() {
		columns := strings.Join(pathColumns(m, e), ", ")
		out = append(out,
			fmt.Sprintf("CREATE VIEW %s AS SELECT %s FROM %s",
				PathViewName(e.Table), columns, quoteIdentifier(e.Table)),
			fmt.Sprintf("GRANT SELECT ON %s TO %s", PathViewName(e.Table), to))
	}
	for _, e := range m.Entities() {
		held := rowSecurityCondition(m, e)
		out = append(out, fmt.Sprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", quoteIdentifier(e.Table)),
			fmt.Sprintf("CREATE POLICY hub_scope ON %s FOR ALL TO %s USING (%s) WITH CHECK (%s)",
				quoteIdentifier(e.Table), to, held, held),
			fmt.Sprintf("GRANT SELECT, INSERT, UPDATE ON %s TO %s", quoteIdentifier(e.Table), to))
	}
	return out
}

// rowSecurityCondition returns the condition that a row of the entity is within the caller's keys. The cheapest part
// comes first.
func rowSecurityCondition(m *model.Model, e *model.Entity) string {
	w := &policyBuilder{model: m, keys: fmt.Sprintf("(SELECT hub_scope('%s'))::uuid[]", e.Table)}
	var own, far []string
	paths := e.Scope.Paths()
	switch e.Scope.Child { // a referral hands a child over, and what is about it
	case "":
	case "id":
		paths = append(paths, referralPartnerPath)
	default:
		paths = append(paths, e.Scope.Child+"."+referralPartnerPath)
	}
	for _, path := range paths {
		text := w.pathCondition(e, quoteIdentifier(e.Table), strings.Split(path, "."))
		if strings.HasPrefix(text, "EXISTS") {
			far = append(far, text)
		} else {
			own = append(own, text)
		}
	}
	all := fmt.Sprintf("(SELECT '%s'::uuid = ANY (hub_scope('%s')))", AllRowsKey, e.Table)
	return strings.Join(append(append([]string{all}, own...), far...), " OR ")
}

// referralPartnerPath leads from a child to the partners to whom it was referred.
const referralPartnerPath = "caseFiles.referrals.partner"

// policyBuilder writes the paths of the condition of one table.
type policyBuilder struct {
	model   *model.Model
	keys    string
	aliases int
}

// pathCondition returns the condition that the key at the end of the path from a row is among the caller's keys.
func (w *policyBuilder) pathCondition(e *model.Entity, row string, steps []string) string {
	if steps[0] == "id" {
		return row + ".id = ANY (" + w.keys + ")"
	}
	edge, last := e.Edge(steps[0]), len(steps) == 1
	if edge.Kind == model.ToOne && last {
		return qualifiedColumn(row, edge.Column) + " = ANY (" + w.keys + ")"
	}
	w.aliases++
	target, t := w.model.Target(edge), fmt.Sprintf("p%d", w.aliases)
	from, link := PathViewName(target.Table), ""
	switch edge.Kind {
	case model.ToOne:
		link = t + ".id = " + qualifiedColumn(row, edge.Column)
	case model.ToMany:
		link = qualifiedColumn(t, edge.Column) + " = " + row + ".id"
	case model.Through: // policies lead over such an edge as their last step
		from, link = PathViewName(w.model.Entity(edge.Via).Table), qualifiedColumn(t, edge.ViaSelf)+" = "+row+".id"
	}
	end := t + ".id = ANY (" + w.keys + ")"
	switch {
	case edge.Kind == model.Through:
		end = qualifiedColumn(t, edge.ViaTarget) + " = ANY (" + w.keys + ")"
	case !last:
		end = w.pathCondition(target, t, steps[1:])
	}
	return fmt.Sprintf("EXISTS (SELECT 1 FROM %s %s WHERE %s AND %s.archived_at IS NULL AND %s)", from, t, link, t, end)
}

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

func quoteIdentifier(name string) string { return `"` + name + `"` }

func qualifiedColumn(alias, column string) string { return alias + "." + quoteIdentifier(column) }
