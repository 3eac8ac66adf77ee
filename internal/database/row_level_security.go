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

// Row-level security is a second wall, in PostgreSQL itself, behind the conditions that the compiler writes: a table
// shows a row only where one of the paths of its scope ends in one of the caller's keys for that table. The keys are
// the transaction's (confine.go); which they are, the policies say (access.View.Keys). So the wall stands still when
// policies, people or roles change, and is made anew only with the model.

// scopeFunctionSQL is what a database with the wall has beside its tables. hub_scope lists the caller's keys for a table.
const scopeFunctionSQL = `CREATE FUNCTION hub_scope(name text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
 $$ SELECT CAST(NULLIF(split_part(split_part(current_setting('` + ScopeSetting + `', true), ' ' || name || '=', 2), ' ', 1), '') AS uuid[]) $$`

// AllRowsKey stands among a table's keys for every row of it.
var AllRowsKey = uuid.Nil

// PathViewName names the view of a table that a policy's paths read. It belongs to the tables' owner, whom the wall does not
// hold: what a path looks at on its way need not be the caller's to see. It has keys and what the basis of a clear cell
// is judged by, and nothing of a person.
func PathViewName(table string) string { return quoteIdentifier("hub_path_" + table) }

// basisColumns are read by basis.go.
var basisColumns = map[string][]string{"Consent": {"state", "obtained_on", "expires_on", "purposes"}, "Referral": {"state", "expires_on", "fields_shared"}}

// pathColumns are those of an entity that conditions read on their way: keys, the basis, and the day of an audit's period.
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

// rowSecurityStatements make the wall for a role, in order.
func rowSecurityStatements(m *model.Model, role string) []string {
	to := pq.QuoteIdentifier(role)
	out := []string{scopeFunctionSQL, "GRANT SELECT ON hub_migrations TO " + to}
	for _, t := range hubtables.All() { // keys and hashes; no value of a row
		out = append(out, fmt.Sprintf("GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s", quoteIdentifier(t.Name), to))
	}
	for _, e := range m.Entities() {
		out = append(out, fmt.Sprintf("CREATE VIEW %s AS SELECT %s FROM %s", PathViewName(e.Table), strings.Join(pathColumns(m, e), ", "), quoteIdentifier(e.Table)),
			fmt.Sprintf("GRANT SELECT ON %s TO %s", PathViewName(e.Table), to))
	}
	for _, e := range m.Entities() {
		held := rowSecurityCondition(m, e)
		out = append(out, fmt.Sprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", quoteIdentifier(e.Table)),
			fmt.Sprintf("CREATE POLICY hub_scope ON %s FOR ALL TO %s USING (%s) WITH CHECK (%s)", quoteIdentifier(e.Table), to, held, held),
			fmt.Sprintf("GRANT SELECT, INSERT, UPDATE ON %s TO %s", quoteIdentifier(e.Table), to))
	}
	return out
}

// rowSecurityCondition is that a row of the entity is within the caller's keys. What costs least comes first.
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

// policyBuilder writes the paths of one table's condition.
type policyBuilder struct {
	model   *model.Model
	keys    string
	aliases int
}

// pathCondition is the condition that the key at the end of the path from a row is among the caller's.
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

// rowSecurityVersion names the wall of a model, whatever the role.
func rowSecurityVersion(m *model.Model) string {
	sum := sha256.Sum256([]byte(strings.Join(rowSecurityStatements(m, "role"), ";")))
	return hex.EncodeToString(sum[:8])
}

// EnableRowLevelSecurity makes row-level security for a role, in place of what was there, in one transaction. It is for the tables'
// owner; the role must be another, since PostgreSQL never holds an owner or a superuser.
func (db *DB) EnableRowLevelSecurity(ctx context.Context, m *model.Model, role string) error {
	return db.rebuildRowSecurity(ctx, func(tx *sql.Tx) error {
		bypasses, err := ScanAll(ctx, tx, `SELECT r.rolsuper OR r.rolbypassrls OR pg_has_role(r.oid, c.relowner, 'USAGE') FROM pg_roles r, pg_class c
 WHERE r.rolname = $1 AND c.oid = to_regclass('children')`, func(r *sql.Rows) (b bool, err error) { return b, r.Scan(&b) }, role)
		switch {
		case err != nil:
			return err
		case len(bypasses) == 0:
			return fault.New(fault.Invalid, "The database has no role %q, or no tables yet: make the role (CREATE ROLE %s LOGIN PASSWORD '...'), and run `rightshub migrate up`.", role, pq.QuoteIdentifier(role))
		case bypasses[0]:
			return fault.New(fault.Invalid, "The role %q owns the tables, is a superuser or has BYPASSRLS: PostgreSQL would not hold it. Name another, by which the hub connects.", role)
		}
		statements := append(rowSecurityStatements(m, role), fmt.Sprintf("COMMENT ON FUNCTION hub_scope(text) IS '%s'", rowSecurityVersion(m)))
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return fault.Wrap(redactError(err), "row-level security")
			}
		}
		return nil
	})
}

// DisableRowLevelSecurity takes row-level security off, and leaves the role what it may do.
func (db *DB) DisableRowLevelSecurity(ctx context.Context) error {
	return db.rebuildRowSecurity(ctx, func(*sql.Tx) error { return nil })
}

var errRowSecurityUnsupported = fault.New(fault.Invalid, "Row-level security needs PostgreSQL: leave --row-level-security out on SQLite.")

// rebuildRowSecurity takes off what is there, and lets make put something in its place.
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
	old, err := ScanAll(ctx, tx, `SELECT format('DROP POLICY hub_scope ON %1$I; ALTER TABLE %1$I DISABLE ROW LEVEL SECURITY', tablename) FROM pg_policies WHERE policyname = 'hub_scope' AND schemaname = current_schema()
 UNION ALL SELECT format('DROP VIEW %I', viewname) FROM pg_views WHERE viewname LIKE 'hub\_path\_%' AND schemaname = current_schema()
 UNION ALL SELECT 'DROP FUNCTION IF EXISTS hub_scope(text)'`, func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) })
	if err != nil {
		return err
	}
	for _, s := range old {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fault.New(fault.Invalid, "Row-level security is changed by the owner of the tables: connect as the role that runs `rightshub migrate up`.")
		}
	}
	if err := make(tx); err != nil {
		return err
	}
	return Classify(tx.Commit())
}

// RowLevelSecurity is how row-level security stands in a database.
type RowLevelSecurity struct {
	Role     string // the role that it is for; "" where there is none
	Current  bool   // it is that of the model
	enforced bool   // it holds the role of this connection, on every table
	bypassed bool   // the role of this connection sees past it, on every table
}

// RowLevelSecurity reads how row-level security stands.
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
	err := db.pool.QueryRowContext(ctx, `SELECT coalesce(min(p.roles[1]), ''), coalesce(obj_description(to_regprocedure('hub_scope(text)'), 'pg_proc'), ''),
 count(*) FILTER (WHERE p.roles[1] = current_user AND row_security_active(CAST(c.oid AS oid))) = cardinality($1::text[]), count(*) FILTER (WHERE row_security_active(CAST(c.oid AS oid))) = 0
 FROM unnest($1::text[]) t(name) LEFT JOIN pg_class c ON c.oid = to_regclass(quote_ident(t.name)) LEFT JOIN pg_policies p ON p.policyname = 'hub_scope' AND p.tablename = t.name AND p.schemaname = current_schema()`,
		pq.Array(names)).Scan(&w.Role, &version, &w.enforced, &w.bypassed)
	w.Current = version == rowSecurityVersion(m)
	return w, Classify(err)
}

// CheckRowLevelSecurity fails, saying what to do, where the database does not hold the hub as its setting says.
func (db *DB) CheckRowLevelSecurity(ctx context.Context, m *model.Model) error {
	w, err := db.RowLevelSecurity(ctx, m)
	switch {
	case err != nil:
		return err
	case !db.rowLevelSecurity && !w.bypassed && db.IsPostgres():
		return fault.New(fault.Invalid, "Row-level security holds the database's role, which would see nothing: start with --row-level-security.")
	case !db.rowLevelSecurity:
		return nil
	case w.Role == "":
		return fault.New(fault.Invalid, "The database has no row-level security: run `rightshub row-security on --for ROLE` as the owner of the tables.")
	case !w.Current:
		return fault.New(fault.Unavailable, "Row-level security was made for another model: run `rightshub row-security on --for %s` as the owner of the tables.", w.Role)
	case !w.enforced:
		return fault.New(fault.Invalid, "Row-level security would not hold the role of the database URL: it owns the tables, is a superuser, has BYPASSRLS, or is not %q. Connect as that role.", w.Role)
	}
	return nil
}

func quoteIdentifier(name string) string { return `"` + name + `"` }

func qualifiedColumn(alias, column string) string { return alias + "." + quoteIdentifier(column) }
