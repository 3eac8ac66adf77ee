package database_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
)

// A caller with more waiting requests than there are connections does not make others, or the hub itself, wait for it.
func TestOneCallerLeavesConnections(t *testing.T) {
	db := (&dbtest.Fixture{NoTables: true}).Postgres(t)
	run := func(ctx context.Context, caller, query string) {
		err := db.InScopedTransaction(database.WithShare(ctx, caller), "", nil, func(q database.Querier) error {
			_, err := q.ExecContext(ctx, query)
			return err
		})
		if err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}
	wait := func() time.Duration { // the wait of most, because a busy machine delays some
		var took []time.Duration
		for range 200 {
			began := time.Now()
			run(t.Context(), "other", "SELECT 1")
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	alone := wait()
	busy, stop := context.WithCancel(t.Context())
	var hog sync.WaitGroup
	for range 32 {
		hog.Go(func() {
			for busy.Err() == nil {
				run(busy, "hog", "SELECT pg_sleep(0.3)")
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	beside := wait()
	if in := db.SQL().Stats().InUse; in > 12 {
		t.Errorf("%d of 16 connections are in use", in)
	}
	stop()
	hog.Wait()
	if beside > alone+150*time.Millisecond { // a wait for the caller with 32 requests takes 300 ms
		t.Errorf("others wait %v instead of %v", beside, alone)
	}
}

// A query gives its share back when its rows are closed or it fails, and a request that waits hears its context.
func TestSharesAreGivenBack(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
		pool := db.Shared("one")
		for range 40 {
			rows, err := pool.QueryContext(t.Context(), "SELECT 1")
			if err != nil {
				t.Fatal(err)
			}
			rows.Close()
			if _, err := pool.QueryContext(t.Context(), "SELECT nothing FROM nowhere"); err == nil {
				t.Fatal("no error")
			}
			if _, err := pool.ExecContext(t.Context(), "SELECT 1"); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		for range 8 {
			rows, err := pool.QueryContext(ctx, "SELECT 1")
			if err != nil {
				t.Fatalf("a share was not given back: %v", err)
			}
			defer rows.Close()
		}
		short, end := context.WithTimeout(ctx, 100*time.Millisecond)
		defer end()
		if rows, err := pool.QueryContext(short, "SELECT 1"); err == nil {
			rows.Close()
			t.Error("a caller has more than half of the pool")
		}
	})
}
