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

// keepFor is how long what was read about a person is used again. A write ends it at once (one of another process too,
// while somebody listens), and so does the clock, where it ends or begins a role.
const keepFor = time.Second

// Door opens sessions.
type Door struct {
	hub      *store.Hub
	policies access.Policies
	oidc     *oidc.IDTokenVerifier
	demo     *Issuer
	kept     *lru.Cache[[32]byte, *kept]
	public   bool
}

// kept is what is known about a token.
type kept struct {
	mu      sync.Mutex
	who     store.Who
	expires time.Time // of the token; zero: it is looked up each time
	person  *store.Person
	until   time.Time // when it is read again
	ends    time.Time // when the token, or what it gives, ends by the clock; zero: never
	rights  int64
	policy  *access.Policy // by which the views were compiled
	views   map[capacity]*access.View
}

// capacity is what a request says beside who asks.
type capacity struct {
	purpose string
	grant   uuid.UUID
}

// NewDoor returns a door that accepts personal access tokens, and those of the verifiers that are not nil. Each request
// is judged by the policies that are in force when it comes.
func NewDoor(hub *store.Hub, policies access.Policies, verifier *oidc.IDTokenVerifier, demo *Issuer) (*Door, error) {
	cache, err := lru.New[[32]byte, *kept](10_000)
	return &Door{hub: hub, policies: policies, oidc: verifier, demo: demo, kept: cache}, err
}

// LetPublicIn lets people in who do not sign in: they read what the role public may. It is called before the door is used.
func (d *Door) LetPublicIn() { d.public = true }

// OIDC asks an issuer for its keys and returns a verifier of its tokens.
func OIDC(ctx context.Context, issuer, audience string, algorithms []string) (*oidc.IDTokenVerifier, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, &fault.Error{Code: fault.Unavailable, Message: "The OpenID Connect issuer does not answer: check --oidc-issuer.", Cause: err}
	}
	return provider.VerifierContext(ctx, &oidc.Config{ClientID: audience, SupportedSigningAlgs: algorithms}), nil
}

var errToken = fault.New(fault.Unauthenticated, "Sign in: send an Authorization header with a valid bearer token.")

// maxToken bounds a bearer token, in bytes.
const maxToken = 8 << 10

// Enter checks the Authorization header and opens a session for the caller, the purpose and the audit grant.
func (d *Door) Enter(ctx context.Context, e store.Entry) (store.Session, error) {
	if d.public && e.Authorization == "" && e.Purpose == "" && e.Grant == uuid.Nil {
		return d.hub.Session(d.policies.Current().View(access.Anybody(time.Now())), e.Languages), nil
	}
	scheme, token, ok := strings.Cut(e.Authorization, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") || token == "" || len(token) > maxToken {
		return nil, errToken
	}
	if err := known(e.Purpose); err != nil {
		return nil, err
	}
	return d.byToken(ctx, token, e)
}

// As lets an operator, who holds the database, stand for the person with the e-mail address: each session is what a
// request of that person's would get at that moment. Its errors are those of Enter.
func (d *Door) As(email string, e store.Entry) store.Enter {
	k := &kept{who: store.Who{Email: email}}
	return func(ctx context.Context) (store.Session, error) {
		if err := known(e.Purpose); err != nil {
			return nil, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		return d.session(ctx, k, e)
	}
}

// known refuses a purpose that nobody may state.
func known(purpose string) error {
	if purpose != "" && !slices.Contains(access.Purposes, purpose) {
		return fault.InvalidField("Purpose-Of-Use", "must be one of %s.", strings.Join(access.Purposes, ", "))
	}
	return nil
}

// byToken opens a session for whoever holds the token, of whom what was read is kept.
func (d *Door) byToken(ctx context.Context, token string, e store.Entry) (store.Session, error) {
	key := sha256.Sum256([]byte(token))
	k, ok := d.kept.Get(key)
	if !ok {
		who, expires, err := d.who(ctx, token)
		if err != nil {
			return nil, err
		}
		k = &kept{who: who, expires: expires}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.expires.IsZero() && !time.Now().Before(k.expires) {
		d.kept.Remove(key)
		return nil, errToken
	}
	session, err := d.session(ctx, k, e)
	if k.person != nil && !ok {
		d.kept.Add(key, k)
	}
	return session, err
}

// session opens a session on what is kept of a caller, which is read again where it may be out of date.
func (d *Door) session(ctx context.Context, k *kept, e store.Entry) (store.Session, error) {
	in := capacity{e.Purpose, e.Grant}
	if rights, now := d.hub.Rights(), time.Now(); k.person == nil || k.rights != rights || !now.Before(k.until) {
		person, err := d.hub.Person(ctx, k.who)
		if err != nil {
			return nil, err
		}
		if !person.Linked && k.who.Subject != "" {
			if err := d.hub.Link(ctx, person.Subject.User, k.who.Issuer, k.who.Subject); err != nil {
				return nil, err
			}
		}
		if k.person == nil || !k.person.Subject.Alike(person.Subject) { // to compile a view takes longer than all else here, and a tenth of a megabyte
			k.views = map[capacity]*access.View{}
		}
		k.person, k.rights, k.until, k.ends = person, rights, now.Add(keepFor), k.expires
		if next := person.Next(); !next.IsZero() { // by the database's clock
			at := now.Add(next.Sub(person.Subject.Now))
			if at.Before(k.until) {
				k.until = at
			}
			if k.ends.IsZero() || at.Before(k.ends) {
				k.ends = at
			}
		}
	}
	if policy := d.policies.Current(); k.policy != policy {
		k.policy, k.views = policy, map[capacity]*access.View{}
	}
	view := k.views[in]
	if view == nil {
		subject, err := k.person.Subject.Act(in.grant)
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
	return d.hub.SessionUntil(view, e.Languages, k.ends), nil
}

// who reads a token. Every token that is not good answers alike.
func (d *Door) who(ctx context.Context, token string) (store.Who, time.Time, error) {
	if strings.HasPrefix(token, TokenPrefix) {
		return store.Who{TokenHash: store.HashToken(token)}, time.Time{}, nil
	}
	if d.demo != nil {
		return d.demo.verify(token)
	}
	if d.oidc == nil {
		return store.Who{}, time.Time{}, errToken
	}
	id, err := d.oidc.Verify(ctx, token)
	if err != nil {
		return store.Who{}, time.Time{}, errToken
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil || id.Subject == "" {
		return store.Who{}, time.Time{}, errToken
	}
	who := store.Who{Issuer: id.Issuer, Subject: id.Subject}
	if claims.Verified {
		who.Email = claims.Email
	}
	return who, id.Expiry, nil
}
