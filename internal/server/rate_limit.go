package server

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Limits are those that an operator sets; package limit has those of a document.
type Limits struct {
	Objects    int           // that one operation may ask for
	PerSecond  int           // objects that one caller may ask for in the long run
	Burst      int           // objects that one caller may ask for at once
	Concurrent int           // requests of one caller at a time
	Timeout    time.Duration // for one request
}

// DefaultLimits are those of a hub whose operator sets none.
var DefaultLimits = Limits{Objects: 20_000, PerSecond: 20_000, Burst: 200_000, Concurrent: 32, Timeout: 20 * time.Second}

// callerKey is who asks: a person, or the strangers of a network, whose address is in memory only, while they ask.
type callerKey struct {
	user    uuid.UUID
	network string // of strangers
}

func (a callerKey) isAnonymous() bool { return a.user == uuid.Nil }

// anonymousCallerKey is who asks before signing in, or without.
func anonymousCallerKey(r *http.Request) callerKey {
	return callerKey{network: networkOf(r.RemoteAddr)}
}

// callerKeyOf is the session's caller.
func callerKeyOf(session store.Session, r *http.Request) callerKey {
	if user := session.User(); user != uuid.Nil {
		return callerKey{user: user}
	}
	return anonymousCallerKey(r)
}

// anonymousAllowanceFactor is how many times the allowance of one network all strangers have together.
const anonymousAllowanceFactor = 4

// rateLimiter are those who ask now or did so lately, each with what is left of their allowance.
type rateLimiter struct {
	limits    Limits
	mu        sync.Mutex
	byCaller  *weightedLRU[callerKey, *allowance]
	anonymous *allowance // of all of them: networks are many, and easily had
}

func newRateLimiter(l Limits) *rateLimiter {
	c := &rateLimiter{limits: l, byCaller: newWeightedLRU[callerKey, *allowance](20_000)}
	c.anonymous = c.newAllowance(anonymousAllowanceFactor)
	return c
}

func (c *rateLimiter) newAllowance(times int) *allowance {
	return &allowance{maxRunning: times * c.limits.Concurrent, tokens: rate.NewLimiter(rate.Limit(times*c.limits.PerSecond), times*c.limits.Burst)}
}

// allowance is one caller's.
type allowance struct {
	mu         sync.Mutex
	running    int
	maxRunning int
	tokens     *rate.Limiter
	shared     *allowance // of all strangers; nil: of one person
}

// allowanceOf returns the allowance of a session's caller; strangers share that of their network.
func (c *rateLimiter) allowanceOf(session store.Session, r *http.Request) *allowance {
	who := callerKeyOf(session, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.byCaller.get(who)
	if !ok {
		if a = c.newAllowance(1); who.isAnonymous() {
			a.shared = c.anonymous
		}
		c.byCaller.add(who, a, 1)
	}
	return a
}

// networkOf is the part of an address that one customer of a provider has.
func networkOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return ""
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	bits := 64
	if ip = ip.Unmap(); ip.Is4() {
		bits = 32
	}
	prefix, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// startRequest counts a request that runs; end must be called when it has ended.
func (a *allowance) startRequest() (end func(), err error) {
	outer := func() {}
	if a.shared != nil {
		if outer, err = a.shared.startRequest(); err != nil {
			return nil, tooManyAnonymous(a.shared.maxRunning)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running >= a.maxRunning {
		outer()
		return nil, fault.New(fault.RateLimited, "You have %d requests running; at most %d may run at a time.", a.running, a.maxRunning).
			With("rule", "concurrent").With("limit", a.maxRunning).With("asked", a.running+1).With("retryAfter", 1)
	}
	a.running++
	return func() {
		outer()
		a.mu.Lock()
		defer a.mu.Unlock()
		a.running--
	}, nil
}

// tooManyAnonymous says that all who are not signed in have used up what they have together: that many requests at a time,
// connections, or objects a second.
func tooManyAnonymous(limit int) error {
	return fault.New(fault.RateLimited, "Too many people who are not signed in ask at once: try again in a moment.").With("rule", "strangers").With("limit", limit).With("retryAfter", 1)
}

// spendCost takes what an operation costs from the caller's allowance.
func (a *allowance) spendCost(cost int) error {
	if err := a.takeTokens(cost); err != nil || a.shared == nil {
		return err
	}
	if a.shared.takeTokens(cost) != nil {
		return tooManyAnonymous(int(a.shared.tokens.Limit()))
	}
	return nil
}

func (a *allowance) takeTokens(cost int) error {
	now := time.Now()
	r := a.tokens.ReserveN(now, cost)
	wait := r.DelayFrom(now)
	if r.OK() && wait == 0 {
		return nil
	}
	r.CancelAt(now)
	seconds := 1
	if r.OK() {
		seconds = int(math.Ceil(wait.Seconds()))
	}
	return fault.New(fault.RateLimited, "You asked for more than %d objects a second: wait %d seconds.", int(a.tokens.Limit()), seconds).
		With("rule", "perSecond").With("limit", int(a.tokens.Limit())).With("asked", cost).With("retryAfter", seconds)
}
