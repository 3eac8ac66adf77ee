package database

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"rightshub/internal/database/hubtables"
	"rightshub/internal/model"
)

// scopeFunctionSQL creates hub_scope, which returns the caller's keys for a table.
const scopeFunctionSQL = `CREATE FUNCTION hub_scope(name text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
 $$ SELECT CAST(NULLIF(split_part(split_part(current_setting('` + ScopeSetting + `', true), ' ' || name || '=', 2), ' ', 1), '') AS uuid[]) $$`

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
		condition := rowSecurityCondition(m, e)
		out = append(out, fmt.Sprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", quoteIdentifier(e.Table)),
			fmt.Sprintf("CREATE POLICY hub_scope ON %s FOR ALL TO %s USING (%s) WITH CHECK (%s)",
				quoteIdentifier(e.Table), to, condition, condition),
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

func quoteIdentifier(name string) string { return `"` + name + `"` }

func qualifiedColumn(alias, column string) string { return alias + "." + quoteIdentifier(column) }
