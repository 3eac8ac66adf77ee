package graph_test

import (
	"strings"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// A grant gives no access by an intervention that is archived.
func TestGrantIgnoresArchivedIntervention(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		sgbv := []string{api.RowKey("Intervention", "code", "BF-SGBV-2021").String()}
		doc := `{interventions{totalCount} children{totalCount} partners{totalCount} participations{totalCount}}`
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"interventionIds": sgbv})
		before := auditor.Ask(doc, nil).RequireOK()
		if before.Int("children.totalCount") == 0 || before.Int("partners.totalCount") == 0 {
			t.Fatal(before.Body)
		}
		dbtest.ExecAsOwner(
			t, api.Hub.DB(),
			"UPDATE interventions SET archived_at = '2026-01-01 00:00:00+00:00' WHERE code = 'BF-SGBV-2021'",
		)
		if a := auditor.Ask(doc, nil).RequireOK(); strings.Count(a.Body, `:0}`) != 4 {
			t.Error(a.Body)
		}
	})
}

// A grant with types and a period shows the rows of these types in this period. A child is dated by its cases, and a
// participation by its activity. The grant uses cases and activities for dating even when its types leave them out, but
// does not show them.
func TestGrantsOfTypesAndPeriod(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		doc := `{children{totalCount} participations{totalCount} caseFiles{totalCount} activities{totalCount}}`
		types := []string{"Child", "Participation"}
		ages := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
		ask := func(change query.Input) string {
			auditor := api.As("auditor@demo", "audit")
			auditor.Headers["Audit-Grant"] = createGrant(t, api, change)
			return auditor.Ask(doc, nil).RequireOK().Body
		}
		got := ask(query.Input{"entities": types, "periodStart": ages})
		if want := ask(query.Input{"entities": types}); got != want || strings.Count(got, `:0}`) != 2 {
			t.Errorf("with a period that contains everything: %s, without a period: %s", got, want)
		}
		if a := ask(query.Input{"entities": types, "periodEnd": ages}); strings.Count(a, `:0}`) != 4 {
			t.Errorf("with a period before everything: %s", a)
		}
		// Only one case and the activities are in the period, so they alone put a child or a participation into it.
		dbtest.ExecAsOwner(
			t, api.Hub.DB(),
			"UPDATE case_files SET opened_on = '1989-06-01 00:00:00+00:00' WHERE code = 'C-BF-00001'",
			"UPDATE activities SET starts_on = '1989-06-01 00:00:00+00:00'",
		)
		all, listed := ask(query.Input{"periodEnd": ages}), ask(query.Input{"entities": types, "periodEnd": ages})
		if !strings.Contains(listed, `"children":{"totalCount":1}`) || strings.Count(listed, `:0}`) != 2 ||
			all[:strings.Index(all, `"caseFiles"`)] != listed[:strings.Index(listed, `"caseFiles"`)] {
			t.Errorf("with the period: %s, with the period and the types: %s", all, listed)
		}
	})
}
