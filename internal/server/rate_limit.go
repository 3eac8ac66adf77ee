package server

import (
	"math"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Limits are the limits that an operator sets. Package limit holds the fixed limits of a document.
type Limits struct {
	Objects    int           // objects that one operation may request
	PerSecond  int           // objects per second that one caller may request in the long run
	Burst      int           // objects that one caller may request at once
	Concurrent int           // requests of one caller that may run at the same time
	Timeout    time.Duration // time for one request
}

// DefaultLimits apply when the operator sets no limits.
var DefaultLimits = Limits{
	Objects: 20_000, PerSecond: 20_000, Burst: 200_000, Concurrent: 32, Timeout: 20 * time.Second,
}

const (
	// anonymousAllowanceFactor is the allowance of all anonymous callers together, in allowances of one network.
	anonymousAllowanceFactor = 4

	// maxAllowances is the number of remembered allowances.
	maxAllowances = 20_000
)

// rateLimiter holds the allowances of the callers that sent requests last.
type rateLimiter struct {
	limits    Limits
	mu        sync.Mutex
	byCaller  *weightedLRU[callerKey, *allowance]
	anonymous *allowance // all anonymous callers share it, because an attacker easily gets many networks
}

func newRateLimiter(l Limits) *rateLimiter {
	c := &rateLimiter{limits: l, byCaller: newWeightedLRU[callerKey, *allowance](maxAllowances)}
	c.anonymous = c.newAllowance(anonymousAllowanceFactor)
	return c
}

// newAllowance returns a full allowance of factor times the limits of one caller.
func (c *rateLimiter) newAllowance(factor int) *allowance {
	return &allowance{
		maxRunning: factor * c.limits.Concurrent,
		tokens:     rate.NewLimiter(rate.Limit(factor*c.limits.PerSecond), factor*c.limits.Burst),
	}
}

// allowance is what one caller may still use. A token of the bucket pays for one object.
type allowance struct {
	mu         sync.Mutex
	running    int
	maxRunning int
	tokens     *rate.Limiter
	shared     *allowance // the allowance of all anonymous callers; nil for a user, and for that allowance itself
}

// allowanceOf returns the allowance of the session's caller. Anonymous callers of one network share an allowance.
func (c *rateLimiter) allowanceOf(session store.Session, r *http.Request) *allowance {
	caller := callerKeyOf(session, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.byCaller.get(caller)
	if !ok {
		if a = c.newAllowance(1); caller.isAnonymous() {
			a.shared = c.anonymous
		}
		c.byCaller.add(caller, a, 1)
	}
	return a
}

// startRequest counts a running request, or fails when too many run already. The caller must call end once, when the
// request has ended.
func (a *allowance) startRequest() (end func(), err error) {
	endShared := func() {}
	if a.shared != nil {
		if endShared, err = a.shared.startRequest(); err != nil {
			return nil, tooManyAnonymous(a.shared.maxRunning)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running >= a.maxRunning {
		endShared()
		return nil, fault.New(fault.RateLimited,
			"You have %d requests running, and at most %d may run at a time. Wait until one has ended.",
			a.running, a.maxRunning,
		).WithLimit("concurrent", a.maxRunning).With("asked", a.running+1).With("retryAfter", 1)
	}
	a.running++
	return func() {
		endShared()
		a.mu.Lock()
		defer a.mu.Unlock()
		a.running--
	}, nil
}

// tooManyAnonymous returns the fault for a limit that all anonymous callers share. The limit is a number of concurrent
// requests, of connections, or of objects per second.
func tooManyAnonymous(limit int) error {
	return fault.New(fault.RateLimited,
		"Anonymous callers have used up the capacity that they share. Sign in, or try again in a moment.",
	).WithLimit("strangers", limit).With("retryAfter", 1)
}

// spendCost takes the cost of an operation, in objects, from the caller's allowance.
func (a *allowance) spendCost(cost int) error {
	if err := a.takeTokens(cost); err != nil || a.shared == nil {
		return err
	}
	if a.shared.takeTokens(cost) != nil {
		return tooManyAnonymous(int(a.shared.tokens.Limit()))
	}
	return nil
}

// takeTokens takes the cost from this allowance alone. When it holds too little, it takes nothing and fails with the
// number of seconds to wait.
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
	limit := int(a.tokens.Limit())
	return fault.New(fault.RateLimited,
		"You requested more than %d objects per second. Wait %d seconds.", limit, seconds,
	).WithLimit("perSecond", limit).With("asked", cost).With("retryAfter", seconds)
}
