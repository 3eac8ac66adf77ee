// Package identity finds out who is calling: it checks a bearer token (OpenID Connect, a personal access token, or the
// demonstration's own), asks the store who that is and what roles they hold now, and opens a session on what they may
// see. It does not decide what that is.
package identity

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// TokenPrefix begins every personal access token.
const TokenPrefix = store.TokenPrefix

// cacheLifetime is how long what was read about a person is used again. A write ends it at once (one of another process too,
// while somebody listens), and so does the clock, where it ends or begins a role.
const cacheLifetime = time.Second

// Authenticator opens sessions.
type Authenticator struct {
	hub           *store.Hub
	policies      access.Policies
	oidcVerifier  *oidc.IDTokenVerifier
	demoIssuer    *DemoIssuer
	callerCache   *lru.Cache[[32]byte, *cachedCaller]
	publicAllowed bool
}

// cachedCaller is what is known about a token.
type cachedCaller struct {
	mu            sync.Mutex
	identity      store.Identity
	tokenExpires  time.Time // of the token; zero: it is looked up each time
	person        *store.Person
	refreshAt     time.Time // when it is read again
	accessEnds    time.Time // when the token, or what it gives, ends by the clock; zero: never
	rightsVersion int64
	policy        *access.Policy // by which the views were compiled
	views         map[viewKey]*access.View
}

// viewKey is what a request says beside who asks.
type viewKey struct {
	purpose string
	grant   uuid.UUID
}

// NewAuthenticator returns a door that accepts personal access tokens, and those of the verifiers that are not nil. Each request
// is judged by the policies that are in force when it comes.
func NewAuthenticator(hub *store.Hub, policies access.Policies, verifier *oidc.IDTokenVerifier, demo *DemoIssuer) (*Authenticator, error) {
	cache, err := lru.New[[32]byte, *cachedCaller](10_000)
	return &Authenticator{hub: hub, policies: policies, oidcVerifier: verifier, demoIssuer: demo, callerCache: cache}, err
}

// AllowPublic lets people in who do not sign in: they read what the role public may. It is called before the door is used.
func (d *Authenticator) AllowPublic() { d.publicAllowed = true }

// NewOIDCVerifier asks an issuer for its keys and returns a verifier of its tokens.
func NewOIDCVerifier(ctx context.Context, issuer, audience string, algorithms []string) (*oidc.IDTokenVerifier, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, &fault.Error{Code: fault.Unavailable, Message: "The OpenID Connect issuer does not answer: check --oidc-issuer.", Cause: err}
	}
	return provider.VerifierContext(ctx, &oidc.Config{ClientID: audience, SupportedSigningAlgs: algorithms}), nil
}

var errInvalidToken = fault.New(fault.Unauthenticated, "Sign in: send an Authorization header with a valid bearer token.")

// maxTokenBytes bounds a bearer token, in bytes.
const maxTokenBytes = 8 << 10

// OpenSession checks the Authorization header and opens a session for the caller, the purpose and the audit grant.
func (d *Authenticator) OpenSession(ctx context.Context, e store.Credentials) (store.Session, error) {
	if d.publicAllowed && e.Authorization == "" && e.Purpose == "" && e.Grant == uuid.Nil {
		return d.hub.Session(d.policies.Current().View(access.PublicSubject(time.Now())), e.Languages), nil
	}
	scheme, token, ok := strings.Cut(e.Authorization, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") || token == "" || len(token) > maxTokenBytes {
		return nil, errInvalidToken
	}
	if err := checkPurpose(e.Purpose); err != nil {
		return nil, err
	}
	return d.openSessionByToken(ctx, token, e)
}

// Impersonate lets an operator, who holds the database, stand for the person with the e-mail address: each session is what a
// request of that person's would get at that moment. Its errors are those of Enter.
func (d *Authenticator) Impersonate(email string, e store.Credentials) store.AuthenticateFunc {
	k := &cachedCaller{identity: store.Identity{Email: email}}
	return func(ctx context.Context) (store.Session, error) {
		if err := checkPurpose(e.Purpose); err != nil {
			return nil, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		return d.openCachedSession(ctx, k, e)
	}
}

// checkPurpose refuses a purpose that nobody may state.
func checkPurpose(purpose string) error {
	if purpose != "" && !slices.Contains(access.Purposes, purpose) {
		return fault.InvalidField("Purpose-Of-Use", "must be one of %s.", strings.Join(access.Purposes, ", "))
	}
	return nil
}

// openSessionByToken opens a session for whoever holds the token, of whom what was read is kept.
func (d *Authenticator) openSessionByToken(ctx context.Context, token string, e store.Credentials) (store.Session, error) {
	key := sha256.Sum256([]byte(token))
	k, ok := d.callerCache.Get(key)
	if !ok {
		who, expires, err := d.verifyToken(ctx, token)
		if err != nil {
			return nil, err
		}
		k = &cachedCaller{identity: who, tokenExpires: expires}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.tokenExpires.IsZero() && !time.Now().Before(k.tokenExpires) {
		d.callerCache.Remove(key)
		return nil, errInvalidToken
	}
	session, err := d.openCachedSession(ctx, k, e)
	if k.person != nil && !ok {
		d.callerCache.Add(key, k)
	}
	return session, err
}

// openCachedSession opens a session on what is kept of a caller, which is read again where it may be out of date.
func (d *Authenticator) openCachedSession(ctx context.Context, k *cachedCaller, e store.Credentials) (store.Session, error) {
	in := viewKey{e.Purpose, e.Grant}
	if rights, now := d.hub.RightsVersion(), time.Now(); k.person == nil || k.rightsVersion != rights || !now.Before(k.refreshAt) {
		person, err := d.hub.Person(ctx, k.identity)
		if err != nil {
			return nil, err
		}
		if !person.Linked && k.identity.Subject != "" {
			if err := d.hub.LinkIdentity(ctx, person.Subject.User, k.identity.Issuer, k.identity.Subject); err != nil {
				return nil, err
			}
		}
		if k.person == nil || !k.person.Subject.SameHoldings(person.Subject) { // to compile a view takes longer than all else here, and a tenth of a megabyte
			k.views = map[viewKey]*access.View{}
		}
		k.person, k.rightsVersion, k.refreshAt, k.accessEnds = person, rights, now.Add(cacheLifetime), k.tokenExpires
		if next := person.NextRightsChange(); !next.IsZero() { // by the database's clock
			at := now.Add(next.Sub(person.Subject.Now))
			if at.Before(k.refreshAt) {
				k.refreshAt = at
			}
			if k.accessEnds.IsZero() || at.Before(k.accessEnds) {
				k.accessEnds = at
			}
		}
	}
	if policy := d.policies.Current(); k.policy != policy {
		k.policy, k.views = policy, map[viewKey]*access.View{}
	}
	view := k.views[in]
	if view == nil {
		subject, err := k.person.Subject.ChooseCapacity(in.grant)
		if err != nil {
			return nil, err
		}
		subject.Purpose = in.purpose
		view = k.policy.View(subject)
		k.views[in] = view
	}
	if len(e.Languages) == 0 {
		e.Languages = []string{k.person.Locale}
	}
	return d.hub.SessionUntil(view, e.Languages, k.accessEnds), nil
}

// verifyToken reads a token. Every token that is not good answers alike.
func (d *Authenticator) verifyToken(ctx context.Context, token string) (store.Identity, time.Time, error) {
	if strings.HasPrefix(token, TokenPrefix) {
		return store.Identity{TokenHash: store.HashToken(token)}, time.Time{}, nil
	}
	if d.demoIssuer != nil {
		return d.demoIssuer.verifyDemoToken(token)
	}
	if d.oidcVerifier == nil {
		return store.Identity{}, time.Time{}, errInvalidToken
	}
	id, err := d.oidcVerifier.Verify(ctx, token)
	if err != nil {
		return store.Identity{}, time.Time{}, errInvalidToken
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil || id.Subject == "" {
		return store.Identity{}, time.Time{}, errInvalidToken
	}
	who := store.Identity{Issuer: id.Issuer, Subject: id.Subject}
	if claims.Verified {
		who.Email = claims.Email
	}
	return who, id.Expiry, nil
}
