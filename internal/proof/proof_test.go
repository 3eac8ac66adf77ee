package proof_test

import (
	"flag"
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"rightshub/internal/store"
)

// documents are asked of each world.
const documents = 100

func TestTwinWorlds(t *testing.T) { twinWorlds(t, cases("RIGHTSHUB_PROOF_CASES", 2000), empty.SQLite) }

func TestTwinWorldsPostgres(t *testing.T) {
	twinWorlds(t, cases("RIGHTSHUB_PROOF_POSTGRES_CASES", 400), empty.Postgres)
}

func cases(name string, usual int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return usual
}

func twinWorlds(t *testing.T, n int, fixture func(testing.TB) *store.DB) {
	b := &bench{hubs: hubs(t, fixture), tally: tally{hits: newCoverage()}}
	if err := flag.Set("rapid.checks", strconv.Itoa(n/documents)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s, err := b.scene(t.Context(), source{t})
		if err != nil {
			t.Fatal(err)
		}
		for range documents {
			if f := s.step(t); f != nil {
				t.Fatal(f)
			}
		}
	})
	t.Logf("%+v", b.tally.cases)
	t.Logf("worlds %d rows %d narrowed %d refused %d", b.worlds, b.withRows, b.narrowed, b.refused)
}
