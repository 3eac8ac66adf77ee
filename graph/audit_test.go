package graph_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// createGrant creates an active grant for the auditor of the demonstration data, with the changed fields, and returns
// its id.
func createGrant(t *testing.T, api *apitest.API, change query.Input) string {
	t.Helper()
	seed := api.SeedSession()
	in := query.Input{
		"engagement": "Second audit",
		"purpose":    "To test.",
		"state":      "active",
		"auditor":    api.RowKey("User", "email", "auditor@demo"),
		"interventionIds": []string{
			api.RowKey("Intervention", "code", "BF-CAP-2015").String(),
			api.RowKey("Intervention", "code", "BF-SGBV-2021").String(),
		},
		"validFrom":  time.Now().Add(-time.Hour),
		"validUntil": time.Now().Add(time.Hour),
	}
	for k, v := range change {
		in[k] = v
	}
	id, err := seed.Create(t.Context(), theModel.Entity("AuditGrant"), in)
	if err != nil {
		t.Fatal(err)
	}
	return plan.ID(theModel.Entity("AuditGrant"), id)
}

// A list without rows costs one row of the day's budget. Otherwise empty lists would answer any number of questions for
// free.
func TestEmptyListsAreCharged(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"dailyRowBudget": int64(2)})
		ask := `{caseFiles(first:0,where:{openedOn:{gte:"2020-01-01"}}){pageInfo{hasNextPage}}}`
		for range 2 {
			auditor.Ask(ask, nil).RequireOK()
		}
		if a := auditor.Ask(ask, nil); a.Code() != "RATE_LIMITED" {
			t.Error(a.Body)
		}
	})
}

// A grant is limited by its interventions, countries, types, period, dates, state and daily budget of rows. Its rights
// are never combined with those of other roles.
func TestGrantLimits(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		doc := `{
			interventions { totalCount }
			activities { totalCount }
			children { totalCount }
			caseFiles { totalCount }
			users { totalCount }
		}`
		see := func(name string, in query.Input, want ...int) {
			t.Helper()
			auditor.Headers["Audit-Grant"] = createGrant(t, api, in)
			a := auditor.Ask(doc, nil).RequireOK()
			for i, field := range []string{"interventions", "activities", "children", "caseFiles", "users"} {
				// a negative number stands for any number of rows but none
				if got := a.Int(field + ".totalCount"); got != want[i] && (want[i] >= 0 || got == 0) {
					t.Errorf("%s: %d %s, want %d", name, got, field, want[i])
				}
			}
		}
		sgbv := []string{api.RowKey("Intervention", "code", "BF-SGBV-2021").String()}
		see("one intervention", query.Input{"interventionIds": sgbv}, 1, 40, 360, 468, 1)
		see("a country", query.Input{
			"interventionIds": []string{}, "countryIds": []string{api.RowKey("Country", "iso2", "CD").String()},
		}, 2, 20, 500, 650, 1)
		see("an intervention elsewhere than the country", query.Input{
			"interventionIds": sgbv, "countryIds": []string{api.RowKey("Country", "iso2", "CD").String()},
		}, 0, 0, 0, 0, 1)
		see("types", query.Input{"interventionIds": sgbv, "entities": []string{"Activity"}}, 0, 40, 0, 0, 1)
		see("nothing", query.Input{"interventionIds": []string{}}, 0, 0, 0, 0, 1)
		see("no intervention", query.Input{"interventionIds": []string{uuid.NewString()}}, 0, 0, 0, 0, 1)
		today := time.Now().UTC().Truncate(24 * time.Hour)
		see("a period", query.Input{
			"interventionIds": sgbv, "periodStart": today, "periodEnd": today,
			"entities": []string{"Activity", "Intervention"},
		}, 1, 1, 0, 0, 1)
		of := func(first, last string) query.Input {
			day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
			return query.Input{"interventionIds": sgbv, "periodStart": day(first), "periodEnd": day(last)}
		}
		see("a period before everything", of("1990-01-01", "1990-12-31"), 1, 0, 0, 0, 1)
		child := func(n int) string {
			return fmt.Sprintf(`child_id = (
				SELECT id FROM children WHERE intervention_id = '%s' ORDER BY case_code LIMIT 1 OFFSET %d
			)`, sgbv[0], n)
		}
		dbtest.ExecAsOwner(
			t, api.Hub.DB(), "UPDATE case_files SET opened_on = '1990-05-01 00:00:00+00:00' WHERE "+child(0),
			"UPDATE case_files SET opened_on = NULL, created_at = '1990-05-02 12:00:00+00:00' WHERE "+child(1),
		)
		see("a child by a case opened on the day", of("1990-05-01", "1990-05-01"), 1, 0, 1, -1, 1)
		see("a child by a case created on the day", of("1990-05-02", "1990-05-02"), 1, 0, 1, -1, 1)
		see("the month before", of("1990-04-01", "1990-04-30"), 1, 0, 0, 0, 1)
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE case_files SET intervention_id = NULL WHERE "+child(0))
		see("no child by a case that is not audited", of("1990-05-01", "1990-05-01"), 1, 0, 0, 0, 1)
		for name, in := range map[string]query.Input{
			"expired":   {"validUntil": time.Now().Add(-time.Minute)},
			"future":    {"validFrom": time.Now().Add(time.Minute)},
			"revoked":   {"state": "revoked"},
			"requested": {"state": "requested"},
		} {
			auditor.Headers["Audit-Grant"] = createGrant(t, api, in)
			if a := auditor.Ask(doc, nil); a.Code() != "FORBIDDEN" || a.Status != 403 {
				t.Errorf("a grant that is %s: %s", name, a.Body)
			}
		}
		manager := api.As("manager@demo", "audit")
		manager.Headers["Audit-Grant"] = createGrant(t, api, nil)
		refused := manager.Ask(doc, nil)
		manager.Headers["Audit-Grant"] = plan.ID(theModel.Entity("AuditGrant"), uuid.New())
		if absent := manager.Ask(doc, nil); refused.Body != absent.Body || refused.Code() != "FORBIDDEN" {
			t.Errorf("with another person's grant: %s, with an absent grant: %s", refused.Body, absent.Body)
		}
		auditor.Headers["Audit-Grant"] = "nonsense"
		if a := auditor.Ask(doc, nil); a.Code() != "INVALID" || a.Status != 400 {
			t.Error(a.Body)
		}
		// A request that names none of several grants uses none.
		delete(auditor.Headers, "Audit-Grant")
		if a := auditor.Ask(doc, nil).RequireOK(); a.Int("interventions.totalCount") != 0 {
			t.Errorf("grants were combined: %s", a.Body)
		}
		// the daily budget of rows
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"dailyRowBudget": int64(10)})
		a := auditor.Ask(`{children(first:4){nodes{id country{id}}}}`, nil).RequireOK()
		if a.Len("children.nodes") != 4 {
			t.Error(a.Body)
		}
		a = auditor.Ask(`{children(first:3){nodes{id}}}`, nil)
		if a.Code() != "RATE_LIMITED" || a.At("children") != nil {
			t.Errorf("beyond the budget: %s", a.Body)
		}
		if a := auditor.Ask(`{children(first:2){nodes{id}}}`, nil).RequireOK(); a.Len("children.nodes") != 2 {
			t.Error(a.Body)
		}
		for _, doc := range []string{
			`{children(first:1){nodes{id}}}`,
			`{children(where:{sex:{eq:FEMALE}}){totalCount}}`,
			`{node(id:"chd_AAAAAAAAAAAAAAAAAAAAAA"){id}}`,
			`{changesSince(types:[AccessEvent]){hasMore}}`,
		} {
			if a := auditor.Ask(doc, nil); a.Code() != "RATE_LIMITED" {
				t.Errorf("beyond the budget: %s", a.Body)
			}
		}
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"dailyRowBudget": int64(5)})
		if a := auditor.Ask(`{
			children(first: 2) { nodes { id caseFiles { totalCount } } }
			users { totalCount }
		}`, nil).RequireOK(); a.Len("children.nodes") != 2 {
			t.Error(a.Body)
		}
		if a := auditor.Ask(`{children{totalCount}}`, nil); a.Code() != "RATE_LIMITED" {
			t.Errorf("a count beyond the budget: %s", a.Body)
		}
	})
}

// An audit grant is created by one person and approved by two others. None of the three is the auditor. Once the grant
// is approved, its end can only be moved to an earlier time.
func TestAuditGrantsAreApproved(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		maker := api.As("privacy@demo", "")
		second := api.AsNewPerson("data_protection_officer")
		third := api.AsNewPerson("data_protection_officer")
		auditor := api.RowID("User", "email", "auditor@demo")
		self := api.RowID("User", "email", "privacy@demo")
		in := func(change map[string]any) map[string]any {
			out := map[string]any{
				"auditorId":  auditor,
				"engagement": "Third audit",
				"purpose":    "To test.",
				"countryIds": []string{api.RowID("Country", "iso2", "CD")},
				"validFrom":  time.Now().Add(-time.Hour).UTC().Format(time.RFC3339),
				"validUntil": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
			}
			for k, v := range change {
				out[k] = v
			}
			return map[string]any{"in": out}
		}
		make := `mutation($in:CreateAuditGrantInput!){createAuditGrant(input:$in){auditGrant{id version state}}}`
		for name, c := range map[string]struct {
			change map[string]any
			want   string
		}{
			"for oneself": {map[string]any{"auditorId": self}, "FORBIDDEN"},
			"for two years": {map[string]any{
				"validUntil": time.Now().AddDate(2, 0, 0).UTC().Format(time.RFC3339),
			}, "INVALID"},
			"with an end before its start": {map[string]any{"validUntil": "2020-01-01T00:00:00Z"}, "INVALID"},
			"for no place":                 {map[string]any{"countryIds": []string{}}, "INVALID"},
			"for an unknown type":          {map[string]any{"entities": []string{"Secrets"}}, "INVALID"},
			"for a backward period": {map[string]any{
				"periodStart": "2026-02-01", "periodEnd": "2026-01-01",
			}, "INVALID"},
			"without a budget": {map[string]any{"dailyRowBudget": 0}, "INVALID"},
		} {
			if a := maker.Ask(make, in(c.change)); a.Code() != c.want {
				t.Errorf("%s: %s", name, a.Body)
			}
		}
		id := maker.Ask(make, in(nil)).RequireOK().Text("createAuditGrant.auditGrant.id")
		for name, change := range map[string]map[string]any{
			"until 2099":            {"validUntil": "2099-01-01T00:00:00Z"},
			"from long ago":         {"validFrom": "2001-01-01T00:00:00Z"},
			"with a huge budget":    {"dailyRowBudget": 2_000_000_000},
			"for a backward period": {"periodStart": "2026-02-01", "periodEnd": "2026-01-01"},
		} {
			change["id"], change["version"] = id, 1
			if a := maker.Ask(`mutation($in: UpdateAuditGrantInput!) {
				updateAuditGrant(input: $in) { auditGrant { id } }
			}`, map[string]any{"in": change}); a.Code() != "INVALID" {
				t.Errorf("changed to be %s: %s", name, a.Body)
			}
		}
		move := func(who *apitest.Caller, version int, to string) string {
			return who.Ask(`mutation($id: ID!, $v: Int!, $to: AuditGrantState!) {
				transitionAuditGrantState(input: {id: $id, version: $v, to: $to}) { auditGrant { state } }
			}`, map[string]any{"id": id, "v": version, "to": to}).Code()
		}
		lengthen := `mutation($id: ID!, $v: Int!, $u: DateTime!) {
			updateAuditGrant(input: {id: $id, version: $v, validUntil: $u}) { auditGrant { version } }
		}`
		reader := api.As("auditor@demo", "audit")
		reader.Headers["Audit-Grant"] = id
		sees := func() bool { return reader.Ask(`{children{totalCount}}`, nil).Int("children.totalCount") == 500 }
		got := []string{
			move(maker, 1, "APPROVED"), move(second, 1, "APPROVED"), move(second, 2, "ACTIVE"),
			move(maker, 2, "ACTIVE"),
		}
		if !slices.Equal(got, []string{"FORBIDDEN", "", "FORBIDDEN", "FORBIDDEN"}) || sees() {
			t.Errorf("approvals: %q", got)
		}
		if got := move(third, 2, "ACTIVE"); got != "" || !sees() {
			t.Errorf("the second approval: %q", got)
		}
		if a := maker.Ask(lengthen, map[string]any{
			"id": id, "v": 3, "u": time.Now().Add(48 * time.Hour).UTC().Format(time.RFC3339),
		}); a.Code() != "INVALID" {
			t.Errorf("lengthened by one person: %s", a.Body)
		}
		maker.Ask(lengthen, map[string]any{
			"id": id, "v": 3, "u": time.Now().Add(-time.Second).UTC().Format(time.RFC3339),
		}).RequireOK()
		if sees() {
			t.Error("the grant still gives access after its end")
		}
	})
}
