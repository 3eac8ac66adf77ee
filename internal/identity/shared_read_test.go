package identity_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/store"
	"rightshub/policies"
)

// lockUsers asks for a lock of the table with the accounts, in a transaction of its own. The answer comes when the lock
// is there.
func lockUsers(t *testing.T, db *database.DB) (*sql.Tx, chan error) {
	t.Helper()
	tx, err := db.SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	locked := make(chan error, 1)
	go func() {
		_, err := tx.ExecContext(t.Context(), "LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
		locked <- err
	}()
	return tx, locked
}

// awaitWaiting returns when so many connections wait for a lock.
func awaitWaiting(t *testing.T, db *database.DB, count int) {
	t.Helper()
	for waiting := -1; waiting != count; {
		if err := db.SQL().QueryRowContext(t.Context(),
			"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
}

// All requests of a person wait for one read of the person, however slow it is. The read counts from its end, so that
// it is not out of date for those that waited.
func TestRequestsShareOneRead(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	p := newTestPerson(t, db, policy)
	p.openSession(t) // the statement is prepared from now on, and asks for the table once
	locks := dbtest.Reopen(t, db)
	first, locked := lockUsers(t, locks)
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	const requests = 30
	credentials := store.Credentials{Authorization: "Bearer " + p.token}
	answers := make(chan error, requests)
	var open sync.WaitGroup
	defer open.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request := func() {
		_, err := p.authenticator.OpenSession(ctx, credentials)
		answers <- err
	}
	if _, err := first.ExecContext(t.Context(), "SELECT pg_sleep(1.5)"); err != nil { // longer than a read is kept
		t.Fatal(err)
	}
	open.Go(request)
	awaitWaiting(t, locks, 1)
	second, locked := lockUsers(t, locks) // the next read would wait for this one
	awaitWaiting(t, locks, 2)
	for range requests - 1 {
		open.Go(request)
	}
	if _, err := first.ExecContext(t.Context(), "SELECT pg_sleep(1.5)"); err != nil { // longer than a read is kept
		t.Fatal(err)
	}
	if err := first.Rollback(); err != nil {
		t.Fatal(err)
	}
	defer second.Rollback()
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	for range requests {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	p.openSession(t) // the next one does not read either, though this read began long ago
}

// The first requests with a token share one read too.
func TestFirstRequestsShareOneRead(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	p := newTestPerson(t, db, policy)
	locks := dbtest.Reopen(t, db)
	lock, locked := lockUsers(t, locks)
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	ctx, counter := database.CountStatements(t.Context())
	var open sync.WaitGroup
	for range 30 {
		open.Go(func() {
			_, err := p.authenticator.OpenSession(ctx, store.Credentials{Authorization: "Bearer " + p.token})
			if err != nil {
				t.Error(err)
			}
		})
	}
	awaitWaiting(t, locks, 1)
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	open.Wait()
	if n := counter.Load(); n > 10 {
		t.Errorf("30 requests sent %d statements, and one read takes five", n)
	}
}
