package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"rightshub/internal/apitest"
)

// insertManyUsers adds users and gives each of them roles. Its arguments are the number of users and the number of
// roles per user.
const insertManyUsers = `
SET statement_timeout = 0;
ALTER TABLE users DISABLE TRIGGER ALL; ALTER TABLE role_assignments DISABLE TRIGGER ALL;
INSERT INTO users (id, created_at, updated_at, display_name, email, state, country_id, synthetic)
 SELECT gen_random_uuid(), now(), now(), 'Made up ' || n, 'crowd.' || n || '@demo', 'active',
  c.ids[1 + n %% array_length(c.ids, 1)], true
 FROM generate_series(1, %d) n, (SELECT array_agg(id ORDER BY iso2) ids FROM countries) c;
INSERT INTO role_assignments (id, created_at, updated_at, user_id, role, everywhere,
  country_ids, office_ids, partner_ids, intervention_ids, purposes, state)
 SELECT gen_random_uuid(), now(), now(), u.id,
  (ARRAY['field_agent','country_coordinator','case_supervisor','donor'])[1 + k %% 4], false,
  jsonb_build_array(u.country_id), '[]', '[]', '[]', '[]', 'active'
 FROM (SELECT id, country_id FROM users WHERE email LIKE 'crowd.%%') u, generate_series(1, %d) k;
ALTER TABLE users ENABLE TRIGGER ALL; ALTER TABLE role_assignments ENABLE TRIGGER ALL;
ANALYZE; RESET statement_timeout;`

// BenchmarkCrowd compares what a request costs in a database of 100,000 users with 1,000,000 roles and in one with the
// twelve users of the demonstration data. The metrics "time" and "memory" are large divided by small, measured in
// turns. In "kept" the hub knows the token from the request before. In "fresh" the token is new, so the hub reads the
// user and the roles from the database. RIGHTSHUB_BENCH_USERS sets the number of users. Each has ten roles.
func BenchmarkCrowd(b *testing.B) {
	small, big := apitest.New(b, apitest.Demo.Postgres(b)), apitest.New(b, apitest.Demo.Postgres(b))
	if _, err := big.Hub.DB().SQL().ExecContext(
		b.Context(), fmt.Sprintf(insertManyUsers, sizeFromEnv("RIGHTSHUB_BENCH_USERS", 100_000), 10),
	); err != nil {
		b.Fatal(err)
	}
	var users, roles int
	if err := big.Hub.DB().SQL().QueryRowContext(
		b.Context(), "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM role_assignments)",
	).Scan(&users, &roles); err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "%d users, %d role assignments\n", users, roles)
	body, err := json.Marshal(map[string]any{"query": `{
		interventions(first: 20, orderBy: [{field: CODE}]) { nodes { id code title country { iso2 } } }
	}`})
	if err != nil {
		b.Fatal(err)
	}
	ask := func(who *apitest.Caller) *httptest.ResponseRecorder {
		w := who.Send(b.Context(), string(body))
		if w.Code != 200 || w.Body.Len() < 500 {
			b.Fatal(w.Body.String())
		}
		return w
	}
	cached := func(api *apitest.API) func() {
		who := api.As("coordinator.bf@demo", "")
		return func() { ask(who) }
	}
	fresh := func(api *apitest.API) func() {
		n := 0
		return func() {
			n++
			ask(api.AsWithTokenMadeAt("coordinator.bf@demo", time.Now().Add(-time.Duration(n)*time.Second)))
		}
	}
	for name, who := range map[string]func(*apitest.API) func(){"kept": cached, "fresh": fresh} {
		b.Run(name, func(b *testing.B) { compareCosts(b, who(big), who(small)) })
	}
}

// compareCosts runs two functions in turns. It reports the median time and the allocated memory of each, and those of
// the large one divided by those of the small one.
func compareCosts(b *testing.B, large, small func()) {
	for range 50 {
		large()
		small()
	}
	var spent [2][]time.Duration
	var memory [2]uint64
	for b.Loop() {
		for i, do := range []func(){large, small} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 10 {
				start := time.Now()
				do()
				spent[i] = append(spent[i], time.Since(start))
			}
			runtime.ReadMemStats(&after)
			memory[i] += after.TotalAlloc - before.TotalAlloc
		}
	}
	for i := range spent {
		slices.Sort(spent[i])
	}
	largeTime, smallTime := spent[0][len(spent[0])/2], spent[1][len(spent[1])/2]
	b.ReportMetric(float64(largeTime.Nanoseconds()), "large-ns/request")
	b.ReportMetric(float64(smallTime.Nanoseconds()), "small-ns/request")
	b.ReportMetric(float64(largeTime)/float64(smallTime), "time")
	b.ReportMetric(float64(memory[0])/float64(10*b.N), "large-B/request")
	b.ReportMetric(float64(memory[1])/float64(10*b.N), "small-B/request")
	b.ReportMetric(float64(memory[0])/float64(memory[1]), "memory")
}
