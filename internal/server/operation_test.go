package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rightshub/internal/apitest"
)

// TestCost checks that the response reports the cost on request, and that the cost is the largest number of objects
// that the operation can return.
func TestCost(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	coordinator := api.As("coordinator.bf@demo", "")
	for _, c := range []struct {
		want     int
		document string
	}{
		{1, `{viewer{purpose}}`},
		{1, `{countries{totalCount}}`},
		{20, `{countries{nodes{id}}}`},
		{8, `{countries(first:7){nodes{iso2} totalCount}}`},
		{4, `query($n:Int=9){countries(last:$n){edges{node{iso2}}}}`},
		{2 * (1 + 3*2), `{countries(first:2){nodes{offices(first:3){nodes{id country{id}}}}}}`},
		{
			3 + 6,
			`{countries(first:2){...c} more:countries(first:5){...c}}
			fragment c on CountryConnection{nodes{id} totalCount}`,
		},
		{2 * 4, `query($ids:[ID!]=["a","b"]){nodes(ids:$ids){id ...on Country{offices(first:3){nodes{id}}}}}`},
		{1, `{countries(first:0){nodes{id}}}`},
		{2001, `{changesSince(first:1){hasMore}}`},
		{
			101,
			`query($by:[CountryOrder!]=[{field:OFFICES_COUNT},{field:NAME}]){
				countries(first:1,orderBy:$by){nodes{id}}
			}`,
		},
		{101, `{countries(first:1,orderBy:{field:OFFICES_COUNT}){nodes{id}}}`},
		{500, `{__schema{types{name}}}`},
	} {
		body, err := json.Marshal(map[string]any{
			"query": c.document, "variables": map[string]any{"n": 4}, "extensions": map[string]any{"cost": true},
		})
		if err != nil {
			t.Fatal(err)
		}
		cost := fmt.Sprintf(`"extensions":{"cost":{"limit":20000,"objects":%d}}`, c.want)
		if w := coordinator.Send(t.Context(), string(body)); !strings.Contains(w.Body.String(), cost) {
			t.Errorf("%s: %.400s, want %s", c.document, w.Body, cost)
		}
	}
}

// TestConflictReportsTheVersion checks that an update with an old version fails with CONFLICT and reports the present
// version.
func TestConflictReportsTheVersion(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin := api.As("admin@demo", "")
		country := admin.Ask(`{countries(first:1){nodes{id version}}}`, nil).RequireOK()
		id, version := country.Text("countries.nodes.0.id"), country.Int("countries.nodes.0.version")
		const update = `mutation($id: ID!, $v: Int!) {
			updateCountry(input: {id: $id, version: $v, sourceUrl: "https://example.org"}) { country { version } }
		}`
		admin.Ask(update, map[string]any{"id": id, "v": version}).RequireOK()
		a := admin.Ask(update, map[string]any{"id": id, "v": version})
		if a.Code() != "CONFLICT" || a.Errors[0].Extensions.Version != version+1 {
			t.Errorf("got %s, want CONFLICT with version %d", a.Body, version+1)
		}
	})
}
