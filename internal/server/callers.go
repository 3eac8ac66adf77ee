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

// callers are those who ask now or did so lately, each with what is left of their allowance.
type callers struct {
	limits Limits
	mu     sync.Mutex
	by     *kept[string, *allowance]
}

func newCallers(l Limits) *callers {
	return &callers{limits: l, by: newKept[string, *allowance](20_000)}
}

// allowance is one caller's.
type allowance struct {
	mu      sync.Mutex
	running int
	most    int
	tokens  *rate.Limiter
}

// of returns the allowance of a session's caller; strangers share that of their network.
func (c *callers) of(session store.Session, r *http.Request) *allowance {
	who := session.User().String()
	if session.User() == uuid.Nil {
		who = network(r.RemoteAddr)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.by.get(who)
	if !ok {
		a = &allowance{most: c.limits.Concurrent, tokens: rate.NewLimiter(rate.Limit(c.limits.PerSecond), c.limits.Burst)}
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
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running >= a.most {
		return nil, fault.New(fault.RateLimited, "You have %d requests running; at most %d may run at a time.", a.running, a.most).
			With("rule", "concurrent").With("limit", a.most).With("asked", a.running+1).With("retryAfter", 1)
	}
	a.running++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.running--
	}, nil
}

// spend takes what an operation costs from the caller's allowance.
func (a *allowance) spend(cost int) error {
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
