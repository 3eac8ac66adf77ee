package server

import (
	"net/http"
	"sync"

	"rightshub/internal/fault"
)

// Limits of long-lived connections (event streams and sockets) and of the subscriptions on them.
const (
	MaxOpenConnections        = 6_000 // connections of all callers together
	MaxAnonymousConnections   = 2_000 // connections of all anonymous callers together, part of MaxOpenConnections
	MaxConnectionsPerNetwork  = 500   // connections of the anonymous callers of one network
	MaxPerCaller              = 20    // connections of one user, and subscriptions of one caller over all connections
	MaxSubscriptionsPerSocket = 10    // subscriptions on one socket
)

// connectionsPerReport is the number of connections between two calls of connectionCounter.report.
const connectionsPerReport = 250

var (
	errTooManySubscriptions = withReachedLimit("subscriptions", MaxPerCaller,
		fault.New(fault.RateLimited, "You have %d subscriptions already. End one of them first.", MaxPerCaller))
	errTooManyConnections = withReachedLimit("allConnections", MaxOpenConnections,
		fault.New(fault.RateLimited, "The hub serves %d connections already. Try again later.", MaxOpenConnections)).
		WithStatus(http.StatusServiceUnavailable) // no fault of this caller
)

// withReachedLimit adds the extensions of a limit that has no room for one more connection or subscription.
func withReachedLimit(rule string, limit int, f *fault.Error) *fault.Error {
	return f.WithLimit(rule, limit).With("asked", limit+1)
}

// connectionCounter counts the open connections and subscriptions. Its limits keep one caller, and all anonymous
// callers together, from occupying every connection.
type connectionCounter struct {
	mu               sync.Mutex
	total, anonymous int
	byCaller         map[callerKey]*callerUsage // holds no caller with nothing open
	report           func(int)                  // gets the number of open connections from time to time; may be nil
}

// callerUsage counts what one caller has open.
type callerUsage struct{ connections, subscriptions int }

// openConnection counts a new connection of the caller, or fails when a limit is reached. The caller of this method
// must call closeConnection when the connection ends.
func (l *connectionCounter) openConnection(caller callerKey) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	usage, limit := l.usageOf(caller), MaxPerCaller
	if caller.isAnonymous() {
		limit = MaxConnectionsPerNetwork
	}
	switch {
	case l.total >= MaxOpenConnections:
		return errTooManyConnections
	case caller.isAnonymous() && l.anonymous >= MaxAnonymousConnections:
		return tooManyAnonymous(MaxAnonymousConnections)
	case usage.connections >= limit:
		return withReachedLimit("connections", limit,
			fault.New(fault.RateLimited, "You have %d open connections already. Close one of them first.", limit))
	}
	l.changeTotal(1)
	l.byCaller[caller] = usage
	if usage.connections++; caller.isAnonymous() {
		l.anonymous++
	}
	return nil
}

// changeTotal adds n to the total. It reports at each multiple of connectionsPerReport, and rounds up to the next
// one, so that the reported number is never below the actual one.
func (l *connectionCounter) changeTotal(n int) {
	if l.total += n; l.report != nil && l.total%connectionsPerReport == 0 {
		l.report(l.total + connectionsPerReport)
	}
}

func (l *connectionCounter) closeConnection(caller callerKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changeTotal(-1)
	if caller.isAnonymous() {
		l.anonymous--
	}
	l.byCaller[caller].connections--
	l.forgetUnused(caller)
}

// addSubscription counts a new subscription of the caller, or fails with errTooManySubscriptions.
func (l *connectionCounter) addSubscription(caller callerKey) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	usage := l.usageOf(caller)
	if usage.subscriptions >= MaxPerCaller {
		return errTooManySubscriptions
	}
	usage.subscriptions++
	l.byCaller[caller] = usage
	return nil
}

func (l *connectionCounter) removeSubscription(caller callerKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byCaller[caller].subscriptions--
	l.forgetUnused(caller)
}

// usageOf returns the caller's entry, or a new entry that is not yet in byCaller.
func (l *connectionCounter) usageOf(caller callerKey) *callerUsage {
	if usage := l.byCaller[caller]; usage != nil {
		return usage
	}
	return &callerUsage{}
}

func (l *connectionCounter) forgetUnused(caller callerKey) {
	if *l.byCaller[caller] == (callerUsage{}) {
		delete(l.byCaller, caller)
	}
}
