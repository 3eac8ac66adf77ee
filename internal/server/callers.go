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
	Time       time.Duration // for one request
}

// DefaultLimits are those of a hub whose operator sets none.
var DefaultLimits = Limits{Objects: 20_000, PerSecond: 20_000, Burst: 200_000, Concurrent: 32, Time: 20 * time.Second}

// asker is who asks: a person, or the strangers of a network, whose address is in memory only, while they ask.
type asker struct {
	user    uuid.UUID
	network string // of strangers
}

func (a asker) stranger() bool { return a.user == uuid.Nil }

// stranger is who asks before signing in, or without.
func stranger(r *http.Request) asker { return asker{network: network(r.RemoteAddr)} }

// askerOf is the session's caller.
func askerOf(session store.Session, r *http.Request) asker {
	if user := session.User(); user != uuid.Nil {
		return asker{user: user}
	}
	return stranger(r)
}

// allStrangers is how many times the allowance of one network all strangers have together.
const allStrangers = 4

// callers are those who ask now or did so lately, each with what is left of their allowance.
type callers struct {
	limits    Limits
	mu        sync.Mutex
	by        *kept[asker, *allowance]
	strangers *allowance // of all of them: networks are many, and easily had
}

func newCallers(l Limits) *callers {
	c := &callers{limits: l, by: newKept[asker, *allowance](20_000)}
	c.strangers = c.allowance(allStrangers)
	return c
}

func (c *callers) allowance(times int) *allowance {
	return &allowance{most: times * c.limits.Concurrent, tokens: rate.NewLimiter(rate.Limit(times*c.limits.PerSecond), times*c.limits.Burst)}
}

// allowance is one caller's.
type allowance struct {
	mu      sync.Mutex
	running int
	most    int
	tokens  *rate.Limiter
	within  *allowance // of all strangers; nil: of one person
}

// of returns the allowance of a session's caller; strangers share that of their network.
func (c *callers) of(session store.Session, r *http.Request) *allowance {
	who := askerOf(session, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.by.get(who)
	if !ok {
		if a = c.allowance(1); who.stranger() {
			a.within = c.strangers
		}
		c.by.add(who, a, 1)
	}
	return a
}

// network is the part of an address that one customer of a provider has.
func network(remote string) string {
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

// begin counts a request that runs; end must be called when it has ended.
func (a *allowance) begin() (end func(), err error) {
	outer := func() {}
	if a.within != nil {
		if outer, err = a.within.begin(); err != nil {
			return nil, manyStrangers(a.within.most)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running >= a.most {
		outer()
		return nil, fault.New(fault.RateLimited, "You have %d requests running; at most %d may run at a time.", a.running, a.most).
			With("rule", "concurrent").With("limit", a.most).With("asked", a.running+1).With("retryAfter", 1)
	}
	a.running++
	return func() {
		outer()
		a.mu.Lock()
		defer a.mu.Unlock()
		a.running--
	}, nil
}

// manyStrangers says that all who are not signed in have used up what they have together: that many requests at a time,
// connections, or objects a second.
func manyStrangers(limit int) error {
	return fault.New(fault.RateLimited, "Too many people who are not signed in ask at once: try again in a moment.").With("rule", "strangers").With("limit", limit).With("retryAfter", 1)
}

// spend takes what an operation costs from the caller's allowance.
func (a *allowance) spend(cost int) error {
	if err := a.take(cost); err != nil || a.within == nil {
		return err
	}
	if a.within.take(cost) != nil {
		return manyStrangers(int(a.within.tokens.Limit()))
	}
	return nil
}

func (a *allowance) take(cost int) error {
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
