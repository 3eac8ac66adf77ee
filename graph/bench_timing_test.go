package graph_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
)

// lookupDocuments are documents that look up one row, by its id or by its unique code.
var lookupDocuments = map[string]string{
	"node":   `query($id:ID!){node(id:$id){id}}`,
	"update": `mutation($id:ID!){updateChild(input:{id:$id,version:1,language:"fr"}){child{id}}}`,
	"filter": `query($code:String!){children(where:{caseCode:{eq:$code}}){nodes{id}}}`,
}

// BenchmarkTiming looks up hidden rows and absent rows in turns. It reports how long each takes, the ratio of both, and
// Welch's t of the difference. When t is over 4.5 in several runs of 100,000 lookups (-benchtime 100000x), the time
// reveals whether a row exists (classes L22 and L44 of the catalogue). The slowest twentieth is left out, because other
// work on the machine causes it. The metric "noise-t" is the t between two sets of absent rows.
func BenchmarkTiming(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *database.DB{
		"sqlite": apitest.Demo.SQLite, "postgres": apitest.Demo.Postgres,
	} {
		api := apitest.New(b, open(b))
		dbtest.ExecAsOwner(b, api.Hub.DB(), "ANALYZE")
		who := api.As("coordinator.bf@demo", "services")
		var ids, codes []string
		all := api.As("coordinator.cd@demo", "services").
			Ask(`{children(first:100){nodes{id caseCode}}}`, nil).RequireOK()
		for i := range all.Len("children.nodes") {
			ids = append(ids, all.Text(fmt.Sprintf("children.nodes.%d.id", i)))
			codes = append(codes, all.Text(fmt.Sprintf("children.nodes.%d.caseCode", i)))
		}
		for lookup, document := range lookupDocuments {
			send := func(hidden bool) time.Duration {
				i := rand.IntN(len(ids))
				vars := map[string]any{"id": ids[i], "code": codes[i]}
				if !hidden {
					vars = map[string]any{
						"id":   plan.ID(theModel.Entity("Child"), uuid.New()),
						"code": codes[i][:3] + fmt.Sprintf("9%04d", rand.IntN(10_000)),
					}
				}
				body, err := json.Marshal(map[string]any{"query": document, "variables": vars})
				if err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				who.Send(b.Context(), string(body))
				return time.Since(start)
			}
			b.Run(name+" "+lookup, func(b *testing.B) { measureDifference(b, send) })
		}
	}
}

// measureDifference measures lookups of hidden rows and of two sets of absent rows, in random order, and reports how
// they differ.
func measureDifference(b *testing.B, send func(hidden bool) time.Duration) {
	for range 200 {
		send(true)
		send(false)
	}
	var took [3][]float64
	for b.Loop() {
		for _, i := range rand.Perm(len(took)) {
			took[i] = append(took[i], float64(send(i == 0).Nanoseconds())/1000)
		}
	}
	every := slices.Sorted(slices.Values(slices.Concat(took[:]...)))
	longest := every[len(every)*19/20]
	var m, v [3]float64 // mean, and variance of the mean
	for i := range took {
		times := slices.DeleteFunc(took[i], func(t float64) bool { return t > longest })
		n := float64(len(times))
		for _, t := range times {
			m[i] += t / n
		}
		for _, t := range times {
			v[i] += (t - m[i]) * (t - m[i]) / n / n
		}
	}
	b.ReportMetric(m[0], "hidden-µs")
	b.ReportMetric(m[1], "absent-µs")
	b.ReportMetric(m[0]/m[1], "ratio")
	b.ReportMetric((m[0]-m[1])/math.Sqrt(v[0]+v[1]), "t")
	b.ReportMetric((m[2]-m[1])/math.Sqrt(v[2]+v[1]), "noise-t")
}
