package identity

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/accounts"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// cacheLifetime is how long the rights of a person count, from the beginning of the read. A write that changes rights
// ends it at once (also a write of another process, while a caller is subscribed), and so does the instant when a role
// begins or ends.
const cacheLifetime = time.Second

// personReadTimeout is for one read of a person, which does not end with the request that began it.
const personReadTimeout = 15 * time.Second

// cachedCaller holds what was read for one token.
type cachedCaller struct {
	identity          accounts.Identity
	tokenExpires      time.Time   // zero for a personal access token, which FindPerson checks each time
	keys              *issuerKeys // that verified the token; nil for tokens of no issuer
	keysGeneration    int64       // of these keys, when they verified the token
	issuer            string      // as in the settings; "" for tokens of no issuer
	addressUnverified bool        // the token has an address, but it cannot link an account

	mu            sync.Mutex // for the rest; it is not held while the database is read
	reading       *personRead
	person        *accounts.Person
	refreshAt     time.Time // when the person is read again
	accessEnds    time.Time // when the token or one of the rights ends by the clock; zero means never
	rightsVersion int64
	policy        *access.Policy // the policy that the views were compiled with
	views         map[viewKey]*access.View
}

// hasPerson reports whether a person belongs to the token.
func (k *cachedCaller) hasPerson() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.person != nil
}

// personRead is a read of a person. Requests that need it while it runs share it.
type personRead struct {
	rightsVersion int64 // from before the read
	started       time.Time
	waiting       int // requests; without any the read is canceled
	cancel        context.CancelFunc
	done          chan struct{} // closed at the end of the read
	err           error
}

// openCachedSession opens a session for a cached caller. It reads the person again when the cached rights may be stale,
// and compiles a view when there is none for the purpose, the grant and the current policy.
func (a *Authenticator) openCachedSession(
	ctx context.Context,
	k *cachedCaller,
	e store.Credentials,
) (store.Session, error) {
	if err := a.refreshPerson(ctx, k); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	in := viewKey{e.Purpose, e.Grant}
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

// refreshPerson reads the person again when the cached rights may be stale. Requests share a read that began less than
// cacheLifetime before them, and under the same rights. Others wait for it and share the next one. So no request uses
// rights that ended longer ago, and requests of one person do not wait one after another, however long a read takes.
func (a *Authenticator) refreshPerson(ctx context.Context, k *cachedCaller) error {
	rights, oldest := a.hub.RightsVersion(), time.Now().Add(-cacheLifetime)
	for ctx.Err() == nil {
		read := a.joinRead(ctx, k, rights)
		if read == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			k.leaveRead(read)
		case <-read.done:
			if read.rightsVersion >= rights && read.started.After(oldest) {
				return read.err
			}
		}
	}
	return database.Classify(ctx.Err())
}

// joinRead returns the running read of the person, or begins one. It returns nil when the cached rights are not stale.
func (a *Authenticator) joinRead(ctx context.Context, k *cachedCaller, rights int64) *personRead {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	if k.person != nil && k.rightsVersion >= rights && now.Before(k.refreshAt) {
		return nil
	}
	if k.reading == nil {
		k.reading = &personRead{rightsVersion: a.hub.RightsVersion(), started: now, done: make(chan struct{})}
		ctx, k.reading.cancel = context.WithTimeout(context.WithoutCancel(ctx), personReadTimeout)
		go a.readPerson(ctx, k, k.reading)
	}
	k.reading.waiting++
	return k.reading
}

// leaveRead is called for a request that no longer waits for the read. The last one ends the read, so that requests
// without a client cost nothing.
func (k *cachedCaller) leaveRead(read *personRead) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if read.waiting--; read.waiting > 0 {
		return
	}
	read.cancel()
	if k.reading == read {
		k.reading = nil
	}
}

// readPerson reads the person of a cached caller and ends the read.
func (a *Authenticator) readPerson(ctx context.Context, k *cachedCaller, read *personRead) {
	var person *accounts.Person
	read.err = fault.New(fault.Internal, "")
	defer func() {
		if p := recover(); p != nil {
			slog.ErrorContext(ctx, "panic", "stack", string(debug.Stack()))
		}
		read.cancel()
		k.mu.Lock()
		if k.reading == read { // otherwise nobody waits, and a later read may have ended before
			if k.reading = nil; read.err == nil {
				k.setPerson(person, read)
			}
		}
		k.mu.Unlock()
		close(read.done)
	}()
	person, read.err = a.findPerson(ctx, k)
}

// findPerson reads the person of a token, and links the account to the identity of a first sign-in.
func (a *Authenticator) findPerson(ctx context.Context, k *cachedCaller) (*accounts.Person, error) {
	person, err := a.hub.Accounts().FindPerson(ctx, k.identity)
	if err == nil && !person.Linked && k.identity.Subject != "" {
		err = a.hub.Accounts().LinkIdentity(ctx, person.Subject.User, k.identity.Issuer, k.identity.Subject)
	}
	if fault.Is(err, fault.Unauthenticated) {
		err = withReason(fault.As(err), k.refusalReason(), k.issuer)
	}
	return person, err
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

// setPerson caches a person that was read.
func (k *cachedCaller) setPerson(person *accounts.Person, read *personRead) {
	// The views stay while the person holds the same rights: compiling one is the slowest step of opening a session,
	// and allocates a tenth of a megabyte.
	if k.person == nil || !k.person.Subject.SameHoldings(person.Subject) {
		k.views = map[viewKey]*access.View{}
	}
	k.person, k.rightsVersion = person, read.rightsVersion
	k.refreshAt, k.accessEnds = read.started.Add(cacheLifetime), k.tokenExpires
	if next := person.NextRightsChange(); !next.IsZero() {
		at := read.started.Add(next.Sub(person.Subject.Now)) // both are times of the database's clock
		if at.Before(k.refreshAt) {
			k.refreshAt = at
		}
		if k.accessEnds.IsZero() || at.Before(k.accessEnds) {
			k.accessEnds = at
		}
	}
}
