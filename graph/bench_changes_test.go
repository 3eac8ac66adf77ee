package graph_test

import "testing"

// BenchmarkChanges measures changesSince for a coordinator over everything in the country, in pages of 1,000. "first"
// starts without a token, and "nothing" asks when nothing has changed. RIGHTSHUB_BENCH_CHILDREN sets the number of
// children in all countries.
func BenchmarkChanges(b *testing.B) {
	_, who, _ := newLargeWorld(b)
	bodies, token, rows := readAllChanges(who, "", 1000)
	b.Logf("%d rows in %d pages", rows, len(bodies))
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			readAllChanges(who, "", 1000)
		}
		b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("nothing", func(b *testing.B) {
		for b.Loop() {
			if _, again, _ := readAllChanges(who, token, 1000); again != token {
				b.Fatal("the token changed though no row did")
			}
		}
		b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
