package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// A second person approves a row. Neither its author nor anybody who changed it may approve it, whoever changed or
// submitted it last. An approver may take the next step as well, and anyone may flag a check.
func TestRequireSecondPerson(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		ctx, seed := w.Context(), w.sessionFor(access.SystemSubject("system_seed", time.Now()))
		made := func(id uuid.UUID, err error) uuid.UUID {
			if err != nil {
				w.Fatal(err)
			}
			return id
		}
		w.ids["user.X"] = made(seed.Create(ctx, entityNamed("User"), query.Input{"email": "x@demo", "displayName": "X"}))
		result := made(seed.Create(ctx, entityNamed("Result"), query.Input{
			"intervention": w.ids["int.BF"], "statement": map[string]string{"en": "x"},
		}))
		indicator := made(seed.Create(ctx, entityNamed("Indicator"), query.Input{
			"result": result, "name": map[string]string{"en": "x"},
		}))
		author := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		first := w.sessionWithRole("user.CD", "country_coordinator", "", "BF")
		second := w.sessionWithRole("user.X", "country_coordinator", "", "BF")
		value := made(author.Create(ctx, entityNamed("IndicatorValue"), query.Input{
			"indicator": indicator, "value": int64(100),
		}))
		volunteer := made(seed.Create(ctx, entityNamed("Volunteer"), query.Input{
			"code": "V1", "givenName": "Synthetic", "familyName": "Person",
		}))
		made(seed.Create(ctx, entityNamed("Deployment"), query.Input{
			"title": map[string]string{"en": "Adviser"}, "country": w.ids["BF"], "volunteer": volunteer,
		}))
		check := made(author.Create(ctx, entityNamed("SafeguardingCheck"), query.Input{
			"volunteer": volunteer, "kind": "police_record",
		}))
		move := func(who store.Session, version int64, to string) error {
			return who.Transition(ctx, entityNamed("IndicatorValue"), "state", value, version, to)
		}
		find := func(who store.Session, version int64, to string) error {
			return who.Transition(ctx, entityNamed("SafeguardingCheck"), "result", check, version, to)
		}
		for i, step := range []struct {
			err  error
			code fault.Code
		}{
			{first.Update(ctx, entityNamed("IndicatorValue"), value, 1, query.Input{"value": int64(900)}), ""},
			{author.Update(ctx, entityNamed("IndicatorValue"), value, 2, query.Input{"period": "2026"}), ""},
			{move(author, 3, "submitted"), ""},
			{move(author, 4, "approved"), fault.Forbidden},
			{move(first, 4, "approved"), fault.Forbidden},
			{move(second, 4, "approved"), ""},
			{move(second, 5, "locked"), ""},
			{
				first.Update(ctx, entityNamed("SafeguardingCheck"), check, 1,
					query.Input{"expiresOn": time.Now().AddDate(9, 0, 0)}), "",
			},
			{find(author, 2, "clear"), fault.Forbidden},
			{find(first, 2, "clear"), fault.Forbidden},
			{find(author, 2, "flagged"), ""},
			{find(second, 3, "clear"), ""},
		} {
			if step.code == "" && step.err != nil || step.code != "" && !fault.Is(step.err, step.code) {
				w.Errorf("step %d: %v, want %q", i, step.err, step.code)
			}
		}
	})
}
