package proof_test

import (
	"context"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/dbtest"
	"rightshub/internal/model"
	"rightshub/internal/store"
	"rightshub/policies"
)

// The second wall: with the guard off, row-level security alone keeps the rows of another country, whatever is asked through
// the whole hub. Its twin worlds differ only in what it hides, which is rows that none of the caller's keys reaches.

// withoutGuard takes the guard off the sessions that a door opens: their statements are written for somebody who sees every row
// and cell, while the keys that row-level security holds them to stay the caller's. Nothing outside of tests can do so.
func withoutGuard(enter func(context.Context, store.Credentials) (store.Session, error), all *access.Policy) func(context.Context, store.Credentials) (store.Session, error) {
	return func(ctx context.Context, e store.Credentials) (store.Session, error) {
		s, err := enter(ctx, e)
		if err != nil {
			return nil, err
		}
		guard := (**access.View)(reflect.ValueOf(s).Elem().FieldByName("view").Addr().UnsafePointer())
		who := (*guard).Subject()
		who.ActingGrant = nil // what a grant pays for, and its pseudonyms, are the guard's
		*guard = all.View(who)
		return s, nil
	}
}

// isUnguarded reports whether the hubs' guards are off.
func (b *harness) isUnguarded() bool { return b.hubs[0].openPolicy != nil }

// openRowSecurityHubs opens two hubs without a guard on databases behind row-level security.
func openRowSecurityHubs(t testing.TB) [2]*hub {
	t.Helper()
	all, err := readPolicy(openPolicies())
	if err != nil {
		t.Fatal(err)
	}
	two := openHubs(t, emptyFixture.PostgresAsOwner)
	for _, h := range two {
		h.db, h.openPolicy = dbtest.WithRowSecurity(t, h.ownerDB), all
	}
	return two
}

// TestTwinWorldsBehindTheWall is TestTwinWorldsPostgres with the guard off. Writes are left out: which of them are allowed
// is for the guard to say, and the wall only keeps them within the caller's keys.
func TestTwinWorldsBehindTheWall(t *testing.T) {
	sum := runTwinWorldsOn(t, caseCount("RIGHTSHUB_PROOF_POSTGRES_CASES", 1200)/4, openRowSecurityHubs)
	t.Logf("an all-seeing caller would get a row of a country that is not the caller's in %d cases", sum.foreignRowQueries)
	if sum.worlds >= minWorldsToJudge && 10*sum.foreignRowQueries < sum.cases {
		t.Error("these are fewer than 10 %")
	}
}

// runReadCase is a case that changes nothing.
func (s *scene) runReadCase(t *rapid.T) (f *failure) {
	s.author.source = source{t}
	switch {
	case s.author.intN(16) == 0:
	case s.author.oneIn(40): // the wall differs between callers, rather than between what they ask
		s.finished = true
	case s.author.oneIn(20):
		f = s.checkChangesSince(false)
	default:
		f = s.checkQuery()
	}
	if f != nil {
		f.world = nil // it is not kept: TestFound asks hubs that have their guard
	}
	return f
}

// rowSecuredEntities are the entities whose rows row-level security hides from somebody: not everyone reads all of them.
func rowSecuredEntities(t *testing.T) []*model.Entity {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		t.Fatal(err)
	}
	rules := readPolicyLines(string(text))
	return slices.DeleteFunc(slices.Clone(inventory.Model.Entities()), func(e *model.Entity) bool {
		return slices.ContainsFunc(rules, func(r policyLine) bool {
			return r.role == "everyone" && r.scope == "global" && slices.Contains(r.entities, e.Name) && slices.Contains(r.actions, "read")
		})
	})
}

// TestMissingWallIsFound takes row-level security off, or off one table, and sees that the cases find it; off each of the
// tables where RIGHTSHUB_PROOF_LEAKS is "all", else off some where that shows soon.
func TestMissingWallIsFound(t *testing.T) {
	tables := rowSecuredEntities(t)
	gaps := [][]*model.Entity{tables}
	for _, e := range tables {
		if os.Getenv("RIGHTSHUB_PROOF_LEAKS") == "all" || slices.Contains([]string{"Child", "Referral", "Activity"}, e.Name) {
			gaps = append(gaps, []*model.Entity{e})
		}
	}
	for i := range runtime.NumCPU() {
		two := openRowSecurityHubs(t)
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			for n := i; n < len(gaps); n += runtime.NumCPU() {
				switchRowSecurity(t, two, "DISABLE", gaps[n])
				b := &harness{hubs: two, tally: tally{}}
				found := b.huntFailure(t, n+1, 2000)
				switchRowSecurity(t, two, "ENABLE", gaps[n])
				if t.Logf("off %d tables, %s first: found after %d cases", len(gaps[n]), gaps[n][0].Table, b.cases); found == nil {
					t.Error("it was not found")
				}
			}
		})
	}
}

// switchRowSecurity turns row-level security of some tables on or off.
func switchRowSecurity(t *testing.T, two [2]*hub, to string, of []*model.Entity) {
	for _, h := range two {
		for _, e := range of {
			dbtest.ExecAsOwner(t, h.ownerDB, `ALTER TABLE "`+e.Table+`" `+to+` ROW LEVEL SECURITY`)
		}
	}
}
