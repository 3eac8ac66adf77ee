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

// The large world: interventions with five partners each, and children, spread over the countries; the office of an
// intervention is that of its country, where it has one. Its size can be
// set by RIGHTSHUB_BENCH_INTERVENTIONS and RIGHTSHUB_BENCH_CHILDREN.
func sizeFromEnv(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

const insertLargeWorld = `
ALTER TABLE children DISABLE TRIGGER ALL;
INSERT INTO interventions (id, created_at, updated_at, code, title, country_id, office_id, kind, theme, status, sdg_targets, crc_articles, cpms_standards, policy_markers, crc_editorial)
 SELECT gen_random_uuid(), now() - n * interval '1 minute', now(), 'L-' || n, jsonb_build_object('en', 'Large intervention ' || n, 'fr', 'Grande intervention ' || n),
 c.ids[1 + n %% array_length(c.ids, 1)], o.of[1 + n %% array_length(c.ids, 1)], 'project', 'other', 'implementation', '[]', '[]', '[]', '[]', false
 FROM generate_series(1, %d) n, (SELECT array_agg(id ORDER BY iso2) ids FROM countries) c,
 (SELECT array_agg((SELECT o.id FROM offices o WHERE o.country_id = c.id ORDER BY o.code LIMIT 1) ORDER BY c.iso2) of FROM countries c) o;
INSERT INTO intervention_partners (id, created_at, updated_at, intervention_id, partner_id, role)
 SELECT gen_random_uuid(), now(), now(), i.id, p.ids[1 + (i.n * 7 + k * 13) %% array_length(p.ids, 1)], 'implementing'
 FROM (SELECT id, row_number() OVER (ORDER BY code) n FROM interventions WHERE code LIKE 'L-%%') i, generate_series(1, 5) k, (SELECT array_agg(id ORDER BY code) ids FROM partners) p;
INSERT INTO children (id, created_at, updated_at, case_code, given_name, country_id, intervention_id, birth_date_estimated, sex, synthetic)
 SELECT gen_random_uuid(), now() - g.n * interval '1 second' - CASE WHEN i.iso2 = 'SN' THEN interval '5 years' ELSE interval '0' END, now(), 'L-' || g.n, 'Synthetic', i.country_id, i.id, false, 'female', true
 FROM generate_series(1, %d) g(n) JOIN (SELECT i.id, i.country_id, c.iso2, row_number() OVER (ORDER BY i.code) n FROM interventions i JOIN countries c ON c.id = i.country_id WHERE i.code LIKE 'L-%%') i ON i.n = 1 + g.n %% %d;
ALTER TABLE children ENABLE TRIGGER ALL;
ANALYZE;`

type handWrittenQuery func(ctx context.Context) ([]byte, error)

// BenchmarkOperations prints, for each of the six operations, how fast the hub answers beside the same SQL written by
// hand: the metric "ratio" is the hand-written time divided by the hub's, both measured in turns in one run.
func BenchmarkOperations(b *testing.B) {
	api, who, db := newLargeWorld(b)
	manager := api.As("manager@demo", "")
	first := manager.Ask(`{interventions(where:{code:{eq:"L-1"}}){nodes{id}} sub:interventions(where:{code:{eq:"BF-SGBV-2021"}}){nodes{id}} countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).RequireOK()
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
		{"a", "interventions of a country", manager, 20, h.interventionsOfCountry}, {"b", "one intervention, 20 activities", who, 20, h.interventionWithActivities}, {"c", "50 children with intervention", who, 50, h.childrenOfCountry},
		{"d", "countries, offices, interventions, partners", manager, 20, h.countriesWithOffices}, {"e", "create and read back", manager, 0, h.createIntervention}, {"f", "node", manager, 0, h.interventionByID},
	} {
		vars := map[string]any{"n": op.n}
		if op.name == "b" {
			vars["id"] = first.Text("sub.nodes.0.id")
		} else {
			vars["id"] = first.Text("interventions.nodes.0.id")
		}
		body, _ := json.Marshal(map[string]any{"query": benchmarkOperations[op.name].document, "variables": vars})
		ours := func() {
			if op.name == "e" {
				vars["code"], vars["country"] = fmt.Sprintf("B-%d-%d", time.Now().UnixNano(), made.Add(1)), first.Text("countries.nodes.0.id")
				body, _ = json.Marshal(map[string]any{"query": benchmarkOperations[op.name].document, "variables": vars})
			}
			if w := op.who.Send(b.Context(), string(body)); w.Code != 200 || len(w.Body.Bytes()) < 30 || w.Body.String()[:9] != `{"data":{` {
				b.Fatal(w.Body.String())
			}
		}
		theirs := func() {
			if _, err := op.rival(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(op.name+" "+op.title, func(b *testing.B) { compareInTurns(b, "hub", ours, "hand", theirs) })
	}
}

// BenchmarkSkew prints what a page of children costs a caller whose children are all five years older than everyone
// else's, beside one whose children are not ("old/young"), and one with few children beside one with many.
func BenchmarkSkew(b *testing.B) {
	api, young, _ := newLargeWorld(b)
	old := api.AsNewPerson("country_coordinator", "SN", "NE")
	both := api.AsNewPerson("country_coordinator", "BF", "CD")
	body, _ := json.Marshal(map[string]any{"query": benchmarkOperations["c"].document, "variables": map[string]any{"n": 50}})
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

// compareInTurns runs both after each other, many times, and prints how long each takes and the second's time divided by the first's.
func compareInTurns(b *testing.B, name string, ours func(), otherName string, theirs func()) {
	for range 20 {
		ours()
		theirs()
	}
	var mine, other time.Duration
	for b.Loop() {
		start := time.Now()
		ours()
		middle := time.Now()
		theirs()
		mine, other = mine+middle.Sub(start), other+time.Since(middle)
	}
	b.ReportMetric(float64(other)/float64(mine), "ratio")
	b.ReportMetric(float64(mine.Microseconds())/float64(b.N), name+"-µs")
	b.ReportMetric(float64(other.Microseconds())/float64(b.N), otherName+"-µs")
}

func newLargeWorld(b *testing.B) (*apitest.API, *apitest.Caller, *database.DB) {
	b.Helper()
	server.TuneMemory()
	db := apitest.Demo.Postgres(b)
	interventions := sizeFromEnv("RIGHTSHUB_BENCH_INTERVENTIONS", 20_000)
	if _, err := db.SQL().ExecContext(b.Context(), "SET statement_timeout = 0; "+fmt.Sprintf(insertLargeWorld, interventions, sizeFromEnv("RIGHTSHUB_BENCH_CHILDREN", 1_000_000), interventions)); err != nil {
		b.Fatal(err)
	}
	api := apitest.New(b, db)
	return api, api.As("coordinator.bf@demo", ""), db
}

// handWrittenSQL is the same by hand: SQL through lib/pq, and encoding/json.
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

// queryRows reads every row of a statement as texts.
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

const titleSQL = "COALESCE(%[1]s->>'en', %[1]s->>'fr')"

var (
	interventionsSQL = fmt.Sprintf("SELECT i.id, i.code, "+titleSQL+", i.status, c.iso2, "+fmt.Sprintf(titleSQL, "c.name")+", o.code, "+fmt.Sprintf(titleSQL, "o.name")+`
 FROM interventions i LEFT JOIN countries c ON c.id = i.country_id LEFT JOIN offices o ON o.id = i.office_id
 WHERE i.country_id = $1 AND i.archived_at IS NULL ORDER BY i.created_at DESC, i.id DESC LIMIT 20`, "i.title")
	partnersSQL = `SELECT s.k, p.code, ` + fmt.Sprintf(titleSQL, "p.name") + ` FROM unnest($1::uuid[]) s(k) CROSS JOIN LATERAL
 (SELECT p.code, p.name FROM intervention_partners ip JOIN partners p ON p.id = ip.partner_id WHERE ip.intervention_id = s.k AND ip.archived_at IS NULL ORDER BY p.code LIMIT $2) p`
)

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

// addPartners adds the first partners of each.
func (h *handWrittenSQL) addPartners(ctx context.Context, n int, ids []string, by map[string]*benchmarkRow) error {
	rows, err := h.queryRows(ctx, 3, partnersSQL, arrayLiteral(ids), n)
	for _, r := range rows {
		i := by[r[0].String]
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
	by := map[string]*benchmarkRow{}
	for _, r := range rows {
		i := &benchmarkRow{ID: r[0].String, Code: r[1].String, Title: r[2].String, State: r[3].String, Country: &benchmarkRow{Code: r[4].String, Name: r[5].String}, Office: &benchmarkRow{Code: r[6].String, Name: r[7].String}}
		out, ids, by[i.ID] = append(out, i), append(ids, i.ID), i
	}
	if err := h.addPartners(ctx, 5, ids, by); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) interventionWithActivities(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 3, fmt.Sprintf("SELECT id, code, "+titleSQL+" FROM interventions WHERE id = $1 AND archived_at IS NULL", "title"), h.oneWithActivities)
	if err != nil {
		return nil, err
	}
	out := &benchmarkRow{ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String}
	acts, err := h.queryRows(ctx, 5, fmt.Sprintf("SELECT id, kind, "+titleSQL+", starts_on, state FROM activities WHERE intervention_id = $1 AND archived_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 20", "title"), h.oneWithActivities)
	if err != nil {
		return nil, err
	}
	for _, r := range acts {
		out.Activities = append(out.Activities, &benchmarkRow{ID: r[0].String, Code: r[1].String, Title: r[2].String, At: r[3].String, State: r[4].String})
	}
	n, err := h.queryRows(ctx, 1, "SELECT count(*) FROM children WHERE intervention_id = $1 AND archived_at IS NULL AND country_id = $2", h.oneWithActivities, h.country)
	if err != nil {
		return nil, err
	}
	if out.Children, err = strconv.Atoi(n[0][0].String); err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) childrenOfCountry(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 7, fmt.Sprintf(`SELECT c.id, c.case_code, c.sex, c.created_at, i.id, i.code, `+titleSQL+` FROM children c LEFT JOIN interventions i ON i.id = c.intervention_id
 WHERE c.country_id = $1 AND c.archived_at IS NULL ORDER BY c.created_at DESC, c.id DESC LIMIT 51`, "i.title"), h.country)
	var out []*benchmarkRow
	for _, r := range rows {
		out = append(out, &benchmarkRow{ID: r[0].String, Code: r[1].String, Sex: r[2].String, At: r[3].String, Intervention: &benchmarkRow{ID: r[4].String, Code: r[5].String, Title: r[6].String}})
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (h *handWrittenSQL) countriesWithOffices(ctx context.Context) ([]byte, error) {
	countries, err := h.queryRows(ctx, 3, fmt.Sprintf("SELECT id, iso2, "+titleSQL+" FROM countries WHERE archived_at IS NULL ORDER BY iso2 LIMIT 20", "name"))
	if err != nil {
		return nil, err
	}
	var out []*benchmarkRow
	var ids []string
	by := map[string]*benchmarkRow{}
	for _, r := range countries {
		c := &benchmarkRow{Code: r[1].String, Name: r[2].String}
		out, ids, by[r[0].String] = append(out, c), append(ids, r[0].String), c
	}
	offices, err := h.queryRows(ctx, 4, "SELECT s.k, o.id, o.code, "+fmt.Sprintf(titleSQL, "o.name")+" FROM unnest($1::uuid[]) s(k) CROSS JOIN LATERAL (SELECT * FROM offices WHERE country_id = s.k AND archived_at IS NULL ORDER BY code LIMIT 5) o", arrayLiteral(ids))
	if err != nil {
		return nil, err
	}
	ids = nil
	for _, r := range offices {
		o := &benchmarkRow{Code: r[2].String, Name: r[3].String}
		by[r[0].String].Offices = append(by[r[0].String].Offices, o)
		ids, by[r[1].String] = append(ids, r[1].String), o
	}
	ints, err := h.queryRows(ctx, 4, "SELECT s.k, i.id, i.code, "+fmt.Sprintf(titleSQL, "i.title")+" FROM unnest($1::uuid[]) s(k) CROSS JOIN LATERAL (SELECT * FROM interventions WHERE office_id = s.k AND archived_at IS NULL ORDER BY code LIMIT 5) i", arrayLiteral(ids))
	if err != nil {
		return nil, err
	}
	ids = nil
	for _, r := range ints {
		i := &benchmarkRow{Code: r[2].String, Title: r[3].String}
		by[r[0].String].Interventions = append(by[r[0].String].Interventions, i)
		ids, by[r[1].String] = append(ids, r[1].String), i
	}
	if err := h.addPartners(ctx, 3, ids, by); err != nil {
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
	err = tx.QueryRowContext(ctx, `INSERT INTO interventions (id, created_at, updated_at, code, title, country_id, kind, theme, status, sdg_targets, crc_articles, cpms_standards, policy_markers, crc_editorial)
 SELECT gen_random_uuid(), now(), now(), $1, $2, id, 'project', 'other', 'pipeline', '[]', '[]', '[]', '[]', false FROM countries WHERE id = $3 RETURNING id`,
		fmt.Sprintf("H-%d-%d", time.Now().UnixNano(), h.created), `{"fr":"Essai"}`, h.country).Scan(&id)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return nil, err
	}
	rows, err := h.queryRows(ctx, 5, fmt.Sprintf("SELECT i.id, i.code, "+titleSQL+", i.version, c.iso2 FROM interventions i LEFT JOIN countries c ON c.id = i.country_id WHERE i.id = $1", "i.title"), id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(&benchmarkRow{ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String, State: rows[0][3].String, Country: &benchmarkRow{Code: rows[0][4].String}})
}

func (h *handWrittenSQL) interventionByID(ctx context.Context) ([]byte, error) {
	rows, err := h.queryRows(ctx, 3, fmt.Sprintf("SELECT id, code, "+titleSQL+" FROM interventions WHERE id = $1 AND archived_at IS NULL", "title"), h.oneByID)
	if err != nil {
		return nil, err
	}
	return json.Marshal(&benchmarkRow{ID: rows[0][0].String, Code: rows[0][1].String, Title: rows[0][2].String})
}
