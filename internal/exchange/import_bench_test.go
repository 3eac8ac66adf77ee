package exchange_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/store"
)

// interventionFile returns a file of n interventions, each with a country and two partners.
func interventionFile(n int) string {
	var b strings.Builder
	b.WriteString(interventionHeader)
	for i := range n {
		fmt.Fprintf(&b, "B-%06d,Title %d,,BF,OFF-1,2015,2020,active,other,,P-1;P-2,3,,Summary,\n", i, i)
	}
	return b.String()
}

// importReferences imports what the rows of interventionFile refer to.
func importReferences(t testing.TB, s store.Session) {
	t.Helper()
	for _, f := range []struct{ kind, text string }{
		{"countries", countryHeader + "BF,,,,\n"},
		{"offices", officeHeader + "OFF-1,Office,BF,,field,,,\n"},
		{"partners", partnerHeader + "P-1,Partner,,BF,ngo,,\nP-2,Partner,,BF,ngo,,\n"},
	} {
		importText(t, s, f.kind, f.text)
	}
}

func importText(t testing.TB, s store.Session, kind, text string) *exchange.Report {
	t.Helper()
	o := exchange.Options{Language: "en"}
	report, err := exchange.Import(context.Background(), theModel, s, kind, strings.NewReader(text), o)
	if err != nil || len(report.Refused) > 0 {
		t.Fatalf("%v %+v", err, report)
	}
	return report
}

// insertByHand writes n interventions with their links as hand-written SQL does, with one statement for each row.
func insertByHand(b *testing.B, db *database.DB, n int) {
	b.Helper()
	tx, err := db.SQL().BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback()
	exec := func(statement string, args ...any) {
		if _, err := tx.ExecContext(b.Context(), statement, args...); err != nil {
			b.Fatal(err)
		}
	}
	base := "id, created_at, updated_at, version, "
	for i := range n {
		id, now := uuid.NewString(), time.Now().UTC()
		exec("INSERT INTO interventions ("+base+"code, title, kind, theme, status, sdg_targets, crc_articles, "+
			"cpms_standards, policy_markers, crc_editorial) VALUES ($1, $2, $2, 1, $3, $4, 'project', 'other', "+
			"'implementation', '[]', '[]', '[]', '[]', false)", id, now, "H-"+id, `{"en":"Title `+strconv.Itoa(i)+`"}`)
		exec("INSERT INTO intervention_countries ("+base+"intervention_id, country_id) "+
			"SELECT $1, $2, $2, 1, $3, id FROM countries WHERE iso2 = 'BF'", uuid.NewString(), now, id)
		for _, code := range []string{"P-1", "P-2"} {
			exec("INSERT INTO intervention_partners ("+base+"intervention_id, partner_id, role) "+
				"SELECT $1, $2, $2, 1, $3, id, 'implementing' FROM partners WHERE code = $4", uuid.NewString(), now, id, code)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkImport imports interventions with their links on PostgreSQL. The metric "ratio" is the time of hand-written
// SQL, with one statement for each row of the hub, divided by the time of the import. RIGHTSHUB_BENCH_ROWS sets the
// number of rows of the file.
func BenchmarkImport(b *testing.B) {
	rows, err := strconv.Atoi(os.Getenv("RIGHTSHUB_BENCH_ROWS"))
	if err != nil {
		rows = 10_000
	}
	var byHub, byHand time.Duration
	for range b.N {
		db := (&dbtest.Fixture{}).Postgres(b)
		hub, err := store.NewHub(db, theModel, database.Secret{1})
		if err != nil {
			b.Fatal(err)
		}
		s := importSession(b, hub, "")
		importReferences(b, s)
		file := interventionFile(rows)
		start := time.Now()
		importText(b, s, "interventions", file)
		byHub += time.Since(start)
		start = time.Now()
		insertByHand(b, db, rows)
		byHand += time.Since(start)
	}
	b.ReportMetric(byHand.Seconds()/byHub.Seconds(), "ratio")
	b.ReportMetric(byHub.Seconds()/float64(b.N), "s/import")
	b.ReportMetric(0, "ns/op")
}
