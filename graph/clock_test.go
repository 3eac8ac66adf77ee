package graph_test

import (
	"fmt"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// Where the clock of the hub is off, times are still those of the database. Rows and the record of access are stamped
// by its clock, and an emergency, a stored answer and a personal access token end by it.
func TestDatabaseClock(t *testing.T) {
	const newActivity = "SELECT row_key FROM row_changes WHERE entity = 'Activity' ORDER BY id DESC LIMIT 1"
	for _, ahead := range []time.Duration{3 * time.Hour, -3 * time.Hour} {
		t.Run(fmt.Sprint(ahead), func(t *testing.T) {
			db := dbtest.OpenWithClock(t, apitest.Demo.PostgresAsOwner(t), ahead)
			api := apitest.New(t, db)
			bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
			officer := api.As("protection.bf@demo", "services")
			bf.Headers["Idempotency-Key"] = `"clock"`
			bf.createActivity()
			delete(bf.Headers, "Idempotency-Key")
			officer.Ask(`{ children(first: 1) { nodes { givenName } } }`, nil).RequireOK()
			officer.Ask(openEmergencyMutation, map[string]any{
				"c": api.RowID("Country", "iso2", "BF"), "code": "BF-00004", "hours": 4, "why": "urgent",
			}).RequireOK()
			for text, want := range map[string]time.Duration{
				"SELECT created_at FROM activities WHERE id = (" + newActivity + ")":    ahead,
				"SELECT updated_at FROM activities WHERE id = (" + newActivity + ")":    ahead,
				"SELECT at FROM row_changes WHERE entity = 'Activity' ORDER BY id DESC": ahead,
				"SELECT at FROM access_events ORDER BY sequence DESC":                   ahead,
				"SELECT to_timestamp(kept_until) FROM hub_answers WHERE claim <> ''":    ahead + 80*time.Hour,
				"SELECT valid_until FROM emergency_accesses WHERE reason = 'urgent'":    ahead + 4*time.Hour,
			} {
				var at time.Time
				if err := db.SQL().QueryRowContext(t.Context(), text+" LIMIT 1").Scan(&at); err != nil {
					t.Fatal(err)
				}
				if off := (time.Until(at) - want).Abs(); off > 10*time.Minute {
					t.Errorf("%s: %v from now, want %v", text, time.Until(at).Round(time.Second), want)
				}
			}
			// It ends in an hour by the clock of the database, or has ended an hour ago.
			for _, left := range []time.Duration{time.Hour, -time.Hour} {
				a := bf.Ask(`mutation($at: DateTime!) {
					createAccessToken(input: {title: "x", scopes: [READ], expiresAt: $at}) { secret }
				}`, map[string]any{"at": time.Now().Add(ahead + left).UTC().Format(time.RFC3339)})
				if made := a.Code() == ""; made != (left > 0) {
					t.Errorf("a token that ends in %v: %s", left, a.Body)
				}
			}
		})
	}
}
