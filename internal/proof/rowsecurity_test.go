package proof_test

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"rightshub/internal/access"
	"rightshub/internal/dbtest"
	"rightshub/internal/model"
	"rightshub/internal/store"
	"rightshub/policies"
)

// This file shows that row-level security alone keeps the rows of another country, if the hub ever wrote a statement
// that asks for too much. The guard is off, and any query may go through the whole hub. The twin worlds differ only in
// rows that row-level security hides, which are rows that none of the caller's keys reaches.

// sessionOpener opens a session for a caller's credentials, as identity.Authenticator does.
type sessionOpener = func(context.Context, store.Credentials) (store.Session, error)

// withoutGuard takes the guard off the sessions that are opened. Their statements are written for a caller that sees
// every row and cell, while row-level security still gets the keys of the real caller. Nothing outside of tests can do
// this.
func withoutGuard(openSession sessionOpener, open *access.Policy) sessionOpener {
	return func(ctx context.Context, credentials store.Credentials) (store.Session, error) {
		s, err := openSession(ctx, credentials)
		if err != nil {
			return nil, err
		}
		guard := (**access.View)(reflect.ValueOf(s).Elem().FieldByName("view").Addr().UnsafePointer())
		subject := (*guard).Subject()
		subject.ActingGrant = nil // the budget and the pseudonyms of a grant are part of the guard
		*guard = open.View(subject)
		return s, nil
	}
}

// isUnguarded reports whether the guard of the hubs is off.
func (b *harness) isUnguarded() bool { return b.hubs[0].openPolicy != nil }

// openRowSecurityHubs opens two hubs without the guard, over databases with row-level security.
func openRowSecurityHubs(t testing.TB) [2]*hub {
	t.Helper()
	all, err := readPolicy(openPolicies())
	if err != nil {
		t.Fatal(err)
	}
	var two [2]*hub
	for i := range two {
		owner, walled := emptyFixture.PostgresWithRowSecurity(t)
		two[i] = &hub{db: walled, ownerDB: owner, schema: readSchema(t), openPolicy: all}
	}
	return two
}

// TestTwinWorldsBehindTheWall is TestTwinWorldsPostgres without the guard, so that only row-level security hides rows.
// It has no writes, because the guard decides which writes are allowed. Row-level security only keeps them within the
// caller's keys.
func TestTwinWorldsBehindTheWall(t *testing.T) {
	sum := runTwinWorldsOn(t, caseCount("RIGHTSHUB_PROOF_POSTGRES_CASES", 1200)/4, openRowSecurityHubs)
	t.Logf("an all-seeing caller gets a row of a foreign country in %d cases", sum.foreignRowQueries)
	if sum.worlds >= minWorldsToJudge && 10*sum.foreignRowQueries < sum.cases {
		t.Error("in fewer than 10 % of the cases, an all-seeing caller gets a row of a foreign country")
	}
}

// runReadCase runs one random case that changes nothing.
func (s *scene) runReadCase(t *rapid.T) (f *failure) {
	s.author.source = source{t}
	switch {
	case s.author.intN(16) == 0:
	case s.author.oneIn(40): // new callers tell more about row-level security than new queries
		s.finished = true
	case s.author.oneIn(20):
		f = s.checkChangesSince(false)
	default:
		f = s.checkQuery()
	}
	if f != nil {
		f.world = nil // so it is not saved, because TestFound replays on hubs that have their guard
	}
	return f
}

// rowSecuredEntities are the entities of which not everyone reads all rows, so that row-level security hides some.
func rowSecuredEntities(t *testing.T) []*model.Entity {
	text, err := policies.Files.ReadFile("roles.csv")
	if err != nil {
		t.Fatal(err)
	}
	rules := readPolicyLines(string(text))
	return slices.DeleteFunc(slices.Clone(theModel.Entities()), func(e *model.Entity) bool {
		return slices.ContainsFunc(rules, func(r policyLine) bool {
			return r.role == "everyone" && r.scope == "global" &&
				slices.Contains(r.entities, e.Name) && slices.Contains(r.actions, "read")
		})
	})
}

// TestMissingWallIsFound switches row-level security off, for all tables and then for one table at a time, and checks that
// the cases find it. leakHunt says which tables; a few where the cases find it soon are always among them.
func TestMissingWallIsFound(t *testing.T) {
	tables := rowSecuredEntities(t)
	gaps := [][]*model.Entity{tables}
	hunt := newLeakHunt(t)
	for _, e := range tables {
		if hunt.includesTable(e) {
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
				recorded := 0
				if len(gaps[n]) == 1 {
					recorded = hunt.recordedWorld(tableName(gaps[n][0]))
				}
				found, seed := b.huntFailure(t, recorded, (n+1)*1_000_000, 2000)
				switchRowSecurity(t, two, "ENABLE", gaps[n])
				t.Logf("%d tables without row-level security, first %s: found %v after %d cases",
					len(gaps[n]), gaps[n][0].Table, found != nil, b.cases)
				if found == nil {
					t.Errorf("no case finds that %s has no row-level security", gaps[n][0].Table)
				} else if len(gaps[n]) == 1 {
					hunt.recordWorld(t, tableName(gaps[n][0]), seed)
				}
			}
		})
	}
}

// switchRowSecurity enables or disables ("ENABLE", "DISABLE") row-level security of the entities' tables in both
// databases.
func switchRowSecurity(t *testing.T, two [2]*hub, action string, entities []*model.Entity) {
	for _, h := range two {
		for _, e := range entities {
			dbtest.ExecAsOwner(t, h.ownerDB, `ALTER TABLE "`+e.Table+`" `+action+` ROW LEVEL SECURITY`)
		}
	}
}
