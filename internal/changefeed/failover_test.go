package changefeed

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/pgtemp"
)

// startPair starts a server with the tables of the hub and a standby that has all of it. It returns a URL that names
// both, the standby first.
func startPair(t *testing.T) (primary, standby *pgtemp.Server, both string) {
	t.Helper()
	primary, standby, err := pgtemp.StartPair(t.Context())
	if errors.Is(err, pgtemp.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(primary.Stop)
	t.Cleanup(standby.Stop)
	db := openDatabase(t, primary.URL)
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitForReplay(t, db)
	first, second := hostOf(t, standby.URL), hostOf(t, primary.URL)
	return primary, standby, strings.Replace(primary.URL, second, first+","+second, 1)
}

// waitForReplay waits until the standby has all that the primary has.
func waitForReplay(t *testing.T, primary *database.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for replayed := false; !replayed; time.Sleep(10 * time.Millisecond) {
		err := primary.SQL().QueryRowContext(ctx, `SELECT EXISTS (
			SELECT FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn())`).Scan(&replayed)
		if err != nil {
			t.Fatal("the standby does not follow: ", err)
		}
	}
}

func hostOf(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func openDatabase(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Of several hosts the hub takes the one that takes writes, and goes on with the other when the standby has taken over.
// The feed then tells everybody to compare all rows. On a standby nothing is ready and the feed does not run.
func TestStandbyTakesOver(t *testing.T) {
	primary, standby, both := startPair(t)
	db := openDatabase(t, both)
	if err := db.CheckWritable(t.Context()); err != nil {
		t.Fatalf("the hub took the standby: %v", err)
	}
	behind := openDatabase(t, standby.URL)
	if err := behind.CheckSchema(t.Context()); err != nil {
		t.Errorf("a standby cannot be read: %v", err)
	}
	if err := behind.CheckWritable(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a standby is ready: %v", err)
	}
	if _, err := readFeedEnd(t.Context(), behind); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the feed runs on a standby: %v", err)
	}
	poller := newPoller(db)
	watch, err := poller.addSubscriber(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer poller.removeSubscriber(watch)
	primary.Stop()
	if err := standby.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for err := errors.New("not tried"); err != nil; {
		if err = db.CheckWritable(ctx); ctx.Err() != nil {
			t.Fatalf("the standby took over, and still %v", err)
		}
	}
	select {
	case <-watch.wake:
		if _, all := watch.takeStale(); !all {
			t.Error("another server was not noticed")
		}
	case <-ctx.Done():
		t.Error("the feed does not run on the new primary")
	}
	if err := behind.CheckWritable(ctx); err != nil {
		t.Errorf("the standby became primary, and still %v", err)
	}
}

// newPoller returns the poller of a process.
func newPoller(db *database.DB) *feedPoller {
	return NewFeed(db, inventory.Load(), database.Secret{1}, nil, new(atomic.Int64)).poller
}

// Entries of transactions that the server has not begun, which a restored dump has, are read once and not for ever.
func TestEntriesOfTheFuture(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	dbtest.Exec(t, db, "INSERT INTO row_changes (xid, entity, at) VALUES (4000000000, 'Child', now())")
	if err := RenumberFutureEntries(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	at, err := readFeedEnd(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if _, list, _, err := readFeedSince(t.Context(), db, at); err != nil || len(list) > 0 {
		t.Errorf("read again: %v %v", list, err)
	}
}

// Whoever waits for the start of the feed hears their context, while the database is silent.
func TestSubscribersHearTheirContext(t *testing.T) {
	proxy := dbtest.StartProxy(t, (&dbtest.Fixture{}).Postgres(t))
	poller := newPoller(openDatabase(t, proxy.URL))
	proxy.Silence(true)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			began := time.Now()
			if _, err := poller.addSubscriber(ctx); err == nil || time.Since(began) > 5*time.Second {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
	}
	wait.Wait()
}
