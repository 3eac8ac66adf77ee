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
	MaxLasting    = 6_000            // connections that stay open, in all
	MaxStrangers  = 2_000            // of these, of callers who have not signed in, or not yet
	MaxPerNetwork = 500              // of these, of one network
	MaxPerCaller  = 20               // connections that stay open of one caller, and subscriptions over them all
	MaxPerSocket  = 10               // subscriptions on one socket
	MaxMessage    = 64 << 10         // bytes of a socket's message
	KeepAlive     = 12 * time.Second // between signs of life, whatever else happens
	InitWait      = 5 * time.Second  // for a socket's first message
	SlowestReader = 10 * time.Second // for taking one message; then the connection is closed
)

// lasting counts what stays open, so that neither one caller nor all who are not signed in can have the room of all.
type lasting struct {
	mu             sync.Mutex
	all, strangers int
	by             map[asker]*held
	tell           func(int)
}

// told is how many connections come or go before it is told.
const told = 250

// held is what one caller has open.
type held struct{ connections, subscriptions int }

// open counts a connection in, if there is room for it.
func (l *lasting) open(who asker) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, most := l.of(who), MaxPerCaller
	if who.stranger() {
		most = MaxPerNetwork
	}
	switch {
	case l.all >= MaxLasting:
		return errLasting
	case who.stranger() && l.strangers >= MaxStrangers:
		return manyStrangers(MaxStrangers)
	case h.connections >= most:
		return fault.New(fault.RateLimited, "You have %d connections open already: close one first.", most).With("rule", "connections").With("limit", most).With("asked", most+1)
	}
	l.count(1)
	l.by[who] = h
	if h.connections++; who.stranger() {
		l.strangers++
	}
	return nil
}

func (l *lasting) count(n int) {
	if l.all += n; l.tell != nil && l.all%told == 0 {
		l.tell(l.all + told)
	}
}

func (l *lasting) close(who asker) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(-1)
	if who.stranger() {
		l.strangers--
	}
	l.by[who].connections--
	l.forget(who)
}

// begin counts a caller's subscription in, if there is room for it.
func (l *lasting) begin(who asker) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.of(who)
	if h.subscriptions >= MaxPerCaller {
		return errCaller
	}
	h.subscriptions++
	l.by[who] = h
	return nil
}

func (l *lasting) end(who asker) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by[who].subscriptions--
	l.forget(who)
}

func (l *lasting) of(who asker) *held {
	if h := l.by[who]; h != nil {
		return h
	}
	return &held{}
}

func (l *lasting) forget(who asker) {
	if *l.by[who] == (held{}) {
		delete(l.by, who)
	}
}

// sign is how the request's caller signs in, now and each time that a subscription asks again.
func (s *Server) sign(r *http.Request, languages []string) store.Enter {
	entry := store.Entry{Authorization: r.Header.Get("Authorization"), Purpose: r.Header.Get("Purpose-Of-Use"), Languages: languages}
	var err error
	if id := r.Header.Get("Audit-Grant"); id != "" {
		entry.Grant, err = plan.ParseGrant(id)
	}
	return func(ctx context.Context) (store.Session, error) {
		session, failed := s.o.Enter(ctx, entry)
		if failed == nil && err != nil { // who may not come in learns nothing else
			return nil, err
		}
		return session, failed
	}
}

// EndStreams ends all subscriptions, so that the server can stop: their clients come back, to another process.
func (s *Server) EndStreams() { s.end() }

// listener is what a subscription writes to.
type listener interface {
	begun() error // from here on, nothing is missed
	next(answer *graphql.Response, token string) error
}

// errEnding says that the server stops.
var errEnding = errors.New("the server stops")

// errCaller says that a caller has too many subscriptions.
var errCaller = fault.New(fault.RateLimited, "You have %d subscriptions already: end one first.", MaxPerCaller).With("rule", "subscriptions").With("limit", MaxPerCaller).With("asked", MaxPerCaller+1)

var errLasting = fault.New(fault.RateLimited, "The hub serves %d connections already: try again later.", MaxLasting).With("rule", "allConnections").With("limit", MaxLasting).With("asked", MaxLasting+1)

// follow answers a subscription with each change, until the caller goes or may not go on. Since is where it goes on
// from when the operation does not say so itself.
func (s *Server) follow(ctx context.Context, who asker, op *operation, enter store.Enter, since string, to listener) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.ending, func() { cancel(errEnding) })()
	session, err := enter(ctx)
	if err != nil {
		return err
	}
	if err := s.lasting.begin(who); err != nil {
		return err
	}
	defer s.lasting.end(who)
	watch, err := plan.Subscribe(ctx, op.OperationContext, enter, since)
	if err != nil {
		return err
	}
	defer watch.Close()
	if err := to.begun(); err != nil {
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
		answer := s.recording(store.WithSession(plan.WithChange(ctx, change), session), op)
		responses, answer := s.exec.DispatchOperation(answer, op.OperationContext)
		if err := to.next(responses(answer), change.Token); err != nil {
			return err
		}
	}
}

// ended counts how a subscription ended.
func (s *Server) ended(err error) {
	outcome := "ok"
	var f *fault.Error
	if errors.As(err, &f) {
		outcome = string(f.Code)
	}
	s.meters.requests.WithLabelValues("subscription", other, outcome).Inc()
}
