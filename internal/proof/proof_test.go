package proof_test

import (
	"context"
	"flag"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/policies"
)

// documentsPerWorld is the number of steps per world. Where an audit grant pays for few rows, one property draws
// several worlds for these steps. More than nine in ten steps are cases. One in sixteen is empty, so that a failure
// shrinks, and a few reload the policies instead.
const documentsPerWorld = 200

// fullRunCases is the number of cases from which a coverage cell without a hit fails the run.
const fullRunCases = 200_000

// minWorldsToJudge is the number of worlds from which the shares of telling cases are checked against their minimum.
const minWorldsToJudge = 40

// TestTwinWorlds compares the hub on SQLite with a twin world and with the reference model. RIGHTSHUB_PROOF_CASES sets
// the number of cases. A full run (fullRunCases) also fails when a coverage cell has no hit.
func TestTwinWorlds(t *testing.T) {
	runTwinWorlds(t, caseCount("RIGHTSHUB_PROOF_CASES", 1000), emptyFixture.SQLite)
}

// TestTwinWorldsPostgres does the same on PostgreSQL. RIGHTSHUB_PROOF_POSTGRES_CASES sets the number of cases.
func TestTwinWorldsPostgres(t *testing.T) {
	runTwinWorlds(t, caseCount("RIGHTSHUB_PROOF_POSTGRES_CASES", 300), emptyFixture.Postgres)
}

// caseCount reads a number of cases from an environment variable, with a default.
func caseCount(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

// runTwinWorlds runs n cases on all processors, with hubs over databases of one kind.
func runTwinWorlds(t *testing.T, n int, fixture func(testing.TB) *database.DB) {
	runTwinWorldsOn(t, n, func(t testing.TB) [2]*hub { return openHubs(t, fixture) })
}

// runTwinWorldsOn runs n cases on all processors. It opens two hubs for each worker and returns the totals.
func runTwinWorldsOn(t *testing.T, n int, open func(testing.TB) [2]*hub) *tally {
	var (
		sum  = &tally{hits: newCoverage()}
		lock sync.Mutex
	)
	workers := runtime.NumCPU()
	if err := flag.Set("rapid.checks", strconv.Itoa(n*10/9/documentsPerWorld/workers+1)); err != nil {
		t.Fatal(err)
	}
	t.Run("worlds", func(t *testing.T) {
		for i := range workers {
			two := open(t)
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				b := &harness{hubs: two, skippedBits: i, tally: tally{hits: newCoverage()}}
				rapid.Check(t, b.checkWorld)
				lock.Lock()
				defer lock.Unlock()
				sum.addTotals(&b.tally)
			})
		}
	})
	if !t.Failed() {
		sum.checkTotals(t, n)
	}
	return sum
}

// TestSeeds checks that one seed gives the same worlds and cases each time, so that a failure can be repeated.
func TestSeeds(t *testing.T) {
	drawn := rapid.Custom(func(r *rapid.T) map[string][]*row { return newWorldDrawer(source{r}).world.rows })
	seeds := 20
	if dbtest.Long() {
		seeds = 100
	}
	for seed := range seeds {
		if !reflect.DeepEqual(drawn.Example(seed), drawn.Example(seed)) {
			t.Fatalf("seed %d draws two different worlds: find the draw that depends on time or on the order of a map",
				seed)
		}
	}
	var tallies [2]tally
	for i := range tallies {
		b := &harness{hubs: openHubs(t, emptyFixture.SQLite), tally: tally{hits: newCoverage()}}
		worlds := rapid.Custom(func(r *rapid.T) int { b.checkWorld(r); return b.cases })
		for seed := range 2 {
			worlds.Example(seed)
		}
		tallies[i] = b.tally
	}
	if !reflect.DeepEqual(tallies[0], tallies[1]) {
		t.Errorf("the same seeds ran %d cases, %d of them with rows, and then %d, %d",
			tallies[0].cases, tallies[0].withRows, tallies[1].cases, tallies[1].withRows)
	}
}

// checkWorld is one rapid property. It draws a world, its twin and their cases.
func (b *harness) checkWorld(t *rapid.T) {
	for range b.skippedBits { // without this, all workers would draw the same cases from one -rapid.seed
		coin.Draw(t, "other")
	}
	if f := b.runWorld(t.Context(), t); f != nil {
		t.Fatalf("%v\nsaved as %s", f, f.saveToCorpus())
	}
}

// runWorld runs the steps of one world until a case fails. It draws another world when the audit grant is used up.
func (b *harness) runWorld(ctx context.Context, t *rapid.T) *failure {
	var s *scene
	for range documentsPerWorld {
		if s == nil || s.finished {
			var err error
			if s, err = b.drawScene(ctx, source{t}); err != nil {
				return &failure{message: err.Error()}
			}
		}
		step := s.runCase
		if b.isUnguarded() {
			step = s.runReadCase
		}
		if f := step(t); f != nil {
			return f
		}
	}
	return nil
}

// addTotals adds the counts of another tally.
func (t *tally) addTotals(o *tally) {
	t.worlds += o.worlds
	t.cases += o.cases
	t.withRows += o.withRows
	t.narrowed += o.narrowed
	t.refused += o.refused
	t.mutations += o.mutations
	t.written += o.written
	t.incomparable += o.incomparable
	t.changeQueries += o.changeQueries
	t.subscriptions += o.subscriptions
	t.foreignRowQueries += o.foreignRowQueries
	t.hits.mergeCounts(o.hits)
}

// checkTotals logs what the cases came to and checks it against the minimum. The argument asked is the number of cases
// that the run was asked for.
func (t *tally) checkTotals(to *testing.T, asked int) {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		to.Fatal(err)
	}
	all := coverageCells(readPolicyLines(string(text)))
	table, missing := t.hits.formatTable(all)
	if t.cases >= fullRunCases/10 {
		to.Log("\n" + table)
	}
	queries := t.cases - t.mutations - t.changeQueries - t.subscriptions
	to.Logf("%d cases in %d worlds: %d queries (%d%% return rows, %d%% differ from what an all-seeing caller gets, "+
		"%d refused), %d writes (%d carried out), %d questions what changed since a token, "+
		"%d subscriptions during a write, %d not comparable",
		t.cases, t.worlds, queries, 100*t.withRows/queries, 100*t.narrowed/queries,
		t.refused, t.mutations, t.written, t.changeQueries, t.subscriptions,
		t.incomparable)
	to.Logf("%d of %d coverage cells have a hit", len(all)-len(missing), len(all))
	if t.cases < asked {
		to.Errorf("the run made %d cases, and %d were asked for", t.cases, asked)
	}
	if t.worlds < minWorldsToJudge { // by chance, two or three worlds may show hardly anything
		return
	}
	if 10*t.withRows < 4*queries || 10*t.narrowed < 4*queries {
		to.Error("fewer than 40 % of the queries return rows or differ from what an all-seeing caller gets")
	}
	if t.cases < fullRunCases {
		return
	}
	for _, k := range missing {
		to.Errorf("no case covers %s.%s in %s, %s: aim documents at it (draw_aimed_document_test.go)",
			k.entity, k.member, k.position, k.state)
	}
}
