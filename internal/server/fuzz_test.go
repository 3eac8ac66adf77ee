package server

import (
	"strings"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/graph"
	"rightshub/internal/limit"
	"rightshub/internal/query"
)

// FuzzBody checks that no body makes the parser or the limits panic, that every problem has a French message, and
// that every accepted operation has a positive cost.
func FuzzBody(f *testing.F) {
	schema, _, err := graph.Schema(inventory.Load())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		`{"query":"{viewer{purpose}}"}`,
		`{"query":"query($n:Int){countries(first:$n){nodes{...c}}} fragment c on Country{iso2}",` +
			`"variables":{"n":3},"operationName":null}`,
		`{"documentId":"sha256:00","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"},"cost":true}}`,
		`[]`,
		`null`,
		`{"query":1}`,
		`{"query":"{a"}`,
		`{"query":"{a(b:[{c:\"\"}])}","variables":[]}`,
		`{"query":"{__schema{types{name}}}"} {}`,
		`{"query":"mutation{archiveCountry(input:{id:\"x\",version:1}){id}}"}`,
		`{"query":"{a:viewer{purpose} a:countries{totalCount}}"}`,
		`{"query":"query($o:[CountryOrder!]={field:ISO2},$w:CountryWhere)` +
			`{countries(orderBy:$o,where:{and:[$w]}){totalCount}}","variables":{"w":{"and":{"iso2":{"in":"BF"}}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := parseBody(body)
		if err != nil || q.Query.value == "" {
			return
		}
		doc, problems := limit.Parse(schema.Schema(), q.Query.value, true)
		for _, p := range problems {
			if message, _ := p.Fault.Translated("fr"); message == "" {
				t.Errorf("this problem has no French message: %v", p)
			}
		}
		if problems != nil || q.Variables.refusal != nil {
			return
		}
		for _, op := range doc.Operations {
			variables, problems := limit.VariableValues(schema.Schema(), op, q.Variables.values, true)
			if problems != nil {
				continue
			}
			pageSizes := limit.PageSizes{Default: query.DefaultPage, Max: query.MaxPage}
			if cost := limit.Cost(schema.Schema(), op, variables, pageSizes); cost < 1 {
				t.Errorf("%s costs %d, want at least 1", strings.TrimSpace(q.Query.value), cost)
			}
		}
	})
}
