package query_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
	"rightshub/internal/model"
)

// rowsPerMillionChildren states how many rows the large world has of each table when it has a million children. Tables
// that are not listed keep the rows of the demonstration.
var rowsPerMillionChildren = map[string]int{
	"access_events": 100_000, "access_tokens": 2_000, "activities": 100_000, "audit_grants": 200,
	"best_interests_procedures": 20_000, "case_files": 200_000, "case_services": 100_000, "children": 1_000_000,
	"commitment_evidences": 10_000, "commitments": 2_000, "consents": 200_000, "deployments": 10_000,
	"disposals": 2_000, "emergency_accesses": 2_000, "funding_lines": 20_000, "indicator_values": 200_000,
	"indicators": 60_000, "intervention_countries": 40_000, "intervention_partners": 100_000,
	"intervention_sectors": 20_000, "interventions": 20_000, "notes": 100_000, "offices": 400,
	"participations": 200_000, "partner_contacts": 4_000, "partners": 2_000, "places": 8_000, "referrals": 50_000,
	"resources": 20_000, "results": 40_000, "retention_rules": 400, "role_assignments": 6_000,
	"safeguarding_checks": 8_000, "subject_requests": 2_000, "users": 4_000, "volunteers": 8_000,
}

// fewestRows is the least number of rows of a listed table, so that each country has some.
const fewestRows = 200

// largeWorld writes the rows of the large world. Row n of every table belongs to country n modulo the number of
// countries, and refers to rows of that country. Keys derive from the table and n, so that no statement looks them up.
type largeWorld struct {
	model     *model.Model
	children  int
	countries []uuid.UUID
}

// newLargeWorld returns a world with so many children for a database that has the demonstration in it.
func newLargeWorld(t testing.TB, db *database.DB, children int) *largeWorld {
	t.Helper()
	w := &largeWorld{model: inventory.Load(), children: children}
	rows, err := db.SQL().QueryContext(t.Context(), "SELECT id FROM countries ORDER BY iso2")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		w.countries = append(w.countries, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return w
}

// size returns the number of rows that the world adds to a table.
func (w *largeWorld) size(table string) int {
	n := rowsPerMillionChildren[table]
	if n == 0 {
		return 0
	}
	return max(fewestRows, n*w.children/1_000_000)
}

// key returns the key of row n of a table.
func (w *largeWorld) key(table string, n int) uuid.UUID {
	return uuid.UUID(md5.Sum(fmt.Append(nil, table, n)))
}

// fill writes the rows. Triggers and foreign keys are off meanwhile.
func (w *largeWorld) fill(ctx context.Context, db *database.DB) error {
	patient, err := database.Open(ctx, database.Options{
		URL: db.URL(), StatementTimeout: time.Hour, MaxConnections: 1, Volatile: true,
	})
	if err != nil {
		return err
	}
	defer patient.Close()
	statements := []string{"SET session_replication_role = replica"}
	for _, e := range w.model.Entities() {
		if n := w.size(e.Table); n > 0 {
			statements = append(statements, w.insertStatement(e, n))
		}
	}
	for _, s := range append(statements, "VACUUM ANALYZE") {
		if _, err := patient.SQL().ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%w: %s", err, s)
		}
	}
	return nil
}

// insertStatement returns a statement that adds n rows of an entity.
func (w *largeWorld) insertStatement(e *model.Entity, n int) string {
	columns := []string{"id"}
	values := []string{fmt.Sprintf("CAST(md5('%s' || n) AS uuid)", e.Table)}
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Column == "archived_at" || f.Column == "external_id" || f.Column == "edited_by" || f.Kind == model.UUID {
			continue
		}
		columns, values = append(columns, f.Column), append(values, sampleExpression(e, f))
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			columns, values = append(columns, edge.Column), append(values, w.referenceExpression(e, edge))
		}
	}
	return fmt.Sprintf(`INSERT INTO %s ("%s") SELECT %s FROM generate_series(0, %d) n`, e.Table,
		strings.Join(columns, `", "`), strings.Join(values, ", "), n-1)
}

// referenceExpression returns the key of a row of the country of row n.
func (w *largeWorld) referenceExpression(e *model.Entity, edge *model.Edge) string {
	target := w.model.Target(edge)
	countries := len(w.countries)
	if target.Name == "Country" {
		shift := 0
		if e.Name == "InterventionCountry" { // work in the next country
			shift = 1
		}
		keys := make([]string, countries)
		for i, k := range w.countries {
			keys[i] = "'" + k.String() + "'"
		}
		return fmt.Sprintf("CAST((CAST(ARRAY[%s] AS text[]))[1 + (n + %d) %% %d] AS uuid)",
			strings.Join(keys, ","), shift, countries)
	}
	if w.size(target.Table) == 0 {
		return "NULL"
	}
	if target == e { // three in four rows are parts of another one
		return fmt.Sprintf("CASE WHEN n %% 4 > 0 THEN CAST(md5('%s' || (n %% %d + %d * (n / %d / 4))) AS uuid) END",
			e.Table, countries, countries, countries)
	}
	return fmt.Sprintf("CAST(md5('%s' || (n %% %d + %d * (%s %% %d))) AS uuid)", target.Table, countries, countries,
		hashExpression(e.Table+edge.Column), w.size(target.Table)/countries)
}

// hashExpression returns a number that row n has by chance, from the seed.
func hashExpression(seed string) string {
	return fmt.Sprintf("(hashtext('%s' || n) & 1073741823)", seed)
}

// sampleExpression returns a valid value of a field in row n.
func sampleExpression(e *model.Entity, f *model.Field) string {
	chance := hashExpression(e.Table + f.Column)
	switch f.Kind {
	case model.Int, model.Float, model.Decimal:
		if f.Column == "version" {
			return "1"
		}
		return "1 + n"
	case model.Bool:
		return chance + " % 2 = 0"
	case model.Time:
		return "now() - n * interval '1 minute'"
	case model.Date:
		return "CURRENT_DATE - CAST(n % 700 AS int)"
	case model.Enum:
		return fmt.Sprintf("(CAST(ARRAY['%s'] AS text[]))[1 + %s %% %d]",
			strings.Join(f.Values, "','"), chance, len(f.Values))
	case model.Enums:
		return fmt.Sprintf(`CAST('["%s"]' AS jsonb)`, strings.Join(f.Values, `","`))
	case model.Strings:
		return "CAST('[]' AS jsonb)"
	case model.Texts:
		return "jsonb_build_object('en', 'Made up ' || n, 'fr', 'Inventé ' || n)"
	}
	if f.MaxLen > 0 && f.MaxLen < 12 {
		return fmt.Sprintf("left(md5('%s' || n), %d)", f.Column, f.MaxLen)
	}
	return fmt.Sprintf("'L-' || n || '-%s'", e.Prefix)
}
