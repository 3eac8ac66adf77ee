package graph_test

import (
	"strings"
	"testing"
	"time"

	"rightshub/internal/apitest"
)

// A field that an input leaves out has the schema's default, both in a literal and in a variable.
func TestInputsHaveDefaults(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer := api.As("protection.bf@demo", "services")
		country := api.RowID("Country", "iso2", "BF")
		record := map[string]any{"countryId": country, "caseCode": "BF-00004", "reason": "urgent"}
		token := map[string]any{"title": "machine", "expiresAt": time.Now().Add(time.Hour)}
		for document, vars := range map[string]map[string]any{
			`mutation($countryId: ID!, $caseCode: String!, $reason: String!) {
				openEmergencyAccess(input: {countryId: $countryId, caseCode: $caseCode, reason: $reason}) {
					emergencyAccess { createdAt validUntil }
				}
			}`: record,
			`mutation($in: OpenEmergencyAccessInput!) {
				openEmergencyAccess(input: $in) { emergencyAccess { createdAt validUntil } }
			}`: {"in": record},
		} {
			a := officer.Ask(document, vars).RequireOK()
			from, until := time.Time{}, time.Time{}
			for name, into := range map[string]*time.Time{"createdAt": &from, "validUntil": &until} {
				text := a.Text("openEmergencyAccess.emergencyAccess." + name)
				if err := into.UnmarshalText([]byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			if open := until.Sub(from).Round(time.Minute); open != time.Hour {
				t.Errorf("open for %v: %s", open, a.Body)
			}
		}
		for document, vars := range map[string]map[string]any{
			`mutation($title: String!, $expiresAt: DateTime!) {
				createAccessToken(input: {title: $title, expiresAt: $expiresAt}) { accessToken { scopes } }
			}`: token,
			`mutation($in: CreateAccessTokenInput!) {
				createAccessToken(input: $in) { accessToken { scopes } }
			}`: {"in": token},
		} {
			if a := officer.Ask(document, vars).RequireOK(); a.Len("createAccessToken.accessToken.scopes") != 1 ||
				a.Text("createAccessToken.accessToken.scopes.0") != "READ" {
				t.Error(a.Body)
			}
		}
	})
}

// A value in a variable means the same as in a literal. A single value stands for a list with one item. An enum value
// in other letters is refused.
func TestVariablesMeanWhatIsWritten(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "")
		burkina := map[string]any{"iso2": map[string]any{"in": "BF"}}
		for _, where := range []any{burkina, map[string]any{"and": burkina}, map[string]any{"or": burkina}} {
			a := who.Ask(`query($w: CountryWhere, $o: [CountryOrder!]) {
				countries(where: $w, orderBy: $o) { totalCount nodes { iso2 } }
			}`, map[string]any{"w": where, "o": map[string]any{"field": "ISO2"}}).RequireOK()
			if a.Int("countries.totalCount") != 1 {
				t.Errorf("%v: %s", where, a.Body)
			}
		}
		for document, value := range map[string]any{
			`query($v:[CountryOrder!]){countries(orderBy:$v){totalCount}}`: map[string]any{
				"field": "ISO2", "direction": "desc",
			},
			`query($v:[RowType!]){changesSince(types:$v){token}}`: "country",
			`query($v:CaseFileWhere){caseFiles(where:$v){totalCount}}`: map[string]any{
				"status": map[string]any{"in": []any{"open"}},
			},
		} {
			if a := who.Ask(document, map[string]any{"v": value}); a.Code() != "INVALID" {
				t.Errorf("%s with %v: %s", document, value, a.Body)
			}
		}
		doc := `query($v:[RowType!]){changesSince(types:$v,first:1){changes{type}}}`
		a := who.Ask(doc, map[string]any{"v": "Country"}).RequireOK()
		if a.Text("changesSince.changes.0.type") != "Country" {
			t.Error(a.Body)
		}
	})
}

// A text that a field is compared with has at most 1,000 characters. The database reads it for each row and condition.
func TestLongTexts(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("volunteer@demo", "")
		for compare, typ := range map[string]string{"contains": "String!", "eq": "String!", "in": "[String!]!"} {
			ask := func(letters int) *apitest.Answer {
				vars := map[string]any{"s": strings.Repeat("é", letters)}
				return who.Ask("query($s:"+typ+"){interventions(where:{code:{"+compare+":$s}}){totalCount}}", vars)
			}
			ask(1000).RequireOK()
			a := ask(1001)
			if x := a.Errors[0].Extensions; a.Code() != "INVALID" || x.Rule != "text" || x.Limit != 1000 {
				t.Errorf("%s: %s", compare, a.Body)
			}
		}
	})
}
