package database_test

import (
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
)

// A database is unused when the connections of a hub that was stopped have ended, even some time later. While a hub is
// connected, it is not.
func TestUnusedAfterConnectionsEnd(t *testing.T) {
	hub := (&dbtest.Fixture{}).Postgres(t)
	command, err := database.Open(t.Context(), database.Options{URL: hub.URL(), MaxConnections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer command.Close()
	if err := hub.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := command.CheckUnused(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("while a hub is connected: %v", err)
	}
	ended := make(chan error)
	go func() {
		time.Sleep(300 * time.Millisecond)
		ended <- hub.Close()
	}()
	if err := command.CheckUnused(t.Context()); err != nil {
		t.Errorf("a hub that stops: %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
