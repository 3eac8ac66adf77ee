package identity_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
	"rightshub/policies"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestTokens checks that tokens of the configured issuer are accepted, and that every other token gets the same
// refusal.
func TestTokens(t *testing.T) {
	p := newTestProvider(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		hub, authenticator := newTestAuthenticator(t, db, p)
		seed := hub.seedSession(t)
		users := theModel.Entity("User")
		id, err := seed.Create(ctx, users, query.Input{
			"displayName": "Made up", "email": "someone@example.org", "state": "active",
		})
		if err != nil {
			t.Fatal(err)
		}
		claims := func(change map[string]any) map[string]any {
			c := map[string]any{
				"iss": p.URL, "aud": "rightshub", "sub": "s-1",
				"email": "someone@example.org", "email_verified": true,
				"exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(),
			}
			for k, v := range change {
				c[k] = v
			}
			return c
		}
		sign := func(change map[string]any) string { return p.first.sign(t, claims(change)) }
		openSession := func(token string) error {
			_, err := authenticator.OpenSession(ctx, store.Credentials{Authorization: "Bearer " + token})
			return err
		}
		good := sign(nil)
		parts := strings.Split(good, ".")
		unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
		for name, token := range map[string]string{
			"not a token":                    "hello",
			"alg none":                       unsigned,
			"another key":                    signWith(t, jose.RS256, other, "1", claims(nil)),
			"another algorithm":              signWith(t, jose.RS512, p.first.private, "1", claims(nil)),
			"public key as a shared secret":  signWith(t, jose.HS256, p.first.private.N.Bytes(), "1", claims(nil)),
			"another audience":               sign(map[string]any{"aud": "else"}),
			"another issuer":                 sign(map[string]any{"iss": "https://example.org"}),
			"expired":                        sign(map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}),
			"unknown person":                 sign(map[string]any{"sub": "s-2", "email": "nobody@example.org"}),
			"e-mail address is not verified": sign(map[string]any{"email_verified": false}),
			"demonstration":                  signDemoToken(t),
			"huge":                           strings.Repeat("x", 9<<10),
			"changed":                        parts[0] + "." + parts[1] + "x." + parts[2],
			"unknown personal token":         identity.TokenPrefix + "abc",
		} {
			if err := openSession(token); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := openSession(good); err != nil {
			t.Fatalf("good: %v", err)
		}
		// The account is now linked to the subject s-1, so the address alone no longer signs in.
		if err := openSession(sign(map[string]any{"sub": "s-9"})); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("another subject with the same address: %v", err)
		}
		if err := openSession(sign(map[string]any{"email": "new@example.org"})); err != nil {
			t.Errorf("the same subject with a new address: %v", err)
		}
		if err := hub.seedSession(t).Transition(ctx, users, "state", id, 1, "suspended"); err != nil {
			t.Fatal(err)
		}
		if err := openSession(good); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("suspended: %v", err)
		}
		withPurpose := store.Credentials{Authorization: "Bearer " + good, Purpose: "curiosity"}
		if _, err := authenticator.OpenSession(ctx, withPurpose); !fault.Is(err, fault.Invalid) {
			t.Errorf("unknown purpose: %v", err)
		}
	})
}

// TestPersonalAccessTokens checks that a token works until it expires, that a token with the scope read cannot write,
// and that the database stores only a hash.
func TestPersonalAccessTokens(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		hub, authenticator := newTestAuthenticator(t, db, newTestProvider(t))
		seed := hub.seedSession(t)
		id, err := seed.Create(ctx, theModel.Entity("User"), query.Input{
			"displayName": "Made up", "email": "machine@example.org", "state": "active",
		})
		if err != nil {
			t.Fatal(err)
		}
		owner := hub.sessionOf(id)
		_, token, err := owner.IssueToken(ctx, "export", []string{"read"}, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		s, err := authenticator.OpenSession(ctx, store.Credentials{Authorization: "Bearer " + token})
		if err != nil || s.User() != id {
			t.Fatalf("%v", err)
		}
		if s.May(theModel.Entity("AccessToken"), "delete") {
			t.Error("a token for reading may delete")
		}
		_, _, err = s.IssueToken(ctx, "more", []string{"write"}, time.Now().Add(time.Hour))
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("a token made a token: %v", err)
		}
		inTwoYears := time.Now().AddDate(2, 0, 0)
		if _, _, err := owner.IssueToken(ctx, "long", []string{"read"}, inTwoYears); !fault.Is(err, fault.Invalid) {
			t.Errorf("two years: %v", err)
		}
		for _, scopes := range [][]string{nil, {"write"}, {"read", "delete"}} {
			_, _, err := owner.IssueToken(ctx, "odd", scopes, time.Now().Add(time.Hour))
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("scopes %v: %v", scopes, err)
			}
		}
		const inClear = "SELECT count(*) FROM access_tokens WHERE hash LIKE '%rhp_%'"
		var n int
		if err := db.SQL().QueryRowContext(ctx, inClear).Scan(&n); err != nil || n > 0 {
			t.Errorf("a token is stored in clear: %v", err)
		}
		_, expiring, err := owner.IssueToken(ctx, "short", []string{"read"}, time.Now().Add(time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); ; {
			_, err := authenticator.OpenSession(ctx, store.Credentials{Authorization: "Bearer " + expiring})
			if fault.Is(err, fault.Unauthenticated) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("an expired token still works")
			}
		}
	})
}

// TestPublicAccess checks that callers without a token are refused, unless the operator lets the public in. The public
// reads published data and nothing else.
func TestPublicAccess(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		hub, authenticator := newTestAuthenticator(t, db, newTestProvider(t))
		seed, country := hub.seedSession(t), theModel.Entity("Country")
		id, err := seed.Create(ctx, country, query.Input{
			"iso2": "XX", "iso3": "XXX", "m49": int64(1),
			"name": map[string]string{"en": "Made up"}, "securityLevel": "high",
		})
		if err == nil {
			_, err = seed.Create(ctx, theModel.Entity("Child"), query.Input{
				"country": id, "caseCode": "X", "synthetic": true,
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := authenticator.OpenSession(ctx, store.Credentials{}); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("without a token: %v", err)
		}
		authenticator.AllowPublic()
		s, err := authenticator.OpenSession(ctx, store.Credentials{})
		if err != nil {
			t.Fatal(err)
		}
		selection := query.Selection{
			Entity: country,
			Cells:  []query.Cell{{Field: country.Field("iso2")}, {Field: country.Field("securityLevel")}},
			Masked: true,
		}
		page, err := s.List(ctx, &query.List{Selection: selection, Rows: true, Total: true})
		if err != nil || page.Total != 1 || page.Rows[0].Cells[0].Text != "XX" || !page.Rows[0].Cells[1].Null {
			t.Errorf("countries: %+v %v", page, err)
		}
		for _, e := range theModel.Entities() {
			page, err := s.List(ctx, &query.List{Selection: query.Selection{Entity: e}, Total: true})
			if err != nil || page.Total > 0 && e != country {
				t.Errorf("%s: %d rows, %v", e.Name, page.Total, err)
			}
			for _, action := range []model.Action{model.Create, model.Update, model.Delete, model.Approve} {
				if s.May(e, action) {
					t.Errorf("the public has the right %s of %s", action, e.Name)
				}
			}
		}
		if err := s.Update(ctx, country, id, 1, query.Input{"iso2": "YY"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("update: %v", err)
		}
		_, _, err = s.IssueToken(ctx, "machine", []string{"read"}, time.Now().Add(time.Hour))
		if !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("a token: %v", err)
		}
		if _, err := s.OpenEmergency(ctx, id, "X", "urgent", 1); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("emergency access: %v", err)
		}
		for name, e := range map[string]store.Credentials{
			"a purpose":   {Purpose: "services"},
			"a bad token": {Authorization: "Bearer x"},
			"a grant":     {Grant: id},
		} {
			if _, err := authenticator.OpenSession(ctx, e); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("with %s: %v", name, err)
			}
		}
	})
}

// testHub is a hub together with the policy that its sessions use.
type testHub struct {
	*store.Hub
	policy *access.Policy
}

func newTestAuthenticator(t *testing.T, db *database.DB, p *testProvider) (*testHub, *identity.Authenticator) {
	t.Helper()
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	h, err := store.NewHub(db, theModel, database.Secret{3})
	if err != nil {
		t.Fatal(err)
	}
	hub := &testHub{h, policy}
	return hub, hub.newAuthenticator(t, p)
}

// newAuthenticator returns an authenticator for tokens of the issuer, with changed options.
func (h *testHub) newAuthenticator(
	t *testing.T, p *testProvider, changes ...func(*identity.OIDCOptions),
) *identity.Authenticator {
	t.Helper()
	options := p.options()
	for _, change := range changes {
		change(&options)
	}
	verifier, err := identity.NewOIDCVerifier(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	authenticator, err := identity.NewAuthenticator(h.Hub, h.policy, verifier, nil)
	if err != nil {
		t.Fatal(err)
	}
	return authenticator
}

func (h *testHub) seedSession(t testing.TB) store.Session {
	t.Helper()
	return h.Session(h.policy.View(access.SystemSubject("system_seed", time.Now())), nil)
}

func (h *testHub) sessionOf(user uuid.UUID) store.Session {
	return h.Session(h.policy.View(access.Subject{User: user, Name: user.String(), Now: time.Now()}), nil)
}

func signDemoToken(t *testing.T) string {
	t.Helper()
	token, err := identity.NewDemoIssuer(database.Secret{3}).SignToken("someone@example.org", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return token
}
