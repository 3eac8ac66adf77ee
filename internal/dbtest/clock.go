package dbtest

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"rightshub/internal/database"
)

// SetClock sets the clock that OpenWithClock reads.
func SetClock(t *testing.T, owner *database.DB, ahead time.Duration) {
	t.Helper()
	for _, name := range []string{"clock_timestamp", "now"} {
		Exec(t, owner, fmt.Sprintf(`CREATE OR REPLACE FUNCTION public.%s() RETURNS timestamptz LANGUAGE sql
			AS 'SELECT pg_catalog.%s() + interval ''%d milliseconds'''`, name, name, ahead.Milliseconds()))
	}
}

// OpenWithClock opens a PostgreSQL database with a clock of its own, which is ahead of the real one. Functions of that
// database take the place of PostgreSQL's.
func OpenWithClock(t *testing.T, owner *database.DB, ahead time.Duration) *database.DB {
	t.Helper()
	SetClock(t, owner, ahead)
	u, err := url.Parse(owner.URL())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", "public,pg_catalog")
	u.RawQuery = q.Encode()
	return open(t, u.String())
}
