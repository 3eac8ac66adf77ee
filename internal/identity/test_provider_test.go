package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"rightshub/internal/identity"
)

// testProvider is an OpenID Connect issuer that serves discovery and keys over HTTP. The tests sign its tokens, change
// the keys that it serves, and move the clock by which the hub measures the age of keys.
type testProvider struct {
	*httptest.Server
	first testKey // its id is "1"

	mu           sync.Mutex
	served       []jose.JSONWebKey
	cacheControl string
	strangeKey   bool // the set begins with a key of a kind that nobody knows
	down         bool
	requests     int // for the keys
	ahead        time.Duration
}

func newTestProvider(t *testing.T) *testProvider {
	t.Helper()
	p := &testProvider{first: *newTestKey(t, "1")}
	p.served = []jose.JSONWebKey{p.first.public}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{
			"issuer":                                p.URL,
			"jwks_uri":                              p.URL + "/keys",
			"authorization_endpoint":                p.URL,
			"token_endpoint":                        p.URL,
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.requests++
		if p.down {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		if p.cacheControl != "" {
			w.Header().Set("Cache-Control", p.cacheControl)
		}
		keys := []any{}
		if p.strangeKey {
			keys = append(keys, map[string]any{"kty": "OKP", "crv": "X448", "kid": "odd"}, map[string]any{"kty": 7})
		}
		for _, key := range p.served {
			keys = append(keys, key)
		}
		json.NewEncoder(w).Encode(map[string]any{"keys": keys})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// options returns the options of a verifier for tokens of this issuer.
func (p *testProvider) options() identity.OIDCOptions {
	return identity.OIDCOptions{
		Issuer:     p.URL,
		Audience:   "rightshub",
		Algorithms: []string{"RS256"},
		Now: func() time.Time {
			p.mu.Lock()
			defer p.mu.Unlock()
			return time.Now().Add(p.ahead)
		},
	}
}

// change changes what the issuer does, and returns how often its keys were requested before.
func (p *testProvider) change(how func(*testProvider)) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	how(p)
	return p.requests
}

func (p *testProvider) serveKeys(keys ...jose.JSONWebKey) {
	p.change(func(p *testProvider) { p.served = keys })
}

// passTime moves the clock forward.
func (p *testProvider) passTime(by time.Duration) {
	p.change(func(p *testProvider) { p.ahead += by })
}

// testKey is a key that an issuer signs with.
type testKey struct {
	private *rsa.PrivateKey
	public  jose.JSONWebKey
}

func newTestKey(t *testing.T, id string) *testKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return &testKey{key, jose.JSONWebKey{Key: key.Public(), KeyID: id, Algorithm: "RS256", Use: "sig"}}
}

func (k *testKey) sign(t *testing.T, claims map[string]any) string {
	t.Helper()
	return signWith(t, jose.RS256, k.private, k.public.KeyID, claims)
}

// signWith signs a token with a key of the algorithm.
func signWith(t *testing.T, alg jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", id))
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
