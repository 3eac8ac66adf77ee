package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Limits of subscriptions.
const (
	MaxLasting    = 4_000            // connections that stay open, in all
	MaxPerCaller  = 20               // subscriptions of one caller, over all connections
	MaxPerSocket  = 10               // subscriptions on one socket
	MaxMessage    = 64 << 10         // bytes of a socket's message
	KeepAlive     = 12 * time.Second // between signs of life, whatever else happens
	InitWait      = 5 * time.Second  // for a socket's first message
	SlowestReader = 10 * time.Second // for taking one message; then the connection is closed
)

// lasting counts what stays open.
type lasting struct {
	mu  sync.Mutex
	all int
	by  map[uuid.UUID]int
}

// open counts a connection in, if there is room for it.
func (l *lasting) open() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= MaxLasting {
		return false
	}
	l.all++
	return true
}

func (l *lasting) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
}

// begin counts a caller's subscription in, if there is room for it.
func (l *lasting) begin(user uuid.UUID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by[user] >= MaxPerCaller {
		return false
	}
	l.by[user]++
	return true
}

func (l *lasting) end(user uuid.UUID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by[user]--; l.by[user] == 0 {
		delete(l.by, user)
	}
}

// sign is how the request's caller signs in, now and each time that a subscription asks again.
func (s *Server) sign(r *http.Request) store.Enter {
	entry := store.Entry{Authorization: r.Header.Get("Authorization"), Purpose: r.Header.Get("Purpose-Of-Use"), Languages: languages(r)}
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
var errCaller = fault.New(fault.RateLimited, "You have %d subscriptions already: end one first.", MaxPerCaller)

var errLasting = fault.New(fault.RateLimited, "The hub serves %d connections already: try again later.", MaxLasting)

// follow answers a subscription with each change, until the caller goes or may not go on. Since is where it goes on
// from when the operation does not say so itself.
func (s *Server) follow(ctx context.Context, op *graphql.OperationContext, enter store.Enter, since string, to listener) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.ending, func() { cancel(errEnding) })()
	session, err := enter(ctx)
	if err != nil {
		return err
	}
	user := session.User()
	if !s.lasting.begin(user) {
		return errCaller
	}
	defer s.lasting.end(user)
	watch, err := plan.Subscribe(ctx, op, enter, since)
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
		answer := store.WithSession(plan.WithChange(ctx, change), session)
		responses, answer := s.exec.DispatchOperation(answer, op)
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
