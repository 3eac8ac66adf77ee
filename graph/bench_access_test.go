package graph_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// operationSender returns a function that sends one of the six operations as a caller. An operation that names a row
// names one of Burkina Faso.
func operationSender(b testing.TB, name string, who *apitest.Caller) func() {
	b.Helper()
	first := who.Ask(`{interventions(where:{code:{eq:"BF-SGBV-2021"}}){nodes{id country{id}}}}`, nil).RequireOK()
	vars := map[string]any{
		"n": map[string]int{"c": 50}[name], "id": first.Text("interventions.nodes.0.id"),
		"country": first.Text("interventions.nodes.0.country.id"),
	}
	if vars["n"] == 0 {
		vars["n"] = 20
	}
	return func() {
		if name == "e" {
			vars["code"] = fmt.Sprintf("B-%d", time.Now().UnixNano())
		}
		body, err := json.Marshal(map[string]any{"query": benchmarkOperations[name].document, "variables": vars})
		if err != nil {
			b.Fatal(err)
		}
		if w := who.Send(b.Context(), string(body)); w.Code != 200 || w.Body.String()[:9] != `{"data":{` {
			b.Fatal(w.Body.String())
		}
	}
}

// BenchmarkCoordinator compares what each operation costs a country coordinator and a caller who may see everything.
// The metric "ratio" is the other caller's time divided by the coordinator's.
func BenchmarkCoordinator(b *testing.B) {
	_, coordinator, db := newLargeWorld(b)
	everything := apitest.NewUnderPolicies(b, db, apitest.UnrestrictedPolicies(b)).As("admin@demo", "")
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		b.Run(name, func(b *testing.B) {
			compareInTurns(
				b,
				"coordinator", operationSender(b, name, coordinator),
				"everything", operationSender(b, name, everything),
			)
		})
	}
}

// BenchmarkRowSecurity measures what row-level security adds to each operation, for a country coordinator and for a
// caller who may see everything. The metric "ratio" is the time without row-level security divided by the time with it.
func BenchmarkRowSecurity(b *testing.B) {
	_, _, db := newLargeWorld(b)
	secured := dbtest.WithRowSecurity(b, db)
	for who, apis := range map[string][2]*apitest.API{
		"coordinator.bf@demo": {apitest.New(b, secured), apitest.New(b, db)},
		"admin@demo": {
			apitest.NewUnderPolicies(b, secured, apitest.UnrestrictedPolicies(b)),
			apitest.NewUnderPolicies(b, db, apitest.UnrestrictedPolicies(b)),
		},
	} {
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			b.Run(name+" "+who, func(b *testing.B) {
				compareInTurns(
					b,
					"on", operationSender(b, name, apis[0].As(who, "")),
					"off", operationSender(b, name, apis[1].As(who, "")),
				)
			})
		}
	}
}
