package identity_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/store"
	"rightshub/policies"
)

// person is somebody with roles, who asks through a door.
type person struct {
	hub   *hub
	door  *identity.Door
	id    uuid.UUID
	token string
}

// somebody makes an active person with a token for reading.
func somebody(t testing.TB, db *store.DB, source access.Policies) *person {
	t.Helper()
	policy, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	h, err := store.NewHub(db, inventory.Model, store.Secret{3})
	if err != nil {
		t.Fatal(err)
	}
	door, err := identity.NewDoor(h, source, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{hub: &hub{h, policy}, door: door}
	p.id, err = p.hub.session(t).Create(t.Context(), inventory.Model.Entity("User"), store.Input{"displayName": "Made up", "email": "someone@example.org", "state": "active"})
	if err != nil {
		t.Fatal(err)
	}
	if _, p.token, err = p.hub.as(p.id).IssueToken(t.Context(), "test", []string{"read"}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *person) make(t testing.TB, entity string, in store.Input) uuid.UUID {
	t.Helper()
	id, err := p.hub.session(t).Create(t.Context(), inventory.Model.Entity(entity), in)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (p *person) holds(t testing.TB, role string, in store.Input) uuid.UUID {
	t.Helper()
	all := store.Input{"user": p.id, "role": role, "state": "active"}
	for k, v := range in {
		all[k] = v
	}
	return p.make(t, "RoleAssignment", all)
}

func (p *person) enter(t testing.TB) store.Session {
	t.Helper()
	s, err := p.door.Enter(t.Context(), store.Entry{Authorization: "Bearer " + p.token})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sees counts the rows of an entity that a session sees.
func sees(t *testing.T, s store.Session, entity string) int64 {
	t.Helper()
	page, err := s.List(t.Context(), &store.List{Ask: store.Ask{Entity: inventory.Model.Entity(entity)}, Total: true})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

// world has a country with an office.
var world = &dbtest.Fixture{Fill: func(ctx context.Context, db *store.DB) error {
	policy, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		return err
	}
	h, err := store.NewHub(db, inventory.Model, store.Secret{3})
	if err != nil {
		return err
	}
	seed := h.Session(policy.View(access.System("system_seed", time.Now())), nil)
	region, err := seed.Create(ctx, inventory.Model.Entity("Region"), store.Input{"code": "011", "name": map[string]string{"en": "Region"}})
	if err != nil {
		return err
	}
	country, err := seed.Create(ctx, inventory.Model.Entity("Country"), store.Input{"iso2": "BF", "iso3": "BFA", "name": map[string]string{"en": "Country"}, "region": region})
	if err != nil {
		return err
	}
	_, err = seed.Create(ctx, inventory.Model.Entity("Office"), store.Input{"code": "O", "name": map[string]string{"en": "Office"}, "country": country, "kind": "field"})
	return err
}}

// A change of a policy file reaches the next request of somebody whose rights were kept; a request that began before
// keeps to the policies of its beginning, and a broken file changes nothing.
func TestPolicyChange(t *testing.T) {
	dbtest.Databases(t, world, func(t *testing.T, db *store.DB) {
		dir := t.TempDir()
		if err := os.CopyFS(dir, policies.Files); err != nil {
			t.Fatal(err)
		}
		source, err := access.Open(os.DirFS(dir), inventory.Model)
		if err != nil {
			t.Fatal(err)
		}
		p := somebody(t, db, source)
		p.holds(t, "donor", nil)
		before := p.enter(t)
		if n := sees(t, before, "Office"); n != 1 {
			t.Fatalf("a donor sees %d offices", n)
		}
		edit(t, dir, "roles.csv", "p, donor, Office, read, global, C0, -, allow\n", "")
		if err := source.Reload(); err == nil || !strings.Contains(err.Error(), "cases/outside.yaml line") {
			t.Errorf("a line that a story needs was taken away: %v", err)
		}
		if n := sees(t, p.enter(t), "Office"); n != 1 {
			t.Errorf("by policies that a story contradicts, a donor sees %d offices", n)
		}
		edit(t, dir, "cases/outside.yaml", "    - {do: read, of: Office}\n    - {do: read, of: Resource, row: {published: yes}}\n    - {do: read, of: Intervention InterventionCountry InterventionSector", "    - {do: read, of: Resource, row: {published: yes}}\n    - {do: read, of: Intervention InterventionCountry InterventionSector")
		if err := source.Reload(); err != nil {
			t.Fatal(err)
		}
		if n := sees(t, p.enter(t), "Office"); n != 0 {
			t.Errorf("after the change, the next request sees %d offices", n)
		}
		if n := sees(t, before, "Office"); n != 1 {
			t.Errorf("a request that began before the change now sees %d offices", n)
		}
	})
}

func edit(t *testing.T, dir, path, before, after string) {
	t.Helper()
	full := filepath.Join(dir, path)
	text, err := os.ReadFile(full)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), before) {
		t.Fatalf("%s does not say %q", path, before)
	}
	if err := os.WriteFile(full, []byte(strings.Replace(string(text), before, after, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// An assignment that ends, by a revocation or by the clock, while a request is answered ends for the next one: a request
// keeps to what its caller held when it began.
func TestRightsEndBetweenRequests(t *testing.T) {
	dbtest.Databases(t, world, func(t *testing.T, db *store.DB) {
		p := somebody(t, db, mustLoad(t))
		role := p.holds(t, "donor", nil)
		now, err := db.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p.make(t, "AuditGrant", store.Input{"auditor": p.id, "engagement": "Made up", "purpose": "Made up", "state": "active", "countryIds": []string{uuid.NewString()},
			"validFrom": now.Add(-time.Hour), "validUntil": now.Add(300 * time.Millisecond)})
		before := p.enter(t)
		if n := sees(t, before, "Office"); n != 1 {
			t.Fatalf("a donor sees %d offices", n)
		}
		roles := inventory.Model.Entity("RoleAssignment")
		admin := p.hub.Session(p.hub.policy.View(access.Subject{User: uuid.New(), Name: "admin", Now: now, Assignments: []access.Assignment{{Role: "platform_admin"}}}), nil)
		if err := admin.Transition(t.Context(), roles, "state", role, 1, "revoked"); err != nil {
			t.Fatal(err)
		}
		audit := p.enter(t) // no role is left, and one grant counts
		if n := sees(t, audit, "Office"); n != 1 {
			t.Fatalf("an auditor sees %d offices", n)
		}
		for end := time.Now().Add(5 * time.Second); sees(t, p.enter(t), "Office") > 0; {
			if time.Now().After(end) {
				t.Fatal("a grant counts after its end")
			}
			time.Sleep(10 * time.Millisecond) // each total is taken from the grant's budget
		}
		for name, s := range map[string]store.Session{"the role's": before, "the grant's": audit} {
			if n := sees(t, s, "Office"); n != 1 {
				t.Errorf("a request of %s time now sees %d offices", name, n)
			}
		}
	})
}

// Of two roles that disagree, the one that denies wins, in whatever order they are held.
func TestDenyWins(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, policies.Files); err != nil {
		t.Fatal(err)
	}
	edit(t, dir, "roles.csv", "# Donor:", "p, volunteer, Office, read, global, row, -, deny\n# Donor:")
	policy, err := access.Load(os.DirFS(dir), inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range [][]string{{"volunteer", "donor"}, {"donor", "volunteer"}} {
		t.Run(order[0]+" first", func(t *testing.T) {
			dbtest.Databases(t, world, func(t *testing.T, db *store.DB) {
				p := somebody(t, db, policy)
				p.holds(t, order[0], nil)
				first := sees(t, p.enter(t), "Office")
				p.holds(t, order[1], nil)
				if both := sees(t, p.enter(t), "Office"); both != 0 || first != map[string]int64{"donor": 1}[order[0]] {
					t.Errorf("%s alone sees %d offices, %v see %d", order[0], first, order, both)
				}
			})
		})
	}
}

// Signed tokens of people who may not come in are refused alike, whatever is wrong.
func TestValidTokenOfNobody(t *testing.T) {
	dbtest.Databases(t, &dbtest.Fixture{}, func(t *testing.T, db *store.DB) {
		h, err := store.NewHub(db, inventory.Model, store.Secret{3})
		if err != nil {
			t.Fatal(err)
		}
		issuer := identity.NewIssuer(store.Secret{3})
		door, err := identity.NewDoor(h, mustLoad(t), nil, issuer)
		if err != nil {
			t.Fatal(err)
		}
		seed := (&hub{h, mustLoad(t)}).session(t)
		for state, email := range map[string]string{"suspended": "s@example.org", "offboarded": "o@example.org", "invited": "i@example.org"} {
			if _, err := seed.Create(t.Context(), inventory.Model.Entity("User"), store.Input{"displayName": "Made up", "email": email, "state": state}); err != nil {
				t.Fatal(err)
			}
		}
		said := map[string]bool{}
		for _, email := range []string{"s@example.org", "o@example.org", "i@example.org", "nobody@example.org"} {
			token, err := issuer.Token(email, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			_, err = door.Enter(t.Context(), store.Entry{Authorization: "Bearer " + token})
			if !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: %v", email, err)
			}
			said[err.Error()] = true
		}
		if len(said) != 1 {
			t.Errorf("they are told apart: %v", said)
		}
	})
}

func mustLoad(t testing.TB) *access.Policy {
	t.Helper()
	p, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
