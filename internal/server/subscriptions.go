package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"rightshub/graph/plan"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Limits of subscriptions.
const (
	MaxOpenConnections        = 6_000            // connections that stay open, in all
	MaxAnonymousConnections   = 2_000            // of these, of callers who have not signed in, or not yet
	MaxConnectionsPerNetwork  = 500              // of these, of one network
	MaxPerCaller              = 20               // connections that stay open of one caller, and subscriptions over them all
	MaxSubscriptionsPerSocket = 10               // subscriptions on one socket
	MaxMessageBytes           = 64 << 10         // bytes of a socket's message
	KeepAlive                 = 12 * time.Second // between signs of life, whatever else happens
	InitTimeout               = 5 * time.Second  // for a socket's first message
	SendTimeout               = 10 * time.Second // for taking one message; then the connection is closed
)

// connectionCounter counts what stays open, so that neither one caller nor all who are not signed in can have the room of all.
type connectionCounter struct {
	mu               sync.Mutex
	total, anonymous int
	byCaller         map[callerKey]*callerUsage
	report           func(int)
}

// connectionsPerReport is how many connections come or go before it is told.
const connectionsPerReport = 250

// callerUsage is what one caller has open.
type callerUsage struct{ connections, subscriptions int }

// openConnection counts a connection in, if there is room for it.
func (l *connectionCounter) openConnection(who callerKey) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, most := l.usageOf(who), MaxPerCaller
	if who.isAnonymous() {
		most = MaxConnectionsPerNetwork
	}
	switch {
	case l.total >= MaxOpenConnections:
		return errTooManyConnections
	case who.isAnonymous() && l.anonymous >= MaxAnonymousConnections:
		return tooManyAnonymous(MaxAnonymousConnections)
	case h.connections >= most:
		return fault.New(fault.RateLimited, "You have %d connections open already: close one first.", most).With("rule", "connections").With("limit", most).With("asked", most+1)
	}
	l.changeTotal(1)
	l.byCaller[who] = h
	if h.connections++; who.isAnonymous() {
		l.anonymous++
	}
	return nil
}

func (l *connectionCounter) changeTotal(n int) {
	if l.total += n; l.report != nil && l.total%connectionsPerReport == 0 {
		l.report(l.total + connectionsPerReport)
	}
}

func (l *connectionCounter) closeConnection(who callerKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changeTotal(-1)
	if who.isAnonymous() {
		l.anonymous--
	}
	l.byCaller[who].connections--
	l.forgetUnused(who)
}

// addSubscription counts a caller's subscription in, if there is room for it.
func (l *connectionCounter) addSubscription(who callerKey) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.usageOf(who)
	if h.subscriptions >= MaxPerCaller {
		return errTooManySubscriptions
	}
	h.subscriptions++
	l.byCaller[who] = h
	return nil
}

func (l *connectionCounter) removeSubscription(who callerKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byCaller[who].subscriptions--
	l.forgetUnused(who)
}

func (l *connectionCounter) usageOf(who callerKey) *callerUsage {
	if h := l.byCaller[who]; h != nil {
		return h
	}
	return &callerUsage{}
}

func (l *connectionCounter) forgetUnused(who callerKey) {
	if *l.byCaller[who] == (callerUsage{}) {
		delete(l.byCaller, who)
	}
}

// sessionOpener is how the request's caller signs in, now and each time that a subscription asks again.
func (s *Server) sessionOpener(r *http.Request, languages []string) store.AuthenticateFunc {
	entry := store.Credentials{Authorization: r.Header.Get("Authorization"), Purpose: r.Header.Get("Purpose-Of-Use"), Languages: languages}
	var err error
	if id := r.Header.Get("Audit-Grant"); id != "" {
		entry.Grant, err = plan.ParseGrant(id)
	}
	return func(ctx context.Context) (store.Session, error) {
		session, failed := s.options.OpenSession(ctx, entry)
		if failed == nil && err != nil { // who may not come in learns nothing else
			return nil, err
		}
		return session, failed
	}
}

// EndStreams ends all subscriptions, so that the server can stop: their clients come back, to another process.
func (s *Server) EndStreams() { s.cancelStreams() }

// subscriptionWriter is what a subscription writes to.
type subscriptionWriter interface {
	announceStart() error // from here on, nothing is missed
	sendResponse(answer *graphql.Response, token string) error
}

// errServerStopping says that the server stops.
var errServerStopping = errors.New("the server stops")

// errTooManySubscriptions says that a caller has too many subscriptions.
var errTooManySubscriptions = fault.New(fault.RateLimited, "You have %d subscriptions already: end one first.", MaxPerCaller).With("rule", "subscriptions").With("limit", MaxPerCaller).With("asked", MaxPerCaller+1)

var errTooManyConnections = fault.New(fault.RateLimited, "The hub serves %d connections already: try again later.", MaxOpenConnections).With("rule", "allConnections").With("limit", MaxOpenConnections).With("asked", MaxOpenConnections+1)

// followSubscription answers a subscription with each change, until the caller goes or may not go on. Since is where it goes on
// from when the operation does not say so itself.
func (s *Server) followSubscription(ctx context.Context, who callerKey, op *operation, enter store.AuthenticateFunc, since string, to subscriptionWriter) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.streamsContext, func() { cancel(errServerStopping) })()
	session, err := enter(ctx)
	if err != nil {
		return err
	}
	if err := s.connections.addSubscription(who); err != nil {
		return err
	}
	defer s.connections.removeSubscription(who)
	watch, err := plan.Subscribe(ctx, op.OperationContext, enter, since)
	if err != nil {
		return err
	}
	defer watch.Close()
	if err := to.announceStart(); err != nil {
		return err
	}
	for {
		change, err := watch.Next(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		answer := s.withFingerprint(store.WithSession(plan.WithChange(ctx, change), session), op)
		responses, answer := s.executor.DispatchOperation(answer, op.OperationContext)
		if err := to.sendResponse(responses(answer), change.Token); err != nil {
			return err
		}
	}
}

// countSubscriptionEnd counts how a subscription ended.
func (s *Server) countSubscriptionEnd(err error) {
	outcome := "ok"
	var f *fault.Error
	if errors.As(err, &f) {
		outcome = string(f.Code)
	}
	s.metrics.requests.WithLabelValues("subscription", unregisteredName, outcome).Inc()
}
