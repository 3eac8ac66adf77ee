package server

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// runningSubscription ends a subscription of a socket. Its pointer tells two subscriptions with the same id apart.
type runningSubscription struct{ cancel context.CancelFunc }

// endSubscription ends a subscription and frees its id, unless a later subscription has taken the id.
func (k *socket) endSubscription(id string, r *runningSubscription) {
	r.cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.subscriptions[id] == r {
		delete(k.subscriptions, id)
	}
}

// startSubscription starts an operation under the client's id, in a goroutine of its own.
func (k *socket) startSubscription(ctx context.Context, cancel context.CancelCauseFunc, m message) error {
	if k.openSession == nil {
		return &closeError{closeUnauthorized, "Unauthorized"}
	}
	params, err := parseBody(m.Payload)
	if m.ID == "" || len(m.ID) > 200 || err != nil {
		return &closeError{closeBadRequest, "Invalid message received"}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.subscriptions[m.ID] != nil {
		return &closeError{closeIDTaken, "Subscriber already exists"}
	}
	if len(k.subscriptions) >= MaxSubscriptionsPerSocket {
		f := fault.New(fault.RateLimited,
			"This connection has %d subscriptions already. End one of them first.", MaxSubscriptionsPerSocket)
		return k.sendError(ctx, m.ID, withReachedLimit("subscriptionsPerSocket", MaxSubscriptionsPerSocket, f))
	}
	subscriptionCtx, stop := context.WithCancel(context.WithValue(ctx, languagesKey{}, acceptedLanguages(k.r)))
	r := &runningSubscription{stop}
	k.subscriptions[m.ID] = r
	go func() {
		defer func() {
			k.endSubscription(m.ID, r)
			if p := recover(); p != nil {
				cancel(k.logPanic(ctx, p))
			}
		}()
		if err := k.runSubscription(subscriptionCtx, m.ID, params); err != nil && subscriptionCtx.Err() == nil {
			cancel(err)
		}
	}()
	return nil
}

// runSubscription answers an operation. It sends most faults to the client as the end of this subscription. The error
// that it returns closes the whole socket, for example because the caller has lost access or the database is away.
func (k *socket) runSubscription(ctx context.Context, id string, q *request) error {
	session, err := k.openSession(ctx)
	if err != nil {
		return err
	}
	ctx = graphql.StartOperationTrace(store.WithSession(ctx, session))
	op, errs := k.prepareOperation(ctx, session, q, k.rateLimiter.allowanceOf(session, k.r))
	if errs != nil {
		return k.sendErrors(ctx, id, errs)
	}
	if op.Operation.Operation != "subscription" {
		return k.sendError(ctx, id,
			fault.New(fault.Invalid,
				"A WebSocket serves subscriptions only. Send queries and mutations as POST requests."))
	}
	err = k.followSubscription(ctx, k.caller, op, k.openSession, "", &socketSubscription{k, ctx, id})
	k.countSubscriptionEnd(err)
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	switch f.Code {
	case fault.Unauthenticated, fault.Forbidden:
		return f
	case fault.Unavailable: // an error would end the subscription for good, but after this close the client comes back
		return f
	}
	return k.sendError(ctx, id, f)
}

// socketSubscription writes the responses of one subscription to its socket.
type socketSubscription struct {
	*socket
	ctx context.Context
	id  string
}

// announceStart does nothing, because the subprotocol has no message for it.
func (o *socketSubscription) announceStart() error { return nil }

func (o *socketSubscription) sendResponse(r *graphql.Response, _ string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return o.sendMessage(o.ctx, message{ID: o.id, Type: "next", Payload: text})
}
