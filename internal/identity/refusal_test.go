package identity_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/identity"
	"rightshub/internal/store"
)

// TestLongTokens checks that a token with many groups is accepted, up to a limit that the error reports.
func TestLongTokens(t *testing.T) {
	k := newKeyTest(t)
	withGroups := func(n int) string {
		groups := make([]string, n)
		for i := range groups {
			groups[i] = uuid.NewString()
		}
		return k.first.sign(t, map[string]any{
			"iss": k.URL, "aud": "rightshub", "sub": "s-1", "groups": groups,
			"email": "someone@example.org", "email_verified": true,
			"exp": time.Now().Add(time.Hour).Unix(),
		})
	}
	k.expect("150 groups", withGroups(150), "")
	k.expect("550 groups", withGroups(550), "")
	k.expect("700 groups", withGroups(700), fault.TooLarge)
}

// TestRefusalReasons checks that operators learn why a token is refused, and that callers get one message.
func TestRefusalReasons(t *testing.T) {
	k := newKeyTest(t)
	claims := func(change map[string]any) map[string]any {
		c := map[string]any{
			"iss": k.URL, "aud": []string{"account", "rightshub"}, "sub": "s-1",
			"email": "someone@example.org", "email_verified": true,
			"exp": time.Now().Add(time.Hour).Unix(),
		}
		for name, value := range change {
			if c[name] = value; value == nil {
				delete(c, name)
			}
		}
		return c
	}
	sign := func(change map[string]any) string { return k.first.sign(t, claims(change)) }
	stranger := newTestKey(t, "1")
	parts := strings.Split(sign(nil), ".")
	for _, c := range []struct {
		reason, authorization, message string
	}{
		{"", "Bearer " + sign(nil), ""},
		{"", "", "valid bearer"},
		{"no_bearer_token", "Basic c29tZW9uZTpzZWNyZXQ=", "valid bearer"},
		{"no_bearer_token", "Bearer ", "valid bearer"},
		{"too_long", "Bearer " + strings.Repeat("x", 33<<10), "longer than 32768 bytes"},
		{"malformed", "Bearer hello", "valid bearer"},
		{"malformed", "Bearer " + parts[0] + ".%%." + parts[2], "valid bearer"},
		{"algorithm", "Bearer " + signWith(t, jose.RS512, k.first.private, "1", claims(nil)), "valid bearer"},
		{"signature", "Bearer " + stranger.sign(t, claims(nil)), "valid bearer"},
		{"issuer", "Bearer " + stranger.sign(t, claims(map[string]any{"iss": k.URL + "/"})), "valid bearer"},
		{"issuer", "Bearer " + sign(map[string]any{"iss": k.URL + "/"}), "valid bearer"},
		{"audience", "Bearer " + sign(map[string]any{"aud": "account"}), "valid bearer"},
		{"audience", "Bearer " + sign(map[string]any{"aud": nil}), "valid bearer"},
		{"expired", "Bearer " + sign(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), "valid bearer"},
		{"expired", "Bearer " + sign(map[string]any{"exp": nil}), "valid bearer"},
		{"not_yet_valid", "Bearer " + sign(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), "valid bearer"},
		{"claims", "Bearer " + sign(map[string]any{"sub": ""}), "valid bearer"},
		{"claims", "Bearer " + sign(map[string]any{"sub": 7}), "valid bearer"},
		{"address_not_verified", "Bearer " + sign(map[string]any{"sub": "s-2", "email_verified": nil}), "no active account"},
		{"no_account", "Bearer " + sign(map[string]any{"sub": "s-2", "email": nil}), "no active account"},
		{"no_account", "Bearer " + sign(map[string]any{"sub": "s-2", "email": "x@example.org"}), "no active account"},
		{"no_account", "Bearer " + sign(map[string]any{"sub": "s-2"}), "no active account"}, // linked to s-1
		{"personal_access_token", "Bearer " + identity.TokenPrefix + "abc", "unknown, expired or revoked"},
	} {
		_, err := k.authenticator.OpenSession(t.Context(), store.Credentials{Authorization: c.authorization})
		var refusal *store.TokenRefusal
		if errors.As(err, &refusal) != (c.reason != "") || refusal != nil && refusal.Reason != c.reason {
			t.Errorf("got %v, want the reason %q", err, c.reason)
		}
		if c.message != "" && !strings.Contains(fault.As(err).Message, c.message) {
			t.Errorf("%s: %v", c.reason, err)
		}
		if refusal == nil {
			continue
		}
		if shown := fmt.Sprintf("%+v %v", *refusal, err); refusal.Advice == "" ||
			strings.Contains(shown, "someone@") || strings.Contains(shown, "s-2") || strings.Contains(shown, parts[1]) {
			t.Errorf("%s: %s", c.reason, shown)
		}
	}
	k.change(func(p *testProvider) { p.down = true })
	k.passTime(2 * time.Hour)
	_, err := k.authenticator.OpenSession(t.Context(), store.Credentials{Authorization: "Bearer " + sign(nil)})
	var refusal *store.TokenRefusal
	if !errors.As(err, &refusal) || refusal.Reason != "issuer_silent" || refusal.Issuer != k.URL {
		t.Errorf("silent issuer: %v", err)
	}
}

// TestSuspendedAccount checks that a known token of an account that was suspended meanwhile has a reason too.
func TestSuspendedAccount(t *testing.T) {
	k := newKeyTest(t)
	token := k.newToken(&k.first)
	k.expect("active", token, "")
	k.suspend(t)
	k.expect("suspended", token, fault.Unauthenticated)
	_, err := k.authenticator.OpenSession(t.Context(), store.Credentials{Authorization: "Bearer " + token})
	if refusal := (*store.TokenRefusal)(nil); !errors.As(err, &refusal) || refusal.Reason != "no_account" {
		t.Error(err)
	}
}

// TestDiscoveryErrors checks that an issuer that names itself otherwise, one without OpenID Connect, and one that does
// not answer are three errors.
func TestDiscoveryErrors(t *testing.T) {
	p := newTestProvider(t)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	discover := func(ctx context.Context, issuer string) string {
		options := p.options()
		options.Issuer = issuer
		_, err := identity.NewOIDCVerifier(ctx, options)
		if err == nil {
			t.Fatalf("%s: no error", issuer)
		}
		return fault.As(err).Message
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, c := range []struct{ got, want string }{
		{discover(t.Context(), p.URL+"/"), "The OpenID Connect issuer at " + p.URL + "/ calls itself " + p.URL + "."},
		{discover(t.Context(), plain.URL), "has no OpenID Connect configuration"},
		{discover(t.Context(), gone.URL), "does not answer"},
		{discover(stopped, p.URL), "was stopped"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
