package proof_test

import (
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

// documents are asked of each world, one in eight of them for nothing: so that a failure shrinks.
const documents = 200

// full is how many cases a run must have before a cell of the table without a hit fails it.
const full = 1_000_000

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

// twinWorlds runs the cases on all processors.
func twinWorlds(t *testing.T, n int, fixture func(testing.TB) *store.DB) {
	var (
		sum  = tally{hits: newCoverage()}
		lock sync.Mutex
	)
	workers := runtime.NumCPU()
	if err := flag.Set("rapid.checks", strconv.Itoa(n*8/7/documents/workers+1)); err != nil {
		t.Fatal(err)
	}
	t.Run("worlds", func(t *testing.T) {
		for i := range workers {
			two := hubs(t, fixture)
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
	if t.Failed() {
		return
	}
	sum.judge(t)
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
	s, err := b.scene(t.Context(), source{t})
	if err != nil {
		t.Fatal(err)
	}
	for range documents {
		if f := s.step(t); f != nil {
			t.Fatalf("%v\nkept as %s", f, f.keep())
		}
	}
}

func (t *tally) add(o *tally) {
	t.cases, t.withRows, t.narrowed, t.refused = t.cases+o.cases, t.withRows+o.withRows, t.narrowed+o.narrowed, t.refused+o.refused
	t.mutations, t.uneven, t.worlds, t.written = t.mutations+o.mutations, t.uneven+o.uneven, t.worlds+o.worlds, t.written+o.written
	t.hits.merge(o.hits)
}

// judge holds what the cases came to against what they must come to.
func (t *tally) judge(to *testing.T) {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		to.Fatal(err)
	}
	all := cells(readRules(string(text)))
	table, missing := t.hits.table(all)
	if t.cases >= full/50 {
		to.Log("\n" + table)
	}
	queries := t.cases - t.mutations
	to.Logf("%d cases in %d worlds: %d queries (%d%% return rows, %d%% differ from what an all-seeing caller gets, %d refused), %d changes (%d carried out, %d not comparable)",
		t.cases, t.worlds, queries, 100*t.withRows/queries, 100*t.narrowed/queries, t.refused, t.mutations, t.written, t.uneven)
	to.Logf("%d of the table's %d cells have a hit", len(all)-len(missing), len(all))
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
