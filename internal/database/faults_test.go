package database_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/pgtemp"
)

// openThrough opens another pool through a proxy.
func openThrough(t *testing.T, p *dbtest.Proxy) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{URL: p.URL, MaxConnections: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A failure outside of the hub is UNAVAILABLE, and says when to try again.
func TestOutsideFailuresAreUnavailable(t *testing.T) {
	list := []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, fmt.Errorf("deep: %w", syscall.EPIPE),
	}
	for _, code := range []string{
		"25006", "0A000", "53100", "53200", "53300", "57P01", "57P02", "57P03", "57P05", "58030", "08000", "08003", "08006",
		"08P01", "25P03", "28P01", "3D000",
	} {
		list = append(list, &pq.Error{Code: pqerror.Code(code), Message: "secret words"})
	}
	for _, err := range list {
		var f *fault.Error
		if !errors.As(database.Classify(err), &f) || f.Code != fault.Unavailable || f.Extensions["retryAfter"] == nil {
			t.Errorf("%v: %v", err, f)
		}
	}
}

// A server that takes no writes refuses a write with UNAVAILABLE. The connection is dropped, so that the next write
// finds the server that takes writes.
func TestReadOnlyServerIsUnavailable(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	var name string
	if err := db.SQL().QueryRow("SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	dbtest.Exec(t, db, "ALTER DATABASE "+name+" SET default_transaction_read_only = on")
	hub, err := database.Open(t.Context(), database.Options{URL: db.URL(), MaxConnections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	write := func() error {
		_, err := hub.SQL().ExecContext(t.Context(), "DELETE FROM record_numbers WHERE id = $1", 1)
		return database.Classify(err)
	}
	if err := write(); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v, want UNAVAILABLE", err)
	}
	if err := hub.CheckWritable(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("ready although read-only: %v", err)
	}
	dbtest.Exec(t, db, "SET default_transaction_read_only = off; ALTER DATABASE "+name+
		" SET default_transaction_read_only = off")
	if err := write(); err != nil {
		t.Errorf("the read-only connection stayed: %v", err)
	}
}

// A connection that the server or the network ends is replaced. Reads are sent again, and a write is sent again only
// if nothing of it was sent.
func TestLostConnections(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	proxy := dbtest.StartProxy(t, db)
	hub := openThrough(t, proxy)
	const insert = "INSERT INTO record_numbers (at) VALUES ($1)"
	for range 3 { // prepares the statements
		read(t, hub)
		if _, err := hub.SQL().ExecContext(t.Context(), insert, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	for name, cut := range map[string]func(){
		"network": proxy.Cut,
		"server": func() {
			dbtest.Exec(t, db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "+
				"WHERE pid <> pg_backend_pid() AND datname = current_database()")
		},
	} {
		cut()
		if err := read(t, hub); err != nil {
			t.Errorf("%s: a read was not sent again: %v", name, err)
		}
		cut()
		_, err := hub.SQL().ExecContext(t.Context(), insert, time.Now())
		if err := database.Classify(err); err != nil && !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
		cut()
		tx, err := hub.SQL().BeginTx(t.Context(), nil)
		if err != nil {
			t.Errorf("%s: BEGIN was not sent again: %v", name, err)
			continue
		}
		cut()
		_, err = tx.ExecContext(t.Context(), insert, time.Now())
		if err := database.Classify(err); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v, want UNAVAILABLE", name, err)
		}
		tx.Rollback()
	}
}

// A write that may have been carried out is not sent again.
func TestLostWriteIsNotSentAgain(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	proxy := dbtest.StartProxy(t, db)
	hub := openThrough(t, proxy)
	const insert = "INSERT INTO record_numbers (at) SELECT $1 FROM (SELECT pg_sleep($2)) s"
	exec := func(seconds float64) error {
		_, err := hub.SQL().ExecContext(t.Context(), insert, time.Now(), seconds)
		return database.Classify(err)
	}
	if err := exec(0); err != nil {
		t.Fatal(err)
	}
	var cut sync.WaitGroup
	cut.Go(func() {
		waitForStatement(t, db, "INSERT INTO record_numbers%pg_sleep%")
		proxy.Cut()
	})
	defer cut.Wait()
	if err := exec(2); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v, want UNAVAILABLE", err)
	}
	var n int
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until) && n < 3; time.Sleep(100 * time.Millisecond) {
		if err := db.SQL().QueryRow("SELECT count(*) FROM record_numbers").Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	if n > 2 {
		t.Errorf("the write was carried out %d times", n-1)
	}
}

// waitForStatement returns when the server carries out a statement like the pattern, or after a minute.
func waitForStatement(t *testing.T, db *database.DB, pattern string) {
	t.Helper()
	const query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1"
	n := 0
	for end := time.Now().Add(time.Minute); n == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err := db.SQL().QueryRow(query, pattern).Scan(&n); err != nil {
			t.Error(err)
		}
	}
}

// read reads one row in the pool.
func read(t *testing.T, db *database.DB) error {
	t.Helper()
	var n int
	err := db.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM record_numbers WHERE id > $1", 0).Scan(&n)
	return database.Classify(err)
}

// Whatever falls silent, each request is answered or refused within ten seconds, and the hub answers again soon after
// the network does.
func TestSilentNetwork(t *testing.T) {
	t.Parallel()
	for _, all := range []bool{false, true} {
		if all && !dbtest.Long() {
			continue
		}
		t.Run(fmt.Sprintf("new connections silent %t", all), func(t *testing.T) {
			t.Parallel()
			db := (&dbtest.Fixture{}).Postgres(t)
			proxy := dbtest.StartProxy(t, db)
			hub := openThrough(t, proxy)
			var warm sync.WaitGroup
			for range 4 {
				warm.Go(func() { hub.SQL().ExecContext(t.Context(), "SELECT pg_sleep(0.2)") })
			}
			warm.Wait()
			proxy.Silence(all)
			started := time.Now()
			var wait sync.WaitGroup
			for i := range 24 { // more than there are connections
				wait.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
					defer cancel()
					began := time.Now()
					if i%2 == 0 {
						read(t, hub)
					} else if tx, err := hub.SQL().BeginTx(ctx, nil); err == nil {
						tx.ExecContext(ctx, "DELETE FROM record_numbers WHERE id = $1", 7)
						tx.Commit()
					}
					if took := time.Since(began); took > 10*time.Second {
						t.Errorf("a request took %v", took)
					}
				})
			}
			wait.Wait()
			proxy.Resume()
			for {
				err := read(t, hub)
				if err == nil {
					break
				}
				if time.Since(started) > 15*time.Second {
					t.Fatalf("still %v", err)
				}
				time.Sleep(100 * time.Millisecond)
			}
		})
	}
}

// A connection is closed soon after the context of its statement has ended, even if the server says nothing.
func TestSilentAfterTheContextEnds(t *testing.T) {
	t.Parallel()
	db := (&dbtest.Fixture{}).Postgres(t)
	proxy := dbtest.StartProxy(t, db)
	hub := openThrough(t, proxy)
	read(t, hub)
	proxy.Silence(true)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := hub.SQL().ExecContext(ctx, "SELECT 1 WHERE $1 = 1", 1)
	if took := time.Since(started); err == nil || took > 4*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}

// A SQLite file that is full or takes no writes is UNAVAILABLE, and the hub is not ready. It is ready again when there
// is room.
func TestFullFile(t *testing.T) {
	db := (&dbtest.Fixture{}).SQLite(t)
	db.SQL().SetMaxOpenConns(1) // the settings belong to a connection
	for _, test := range []struct{ begin, end string }{
		{"PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"},
		{"PRAGMA query_only = on", "PRAGMA query_only = off"},
	} {
		dbtest.Exec(t, db, test.begin)
		_, err := db.SQL().ExecContext(t.Context(), "INSERT INTO hub_answers (id, payload, claim, claimed_until,"+
			" kept_until, answer) VALUES ('a', '', '', 0, 0, hex(randomblob(100000)))")
		if err := database.Classify(err); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v, want UNAVAILABLE", test.begin, err)
		}
		dbtest.Exec(t, db, test.begin) // on the connection that replaced the other
		if err := db.CheckReady(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: ready: %v", test.begin, err)
		}
		dbtest.Exec(t, db, test.end)
		if err := db.CheckReady(t.Context()); err != nil {
			t.Errorf("%s: not ready: %v", test.end, err)
		}
	}
}

// A server that stopped without a word is not ready, and is ready again when it goes on.
func TestFrozenServer(t *testing.T) {
	t.Parallel()
	server, err := pgtemp.Start(t.Context())
	if errors.Is(err, pgtemp.ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	db, err := database.Open(t.Context(), database.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	defer server.Resume()
	began := time.Now()
	if err := db.CheckReady(t.Context()); !fault.Is(err, fault.Unavailable) || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; {
		err := db.CheckReady(t.Context())
		if err == nil {
			return
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal(err)
		}
	}
}

// A URL may name several hosts, with a port each. The hub writes, so that it takes no standby.
func TestSeveralHosts(t *testing.T) {
	db := (&dbtest.Fixture{}).Postgres(t)
	u, err := url.Parse(db.URL())
	if err != nil {
		t.Fatal(err)
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	several := strings.Replace(db.URL(), u.Host, closed.Addr().String()+","+u.Host, 1)
	hub, err := database.Open(t.Context(), database.Options{URL: several})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	if err := hub.CheckReady(t.Context()); err != nil {
		t.Error(err)
	}
	_, err = database.Open(t.Context(), database.Options{URL: db.URL() + "&target_session_attrs=standby"})
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("%v, want INVALID", err)
	}
}
