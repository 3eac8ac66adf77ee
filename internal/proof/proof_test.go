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

	"rightshub/internal/store"
	"rightshub/policies"
)

// documents are drawn for each world, or for several where audit grants pay for few rows. Nine in ten and more of them are
// cases: one in sixteen is none, so that a failure shrinks, and some change the policies instead.
const documents = 200

// full is how many cases a run must have before a cell of the table without a hit fails it.
const full = 200_000

// enough is how many worlds a run must have before its shares of telling cases are held against what they must be.
const enough = 40

// TestTwinWorlds holds the hub on SQLite against a twin world and the reference model. RIGHTSHUB_PROOF_CASES says how many
// cases; a full run fails where a cell of the table has no hit.
func TestTwinWorlds(t *testing.T) { twinWorlds(t, cases("RIGHTSHUB_PROOF_CASES", 2000), empty.SQLite) }

// TestTwinWorldsPostgres does so on PostgreSQL; RIGHTSHUB_PROOF_POSTGRES_CASES says how many cases.
func TestTwinWorldsPostgres(t *testing.T) {
	twinWorlds(t, cases("RIGHTSHUB_PROOF_POSTGRES_CASES", 300), empty.Postgres)
}

func cases(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

// twinWorlds runs the cases on all processors, on hubs over databases of one kind.
func twinWorlds(t *testing.T, n int, fixture func(testing.TB) *store.DB) {
	inTwinWorlds(t, n, func(t testing.TB) [2]*hub { return hubs(t, fixture) })
}

// inTwinWorlds runs the cases on all processors, on hubs that are opened for each, and returns what they came to.
func inTwinWorlds(t *testing.T, n int, open func(testing.TB) [2]*hub) *tally {
	var (
		sum  = &tally{hits: newCoverage()}
		lock sync.Mutex
	)
	workers := runtime.NumCPU()
	if err := flag.Set("rapid.checks", strconv.Itoa(n*10/9/documents/workers+1)); err != nil {
		t.Fatal(err)
	}
	t.Run("worlds", func(t *testing.T) {
		for i := range workers {
			two := open(t)
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				b := &bench{hubs: two, first: i, tally: tally{hits: newCoverage()}}
				rapid.Check(t, b.world)
				lock.Lock()
				defer lock.Unlock()
				sum.add(&b.tally)
			})
		}
	})
	if !t.Failed() {
		sum.judge(t, n)
	}
	return sum
}

// One seed gives the same cases each time, so that a failure comes again.
func TestSeeds(t *testing.T) {
	drawn := rapid.Custom(func(r *rapid.T) map[string][]*row { return newDrawer(source{r}).w.rows })
	for seed := range 100 {
		if !reflect.DeepEqual(drawn.Example(seed), drawn.Example(seed)) {
			t.Fatalf("the seed %d gives two worlds", seed)
		}
	}
	var tallies [2]tally
	for i := range tallies {
		b := &bench{hubs: hubs(t, empty.SQLite), tally: tally{hits: newCoverage()}}
		worlds := rapid.Custom(func(r *rapid.T) int { b.world(r); return b.cases })
		for seed := range 2 {
			worlds.Example(seed)
		}
		tallies[i] = b.tally
	}
	if !reflect.DeepEqual(tallies[0], tallies[1]) {
		t.Errorf("%d cases, %d with rows; then %d, %d", tallies[0].cases, tallies[0].withRows, tallies[1].cases, tallies[1].withRows)
	}
}

// world is one property: a world, its twin, and the cases.
func (b *bench) world(t *rapid.T) {
	for range b.first { // else all processors would draw the same from one -rapid.seed
		coin.Draw(t, "other")
	}
	if f := b.run(t.Context(), t); f != nil {
		t.Fatalf("%v\nkept as %s", f, f.keep())
	}
}

// run asks the documents of a world, and of the next where an audit grant pays for no more, until one case fails.
func (b *bench) run(ctx context.Context, t *rapid.T) *failure {
	var s *scene
	for range documents {
		if s == nil || s.over {
			var err error
			if s, err = b.scene(ctx, source{t}); err != nil {
				return &failure{what: err.Error()}
			}
		}
		step := s.step
		if b.unguarded() {
			step = s.read
		}
		if f := step(t); f != nil {
			return f
		}
	}
	return nil
}

func (t *tally) add(o *tally) {
	t.cases, t.withRows, t.narrowed, t.refused, t.tempted = t.cases+o.cases, t.withRows+o.withRows, t.narrowed+o.narrowed, t.refused+o.refused, t.tempted+o.tempted
	t.mutations, t.uneven, t.worlds, t.written, t.deltas, t.lives = t.mutations+o.mutations, t.uneven+o.uneven, t.worlds+o.worlds, t.written+o.written, t.deltas+o.deltas, t.lives+o.lives
	t.hits.merge(o.hits)
}

// judge holds what the cases came to against what they must come to, of so many that were asked for.
func (t *tally) judge(to *testing.T, asked int) {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		to.Fatal(err)
	}
	all := cells(readRules(string(text)))
	table, missing := t.hits.table(all)
	if t.cases >= full/10 {
		to.Log("\n" + table)
	}
	queries := t.cases - t.mutations - t.deltas - t.lives
	to.Logf("%d cases in %d worlds: %d queries (%d%% return rows, %d%% differ from what an all-seeing caller gets, %d refused), %d writes (%d carried out), %d asked what changed since a token, %d listened while it changed, %d not comparable",
		t.cases, t.worlds, queries, 100*t.withRows/queries, 100*t.narrowed/queries, t.refused, t.mutations, t.written, t.deltas, t.lives, t.uneven)
	to.Logf("%d of the table's %d cells have a hit", len(all)-len(missing), len(all))
	if t.cases < asked {
		to.Errorf("%d cases were asked for", asked)
	}
	if t.worlds < enough { // two or three worlds may be poor ones by chance
		return
	}
	if 10*t.withRows < 4*queries || 10*t.narrowed < 4*queries {
		to.Error("fewer than 40 % of the cases return rows, or differ from what an all-seeing caller gets")
	}
	if t.cases < full {
		return
	}
	for _, k := range missing {
		to.Errorf("no case has %s.%s in %s, %s", k.entity, k.member, k.in, k.state)
	}
}
