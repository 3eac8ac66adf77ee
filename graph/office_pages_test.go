package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"rightshub/internal/apitest"
)

// The pages of an office's interventions together hold all its interventions that the caller sees, in order and from
// both ends. This holds for callers of one country and of several, and includes interventions that other countries lead
// and share with the caller's country.
func TestPagesOfAnOffice(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		manager := api.As("manager@demo", "")
		all := manager.Ask(`{
			interventions(first: 100) { nodes { id version countries { nodes { iso2 } } } }
			offices(first: 2) { nodes { id code } }
		}`, nil).RequireOK()
		for i := range all.Len("interventions.nodes") { // two offices lead the interventions of all countries
			at := fmt.Sprintf("interventions.nodes.%d.", i)
			manager.Ask(`mutation($i: ID!, $v: Int!, $o: ID!) {
				updateIntervention(input: {id: $i, version: $v, officeId: $o}) { intervention { id } }
			}`, map[string]any{
				"i": all.Text(at + "id"),
				"v": all.Int(at + "version"),
				"o": all.Text(fmt.Sprintf("offices.nodes.%d.id", i%3/2)),
			}).RequireOK()
		}
		for _, who := range []*apitest.Caller{
			api.As("coordinator.bf@demo", ""), api.AsNewPerson("country_coordinator", "BF"),
			api.AsNewPerson("country_coordinator", "CA", "SN", "CD"), manager,
		} {
			office := map[string]any{
				"id": all.Text("offices.nodes.0.id"), "code": all.Text("offices.nodes.0.code"), "at": "",
			}
			a := who.Ask(`query($code: String!) {
				interventions(first: 100, where: {office: {code: {eq: $code}}}) { nodes { code } }
			}`, office).RequireOK()
			var want []string
			for i := range a.Len("interventions.nodes") {
				want = append(want, a.Text(fmt.Sprintf("interventions.nodes.%d.code", i)))
			}
			if len(want) < 2 {
				t.Fatalf("%s sees %d interventions", who.Email, len(want))
			}
			for _, page := range []string{"first:2,after", "last:2,before"} {
				var got []string
				delete(office, "at")
				for more := true; more; {
					b := who.Ask(`query($id: ID!, $at: String) {
						office(id: $id) {
							interventions(`+page+`: $at) {
								nodes { code }
								pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
							}
						}
					}`, office).RequireOK()
					var part []string
					for i := range b.Len("office.interventions.nodes") {
						part = append(part, b.Text(fmt.Sprintf("office.interventions.nodes.%d.code", i)))
					}
					if page[0] == 'f' {
						got, more = append(got, part...), b.At("office.interventions.pageInfo.hasNextPage").(bool)
						office["at"] = b.Text("office.interventions.pageInfo.endCursor")
					} else {
						got, more = append(part, got...), b.At("office.interventions.pageInfo.hasPreviousPage").(bool)
						office["at"] = b.Text("office.interventions.pageInfo.startCursor")
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: %v, want %v", page, got, want)
				}
			}
		}
	})
}
