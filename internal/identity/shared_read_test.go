package identity_test

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/store"
	"rightshub/policies"
)

// lockTable asks for a lock of a table, in a transaction of its own. The answer comes when the lock is there.
func lockTable(t *testing.T, db *database.DB, table string) (*sql.Tx, chan error) {
	t.Helper()
	tx, err := db.SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	locked := make(chan error, 1)
	go func() {
		_, err := tx.ExecContext(t.Context(), "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE")
		locked <- err
	}()
	return tx, locked
}

// awaitWaiting returns when so many connections wait for a lock of the table.
func awaitWaiting(t *testing.T, db *database.DB, table string, count int) {
	t.Helper()
	for waiting := -1; waiting != count; {
		if err := db.SQL().QueryRowContext(t.Context(),
			"SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = CAST($1 AS regclass)", table).
			Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
}

// Requests of a person that come together wait for one read or two, also where each read takes longer than it counts.
func TestRequestsShareOneRead(t *testing.T) {
	proxy := dbtest.StartProxy(t, (&dbtest.Fixture{}).Postgres(t))
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	p := newTestPerson(t, proxy.Open(t), policy)
	p.openSession(t) // so that the statements are prepared
	proxy.Delay.Store(int64(300 * time.Millisecond))
	ctx, counter := database.CountStatements(t.Context())
	var open sync.WaitGroup
	for range 10 {
		open.Go(func() {
			_, err := p.authenticator.OpenSession(ctx, store.Credentials{Authorization: "Bearer " + p.token})
			if err != nil {
				t.Error(err)
			}
		})
	}
	open.Wait()
	if n := counter.Load(); n > 15 {
		t.Errorf("10 requests sent %d statements, and one read takes five", n)
	}
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
	lock, locked := lockTable(t, locks, "users")
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
	awaitWaiting(t, locks, "users", 1)
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	open.Wait()
	if n := counter.Load(); n > 15 {
		t.Errorf("30 requests sent %d statements, and one read takes five", n)
	}
}

// However long a read takes, a request that begins more than a second after the account was suspended is refused.
func TestSlowReadsDoNotKeepRights(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	p := newTestPerson(t, db, policy)
	other := dbtest.Reopen(t, db) // of another process, which this one does not hear
	lock, locked := lockTable(t, other, "audit_grants")
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	request := func(began chan bool, answer chan error) {
		began <- true
		_, err := p.authenticator.OpenSession(t.Context(), store.Credentials{Authorization: "Bearer " + p.token})
		answer <- err
	}
	began, before, after := make(chan bool), make(chan error, 1), make(chan error, 1)
	go request(began, before)
	<-began
	awaitWaiting(t, other, "audit_grants", 1) // the account is read, and the grants wait
	dbtest.Exec(t, other, "UPDATE users SET state = 'suspended'")
	if _, err := lock.ExecContext(t.Context(), "SELECT pg_sleep(1.5)"); err != nil {
		t.Fatal(err)
	}
	go request(began, after)
	<-began
	if _, err := lock.ExecContext(t.Context(), "SELECT pg_sleep(0.5)"); err != nil { // so that it waits for the read
		t.Fatal(err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-before; err != nil {
		t.Error(err)
	}
	if err := <-after; !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a request that began long after the suspension gets %v", err)
	}
}

// Requests of clients that have left read nothing, and end a read that nobody else waits for.
func TestAbandonedRequestsCostNothing(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	p := newTestPerson(t, db, policy)
	lock, locked := lockTable(t, dbtest.Reopen(t, db), "access_tokens")
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	defer lock.Rollback()
	before := runtime.NumGoroutine()
	for i := range 300 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%2)*time.Millisecond)
		token := fmt.Sprintf("Bearer %sx%d", identity.TokenPrefix, i)
		if _, err := p.authenticator.OpenSession(ctx, store.Credentials{Authorization: token}); err == nil {
			t.Error("nobody has this token")
		}
		cancel()
	}
	for deadline := time.Now().Add(8 * time.Second); runtime.NumGoroutine() > before+50; {
		if time.Now().After(deadline) { // a read that is not canceled goes on for longer
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		runtime.Gosched()
	}
}
