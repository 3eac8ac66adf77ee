package identity_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/policysource"
	"rightshub/internal/query"
	"rightshub/internal/store"
	"rightshub/policies"
)

// testPerson is a person with roles, and the authenticator that opens their sessions.
type testPerson struct {
	hub           *testHub
	authenticator *identity.Authenticator
	id            uuid.UUID
	token         string
}

// newTestPerson creates an active person with a personal access token of the scope read.
func newTestPerson(t testing.TB, db *database.DB, source access.Policies) *testPerson {
	t.Helper()
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	h, err := store.NewHub(db, theModel, database.Secret{3})
	if err != nil {
		t.Fatal(err)
	}
	authenticator, err := identity.NewAuthenticator(h, source, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &testPerson{hub: &testHub{h, policy}, authenticator: authenticator}
	p.id = p.createRow(t, "User", query.Input{
		"displayName": "Made up", "email": "someone@example.org", "state": "active",
	})
	inOneHour := time.Now().Add(time.Hour)
	_, p.token, err = p.hub.sessionOf(p.id).IssueToken(t.Context(), "test", []string{"read"}, inOneHour)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *testPerson) createRow(t testing.TB, entity string, in query.Input) uuid.UUID {
	t.Helper()
	id, err := p.hub.seedSession(t).Create(t.Context(), theModel.Entity(entity), in)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (p *testPerson) assignRole(t testing.TB, role string, in query.Input) uuid.UUID {
	t.Helper()
	all := query.Input{"user": p.id, "role": role, "state": "active"}
	for k, v := range in {
		all[k] = v
	}
	return p.createRow(t, "RoleAssignment", all)
}

func (p *testPerson) openSession(t testing.TB) store.Session {
	t.Helper()
	s, err := p.authenticator.OpenSession(t.Context(), store.Credentials{Authorization: "Bearer " + p.token})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// countVisibleRows counts the rows of an entity that a session sees.
func countVisibleRows(t *testing.T, s store.Session, entity string) int64 {
	t.Helper()
	page, err := s.List(t.Context(), &query.List{
		Selection: query.Selection{Entity: theModel.Entity(entity)},
		Total:     true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

// countryWithOffice is a database with a country that has an office.
var countryWithOffice = &dbtest.Fixture{Fill: func(ctx context.Context, db *database.DB) error {
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		return err
	}
	h, err := store.NewHub(db, theModel, database.Secret{3})
	if err != nil {
		return err
	}
	seed := h.Session(policy.View(access.SystemSubject("system_seed", time.Now())), nil)
	region, err := seed.Create(ctx, theModel.Entity("Region"), query.Input{
		"code": "011", "name": map[string]string{"en": "Region"},
	})
	if err != nil {
		return err
	}
	country, err := seed.Create(ctx, theModel.Entity("Country"), query.Input{
		"iso2": "BF", "iso3": "BFA", "name": map[string]string{"en": "Country"}, "region": region,
	})
	if err != nil {
		return err
	}
	_, err = seed.Create(ctx, theModel.Entity("Office"), query.Input{
		"code": "O", "name": map[string]string{"en": "Office"}, "country": country, "kind": "field",
	})
	return err
}}

// TestPolicyChange checks that a change of a policy file applies to the next request of a cached caller. A request that
// began earlier keeps the policies of its start, and a broken file changes nothing.
func TestPolicyChange(t *testing.T) {
	dbtest.OnEachDatabase(t, countryWithOffice, func(t *testing.T, db *database.DB) {
		dir := t.TempDir()
		if err := os.CopyFS(dir, policies.Files); err != nil {
			t.Fatal(err)
		}
		source, err := policysource.Open(os.DirFS(dir), theModel)
		if err != nil {
			t.Fatal(err)
		}
		p := newTestPerson(t, db, source)
		p.assignRole(t, "donor", nil)
		before := p.openSession(t)
		if n := countVisibleRows(t, before, "Office"); n != 1 {
			t.Fatalf("a donor sees %d offices", n)
		}
		editPolicyFile(t, dir, "roles.csv", "p, donor, Office, read, global, C0, -, allow\n", "")
		if err := source.Reload(); err == nil || !strings.Contains(err.Error(), "cases/outside.yaml line") {
			t.Errorf("Reload accepted policies without a line that a case needs: %v", err)
		}
		if n := countVisibleRows(t, p.openSession(t), "Office"); n != 1 {
			t.Errorf("with policies that a case contradicts, a donor sees %d offices", n)
		}
		const nextCases = "    - {do: read, of: Resource, row: {published: yes}}\n" +
			"    - {do: read, of: Intervention InterventionCountry InterventionSector"
		editPolicyFile(t, dir, "cases/outside.yaml", "    - {do: read, of: Office}\n"+nextCases, nextCases)
		if err := source.Reload(); err != nil {
			t.Fatal(err)
		}
		if n := countVisibleRows(t, p.openSession(t), "Office"); n != 0 {
			t.Errorf("after the change, the next request sees %d offices", n)
		}
		if n := countVisibleRows(t, before, "Office"); n != 1 {
			t.Errorf("a request that began before the change now sees %d offices", n)
		}
	})
}

// editPolicyFile replaces the first occurrence of a text in a file of the folder. It fails when there is none.
func editPolicyFile(t *testing.T, dir, path, before, after string) {
	t.Helper()
	full := filepath.Join(dir, path)
	text, err := os.ReadFile(full)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), before) {
		t.Fatalf("%s does not contain %q", path, before)
	}
	if err := os.WriteFile(full, []byte(strings.Replace(string(text), before, after, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRightsEndBetweenRequests checks that a right that ends during a request, by a revocation or by the clock, has
// ended for the next request. A request keeps the rights that its caller held at its start.
func TestRightsEndBetweenRequests(t *testing.T) {
	dbtest.OnEachDatabase(t, countryWithOffice, func(t *testing.T, db *database.DB) {
		p := newTestPerson(t, db, mustLoadPolicy(t))
		role := p.assignRole(t, "donor", nil)
		now, err := db.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p.createRow(t, "AuditGrant", query.Input{
			"auditor": p.id, "engagement": "Made up", "purpose": "Made up", "state": "active",
			"countryIds": []string{uuid.NewString()},
			"validFrom":  now.Add(-time.Hour), "validUntil": now.Add(6 * time.Second),
		})
		before := p.openSession(t)
		if n := countVisibleRows(t, before, "Office"); n != 1 {
			t.Fatalf("a donor sees %d offices", n)
		}
		roles := theModel.Entity("RoleAssignment")
		admin := p.hub.Session(p.hub.policy.View(access.Subject{
			User: uuid.New(), Name: "admin", Now: now,
			Assignments: []access.Assignment{{Role: "platform_admin"}},
		}), nil)
		if err := admin.Transition(t.Context(), roles, "state", role, 1, "revoked"); err != nil {
			t.Fatal(err)
		}
		audit := p.openSession(t) // under the grant, because no role is left
		if n := countVisibleRows(t, audit, "Office"); n != 1 {
			t.Fatalf("an auditor sees %d offices", n)
		}
		for end := time.Now().Add(time.Minute); countVisibleRows(t, p.openSession(t), "Office") > 0; {
			if time.Now().After(end) {
				t.Fatal("the grant is valid after its end")
			}
			time.Sleep(100 * time.Millisecond) // few attempts, because each total uses up some of the grant's budget
		}
		for name, s := range map[string]store.Session{"the role's": before, "the grant's": audit} {
			if n := countVisibleRows(t, s, "Office"); n != 1 {
				t.Errorf("a request from %s time now sees %d offices", name, n)
			}
		}
	})
}

// TestDenyWins checks that a role that denies a right wins over a role that allows it, whichever was assigned first.
func TestDenyWins(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, policies.Files); err != nil {
		t.Fatal(err)
	}
	editPolicyFile(t, dir, "roles.csv", "# Donor:", "p, volunteer, Office, read, global, row, -, deny\n# Donor:")
	policy, err := access.Load(os.DirFS(dir), theModel)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range [][]string{{"volunteer", "donor"}, {"donor", "volunteer"}} {
		t.Run(order[0]+" first", func(t *testing.T) {
			dbtest.OnEachDatabase(t, countryWithOffice, func(t *testing.T, db *database.DB) {
				p := newTestPerson(t, db, policy)
				p.assignRole(t, order[0], nil)
				first := countVisibleRows(t, p.openSession(t), "Office")
				p.assignRole(t, order[1], nil)
				both := countVisibleRows(t, p.openSession(t), "Office")
				if both != 0 || first != map[string]int64{"donor": 1}[order[0]] {
					t.Errorf("%s alone sees %d offices, %v see %d", order[0], first, order, both)
				}
			})
		})
	}
}

// TestInactiveAccountsAreRefusedAlike checks that valid tokens of accounts that are not active get the same error as a
// token of an unknown person.
func TestInactiveAccountsAreRefusedAlike(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		h, err := store.NewHub(db, theModel, database.Secret{3})
		if err != nil {
			t.Fatal(err)
		}
		issuer := identity.NewDemoIssuer(database.Secret{3})
		authenticator, err := identity.NewAuthenticator(h, mustLoadPolicy(t), nil, issuer)
		if err != nil {
			t.Fatal(err)
		}
		seed := (&testHub{h, mustLoadPolicy(t)}).seedSession(t)
		for state, email := range map[string]string{
			"suspended":  "s@example.org",
			"offboarded": "o@example.org",
			"invited":    "i@example.org",
		} {
			_, err := seed.Create(t.Context(), theModel.Entity("User"), query.Input{
				"displayName": "Made up", "email": email, "state": state,
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		messages := map[string]bool{}
		for _, email := range []string{"s@example.org", "o@example.org", "i@example.org", "nobody@example.org"} {
			token, err := issuer.SignToken(email, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			_, err = authenticator.OpenSession(t.Context(), store.Credentials{Authorization: "Bearer " + token})
			if !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: %v", email, err)
			}
			messages[err.Error()] = true
		}
		if len(messages) != 1 {
			t.Errorf("the refusals differ: %v", messages)
		}
	})
}

func mustLoadPolicy(t testing.TB) *access.Policy {
	t.Helper()
	p, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
