package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rightshub/internal/apitest"
)

// Errors of validation name the place, and what is the schema's own.
func TestValidationErrorsHelp(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("coordinator.bf@demo", "")
	who.Headers["Accept-Language"] = "fr"
	for body, want := range map[string]string{
		`{"query":"{countries{nodes{nome}}}"}`: `{"errors":[{"message":"Le type Country n'a pas ce champ.","locations":[{"line":1,"column":18}],"extensions":{"code":"INVALID","type":"Country"}}]}`,
		`{"query":"query($w:CountryWhere){countries(where:$w){totalCount}}","variables":{"w":{"and":[{"iso2":3}]}}}`: `{"errors":[{"message":"Une variable manque, ou sa valeur ne correspond pas à son type.","locations":[{"line":1,"column":7}],` +
			`"extensions":{"code":"INVALID","fields":[{"field":"and.iso2","reason":"manque, ou n'est pas du type StringFilter."}]}}]}`,
		`{"query":"{a:viewer{purpose} a:countries{totalCount}}"}`: `{"errors":[{"message":"Deux champs du même nom de réponse diffèrent: donnez un alias à l'un d'eux.","locations":[{"line":1,"column":20}],"extensions":{"code":"INVALID"}}]}`,
	} {
		if w := who.Send(t.Context(), body); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s:\n%s", body, w.Body)
		}
	}
}

// The cost is told where it is asked for, and is the number of objects that the request may ask for.
func TestCost(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("coordinator.bf@demo", "")
	for document, want := range map[string]int{
		`{viewer{purpose}}`:                                                    1,
		`{countries{totalCount}}`:                                              1,
		`{countries{nodes{id}}}`:                                               20,
		`{countries(first:7){nodes{iso2} totalCount}}`:                         8,
		`query($n:Int=9){countries(last:$n){edges{node{iso2}}}}`:               4,
		`{countries(first:2){nodes{offices(first:3){nodes{id country{id}}}}}}`: 2 * (1 + 3*2),
		`{countries(first:2){...c} more:countries(first:5){...c}} fragment c on CountryConnection{nodes{id} totalCount}`: 3 + 6,
		`query($ids:[ID!]=["a","b"]){nodes(ids:$ids){id ...on Country{offices(first:3){nodes{id}}}}}`:                    2 * 4,
		`{countries(first:0){nodes{id}}}`:  1,
		`{changesSince(first:1){hasMore}}`: 2001,
		`query($by:[CountryOrder!]=[{field:OFFICES_COUNT},{field:NAME}]){countries(first:1,orderBy:$by){nodes{id}}}`: 101,
		`{countries(first:1,orderBy:{field:OFFICES_COUNT}){nodes{id}}}`:                                              101,
		`{__schema{types{name}}}`: 500,
	} {
		body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"n": 4}, "extensions": map[string]any{"cost": true}})
		if err != nil {
			t.Fatal(err)
		}
		if w := who.Send(t.Context(), string(body)); !strings.Contains(w.Body.String(), fmt.Sprintf(`"extensions":{"cost":{"limit":20000,"objects":%d}}`, want)) {
			t.Errorf("%s: %.400s, want %d", document, w.Body, want)
		}
	}
}

// A stale version is a conflict that tells the version that the caller may see now.
func TestConflictReportsTheVersion(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin := api.As("admin@demo", "")
		c := admin.Ask(`{countries(first:1){nodes{id version}}}`, nil).RequireOK()
		body := `mutation($id:ID!,$v:Int!){updateCountry(input:{id:$id,version:$v,sourceUrl:"https://example.org"}){country{version}}}`
		id, version := c.Text("countries.nodes.0.id"), c.Int("countries.nodes.0.version")
		admin.Ask(body, map[string]any{"id": id, "v": version}).RequireOK()
		if a := admin.Ask(body, map[string]any{"id": id, "v": version}); a.Code() != "CONFLICT" || a.Errors[0].Extensions.Version != version+1 {
			t.Error(a.Body)
		}
	})
}
