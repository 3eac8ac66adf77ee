// Package identity authenticates callers. It checks a bearer token (OpenID Connect, a personal access token, or the
// demonstration's own), reads the person and their current roles with package accounts, and opens a session with their
// view. Package access decides what the view contains.
package identity

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"rightshub/internal/access"
	"rightshub/internal/accounts"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// TokenPrefix is the prefix of every personal access token.
const TokenPrefix = accounts.TokenPrefix

// cacheLifetime is how long the rights of a person are cached. A write that changes rights ends it at once (also a
// write of another process, while a caller is subscribed), and so does the instant when a role begins or ends.
const cacheLifetime = time.Second

// Authenticator opens sessions for callers.
type Authenticator struct {
	hub           *store.Hub
	policies      access.Policies
	oidcVerifier  *OIDCVerifier
	demoIssuer    *DemoIssuer
	callerCache   *lru.Cache[[32]byte, *cachedCaller]
	publicAllowed bool
}

// cachedCaller holds what was read for one token.
type cachedCaller struct {
	lock              chan struct{} // holds a value while a request reads or changes the rest
	identity          accounts.Identity
	tokenExpires      time.Time   // zero for a personal access token, which FindPerson checks each time
	keys              *issuerKeys // that verified the token; nil for tokens of no issuer
	keysGeneration    int64       // of these keys, when they verified the token
	issuer            string      // as in the settings; "" for tokens of no issuer
	addressUnverified bool        // the token has an address, but it cannot link an account
	person            *accounts.Person
	refreshAt         time.Time // when the person is read again
	accessEnds        time.Time // when the token or one of the rights ends by the clock; zero means never
	rightsVersion     int64
	policy            *access.Policy // the policy that the views were compiled with
	views             map[viewKey]*access.View
}

func newCachedCaller(identity accounts.Identity, tokenExpires time.Time) *cachedCaller {
	return &cachedCaller{lock: make(chan struct{}, 1), identity: identity, tokenExpires: tokenExpires}
}

// acquire locks the caller, or fails when the context ends first. The holder may wait for the database.
func (k *cachedCaller) acquire(ctx context.Context) error {
	select {
	case k.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return database.Classify(ctx.Err())
	}
}

func (k *cachedCaller) release() { <-k.lock }

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
	caller := newCachedCaller(accounts.Identity{Email: email}, time.Time{})
	return func(ctx context.Context) (store.Session, error) {
		if err := checkPurpose(e.Purpose); err != nil {
			return nil, err
		}
		if err := caller.acquire(ctx); err != nil {
			return nil, err
		}
		defer caller.release()
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
	if err := k.acquire(ctx); err != nil {
		return nil, err
	}
	defer k.release()
	if !k.tokenExpires.IsZero() && !time.Now().Before(k.tokenExpires) {
		a.callerCache.Remove(key)
		return nil, withReason(errInvalidToken, reasonExpired, k.issuer)
	}
	session, err := a.openCachedSession(ctx, k, e)
	if k.person != nil && !ok {
		a.callerCache.Add(key, k)
	}
	return session, err
}

// openCachedSession opens a session for a cached caller. It reads the person again when the cached rights may be stale,
// and compiles a view when there is none for the purpose, the grant and the current policy. The caller has locked k.
func (a *Authenticator) openCachedSession(
	ctx context.Context,
	k *cachedCaller,
	e store.Credentials,
) (store.Session, error) {
	in := viewKey{e.Purpose, e.Grant}
	rights, now := a.hub.RightsVersion(), time.Now()
	if k.person == nil || k.rightsVersion != rights || !now.Before(k.refreshAt) {
		if err := a.refreshPerson(ctx, k, rights, now); err != nil {
			return nil, err
		}
	}
	if policy := a.policies.Current(); k.policy != policy {
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
	return a.hub.SessionUntil(view, e.Languages, k.accessEnds), nil
}

// refusalReason returns why no person belongs to the caller's token.
func (k *cachedCaller) refusalReason() string {
	switch {
	case k.identity.TokenHash != "":
		return reasonPersonalAccessToken
	case k.addressUnverified:
		return reasonAddressNotVerified
	}
	return reasonNoAccount
}

// refreshPerson reads the person of a cached caller, at the version of the rights that was current before the reading.
func (a *Authenticator) refreshPerson(ctx context.Context, k *cachedCaller, rights int64, now time.Time) error {
	person, err := a.hub.Accounts().FindPerson(ctx, k.identity)
	if err == nil && !person.Linked && k.identity.Subject != "" {
		err = a.hub.Accounts().LinkIdentity(ctx, person.Subject.User, k.identity.Issuer, k.identity.Subject)
	}
	if fault.Is(err, fault.Unauthenticated) {
		return withReason(fault.As(err), k.refusalReason(), k.issuer)
	}
	if err != nil {
		return err
	}
	// The views stay while the person holds the same rights: compiling one is the slowest step of opening a session,
	// and allocates a tenth of a megabyte.
	if k.person == nil || !k.person.Subject.SameHoldings(person.Subject) {
		k.views = map[viewKey]*access.View{}
	}
	k.person, k.rightsVersion = person, rights
	k.refreshAt, k.accessEnds = now.Add(cacheLifetime), k.tokenExpires
	if next := person.NextRightsChange(); !next.IsZero() {
		at := now.Add(next.Sub(person.Subject.Now)) // next and Subject.Now are times of the database's clock
		if at.Before(k.refreshAt) {
			k.refreshAt = at
		}
		if k.accessEnds.IsZero() || at.Before(k.accessEnds) {
			k.accessEnds = at
		}
	}
	return nil
}

// verifyToken returns a caller with the identity in a token and the token's expiry. All invalid tokens fail with the
// same error.
func (a *Authenticator) verifyToken(ctx context.Context, token string) (*cachedCaller, error) {
	if strings.HasPrefix(token, TokenPrefix) {
		return newCachedCaller(accounts.Identity{TokenHash: accounts.HashToken(token)}, time.Time{}), nil
	}
	if a.demoIssuer != nil {
		return a.demoIssuer.verifyDemoToken(token)
	}
	if a.oidcVerifier == nil {
		return nil, withReason(errInvalidToken, reasonIssuer, "")
	}
	return a.oidcVerifier.verify(ctx, token)
}
