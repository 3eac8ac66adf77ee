package graph_test

import (
	"fmt"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
)

// insertChangesWorld adds children to one country, by the kind of the database. Its arguments are a prefix of the case
// codes, the number of children and the country.
var insertChangesWorld = map[string]string{
	"postgres": `
ALTER TABLE children DISABLE TRIGGER ALL;
INSERT INTO children (id, created_at, updated_at, case_code, given_name, country_id, intervention_id,
  birth_date_estimated, sex, synthetic)
 SELECT gen_random_uuid(), now(), now(), '%s-' || n, 'Synthetic', i.country_id, i.id, false, 'female', true
 FROM generate_series(1, %d) n, (SELECT c.id country_id, (SELECT min(CAST(id AS text))::uuid FROM interventions) id
  FROM countries c WHERE c.iso2 = '%s') i;
ALTER TABLE children ENABLE TRIGGER ALL;`,
	"sqlite3": `
INSERT INTO children (id, created_at, updated_at, case_code, given_name, country_id, intervention_id,
  birth_date_estimated, sex, synthetic)
 WITH RECURSIVE s(p, m) AS (VALUES ('%s', %d)), n(n, r) AS (
  SELECT 1, lower(hex(randomblob(16))) UNION ALL SELECT n + 1, lower(hex(randomblob(16))) FROM n
   WHERE n < (SELECT m FROM s))
 SELECT substr(r, 1, 8) || '-' || substr(r, 9, 4) || '-4' || substr(r, 14, 3) || '-8' || substr(r, 18, 3) || '-' ||
   substr(r, 21, 12), '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', s.p || '-' || n, 'Synthetic',
  c.id, (SELECT min(id) FROM interventions), 0, 'female', 1
 FROM n, s, countries c WHERE c.iso2 = '%s' AND s.m > 0;`,
}

// changesWorld is a hub with a caller who coordinates two countries.
type changesWorld struct {
	*testing.B
	db  *database.DB
	who *apitest.Caller
}

func newChangesWorld(b *testing.B, db *database.DB) *changesWorld {
	b.Helper()
	own, hidden := sizeFromEnv("RIGHTSHUB_BENCH_OWN", 20_000), sizeFromEnv("RIGHTSHUB_BENCH_HIDDEN", 200_000)
	add := func(prefix string, rows int, country string) {
		statement := fmt.Sprintf(insertChangesWorld[db.Kind()], prefix, rows, country)
		if _, err := db.SQL().ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	if db.IsPostgres() {
		if _, err := db.SQL().ExecContext(b.Context(), "SET statement_timeout = 0"); err != nil {
			b.Fatal(err)
		}
	}
	add("A", own/2, "BF")
	add("B", own/2, "CD")
	for i, country := range []string{"NE", "SN", "BJ", "HT"} {
		add(fmt.Sprintf("H%d", i), hidden/4, country)
	}
	if err := db.Analyze(b.Context()); err != nil {
		b.Fatal(err)
	}
	return &changesWorld{b, db, apitest.New(b, db).AsNewPerson("country_coordinator", "BF", "CD")}
}

// readAll reads all changes of children since a token, and reports the time of all pages and of the longest one.
func (w *changesWorld) readAll(name, token string, first int) (last string, changes int) {
	w.Helper()
	var longest time.Duration
	begin, pages := time.Now(), 0
	for {
		start := time.Now()
		a := w.who.Ask(`query($t: String, $n: Int) {
			changesSince(token: $t, first: $n, types: [Child]) { changes { id type kind } token hasMore }
		}`, map[string]any{"t": orNull(token), "n": first}).RequireOK()
		longest = max(longest, time.Since(start))
		pages++
		token = a.Text("changesSince.token")
		changes += a.Len("changesSince.changes")
		if a.At("changesSince.hasMore") == false {
			w.Logf("%-44s %7d changes, %4d pages, %9.1f ms, longest page %7.1f ms", name, changes, pages,
				float64(time.Since(begin).Microseconds())/1000, float64(longest.Microseconds())/1000)
			return token, changes
		}
	}
}

// touch changes children whose case codes begin with a prefix, as a write of another process does. A write of many rows
// is listed in the feed one by one.
func (w *changesWorld) touch(prefix string, rows int) {
	w.Helper()
	xid := "0"
	if w.db.IsPostgres() {
		xid = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
	}
	where := fmt.Sprintf("id IN (SELECT id FROM children WHERE case_code LIKE '%s-%%' ORDER BY id LIMIT %d)", prefix, rows)
	for _, s := range []string{
		"UPDATE children SET case_code = case_code || 'x' WHERE " + where,
		"INSERT INTO row_changes (xid, entity, row_key, at) SELECT " + xid +
			", 'Child', id, CURRENT_TIMESTAMP FROM children WHERE " + where,
	} {
		if _, err := w.db.SQL().ExecContext(w.Context(), s); err != nil {
			w.Fatal(err)
		}
	}
}

// BenchmarkChanges measures changesSince for the coordinator of two countries, in pages of 1,000.
// RIGHTSHUB_BENCH_OWN and RIGHTSHUB_BENCH_HIDDEN set the number of children in these countries and in others. The times
// are in the log. Run it with -benchtime 1x -v.
func BenchmarkChanges(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *database.DB{
		"sqlite": apitest.Demo.SQLite, "postgres": apitest.Demo.Postgres,
	} {
		b.Run(name, func(b *testing.B) {
			w := newChangesWorld(b, open(b))
			for b.Loop() {
				token, rows := w.readAll("first synchronisation", "", 1000)
				again := token
				for range 3 {
					if again, _ = w.readAll("nothing changed", again, 1000); again != token {
						b.Fatal("the token changed though no row did")
					}
				}
				w.touch("H0", 1)
				w.readAll("after a hidden write", token, 1000)
				w.touch("H1", 1000)
				w.readAll("after 1,000 hidden writes", token, 1000)
				w.touch("A", 1)
				if next, n := w.readAll("after a visible write", token, 1000); n != 1 {
					b.Fatalf("%d changes, want 1", n)
				} else {
					token = next
				}
				w.touch("A", 900)
				if next, n := w.readAll("after 900 visible writes", token, 1000); n != min(900, rows/2) {
					b.Fatalf("%d changes", n)
				} else {
					token = next
				}
				w.readAll("nothing changed", token, 1000)
				if _, err := w.db.SQL().ExecContext(b.Context(), "DELETE FROM change_positions"); err != nil {
					b.Log("the hub has no positions") // before they were introduced
				}
				w.readAll("all rows are compared again", token, 1000)
			}
		})
	}
}
