package graph_test

import (
	"strings"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// An intervention that is archived counts for nothing in a grant.
func TestGrantIgnoresArchivedIntervention(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		auditor := api.As("auditor@demo", "audit")
		sgbv := []string{api.RowKey("Intervention", "code", "BF-SGBV-2021").String()}
		doc := `{interventions{totalCount} children{totalCount} partners{totalCount} participations{totalCount}}`
		auditor.Headers["Audit-Grant"] = createGrant(t, api, query.Input{"interventionIds": sgbv})
		if a := auditor.Ask(doc, nil).RequireOK(); a.Int("children.totalCount") == 0 || a.Int("partners.totalCount") == 0 {
			t.Fatal(a.Body)
		}
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE interventions SET archived_at = '2026-01-01 00:00:00+00:00' WHERE code = 'BF-SGBV-2021'")
		if a := auditor.Ask(doc, nil).RequireOK(); strings.Count(a.Body, `:0}`) != 4 {
			t.Error(a.Body)
		}
	})
}

// A grant that lists types and has a period shows what both say: a child is dated by its cases, and a participation by its
// activity, which the grant reaches though it does not list them, and does not show.
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
		if got, want := ask(query.Input{"entities": types, "periodStart": ages}), ask(query.Input{"entities": types}); got != want || strings.Count(got, `:0}`) != 2 {
			t.Errorf("with a period that takes everything: %s, without one: %s", got, want)
		}
		if a := ask(query.Input{"entities": types, "periodEnd": ages}); strings.Count(a, `:0}`) != 4 {
			t.Errorf("before everything: %s", a)
		}
		// one case, and the activities, are older than the period's end: these alone date anything, listed or not
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE case_files SET opened_on = '1989-06-01 00:00:00+00:00' WHERE code = 'C-BF-00001'",
			"UPDATE activities SET starts_on = '1989-06-01 00:00:00+00:00'")
		all, listed := ask(query.Input{"periodEnd": ages}), ask(query.Input{"entities": types, "periodEnd": ages})
		if !strings.Contains(listed, `"children":{"totalCount":1}`) || strings.Count(listed, `:0}`) != 2 || all[:strings.Index(all, `"caseFiles"`)] != listed[:strings.Index(listed, `"caseFiles"`)] {
			t.Errorf("of the period: %s, with the types: %s", all, listed)
		}
	})
}
