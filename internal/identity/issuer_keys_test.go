package identity_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// keyTest has a person who may sign in, at an issuer that serves the keys "1" and "2".
type keyTest struct {
	*testing.T
	*testProvider
	authenticator *identity.Authenticator
	hub           *testHub
	user          uuid.UUID
	second        *testKey
	tokens        int // how many were signed
}

func newKeyTest(t *testing.T) *keyTest {
	t.Helper()
	k := &keyTest{T: t, testProvider: newTestProvider(t), second: newTestKey(t, "2")}
	k.serveKeys(k.first.public, k.second.public)
	k.hub, k.authenticator = newTestAuthenticator(t, (&dbtest.Fixture{}).SQLite(t), k.testProvider)
	var err error
	k.user, err = k.hub.seedSession(t).Create(t.Context(), theModel.Entity("User"), query.Input{
		"displayName": "Made up", "email": "someone@example.org", "state": "active",
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *keyTest) suspend(t *testing.T) {
	t.Helper()
	err := k.hub.seedSession(t).Transition(t.Context(), theModel.Entity("User"), "state", k.user, 1, "suspended")
	if err != nil {
		t.Fatal(err)
	}
}

// newToken returns a token that was not seen before.
func (k *keyTest) newToken(by *testKey) string {
	k.tokens++
	return by.sign(k.T, map[string]any{
		"iss": k.URL, "aud": "rightshub", "sub": "s-1", "jti": strconv.Itoa(k.tokens),
		"email": "someone@example.org", "email_verified": true,
		"exp": time.Now().Add(time.Hour).Unix(),
	})
}

// expect opens a session with the token and compares the code of the error, which is "" for none.
func (k *keyTest) expect(what, token string, code fault.Code) {
	k.Helper()
	_, err := k.authenticator.OpenSession(k.Context(), store.Credentials{Authorization: "Bearer " + token})
	if code == "" && err != nil || code != "" && !fault.Is(err, code) {
		k.Errorf("%s: got %v, want %q", what, err, code)
	}
}

// TestWithdrawnKey checks that a key which the issuer no longer serves ends within the age of keys, for new tokens and
// for tokens that the hub has seen, while the other key goes on.
func TestWithdrawnKey(t *testing.T) {
	for name, c := range map[string]struct {
		cacheControl string
		ends         time.Duration
	}{
		"issuer that says nothing":     {"", 10 * time.Minute},
		"issuer that forbids caches":   {"no-cache, max-age=0", 10 * time.Minute},
		"issuer that names a minute":   {"public, max-age=60", time.Minute},
		"issuer that names a day":      {"max-age=86400", 15 * time.Minute},
		"issuer that names too little": {"max-age=1", 10 * time.Second},
		"issuer that names no number":  {"max-age=soon", 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeyTest(t)
			k.change(func(p *testProvider) { p.cacheControl = c.cacheControl })
			old := k.newToken(&k.first)
			k.expect("first key", old, "")
			k.expect("second key", k.newToken(k.second), "")
			k.serveKeys(k.second.public)
			k.passTime(c.ends + time.Second)
			k.expect("new token of the withdrawn key", k.newToken(&k.first), fault.Unauthenticated)
			k.expect("known token of the withdrawn key", old, fault.Unauthenticated)
			k.expect("key that stays", k.newToken(k.second), "")
		})
	}
}

// TestKnownTokenOfWithdrawnKey checks that a token which the hub remembers is verified again when keys were withdrawn,
// also if no other token came in the meantime.
func TestKnownTokenOfWithdrawnKey(t *testing.T) {
	k := newKeyTest(t)
	old := k.newToken(&k.first)
	k.expect("first key", old, "")
	k.serveKeys(k.second.public)
	k.passTime(11 * time.Minute)
	k.expect("known token", old, fault.Unauthenticated)
}

// TestAgingKeys checks that keys are fetched again in the background before their age ends, and once for many requests.
func TestAgingKeys(t *testing.T) {
	k := newKeyTest(t)
	token := k.newToken(&k.first)
	k.expect("first", token, "")
	requests := k.change(func(*testProvider) {})
	k.expect("again", token, "")
	k.passTime(6 * time.Minute)
	k.serveKeys(k.second.public)
	for deadline := time.Now().Add(time.Minute); ; {
		_, err := k.authenticator.OpenSession(t.Context(), store.Credentials{Authorization: "Bearer " + token})
		if fault.Is(err, fault.Unauthenticated) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the keys were not fetched again")
		}
	}
	k.expect("second key", k.newToken(k.second), "")
	// One request in the background, and one at most because a token fits no key.
	if n := k.change(func(*testProvider) {}) - requests; n < 1 || n > 2 {
		t.Errorf("%d requests for keys", n)
	}
}

// TestSilentIssuer checks that known keys are used for an hour while the issuer does not answer, and that the hub then
// says that it cannot tell.
func TestSilentIssuer(t *testing.T) {
	k := newKeyTest(t)
	old := k.newToken(&k.first)
	k.expect("issuer answers", old, "")
	k.change(func(p *testProvider) { p.down = true })
	k.passTime(55 * time.Minute)
	k.expect("known token, issuer is silent", old, "")
	k.expect("new token, issuer is silent", k.newToken(&k.first), "")
	k.expect("unknown key, issuer is silent", k.newToken(newTestKey(t, "3")), fault.Unauthenticated)
	k.passTime(6 * time.Minute)
	k.expect("known token after an hour", old, fault.Unavailable)
	k.expect("new token after an hour", k.newToken(k.second), fault.Unavailable)
	k.change(func(p *testProvider) { p.down = false })
	k.passTime(10 * time.Second)
	k.expect("issuer answers again", k.newToken(k.second), "")
	k.expect("known token, issuer answers again", old, "")
}

// TestNewKey checks that a key which the hub does not know yet is fetched at once, and that strange keys in the set
// hide none of the others.
func TestNewKey(t *testing.T) {
	k := newKeyTest(t)
	k.expect("first key", k.newToken(&k.first), "")
	third := newTestKey(t, "3")
	k.serveKeys(jose.JSONWebKey{Key: []byte("a symmetric key"), KeyID: "4", Algorithm: "HS256"}, third.public)
	k.expect("new key", k.newToken(third), "")
	k.change(func(p *testProvider) { p.strangeKey = true })
	fourth := newTestKey(t, "5")
	k.serveKeys(fourth.public)
	k.expect("new key beside a strange one", k.newToken(fourth), "")
}

// TestFloodOfUnknownKeys checks that tokens of unknown keys do not make the hub call the issuer each time.
func TestFloodOfUnknownKeys(t *testing.T) {
	k := newKeyTest(t)
	unknown := newTestKey(t, "9")
	for range 50 {
		k.expect("unknown key", k.newToken(unknown), fault.Unauthenticated)
	}
	if n := k.change(func(*testProvider) {}); n > 30 {
		t.Errorf("%d requests for keys", n)
	}
	k.expect("known key", k.newToken(&k.first), "")
}
