package graph_test

import (
	"testing"

	"github.com/google/uuid"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// A partner may have several roles in one intervention. Filters, orders and counts take the intervention once.
func TestJoiningRowsDoNotCount(t *testing.T) {
	const document = `{
		some: partners(where: {interventions: {some: {}}}) { totalCount }
		none: partners(where: {interventions: {none: {}}}) { totalCount }
		within: interventions(where: {partners: {some: {interventions: {some: {}}}}}, first: 5) {
			totalCount
			nodes { code }
		}
		once: partners(where: {interventions: {count: {eq: 1}}}) { totalCount nodes { code } }
		often: partners(where: {interventions: {count: {gt: 1}}}) { totalCount nodes { code } }
		ordered: partners(first: 5, orderBy: [{field: INTERVENTIONS_COUNT, direction: DESC}]) {
			nodes { code interventions(first: 5) { totalCount nodes { code } } }
		}
	}`
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		manager := api.As("manager@demo", "")
		before := manager.Ask(document, nil).RequireOK()
		if before.Int("some.totalCount") < 1 || before.Int("once.totalCount") < 1 || before.Int("often.totalCount") < 1 {
			t.Fatal(before.Body)
		}
		ids, err := rowIDs(t.Context(), api.Hub.DB(), theModel.Entity("InterventionPartner"), "", 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			dbtest.ExecAsOwner(t, api.Hub.DB(), `INSERT INTO intervention_partners
				(id, created_at, updated_at, intervention_id, partner_id, role)
				SELECT '`+uuid.NewString()+`', created_at, updated_at, intervention_id, partner_id, 'funder'
				FROM intervention_partners WHERE id = '`+id+`'`)
		}
		if after := manager.Ask(document, nil).RequireOK(); after.Body != before.Body {
			t.Errorf("with a second role for each partner the answer is\n%s\nbefore it was\n%s", after.Body, before.Body)
		}
	})
}
