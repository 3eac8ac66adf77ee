package database_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
)

// TestPingInTime checks that a caller that stops, and a database that is slow, are distinguished from a database that
// cannot be opened.
func TestPingInTime(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		stopped, stop := context.WithCancel(t.Context())
		stop()
		late, end := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer end()
		for want, ctx := range map[string]context.Context{
			"The database was not opened, because the program stops.": stopped,
			"The database did not answer in time":                     late,
		} {
			err := db.Ping(ctx)
			if !fault.Is(err, fault.Unavailable) || !strings.HasPrefix(fault.As(err).Message, want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	})
}
