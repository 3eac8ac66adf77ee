package store_test

import (
	"context"
	"testing"

	"rightshub/internal/database"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// PostgreSQL numbers the rows of the feed before they are committed. A watch misses no row, even when the row that was
// numbered first is committed last, after a later row was read.
func TestFeedReadsLateCommits(t *testing.T) {
	w := newTestHub(t, emptyFixture.Postgres(t))
	bf := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
	_, token := w.changesSince(bf, "", 100, "Child")
	watch := w.startWatch(bf, token, "Child")
	late, err := w.hub.DB().SQL().BeginTx(w.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer late.Rollback()
	child := w.ids["child.BF.0"].String()
	for _, q := range []string{
		"UPDATE children SET case_code = 'late' WHERE id = '" + child + "'",
		"INSERT INTO row_changes (xid, entity, row_key, at)" +
			" VALUES (CAST(CAST(pg_current_xact_id() AS text) AS bigint), 'Child', '" + child + "', now())",
	} {
		if _, err := late.ExecContext(w.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	for _, code := range []string{"BF-X", "BF-Y"} {
		w.updateRow("child.BF.1", "Child", query.Input{"caseCode": code})
		if got, _ := w.nextChanges(watch, 1); got != "child.BF.1 CHANGED" {
			t.Errorf("while the first transaction is open: %s", got)
		}
	}
	if err := late.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.nextChanges(watch, 1); got != "child.BF.0 CHANGED" {
		t.Errorf("after the first transaction is committed: %s", got)
	}
}

// A watch reports what another process committed, and not what it rolled back.
func TestChangesFromAnotherProcess(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		bf := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		watch := w.startWatch(bf, "", "Child")
		db, err := database.Open(w.Context(), database.Options{URL: w.hub.DB().URL()})
		if err != nil {
			w.Fatal(err)
		}
		defer db.Close()
		if w.hub, err = store.NewHub(db, theModel, database.Secret{1}); err != nil {
			w.Fatal(err)
		}
		stop := context.Canceled
		err = w.seedSession().Atomic(w.Context(), func(ctx context.Context, s store.Session) error {
			change := query.Input{"caseCode": "BF-X"}
			if err := s.Update(ctx, entityNamed("Child"), w.ids["child.BF.1"], 1, change); err != nil {
				return err
			}
			return stop
		})
		if err != stop {
			w.Fatal(err)
		}
		w.updateRow("child.BF.2", "Child", query.Input{"caseCode": "BF-Y"})
		if got, _ := w.nextChanges(watch, 1); got != "child.BF.2 CHANGED" {
			w.Errorf("reported: %s", got)
		}
	})
}
