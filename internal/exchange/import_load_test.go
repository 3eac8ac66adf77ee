package exchange_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// TestImportHoldsNoOtherWrite imports a large file on PostgreSQL while somebody else creates interventions and updates
// the country, the office and the partner to which the file refers. No write waits for the import, and the import takes
// no lock for each row.
func TestImportHoldsNoOtherWrite(t *testing.T) {
	rows := 600
	if dbtest.Long() {
		rows = 20_000
	}
	db := (&dbtest.Fixture{}).Postgres(t)
	hub, err := store.NewHub(db, theModel, database.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	s := importSession(t, hub, "")
	importReferences(t, s)
	done := false
	var longest time.Duration
	other := func(n int) {
		start := time.Now()
		for entity, in := range map[string]query.Input{
			"Country": {"firstYear": int64(1900 + n%100)}, "Office": {"city": fmt.Sprint(n)},
		} {
			e := theModel.Entity(entity)
			selection := &query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("version")}}}
			id := rowIDs(t, s, entity, map[string]string{"Country": "BF", "Office": "OFF-1"}[entity])[0]
			row, err := s.Get(t.Context(), selection, id)
			if err == nil {
				err = s.Update(t.Context(), e, id, row.Cells[0].Int, in)
			}
			if err != nil {
				t.Error(err)
			}
		}
		_, err := s.Create(t.Context(), theModel.Entity("Intervention"), query.Input{
			"code": fmt.Sprintf("OTHER-%d", n), "title": map[string]string{"en": "Other"},
			"country": rowIDs(t, s, "Country", "BF")[0],
		})
		if err != nil {
			t.Error(err)
		}
		longest = max(longest, time.Since(start))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	locks := 0
	o := exchange.Options{Language: "en", Progress: func(at, all int) {
		if at%200 == 0 {
			other(at)
			row := db.SQL().QueryRowContext(ctx, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
			if err := row.Scan(&locks); err != nil || locks > 0 {
				t.Errorf("%d advisory locks, %v", locks, err)
			}
		}
		done = at == all
	}}
	report, err := exchange.Import(ctx, theModel, s, "interventions", strings.NewReader(interventionFile(rows)), o)
	if err != nil || report.Created != rows*4 || !done || longest > time.Second {
		t.Errorf("%v %+v, the longest write took %v", err, report, longest)
	}
}

// TestImportMeetsOtherWriter checks that an import leaves nothing when somebody else writes a code of the file before
// the import ends.
func TestImportMeetsOtherWriter(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	hub, err := store.NewHub(db, theModel, database.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	s := importSession(t, hub, "")
	importReferences(t, s)
	o := exchange.Options{Language: "en", Progress: func(at, all int) {
		in := query.Input{"code": "B-000001", "title": map[string]string{"en": "Other"}}
		if _, err := s.Create(t.Context(), theModel.Entity("Intervention"), in); err != nil {
			t.Error(err)
		}
	}}
	_, err = exchange.Import(t.Context(), theModel, s, "interventions", strings.NewReader(interventionFile(3)), o)
	if !fault.Is(err, fault.Conflict) || len(rowIDs(t, s, "Intervention", "B-000000")) != 0 ||
		len(rowIDs(t, s, "Intervention", "B-000001")) != 1 {
		t.Errorf("%v", err)
	}
}

// TestImportReportsRowsOfOneBatch checks that a refused row among many leaves the reports of the others as they are.
func TestImportReportsRowsOfOneBatch(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		importReferences(t, s)
		rows := strings.SplitAfter(interventionFile(250), "\n")
		rows[120] = strings.Replace(rows[120], "2015,2020", "2020,2015", 1)
		rows[180] = strings.Replace(rows[180], ",active,", ",nonsense,", 1)
		rows[181] = rows[5]
		report, err := in("interventions", strings.Join(rows, ""), exchange.Options{})
		got := ""
		for _, r := range report.Refused {
			got += fmt.Sprint(r.Line, " ", r.Name, " ")
		}
		if err != nil || got != "121 end_year 181 status 182 code " || report.Created != 247*4 {
			t.Errorf("%v %s %+v", err, got, report)
		}
		importText(t, s, "interventions", interventionFile(250))
		requireUnchanged(t, in, "interventions", interventionFile(250))
	})
}
