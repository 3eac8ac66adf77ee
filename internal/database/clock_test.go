package database_test

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
)

// A hub with another clock than its database is not ready, and says by how much. Some seconds are allowed.
func TestClockIsOff(t *testing.T) {
	owner := (&dbtest.Fixture{}).PostgresAsOwner(t)
	for ahead, want := range map[time.Duration]bool{
		0: true, 3 * time.Second: true, -3 * time.Second: true, time.Hour: false, -time.Hour: false,
	} {
		db := dbtest.OpenWithClock(t, owner, ahead)
		err := db.CheckClock(t.Context())
		if ready := err == nil; ready != want {
			t.Errorf("%v ahead: %v", ahead, err)
		}
		if err != nil && !strings.Contains(fault.As(err).Message, "differ by 3") { // 3,599 or 3,600 seconds
			t.Errorf("%v ahead: %v", ahead, err)
		}
		if off := (db.ClockOffset() - ahead).Abs(); off > time.Minute {
			t.Errorf("%v ahead was measured as %v", ahead, db.ClockOffset())
		}
	}
	if err := dbtest.OpenWithClock(t, owner, time.Hour).CheckReady(t.Context()); !fault.Is(err, fault.Unavailable) ||
		!strings.Contains(err.Error(), "The clocks of this machine") {
		t.Errorf("a hub with another clock is ready: %v", err)
	}
}

// lineWriter passes each line of a log to a channel.
type lineWriter chan string

func (w lineWriter) Write(line []byte) (int, error) {
	w <- string(line)
	return len(line), nil
}

// The log says once that the clock is off, and once that it is right again, however often it is measured.
func TestWatchClock(t *testing.T) {
	owner := (&dbtest.Fixture{}).PostgresAsOwner(t)
	db, lines := dbtest.OpenWithClock(t, owner, time.Hour), make(lineWriter, 1000)
	stoppable, stop := context.WithCancel(t.Context())
	ctx, statements := database.CountStatements(stoppable)
	var watch sync.WaitGroup
	watch.Go(func() { db.WatchClock(ctx, time.Millisecond, slog.New(slog.NewTextHandler(lines, nil))) })
	defer watch.Wait()
	defer stop()
	for _, next := range []struct {
		want  string
		ahead time.Duration
	}{{"is off", 0}, {"agrees", -time.Hour}, {"is off", 0}, {"agrees", 0}} {
		if line := <-lines; !strings.Contains(line, next.want) {
			t.Fatalf("%q, want %q", line, next.want)
		}
		for enough := statements.Load() + 3; statements.Load() < enough; {
			runtime.Gosched()
		}
		if len(lines) > 0 {
			t.Fatalf("%q is logged again", <-lines)
		}
		dbtest.SetClock(t, owner, next.ahead)
	}
}

// A reading that waited for a connection tells little, and does not replace a more exact one.
func TestSlowReadingKeepsTheClock(t *testing.T) {
	db := dbtest.OpenWithClock(t, (&dbtest.Fixture{}).PostgresAsOwner(t), 300*time.Millisecond)
	read := func() time.Duration {
		t.Helper()
		if _, err := db.Now(t.Context()); err != nil {
			t.Fatal(err)
		}
		return db.ClockOffset()
	}
	exact := read()
	db.SQL().SetMaxOpenConns(1)
	c, err := db.SQL().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slow := make(chan time.Duration)
	go func() { slow <- read() }()
	if _, err := c.ExecContext(t.Context(), "SELECT pg_sleep(1.5)"); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-slow; got != exact {
		t.Errorf("the offset is %v after a slow reading, and was %v", got, exact)
	}
}
