package proof_test

import (
	"flag"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"rightshub/internal/store"
)

const documents = 60 // of a world

func TestTwinWorlds(t *testing.T) {
	b := &bench{hubs: hubs(t, empty.SQLite), tally: tally{hits: newCoverage()}}
	if err := flag.Set("rapid.checks", strconv.Itoa(30)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s, err := b.scene(t.Context(), source{t})
		if err != nil {
			t.Fatal(err)
		}
		for range documents {
			if f := stepOf.draw(t, s); f != nil {
				t.Fatal(f)
			}
		}
	})
	t.Logf("%+v", b.tally.cases)
	t.Logf("worlds %d rows %d narrowed %d refused %d", b.worlds, b.withRows, b.narrowed, b.refused)
}

type stepper struct{}

var stepOf stepper

func (stepper) draw(t *rapid.T, s *scene) *failure {
	return rapid.Custom(func(t *rapid.T) *failure {
		s.author.source = source{t}
		if s.author.n(16) == 0 { // what is shrunk asks less
			return nil
		}
		return s.query()
	}).Draw(t, "case")
}

var _ *store.DB
