package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"rightshub/internal/apitest"
)

// An impossible value is refused with the name of its field. Examples are a number out of range, an unknown currency,
// and an end before its start, whichever of the two is written.
func TestImpossibleValues(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
		row := bf.createActivity()
		update := func(set string) *apitest.Answer {
			t.Helper()
			read := bf.Ask(`query($id:ID!){activity(id:$id){version}}`, map[string]any{"id": row["id"]}).RequireOK()
			return bf.Ask(
				`mutation($id:ID!,$v:Int!){updateActivity(input:{id:$id,version:$v,`+set+`}){activity{version}}}`,
				map[string]any{"id": row["id"], "v": read.Int("activity.version")},
			)
		}
		for set, field := range map[string]string{
			`plannedWomen:-1`:    "plannedWomen",
			`plannedMen:1000001`: "plannedMen",
			`cost:"-0.01"`:       "cost",
			`currency:"ZZZ"`:     "currency",
			`currency:"xof"`:     "currency",
			`startsOn:"2026-02-02",endsOn:"2026-02-01"`: "endsOn",
			`title:[{language:"fr",text:"  "}]`:         "title",
		} {
			if a := update(set); a.Code() != "INVALID" || a.Errors[0].Extensions.Fields[0].Field != field {
				t.Errorf("%s: %s", set, a.Body)
			}
		}
		update(`startsOn:"2026-02-02",endsOn:"2026-02-02",plannedWomen:0,cost:"0",currency:"XOF"`).RequireOK()
		for set, field := range map[string]string{`startsOn:"2026-02-03"`: "endsOn", `endsOn:"2026-02-01"`: "endsOn"} {
			if a := update(set); a.Code() != "INVALID" || a.Errors[0].Extensions.Fields[0].Field != field {
				t.Errorf("%s: %s", set, a.Body)
			}
		}
		update(`startsOn:null,endsOn:"2026-02-01"`).RequireOK()
	})
}

// Filters and orders ignore accents and the case of letters.
func TestAccents(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "")
		who.Headers["Accept-Language"] = "fr"
		for _, typed := range []string{"senegal", "SÉNÉGAL", "Sénégal", "Se\u0301ne\u0301"} {
			for _, operator := range []string{"contains", "hasPrefix"} {
				doc := fmt.Sprintf(`{countries(where:{name:{%s:%q}}){nodes{iso2}}}`, operator, typed)
				a := who.Ask(doc, nil).RequireOK()
				if a.Len("countries.nodes") != 1 || a.Text("countries.nodes.0.iso2") != "SN" {
					t.Errorf("%s %q: %s", operator, typed, a.Body)
				}
			}
		}
		var names []string
		after := ""
		for more := true; more; { // the order holds from page to page
			a := who.Ask(fmt.Sprintf(`{
				countries(first: 5, after: %q, orderBy: [{field: NAME}]) {
					nodes { name }
					pageInfo { hasNextPage endCursor }
				}
			}`, after), nil)
			if after == "" {
				a = who.Ask(`{
					countries(first: 5, orderBy: [{field: NAME}]) { nodes { name } pageInfo { hasNextPage endCursor } }
				}`, nil)
			}
			a.RequireOK()
			for i := range a.Len("countries.nodes") {
				names = append(names, a.Text(fmt.Sprintf("countries.nodes.%d.name", i)))
			}
			more, after = a.At("countries.pageInfo.hasNextPage").(bool), a.Text("countries.pageInfo.endCursor")
		}
		all := strings.Join(names, ", ")
		if len(names) != 38 || strings.Index(all, "Égypte") > strings.Index(all, "Guatemala") ||
			strings.Index(all, "Sénégal") > strings.Index(all, "Tchad") {
			t.Errorf("%d: %s", len(names), all)
		}
	})
}
