package graph_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/server"
)

// sizeFromEnv returns the number in an environment variable, or otherwise when the variable holds none.
func sizeFromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// insertLargeWorld adds interventions with five partners each, and children, spread over the countries. The office of
// an intervention is the first one of its country. Its arguments are the numbers of interventions, children and
// interventions.
const insertLargeWorld = `
ALTER TABLE children DISABLE TRIGGER ALL;
INSERT INTO interventions (id, created_at, updated_at, code, title, country_id, office_id, kind, theme, status,
  sdg_targets, crc_articles, cpms_standards, policy_markers, crc_editorial)
 SELECT gen_random_uuid(), now() - n * interval '1 minute', now(), 'L-' || n,
  jsonb_build_object('en', 'Large intervention ' || n, 'fr', 'Grande intervention ' || n),
  c.ids[1 + n %% array_length(c.ids, 1)], o.of[1 + n %% array_length(c.ids, 1)], 'project', 'other', 'implementation',
  '[]', '[]', '[]', '[]', false
 FROM generate_series(1, %d) n, (SELECT array_agg(id ORDER BY iso2) ids FROM countries) c,
  (SELECT array_agg((SELECT o.id FROM offices o WHERE o.country_id = c.id ORDER BY o.code LIMIT 1) ORDER BY c.iso2) of
   FROM countries c) o;
INSERT INTO intervention_partners (id, created_at, updated_at, intervention_id, partner_id, role)
 SELECT gen_random_uuid(), now(), now(), i.id, p.ids[1 + (i.n * 7 + k * 13) %% array_length(p.ids, 1)], 'implementing'
 FROM (SELECT id, row_number() OVER (ORDER BY code) n FROM interventions WHERE code LIKE 'L-%%') i,
  generate_series(1, 5) k, (SELECT array_agg(id ORDER BY code) ids FROM partners) p;
INSERT INTO children (id, created_at, updated_at, case_code, given_name, country_id, intervention_id,
  birth_date_estimated, sex, synthetic)
 SELECT gen_random_uuid(),
  now() - g.n * interval '1 second' - CASE WHEN i.iso2 = 'SN' THEN interval '5 years' ELSE interval '0' END, now(),
  'L-' || g.n, 'Synthetic', i.country_id, i.id, false, 'female', true
 FROM generate_series(1, %d) g(n)
 JOIN (SELECT i.id, i.country_id, c.iso2, row_number() OVER (ORDER BY i.code) n
       FROM interventions i JOIN countries c ON c.id = i.country_id
       WHERE i.code LIKE 'L-%%') i ON i.n = 1 + g.n %% %d;
ALTER TABLE children ENABLE TRIGGER ALL;
ANALYZE;`

// handWrittenQuery answers one of the six operations as JSON, without the hub.
type handWrittenQuery func(ctx context.Context) ([]byte, error)

// BenchmarkOperations compares the hub with hand-written SQL for each of the six operations. The metric "ratio" is the
// hand-written time divided by the hub's, both measured in turns in one run.
func BenchmarkOperations(b *testing.B) {
	api, who, db := newLargeWorld(b)
	manager := api.As("manager@demo", "")
	first := manager.Ask(`{
		interventions(where: {code: {eq: "L-1"}}) { nodes { id } }
		sub: interventions(where: {code: {eq: "BF-SGBV-2021"}}) { nodes { id } }
		countries(where: {iso2: {eq: "BF"}}) { nodes { id } }
	}`, nil).RequireOK()
	h := &handWrittenSQL{db: db.SQL(), b: b}
	h.scan("SELECT id FROM countries WHERE iso2 = 'BF'", &h.country)
	h.scan("SELECT id FROM interventions WHERE code = 'BF-SGBV-2021'", &h.oneWithActivities)
	h.scan("SELECT id FROM interventions WHERE code = 'L-1'", &h.oneByID)
	var made atomic.Int64
	for _, op := range []struct {
		name, title string
		who         *apitest.Caller
		n           int
		rival       handWrittenQuery
	}{
		{"a", "interventions of a country", manager, 20, h.interventionsOfCountry},
		{"b", "one intervention, 20 activities", who, 20, h.interventionWithActivities},
		{"c", "50 children with intervention", who, 50, h.childrenOfCountry},
		{"d", "countries, offices, interventions, partners", manager, 20, h.countriesWithOffices},
		{"e", "create and read back", manager, 0, h.createIntervention},
		{"f", "node", manager, 0, h.interventionByID},
	} {
		vars := map[string]any{"n": op.n}
		if op.name == "b" {
			vars["id"] = first.Text("sub.nodes.0.id")
		} else {
			vars["id"] = first.Text("interventions.nodes.0.id")
		}
		body, _ := json.Marshal(map[string]any{"query": benchmarkOperations[op.name].document, "variables": vars})
		hub := func() {
			if op.name == "e" {
				vars["code"] = fmt.Sprintf("B-%d-%d", time.Now().UnixNano(), made.Add(1))
				vars["country"] = first.Text("countries.nodes.0.id")
				body, _ = json.Marshal(map[string]any{
					"query": benchmarkOperations[op.name].document, "variables": vars,
				})
			}
			w := op.who.Send(b.Context(), string(body))
			if w.Code != 200 || len(w.Body.Bytes()) < 30 || w.Body.String()[:9] != `{"data":{` {
				b.Fatal(w.Body.String())
			}
		}
		hand := func() {
			if _, err := op.rival(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(op.name+" "+op.title, func(b *testing.B) { compareInTurns(b, "hub", hub, "hand", hand) })
	}
}

// BenchmarkSkew compares what a page of children costs two callers. All children of the first were created five years
// before those of everyone else.
func BenchmarkSkew(b *testing.B) {
	api, young, _ := newLargeWorld(b)
	old := api.AsNewPerson("country_coordinator", "SN", "NE")
	both := api.AsNewPerson("country_coordinator", "BF", "CD")
	body, _ := json.Marshal(map[string]any{
		"query": benchmarkOperations["c"].document, "variables": map[string]any{"n": 50},
	})
	send := func(c *apitest.Caller) func() {
		return func() {
			if w := c.Send(b.Context(), string(body)); w.Code != 200 {
				b.Fatal(w.Body.String())
			}
		}
	}
	b.Run("two countries, one old", func(b *testing.B) { compareInTurns(b, "old", send(old), "young", send(both)) })
	b.Run("one old country", func(b *testing.B) {
		compareInTurns(b, "old", send(api.AsNewPerson("country_coordinator", "SN")), "young", send(young))
	})
}

// compareInTurns runs two functions in turns, many times. It reports the time of each, and as "ratio" the time of the
// second divided by that of the first.
func compareInTurns(b *testing.B, firstName string, first func(), secondName string, second func()) {
	for range 20 {
		first()
		second()
	}
	var firstTime, secondTime time.Duration
	for b.Loop() {
		start := time.Now()
		first()
		middle := time.Now()
		second()
		firstTime, secondTime = firstTime+middle.Sub(start), secondTime+time.Since(middle)
	}
	b.ReportMetric(float64(secondTime)/float64(firstTime), "ratio")
	b.ReportMetric(float64(firstTime.Microseconds())/float64(b.N), firstName+"-µs")
	b.ReportMetric(float64(secondTime.Microseconds())/float64(b.N), secondName+"-µs")
}

// newLargeWorld returns a hub on a large PostgreSQL database, its coordinator for Burkina Faso, and the database.
// RIGHTSHUB_BENCH_INTERVENTIONS and RIGHTSHUB_BENCH_CHILDREN set the size.
func newLargeWorld(b *testing.B) (*apitest.API, *apitest.Caller, *database.DB) {
	b.Helper()
	server.TuneMemory()
	db := apitest.Demo.Postgres(b)
	interventions := sizeFromEnv("RIGHTSHUB_BENCH_INTERVENTIONS", 20_000)
	children := sizeFromEnv("RIGHTSHUB_BENCH_CHILDREN", 1_000_000)
	insert := fmt.Sprintf("SET statement_timeout = 0; "+insertLargeWorld, interventions, children, interventions)
	if _, err := db.SQL().ExecContext(b.Context(), insert); err != nil {
		b.Fatal(err)
	}
	api := apitest.New(b, db)
	return api, api.As("coordinator.bf@demo", ""), db
}

// handWrittenSQL answers the six operations with hand-written SQL through lib/pq and with encoding/json.
type handWrittenSQL struct {
	db                                  *sql.DB
	b                                   *testing.B
	country, oneWithActivities, oneByID string
	created                             int
}

func (h *handWrittenSQL) scan(query string, into ...any) {
	h.b.Helper()
	if err := h.db.QueryRowContext(h.b.Context(), query).Scan(into...); err != nil {
		h.b.Fatal(err)
	}
}

// queryRows reads every row of a statement with n columns, each as text.
func (h *handWrittenSQL) queryRows(ctx context.Context, n int, query string, args ...any) ([][]sql.NullString, error) {
	rows, err := h.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]sql.NullString
	for rows.Next() {
		row := make([]sql.NullString, n)
		dest := make([]any, n)
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// benchmarkRow is a row of any entity in the answer of a hand-written query.
type benchmarkRow struct {
	ID    string `json:"id,omitempty"`
	Code  string `json:"code"`
	Title string `json:"title,omitempty"`
	Name  string `json:"name,omitempty"`
	State string `json:"status,omitempty"`

	Country       *benchmarkRow   `json:"country,omitempty"`
	Office        *benchmarkRow   `json:"office,omitempty"`
	Partners      []*benchmarkRow `json:"partners,omitempty"`
	Interventions []*benchmarkRow `json:"interventions,omitempty"`
	Offices       []*benchmarkRow `json:"offices,omitempty"`
	Activities    []*benchmarkRow `json:"activities,omitempty"`
	Intervention  *benchmarkRow   `json:"intervention,omitempty"`
	Children      int             `json:"children,omitempty"`
	Sex           string          `json:"sex,omitempty"`
	At            string          `json:"createdAt,omitempty"`
}

// textSQL returns the expression for the text of a multilingual column.
func textSQL(column string) string {
	return "COALESCE(" + column + "->>'en', " + column + "->>'fr')"
}

var (
	interventionsSQL = `SELECT i.id, i.code, ` + textSQL("i.title") + `, i.status,
  c.iso2, ` + textSQL("c.name") + `, o.code, ` + textSQL("o.name") + `
 FROM interventions i
 LEFT JOIN countries c ON c.id = i.country_id
 LEFT JOIN offices o ON o.id = i.office_id
 WHERE i.country_id = $1 AND i.archived_at IS NULL
 ORDER BY i.created_at DESC, i.id DESC LIMIT 20`

	oneInterventionSQL = `SELECT id, code, ` + textSQL("title") + `
 FROM interventions
 WHERE id = $1 AND archived_at IS NULL`

	createdInterventionSQL = `SELECT i.id, i.code, ` + textSQL("i.title") + `, i.version, c.iso2
 FROM interventions i LEFT JOIN countries c ON c.id = i.country_id
 WHERE i.id = $1`

	insertInterventionSQL = `INSERT INTO interventions (id, created_at, updated_at, code, title, country_id,
  kind, theme, status, sdg_targets, crc_articles, cpms_standards, policy_markers, crc_editorial)
 SELECT gen_random_uuid(), now(), now(), $1, $2, id,
  'project', 'other', 'pipeline', '[]', '[]', '[]', '[]', false
 FROM countries WHERE id = $3 RETURNING id`

	activitiesSQL = `SELECT id, kind, ` + textSQL("title") + `, starts_on, state
 FROM activities
 WHERE intervention_id = $1 AND archived_at IS NULL
 ORDER BY created_at DESC, id DESC LIMIT 20`

	childrenSQL = `SELECT c.id, c.case_code, c.sex, c.created_at, i.id, i.code, ` + textSQL("i.title") + `
 FROM children c LEFT JOIN interventions i ON i.id = c.intervention_id
 WHERE c.country_id = $1 AND c.archived_at IS NULL
 ORDER BY c.created_at DESC, c.id DESC LIMIT 51`

	countriesSQL = `SELECT id, iso2, ` + textSQL("name") + `
 FROM countries
 WHERE archived_at IS NULL
 ORDER BY iso2 LIMIT 20`

	officesSQL = `SELECT s.k, o.id, o.code, ` + textSQL("o.name") + `
 FROM unnest($1::uuid[]) s(k)
 CROSS JOIN LATERAL (
  SELECT * FROM offices WHERE country_id = s.k AND archived_at IS NULL ORDER BY code LIMIT 5
 ) o`

	officeInterventionsSQL = `SELECT s.k, i.id, i.code, ` + textSQL("i.title") + `
 FROM unnest($1::uuid[]) s(k)
 CROSS JOIN LATERAL (
  SELECT * FROM interventions WHERE office_id = s.k AND archived_at IS NULL ORDER BY code LIMIT 5
 ) i`

	partnersSQL = `SELECT s.k, p.code, ` + textSQL("p.name") + `
 FROM unnest($1::uuid[]) s(k)
 CROSS JOIN LATERAL (
  SELECT p.code, p.name
  FROM intervention_partners ip JOIN partners p ON p.id = ip.partner_id
  WHERE ip.intervention_id = s.k AND ip.archived_at IS NULL
  ORDER BY p.code LIMIT $2
 ) p`
)

// arrayLiteral returns ids as a PostgreSQL array.
func arrayLiteral(ids []string) string {
	out := "{"
	for i, id := range ids {
		if i > 0 {
			out += ","
		}
		out += id
	}
	return out + "}"
}

// addPartners adds the first n partners to each intervention in byID.
func (h *handWrittenSQL) addPartners(ctx context.Context, n int, ids []string, byID map[string]*benchmarkRow) error {
	rows, err := h.queryRows(ctx, 3, partnersSQL, arrayLiteral(ids), n)
	for _, r := range rows {
		i := byID[r[0].String]
		i.Partners = append(i.Partners, &benchmarkRow{Code: r[1].String, Name: r[2].String})
	}
	return err
}

func (h *handWrittenSQL) interventionsOfCountry(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 8, interventionsSQL, h.country)
	if err != nil {
		return nil, err
	}
	var out []*benchmarkRow
	var ids []string
	byID := map[string]*benchmarkRow{}
	for _, r := range rows {
		i := &benchmarkRow{
			ID: r[0].String, Code: r[1].String, Title: r[2].String, State: r[3].String,
			Country: &benchmarkRow{Code: r[4].String, Name: r[5].String},
			Office:  &benchmarkRow{Code: r[6].String, Name: r[7].String},
		}
		out, ids, byID[i.ID] = append(out, i), append(ids, i.ID), i
	}
	if err := h.addPartners(ctx, 5, ids, byID); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) interventionWithActivities(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 3, oneInterventionSQL, h.oneWithActivities)
	if err != nil {
		return nil, err
	}
	out := &benchmarkRow{ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String}
	activities, err := h.queryRows(ctx, 5, activitiesSQL, h.oneWithActivities)
	if err != nil {
		return nil, err
	}
	for _, r := range activities {
		out.Activities = append(out.Activities, &benchmarkRow{
			ID: r[0].String, Code: r[1].String, Title: r[2].String, At: r[3].String, State: r[4].String,
		})
	}
	n, err := h.queryRows(
		ctx, 1,
		"SELECT count(*) FROM children WHERE intervention_id = $1 AND archived_at IS NULL AND country_id = $2",
		h.oneWithActivities, h.country,
	)
	if err != nil {
		return nil, err
	}
	if out.Children, err = strconv.Atoi(n[0][0].String); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) childrenOfCountry(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 7, childrenSQL, h.country)
	if err != nil {
		return nil, err
	}
	var out []*benchmarkRow
	for _, r := range rows {
		out = append(out, &benchmarkRow{
			ID: r[0].String, Code: r[1].String, Sex: r[2].String, At: r[3].String,
			Intervention: &benchmarkRow{ID: r[4].String, Code: r[5].String, Title: r[6].String},
		})
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) countriesWithOffices(ctx context.Context) ([]byte, error) {
	countries, err := h.queryRows(ctx, 3, countriesSQL)
	if err != nil {
		return nil, err
	}
	var out []*benchmarkRow
	var ids []string
	byID := map[string]*benchmarkRow{}
	for _, r := range countries {
		c := &benchmarkRow{Code: r[1].String, Name: r[2].String}
		out, ids, byID[r[0].String] = append(out, c), append(ids, r[0].String), c
	}
	offices, err := h.queryRows(ctx, 4, officesSQL, arrayLiteral(ids))
	if err != nil {
		return nil, err
	}
	ids = nil
	for _, r := range offices {
		o := &benchmarkRow{Code: r[2].String, Name: r[3].String}
		byID[r[0].String].Offices = append(byID[r[0].String].Offices, o)
		ids, byID[r[1].String] = append(ids, r[1].String), o
	}
	interventions, err := h.queryRows(ctx, 4, officeInterventionsSQL, arrayLiteral(ids))
	if err != nil {
		return nil, err
	}
	ids = nil
	for _, r := range interventions {
		i := &benchmarkRow{Code: r[2].String, Title: r[3].String}
		byID[r[0].String].Interventions = append(byID[r[0].String].Interventions, i)
		ids, byID[r[1].String] = append(ids, r[1].String), i
	}
	if err := h.addPartners(ctx, 3, ids, byID); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) createIntervention(ctx context.Context) ([]byte, error) {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	var id string
	h.created++
	code := fmt.Sprintf("H-%d-%d", time.Now().UnixNano(), h.created)
	err = tx.QueryRowContext(ctx, insertInterventionSQL, code, `{"fr":"Essai"}`, h.country).Scan(&id)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return nil, err
	}
	rows, err := h.queryRows(ctx, 5, createdInterventionSQL, id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(&benchmarkRow{
		ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String, State: rows[0][3].String,
		Country: &benchmarkRow{Code: rows[0][4].String},
	})
}

func (h *handWrittenSQL) interventionByID(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 3, oneInterventionSQL, h.oneByID)
	if err != nil {
		return nil, err
	}
	return json.Marshal(&benchmarkRow{ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String})
}
