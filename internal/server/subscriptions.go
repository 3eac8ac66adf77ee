package server

import (
	"context"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"rightshub/graph/plan"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Times of subscriptions over both transports.
const (
	KeepAlive   = 12 * time.Second // between two keep-alive signals, which are sent whether or not there are events
	SendTimeout = 10 * time.Second // for the client to take one message; the hub then closes the connection
)

// keepAliveInterval returns the time between two keep-alive signals.
func (o *Options) keepAliveInterval() time.Duration {
	if o.KeepAlive > 0 {
		return o.KeepAlive
	}
	return KeepAlive
}

// errServerStopping ends a subscription because the server stops.
var errServerStopping = errors.New("the server stops")

// EndStreams ends all subscriptions so that the server can stop. Their clients reconnect to another process.
func (s *Server) EndStreams() { s.cancelStreams() }

// subscriptionWriter sends the responses of one subscription over a transport.
type subscriptionWriter interface {
	// announceStart tells the client that the subscription is open and that it misses no event from now on.
	announceStart() error
	// sendResponse sends one response. The client can resume after it with the token.
	sendResponse(response *graphql.Response, token string) error
}

// followSubscription sends a response for each change until the client leaves, the caller loses the right to read, or
// the server stops. The token since says where to resume when the operation itself names no token. The error is never
// nil.
func (s *Server) followSubscription(
	ctx context.Context, caller callerKey, op *operation, openSession store.AuthenticateFunc, since string,
	to subscriptionWriter,
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.streamsContext, func() { cancel(errServerStopping) })()
	session, err := openSession(ctx)
	if err != nil {
		return err
	}
	if err := s.connections.addSubscription(caller); err != nil {
		return err
	}
	defer s.connections.removeSubscription(caller)
	watch, err := plan.Subscribe(ctx, s.options.Model, op.OperationContext, openSession, since)
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
		changeCtx := s.withFingerprint(store.WithSession(plan.WithChange(ctx, change), session), op)
		responses, changeCtx := s.executor.DispatchOperation(changeCtx, op.OperationContext)
		if err := to.sendResponse(responses(changeCtx), change.Token); err != nil {
			return err
		}
	}
}

// countSubscriptionEnd counts the end of a subscription in the metrics. An error that is not a fault counts as "ok",
// because the client has left or the server stops.
func (s *Server) countSubscriptionEnd(err error) {
	outcome := "ok"
	var f *fault.Error
	if errors.As(err, &f) {
		outcome = string(f.Code)
	}
	s.metrics.requests.WithLabelValues("subscription", unregisteredName, outcome).Inc()
}
