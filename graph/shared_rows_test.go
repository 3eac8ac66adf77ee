package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// insertSharedInterventions adds interventions of Senegal that are shared with Niger and Mali. Its argument is their
// number.
const insertSharedInterventions = `
INSERT INTO interventions (id, created_at, updated_at, code, title, country_id, kind, theme, status, sdg_targets,
  crc_articles, cpms_standards, policy_markers, crc_editorial)
 SELECT gen_random_uuid(), now() - (n * 7 %% 401) * interval '1 minute', now(), 'S-' || n, '{"en": "Shared"}', c.id,
  'project', 'other', 'implementation', '[]', '[]', '[]', '[]', false
 FROM generate_series(1, %d) n, countries c WHERE c.iso2 = 'SN';
INSERT INTO intervention_countries (id, created_at, updated_at, intervention_id, country_id)
 SELECT gen_random_uuid(), now(), now(), i.id, c.id FROM interventions i, countries c
 WHERE i.code LIKE 'S-%%' AND c.iso2 IN ('NE', 'ML')`

// Rows that are shared with a caller are found whether they are few or many, each once and in the order of the list.
// The statement begins with the links of a caller that has few, and with the rows for a caller that has many.
func TestSharedRowsAreFound(t *testing.T) {
	for _, shared := range []int{5, 149, 152, 400} {
		t.Run(fmt.Sprint(shared), func(t *testing.T) {
			db := apitest.Demo.Postgres(t)
			dbtest.ExecAsOwner(t, db, fmt.Sprintf(insertSharedInterventions, shared))
			api := apitest.New(t, db)
			for _, countries := range [][]string{{"NE"}, {"NE", "ML"}} {
				requireAllPages(t, api.AsNewPerson("country_coordinator", countries...), shared)
			}
		})
	}
}

// requireAllPages checks that the pages of the caller's interventions hold all of them, each once and in order.
func requireAllPages(t *testing.T, who *apitest.Caller, atLeast int) {
	t.Helper()
	const document = `query($after: String) {
		interventions(first: 40, after: $after, orderBy: [{field: CREATED_AT, direction: DESC}]) {
			totalCount
			nodes { code createdAt }
			pageInfo { endCursor hasNextPage }
		}
	}`
	var times, codes []string
	for after := any(nil); ; {
		a := who.Ask(document, map[string]any{"after": after}).RequireOK()
		for i := range a.Len("interventions.nodes") {
			times = append(times, a.Text(fmt.Sprintf("interventions.nodes.%d.createdAt", i)))
			codes = append(codes, a.Text(fmt.Sprintf("interventions.nodes.%d.code", i)))
		}
		if a.At("interventions.pageInfo.hasNextPage") == false {
			if total := a.Int("interventions.totalCount"); total < atLeast || total != len(codes) {
				t.Errorf("the pages hold %d of %d rows, want at least %d", len(codes), total, atLeast)
			}
			break
		}
		after = a.Text("interventions.pageInfo.endCursor")
	}
	slices.Reverse(times)
	if !slices.IsSorted(times) {
		t.Error("the rows are not in the order of their creation")
	}
	slices.Sort(codes)
	if n := len(slices.Compact(codes)); n != len(times) {
		t.Errorf("the pages hold %d rows, and %d of them are different", len(times), n)
	}
}

// PostgreSQL plans the list of a country's rows and of shared rows once, and not anew for the keys of each request.
func TestSharedRowsArePlannedOnce(t *testing.T) {
	db := apitest.Demo.PostgresAsOwner(t)
	dbtest.ExecAsOwner(t, db, fmt.Sprintf(insertSharedInterventions, 400), "ANALYZE")
	who := apitest.New(t, db).AsNewPerson("country_coordinator", "NE", "SN")
	db.SQL().SetMaxOpenConns(1) // prepared statements belong to a connection
	const document = `{
		interventions(where: {country: {iso2: {eq: "SN"}}}, orderBy: [{field: CREATED_AT, direction: DESC}]) {
			nodes { code country { name } office { name } }
		}
	}`
	for range 20 {
		who.Ask(document, nil).RequireOK()
	}
	var plans int
	err := db.SQL().QueryRowContext(t.Context(), `SELECT max(custom_plans) FROM pg_prepared_statements
		WHERE statement LIKE '%FROM "interventions"%' AND custom_plans + generic_plans >= 20`).Scan(&plans)
	if err != nil {
		t.Fatal(err)
	}
	if plans > 5 { // PostgreSQL tries five plans for the given values before it decides
		t.Errorf("20 requests made %d plans for their keys, want 5", plans)
	}
}
