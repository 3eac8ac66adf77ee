package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/accounts"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// A write of a hidden row fails with NotFound, and one with a stale version with Conflict. A reference to a hidden row
// is refused, and callers cannot move a row out of their own scope.
func TestWrites(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		s, e, ctx := w.sessionWithRole("user.BF", "country_coordinator", "", "BF"), entityNamed("Intervention"), w.Context()
		title := query.Input{"title": map[string]string{"fr": "Autre"}}
		for name, got := range map[string]struct {
			err  error
			code fault.Code
		}{
			"own":           {s.Update(ctx, e, w.ids["int.BF"], 1, title), ""},
			"stale":         {s.Update(ctx, e, w.ids["int.BF"], 7, title), fault.Conflict},
			"hidden":        {s.Update(ctx, e, w.ids["int.CD"], 1, title), fault.NotFound},
			"absent":        {s.Update(ctx, e, uuid.New(), 1, title), fault.NotFound},
			"moved away":    {s.Update(ctx, e, w.ids["int.BF"], 2, query.Input{"country": w.ids["CD"]}), fault.Forbidden},
			"hidden parent": {s.Update(ctx, e, w.ids["int.BF"], 2, query.Input{"parent": w.ids["int.CD"]}), fault.Invalid},
			"child": {
				s.Update(ctx, entityNamed("Child"), w.ids["child.BF.0"], 1, query.Input{"sex": "male"}), fault.Forbidden,
			},
			"wrong move":      {s.Transition(ctx, e, "status", w.ids["int.BF"], 2, "finalisation"), fault.Invalid},
			"state by update": {s.Update(ctx, e, w.ids["int.BF"], 2, query.Input{"status": "closed"}), fault.Invalid},
		} {
			if got.code == "" && got.err != nil || got.code != "" && !fault.Is(got.err, got.code) {
				w.Errorf("%s: %v, want %q", name, got.err, got.code)
			}
		}
		_, err := s.Create(ctx, e,
			query.Input{"code": "NEW", "title": map[string]string{"en": "x"}, "country": w.ids["CD"]})
		if !fault.Is(err, fault.Forbidden) {
			w.Errorf("create in another country: %v", err)
		}
		id, err := s.Create(ctx, e, query.Input{"code": "NEW", "title": map[string]string{"en": "x"}, "country": w.ids["BF"]})
		if err != nil {
			w.Fatal(err)
		}
		if err := s.Archive(ctx, e, id, 1); err != nil {
			w.Error(err)
		}
		a := selectFields(e)
		if row, err := s.Get(ctx, &a, id); row != nil || err != nil {
			w.Errorf("archived: %v %v", row, err)
		}
	})
}

// isInvalid reports whether an error refuses the input with a message that has the text.
func isInvalid(err error, text string) bool {
	return fault.Is(err, fault.Invalid) && strings.Contains(err.Error(), text)
}

// A deployment to a country needs clear and unexpired checks. The end of a deployment ends the roles that came with it.
func TestDeploymentRules(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		ctx, seed := w.Context(), w.sessionFor(access.SystemSubject("system_seed", time.Now()))
		make := func(name string, in query.Input) uuid.UUID {
			id, err := seed.Create(ctx, entityNamed(name), in)
			if err != nil {
				w.Fatal(err)
			}
			return id
		}
		v := make("Volunteer", query.Input{"code": "V1", "givenName": "Synthetic", "familyName": "Person"})
		d := make("Deployment", query.Input{
			"title": map[string]string{"en": "Adviser"}, "country": w.ids["BF"], "volunteer": v, "state": "preparing",
		})
		s := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		go1 := func() error { return s.Transition(ctx, entityNamed("Deployment"), "state", d, 1, "in_country") }
		if err := go1(); !isInvalid(err, "MEDICAL") {
			w.Errorf("without checks: %v", err)
		}
		for _, kind := range entityNamed("Deployment").Machine("state").Safeguarding.Kinds {
			day := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
			if kind == "medical" {
				day = day.AddDate(0, 0, -2)
			}
			make("SafeguardingCheck", query.Input{"volunteer": v, "kind": kind, "result": "clear", "expiresOn": day})
		}
		if err := go1(); !isInvalid(err, ": MEDICAL.") {
			w.Errorf("with an expired check: %v", err)
		}
		make("SafeguardingCheck", query.Input{
			"volunteer": v, "kind": "medical", "result": "clear",
			"issuedOn": time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1),
		})
		if err := go1(); !isInvalid(err, ": MEDICAL.") {
			w.Errorf("with a check that counts from tomorrow: %v", err)
		}
		make("SafeguardingCheck", query.Input{
			"volunteer": v, "kind": "medical", "result": "clear", "issuedOn": time.Now().UTC().Truncate(24 * time.Hour),
		})
		flagged := make("SafeguardingCheck", query.Input{"volunteer": v, "kind": "references", "result": "flagged"})
		if err := go1(); !isInvalid(err, ": REFERENCES.") {
			w.Errorf("with a flagged check beside a clear one: %v", err)
		}
		manager := w.sessionWithRole("user.CD", "programme_manager", "", "BF")
		if err := manager.Archive(ctx, entityNamed("SafeguardingCheck"), flagged, 1); !isInvalid(err, "FLAGGED") {
			w.Errorf("a flagged check is archived: %v", err)
		}
		dbtest.ExecAsOwner(w, w.hub.DB(),
			"UPDATE safeguarding_checks SET archived_at = '2020-01-01 00:00:00+00:00' WHERE result = 'flagged'")
		if err := go1(); !isInvalid(err, ": REFERENCES.") {
			w.Errorf("with a flagged check that a task of the hub's own archived: %v", err)
		}
		dbtest.ExecAsOwner(w, w.hub.DB(), "UPDATE safeguarding_checks SET result = 'expired' WHERE result = 'flagged'",
			"UPDATE volunteers SET state = 'barred'")
		if err := go1(); !isInvalid(err, "barred") {
			w.Errorf("a barred volunteer: %v", err)
		}
		dbtest.ExecAsOwner(w, w.hub.DB(), "UPDATE volunteers SET state = 'rostered'")
		if err := go1(); err != nil {
			w.Errorf("with all checks: %v", err)
		}
		role := func() uuid.UUID {
			return make("RoleAssignment", query.Input{
				"user": w.ids["user.CD"], "role": "volunteer", "deployment": d, "state": "active",
			})
		}
		state := func(id uuid.UUID) string {
			a := selectFields(entityNamed("RoleAssignment"), "state")
			row, err := seed.Get(ctx, &a, id)
			if err != nil {
				w.Fatal(err)
			}
			return row.Cells[0].Text
		}
		r := role()
		if err := s.Transition(ctx, entityNamed("Deployment"), "state", d, 2, "completed"); err != nil {
			w.Fatal(err)
		}
		if got := state(r); got != "revoked" {
			w.Errorf("role after the end: %s", got)
		}
		late := make("RoleAssignment", query.Input{"user": w.ids["user.CD"], "role": "volunteer", "deployment": d})
		admin := w.sessionWithRole("user.BF", "platform_admin", "")
		err := admin.Transition(ctx, entityNamed("RoleAssignment"), "state", late, 1, "approved")
		if !isInvalid(err, "has ended") {
			w.Errorf("a role of a mandate that has ended: %v", err)
		}
		r = role()
		manager = w.sessionWithRole("user.BF", "programme_manager", "", "BF")
		if err := manager.Archive(ctx, entityNamed("Deployment"), d, 3); err != nil {
			w.Fatal(err)
		}
		if got := state(r); got != "revoked" {
			w.Errorf("role after the archive: %s", got)
		}
	})
}

// A role that came with a deployment does not count once the deployment has ended, belongs to another person, or its
// volunteer is barred, whatever the state of the role. No role of a suspended person counts.
func TestRightsEndWithTheDeployment(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		ctx, seed := w.Context(), w.sessionFor(access.SystemSubject("system_seed", time.Now()))
		for state, want := range map[string]int{"in_country": 1, "completed": 0, "suspended": 0, "remote": 0, "matched": 0} {
			email := state + "@demo"
			u, err := seed.Create(ctx, entityNamed("User"), query.Input{
				"email": email, "displayName": "Made up", "state": "active",
			})
			if err != nil {
				w.Fatal(err)
			}
			of := u
			if state == "matched" { // with somebody else
				of = w.ids["user.BF"]
			}
			volunteer, err := seed.Create(ctx, entityNamed("Volunteer"), query.Input{
				"code": state, "user": of, "givenName": "Made", "familyName": "Up",
				"state": map[bool]string{true: "barred", false: "deployed"}[state == "remote"],
			})
			if err != nil {
				w.Fatal(err)
			}
			d, err := seed.Create(ctx, entityNamed("Deployment"), query.Input{
				"title": map[string]string{"en": "Adviser"}, "country": w.ids["BF"], "volunteer": volunteer, "state": state,
			})
			if err != nil {
				w.Fatal(err)
			}
			_, err = seed.Create(ctx, entityNamed("RoleAssignment"),
				query.Input{"user": u, "role": "volunteer", "deployment": d, "state": "active"})
			if err != nil {
				w.Fatal(err)
			}
			p, err := w.hub.Accounts().FindPerson(ctx, accounts.Identity{Email: email})
			if err != nil || len(p.Subject.Assignments) != want {
				w.Errorf("%s: %v %v", state, p, err)
			}
			if err := seed.Transition(ctx, entityNamed("User"), "state", u, 1, "suspended"); err != nil {
				w.Fatal(err)
			}
			_, err = w.hub.Accounts().FindPerson(ctx, accounts.Identity{Email: email})
			if !fault.Is(err, fault.Unauthenticated) {
				w.Errorf("suspended: %v", err)
			}
		}
	})
}

// A submitted, approved or decided row takes no update, and the error says which transition allows updates again.
// Fields that are only known later may still be written.
func TestFixedRows(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		ctx, seed := w.Context(), w.sessionFor(access.SystemSubject("system_seed", time.Now()))
		make := func(name string, in query.Input) uuid.UUID {
			id, err := seed.Create(ctx, entityNamed(name), in)
			if err != nil {
				w.Fatal(err)
			}
			return id
		}
		result := make("Result", query.Input{
			"intervention": w.ids["int.BF"], "level": "output", "statement": map[string]string{"en": "x"},
		})
		indicator := make("Indicator", query.Input{"result": result, "name": map[string]string{"en": "x"}})
		volunteer := make("Volunteer", query.Input{"code": "V1", "givenName": "Synthetic", "familyName": "Person"})
		make("Deployment", query.Input{
			"title": map[string]string{"en": "Adviser"}, "country": w.ids["BF"], "volunteer": volunteer,
		})
		coordinator := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		officer := w.sessionWithRole("user.BF", "child_protection_officer", "services", "BF")
		for _, c := range []struct {
			who        store.Session
			entity     string
			in, change query.Input
			want       string
		}{
			{
				coordinator, "IndicatorValue",
				query.Input{"state": "draft", "indicator": indicator, "value": int64(100)},
				query.Input{"value": int64(900)}, "",
			},
			{
				coordinator, "IndicatorValue",
				query.Input{"state": "submitted", "indicator": indicator, "value": int64(100)},
				query.Input{"value": int64(900)}, "move it to RETURNED first",
			},
			{
				coordinator, "IndicatorValue",
				query.Input{"state": "approved", "indicator": indicator, "value": int64(100)},
				query.Input{"value": int64(900)}, "move it to RETURNED first",
			},
			{
				coordinator, "IndicatorValue",
				query.Input{"state": "locked", "indicator": indicator, "value": int64(100)},
				query.Input{"value": int64(900)}, "LOCKED for good",
			},
			{
				coordinator, "Activity",
				query.Input{
					"state": "verified", "kind": "training", "title": map[string]string{"en": "x"},
					"intervention": w.ids["int.BF"], "country": w.ids["BF"],
				},
				query.Input{"plannedMen": int64(900)}, "move it to DONE first",
			},
			{
				coordinator, "SafeguardingCheck",
				query.Input{"result": "clear", "kind": "visa", "volunteer": volunteer},
				query.Input{"expiresOn": time.Now().AddDate(50, 0, 0)}, "move it to FLAGGED first",
			},
			{
				officer, "CaseService",
				query.Input{"approval": "requested", "kind": "legal", "caseFile": w.ids["case"], "country": w.ids["BF"]},
				query.Input{"kind": "cash"}, "",
			},
			{
				officer, "CaseService",
				query.Input{"approval": "approved", "kind": "legal", "caseFile": w.ids["case"], "country": w.ids["BF"]},
				query.Input{"kind": "cash", "outcome": "Synthetic"}, "move it to REJECTED first",
			},
			{
				officer, "CaseService",
				query.Input{"approval": "approved", "kind": "legal", "caseFile": w.ids["case"], "country": w.ids["BF"]},
				query.Input{"outcome": "Synthetic", "doneOn": time.Now()}, "",
			},
			{
				officer, "BestInterests",
				query.Input{"state": "panel", "kind": "assessment", "caseFile": w.ids["case"], "country": w.ids["BF"]},
				query.Input{"decision": "Synthetic"}, "",
			},
			{
				officer, "BestInterests",
				query.Input{"state": "decided", "kind": "assessment", "caseFile": w.ids["case"], "country": w.ids["BF"]},
				query.Input{"decision": "Synthetic"}, "move it to IMPLEMENTED, REVIEWED, INFORMATION_GATHERING first",
			},
		} {
			id := make(c.entity, c.in)
			if retained := c.in["state"] == "approved" || c.in["state"] == "locked"; retained {
				manager := w.sessionWithRole("user.CD", "programme_manager", "", "BF")
				err := manager.Archive(ctx, entityNamed(c.entity), id, 1)
				if !isInvalid(err, strings.ToUpper(c.in["state"].(string))) {
					w.Errorf("%s %v is archived: %v", c.entity, c.in, err)
				}
			}
			err := c.who.Update(ctx, entityNamed(c.entity), id, 1, c.change)
			if c.want == "" && err != nil || c.want != "" && !isInvalid(err, c.want) {
				w.Errorf("%s %v: %v, want %q", c.entity, c.in, err, c.want)
			}
			if err := seed.Update(ctx, entityNamed(c.entity), id, 1, c.change); c.want != "" && err != nil {
				w.Errorf("%s %v, by the hub's own task: %v", c.entity, c.in, err)
			}
		}
	})
}

// Error messages do not disclose the text of the database's own errors.
func TestErrorsHideDatabaseDetails(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		seed := w.sessionWithRole("user.BF", "programme_manager", "", "BF")
		_, err := seed.Create(w.Context(), entityNamed("Intervention"), query.Input{
			"code": "I-BF", "title": map[string]string{"en": "Twice"}, "country": w.ids["BF"],
		})
		if !fault.Is(err, fault.Conflict) {
			w.Errorf("the same code twice: %v", err)
		}
		for _, word := range []string{"I-BF", "interventions", "constraint", "UNIQUE", "key value"} {
			if strings.Contains(err.Error(), word) {
				w.Errorf("%v holds %q", err, word)
			}
		}
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		_, err = seed.List(ctx, &query.List{Selection: selectFields(entityNamed("Country")), Rows: true})
		if !fault.Is(err, fault.Unavailable) {
			w.Errorf("given up: %v", err)
		}
	})
}
