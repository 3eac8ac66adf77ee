// Package identity authenticates callers. It checks a bearer token (OpenID Connect, a personal access token, or the
// demonstration's own), reads the person and their current roles with package accounts, and opens a session with their
// view. Package access decides what the view contains.
package identity

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"rightshub/internal/access"
	"rightshub/internal/accounts"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// TokenPrefix is the prefix of every personal access token.
const TokenPrefix = accounts.TokenPrefix

// Authenticator opens sessions for callers.
type Authenticator struct {
	hub           *store.Hub
	policies      access.Policies
	oidcVerifier  *OIDCVerifier
	demoIssuer    *DemoIssuer
	callerCache   *lru.Cache[[32]byte, *cachedCaller]
	newCallers    sync.Map // from a token's hash to its *cachedCaller, while the first requests with it are answered
	publicAllowed bool
}

// viewKey holds the parts of a request that the view depends on, beside the caller.
type viewKey struct {
	purpose string
	grant   uuid.UUID
}

// maxCachedCallers is the most tokens that an Authenticator remembers.
const maxCachedCallers = 10_000

// NewAuthenticator returns an authenticator that accepts personal access tokens, and the tokens of the verifier and of
// the demonstration, unless these are nil. Each request uses the policies that are in force when it arrives.
func NewAuthenticator(
	hub *store.Hub,
	policies access.Policies,
	verifier *OIDCVerifier,
	demo *DemoIssuer,
) (*Authenticator, error) {
	cache, err := lru.New[[32]byte, *cachedCaller](maxCachedCallers)
	return &Authenticator{
		hub:          hub,
		policies:     policies,
		oidcVerifier: verifier,
		demoIssuer:   demo,
		callerCache:  cache,
	}, err
}

// AllowPublic lets callers in without a token. They may read what the role public may read. It must be called before
// the first call of OpenSession.
func (a *Authenticator) AllowPublic() { a.publicAllowed = true }

var errInvalidToken = fault.New(fault.Unauthenticated,
	"Sign in: send an Authorization header with a valid bearer token.")

// maxTokenBytes is the length of the longest accepted bearer token, in bytes. Tokens that name 500 groups have 28,000.
const maxTokenBytes = 32 << 10

var errLongToken = fault.New(fault.TooLarge,
	"The token is longer than %d bytes. Ask your identity provider to leave groups and roles out.", maxTokenBytes).
	WithStatus(431) // RFC 6585, section 5

// OpenSession checks the Authorization header and opens a session for the caller, the purpose and the audit grant.
// Without a valid token it fails with UNAUTHENTICATED, and with an unknown purpose with INVALID.
func (a *Authenticator) OpenSession(ctx context.Context, e store.Credentials) (store.Session, error) {
	if a.publicAllowed && e.Authorization == "" && e.Purpose == "" && e.Grant == uuid.Nil {
		return a.hub.Session(a.policies.Current().View(access.PublicSubject(a.hub.DB().CurrentTime())), e.Languages), nil
	}
	scheme, token, ok := strings.Cut(e.Authorization, " ")
	switch {
	case e.Authorization == "":
		return nil, errInvalidToken
	case !ok || !strings.EqualFold(scheme, "bearer") || token == "":
		return nil, withReason(errInvalidToken, reasonNoBearer, "")
	case len(token) > maxTokenBytes:
		return nil, withReason(errLongToken, reasonTooLong, "")
	}
	if err := checkPurpose(e.Purpose); err != nil {
		return nil, err
	}
	return a.openSessionByToken(ctx, token, e)
}

// Impersonate returns a function that opens sessions as the person with the e-mail address, for an operator with direct
// access to the database. Each session equals what a request of that person would get at that moment. The function
// fails as OpenSession does.
func (a *Authenticator) Impersonate(email string, e store.Credentials) store.AuthenticateFunc {
	caller := &cachedCaller{identity: accounts.Identity{Email: email}}
	return func(ctx context.Context) (store.Session, error) {
		if err := checkPurpose(e.Purpose); err != nil {
			return nil, err
		}
		return a.openCachedSession(ctx, caller, e)
	}
}

// checkPurpose fails for a purpose that is not in access.Purposes. An empty purpose is valid.
func checkPurpose(purpose string) error {
	if purpose != "" && !slices.Contains(access.Purposes, purpose) {
		return fault.InvalidField("Purpose-Of-Use", "must be one of %s.", strings.Join(access.Purposes, ", "))
	}
	return nil
}

// openSessionByToken opens a session for the bearer of the token. It caches what it reads by the hash of the token.
func (a *Authenticator) openSessionByToken(
	ctx context.Context,
	token string,
	e store.Credentials,
) (store.Session, error) {
	key := sha256.Sum256([]byte(token))
	k, ok := a.callerCache.Get(key)
	if ok && k.keys != nil {
		generation, err := k.keys.generation(ctx)
		if err != nil {
			return nil, withReason(errIssuerUnavailable, reasonIssuerSilent, k.issuer)
		}
		ok = generation == k.keysGeneration // otherwise the key may be one of those that the issuer withdrew
	}
	if !ok {
		var err error
		if k, err = a.verifyToken(ctx, token); err != nil {
			a.callerCache.Remove(key)
			return nil, err
		}
	}
	if !k.tokenExpires.IsZero() && !time.Now().Before(k.tokenExpires) {
		a.callerCache.Remove(key)
		return nil, withReason(errInvalidToken, reasonExpired, k.issuer)
	}
	if ok {
		return a.openCachedSession(ctx, k, e)
	}
	if first, running := a.newCallers.LoadOrStore(key, k); running {
		k = first.(*cachedCaller)
	}
	session, err := a.openCachedSession(ctx, k, e)
	if k.hasPerson() { // otherwise tokens of nobody would displace those of people
		a.callerCache.Add(key, k)
	}
	a.newCallers.CompareAndDelete(key, k)
	return session, err
}

// verifyToken returns a caller with the identity in a token and the token's expiry. All invalid tokens fail with the
// same error.
func (a *Authenticator) verifyToken(ctx context.Context, token string) (*cachedCaller, error) {
	if strings.HasPrefix(token, TokenPrefix) {
		return &cachedCaller{identity: accounts.Identity{TokenHash: accounts.HashToken(token)}}, nil
	}
	if a.demoIssuer != nil {
		return a.demoIssuer.verifyDemoToken(token)
	}
	if a.oidcVerifier == nil {
		return nil, withReason(errInvalidToken, reasonIssuer, "")
	}
	return a.oidcVerifier.verify(ctx, token)
}
