package graph_test

import (
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
	fillLargeWorld(b, db, interventions, children)
	api := apitest.New(b, db)
	return api, api.As("coordinator.bf@demo", ""), db
}

// fillLargeWorld adds the rows of a large world to a database. Its connection waits for statements as long as they
// take.
func fillLargeWorld(t testing.TB, db *database.DB, interventions, children int) {
	t.Helper()
	patient, err := database.Open(t.Context(), database.Options{URL: db.URL(), StatementTimeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer patient.Close()
	insert := fmt.Sprintf(insertLargeWorld, interventions, children, interventions)
	if _, err := patient.SQL().ExecContext(t.Context(), insert); err != nil {
		t.Fatal(err)
	}
}
