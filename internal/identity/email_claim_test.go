package identity_test

import (
	"testing"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// TestEmailClaims checks which claims link an account by its address, with and without the operator's trust in the
// issuer's addresses, and that none of them matters to a person who is linked.
func TestEmailClaims(t *testing.T) {
	const address = "someone@example.org"
	missing := struct{}{}
	cases := []struct {
		name           string
		email          any
		verified       any
		links, trusted bool // whether the account is linked, also where the operator trusts the issuer's addresses
	}{
		{"true", address, true, true, true},
		{"true as text, as of Cognito", address, "true", true, true},
		{"True as text", address, "True", true, true},
		{"no email_verified, as of Entra", address, missing, false, true},
		{"null", address, nil, false, true},
		{"false", address, false, false, false},
		{"false as text", address, "false", false, false},
		{"empty text", address, "", false, false},
		{"a number", address, 1, false, false},
		{"a list", address, []any{true}, false, false},
		{"an object", address, map[string]any{"value": true}, false, false},
		{"address with capitals", "SomeOne@Example.org", true, true, true},
		{"addresses as a list", []string{address}, true, false, false},
		{"address as a number", 5, true, false, false},
		{"no address", missing, true, false, false},
		{"another address", "other@example.org", true, false, false},
	}
	p := newTestProvider(t)
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		hub, believing := newTestAuthenticator(t, db, p)
		trusting := hub.newAuthenticator(t, p, func(o *identity.OIDCOptions) { o.TrustEmails = true })
		create := func(email string) {
			_, err := hub.seedSession(t).Create(t.Context(), theModel.Entity("User"), query.Input{
				"displayName": "Made up", "email": email, "state": "active",
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		signIn := func(a *identity.Authenticator, subject string, email, verified any) error {
			claims := map[string]any{
				"iss": p.URL, "aud": "rightshub", "sub": subject, "exp": time.Now().Add(time.Hour).Unix(),
			}
			for name, value := range map[string]any{"email": email, "email_verified": verified} {
				if value != missing {
					claims[name] = value
				}
			}
			token := p.first.sign(t, claims)
			_, err := a.OpenSession(t.Context(), store.Credentials{Authorization: "Bearer " + token})
			if err != nil && !fault.Is(err, fault.Unauthenticated) {
				t.Error(err)
			}
			return err
		}
		create(address)
		for _, c := range cases {
			for a, links := range map[*identity.Authenticator]bool{believing: c.links, trusting: c.trusted} {
				_, err := db.SQL().Exec("UPDATE users SET issuer = NULL, subject = NULL")
				if err != nil {
					t.Fatal(err)
				}
				if err := signIn(a, "s-1", c.email, c.verified); (err == nil) != links {
					t.Errorf("%s, trusting %v: %v", c.name, a == trusting, err)
				}
			}
		}
		create("linked@example.org")
		if err := signIn(believing, "s-2", "linked@example.org", true); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			if err := signIn(believing, "s-2", c.email, c.verified); err != nil {
				t.Errorf("%s, linked: %v", c.name, err)
			}
		}
	})
}

// TestLinkOnce checks that of two keys at the identity provider with one address only the first gets the account, even
// if both are verified before either is linked.
func TestLinkOnce(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		hub, _ := newTestAuthenticator(t, db, newTestProvider(t))
		id, err := hub.seedSession(t).Create(t.Context(), theModel.Entity("User"), query.Input{
			"displayName": "Made up", "email": "someone@example.org", "state": "active",
		})
		if err != nil {
			t.Fatal(err)
		}
		link := func(subject string) error {
			return hub.Accounts().LinkIdentity(t.Context(), id, "https://login.example.org", subject)
		}
		if err := link("s-1"); err != nil {
			t.Error(err)
		}
		if err := link("s-1"); err != nil {
			t.Errorf("the same key again: %v", err)
		}
		if err := link("s-2"); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("another key: %v", err)
		}
	})
}
