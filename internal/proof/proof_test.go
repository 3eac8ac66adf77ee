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
	"rightshub/policies"
)

// documentsPerWorld are drawn for each world, or for several where audit grants pay for few rows. Nine in ten and more of them are
// cases: one in sixteen is none, so that a failure shrinks, and some change the policies instead.
const documentsPerWorld = 200

// fullRunCases is how many cases a run must have before a cell of the table without a hit fails it.
const fullRunCases = 200_000

// minWorldsToJudge is how many worlds a run must have before its shares of telling cases are held against what they must be.
const minWorldsToJudge = 40

// TestTwinWorlds holds the hub on SQLite against a twin world and the reference model. RIGHTSHUB_PROOF_CASES says how many
// cases; a full run fails where a cell of the table has no hit.
func TestTwinWorlds(t *testing.T) {
	runTwinWorlds(t, caseCount("RIGHTSHUB_PROOF_CASES", 2000), emptyFixture.SQLite)
}

// TestTwinWorldsPostgres does so on PostgreSQL; RIGHTSHUB_PROOF_POSTGRES_CASES says how many cases.
func TestTwinWorldsPostgres(t *testing.T) {
	runTwinWorlds(t, caseCount("RIGHTSHUB_PROOF_POSTGRES_CASES", 300), emptyFixture.Postgres)
}

func caseCount(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

// runTwinWorlds runs the cases on all processors, on hubs over databases of one kind.
func runTwinWorlds(t *testing.T, n int, fixture func(testing.TB) *database.DB) {
	runTwinWorldsOn(t, n, func(t testing.TB) [2]*hub { return openHubs(t, fixture) })
}

// runTwinWorldsOn runs the cases on all processors, on hubs that are opened for each, and returns what they came to.
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

// One seed gives the same cases each time, so that a failure comes again.
func TestSeeds(t *testing.T) {
	drawn := rapid.Custom(func(r *rapid.T) map[string][]*row { return newWorldDrawer(source{r}).world.rows })
	for seed := range 100 {
		if !reflect.DeepEqual(drawn.Example(seed), drawn.Example(seed)) {
			t.Fatalf("the seed %d gives two worlds", seed)
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
		t.Errorf("%d cases, %d with rows; then %d, %d", tallies[0].cases, tallies[0].withRows, tallies[1].cases, tallies[1].withRows)
	}
}

// checkWorld is one property: a world, its twin, and the cases.
func (b *harness) checkWorld(t *rapid.T) {
	for range b.skippedBits { // else all processors would draw the same from one -rapid.seed
		coin.Draw(t, "other")
	}
	if f := b.runWorld(t.Context(), t); f != nil {
		t.Fatalf("%v\nkept as %s", f, f.saveToCorpus())
	}
}

// runWorld asks the documents of a world, and of the next where an audit grant pays for no more, until one case fails.
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

func (t *tally) addTotals(o *tally) {
	t.cases, t.withRows, t.narrowed, t.refused, t.foreignRowQueries = t.cases+o.cases, t.withRows+o.withRows, t.narrowed+o.narrowed, t.refused+o.refused, t.foreignRowQueries+o.foreignRowQueries
	t.mutations, t.incomparable, t.worlds, t.written, t.changeQueries, t.subscriptions = t.mutations+o.mutations, t.incomparable+o.incomparable, t.worlds+o.worlds, t.written+o.written, t.changeQueries+o.changeQueries, t.subscriptions+o.subscriptions
	t.hits.mergeCounts(o.hits)
}

// checkTotals holds what the cases came to against what they must come to, of so many that were asked for.
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
	to.Logf("%d cases in %d worlds: %d queries (%d%% return rows, %d%% differ from what an all-seeing caller gets, %d refused), %d writes (%d carried out), %d asked what changed since a token, %d listened while it changed, %d not comparable",
		t.cases, t.worlds, queries, 100*t.withRows/queries, 100*t.narrowed/queries, t.refused, t.mutations, t.written, t.changeQueries, t.subscriptions, t.incomparable)
	to.Logf("%d of the table's %d cells have a hit", len(all)-len(missing), len(all))
	if t.cases < asked {
		to.Errorf("%d cases were asked for", asked)
	}
	if t.worlds < minWorldsToJudge { // two or three worlds may be poor ones by chance
		return
	}
	if 10*t.withRows < 4*queries || 10*t.narrowed < 4*queries {
		to.Error("fewer than 40 % of the cases return rows, or differ from what an all-seeing caller gets")
	}
	if t.cases < fullRunCases {
		return
	}
	for _, k := range missing {
		to.Errorf("no case has %s.%s in %s, %s", k.entity, k.member, k.position, k.state)
	}
}
