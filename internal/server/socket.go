package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// subprotocol is that of the library graphql-ws.
const subprotocol = "graphql-transport-ws"

// Codes with which that protocol closes a socket.
const (
	closeBadRequest   websocket.StatusCode = 4400
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeInitTimeout  websocket.StatusCode = 4408
	closeIDTaken      websocket.StatusCode = 4409
	closeTooMany      websocket.StatusCode = 4429
)

// initHeaders are the headers that a browser cannot set on a socket: the first message carries them.
var initHeaders = []string{"Authorization", "Purpose-Of-Use", "Audit-Grant", "Accept-Language"}

// message is one of the protocol's.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is one connection. Its reader is one goroutine; each subscription is another.
type socket struct {
	*Server
	conn        *websocket.Conn
	r           *http.Request
	openSession store.AuthenticateFunc // nil before the first message
	caller      callerKey              // a stranger before it

	mu            sync.Mutex
	subscriptions map[string]*runningSubscription
}

// runningSubscription is a subscription that has begun.
type runningSubscription struct{ cancel context.CancelFunc }

// endSubscription forgets a subscription; another may have its id now.
func (k *socket) endSubscription(id string, r *runningSubscription) {
	r.cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.subscriptions[id] == r {
		delete(k.subscriptions, id)
	}
}

// acceptSockets takes the requests that want a socket, and passes on all others.
func (s *Server) acceptSockets(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isSocketUpgrade(r) {
			next.ServeHTTP(w, r)
			return
		}
		k := &socket{Server: s, r: r, caller: anonymousCallerKey(r), subscriptions: map[string]*runningSubscription{}}
		if err := s.connections.openConnection(k.caller); err != nil {
			s.writeError(w, r, statusOfFault(err), err)
			return
		}
		defer func() { s.connections.closeConnection(k.caller) }() // who it is by then
		// origins has looked at where the page is from.
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, InsecureSkipVerify: true})
		if err != nil {
			return // it has answered
		}
		k.conn = conn
		code, reason := k.serveMessages(r.Context())
		conn.Close(code, reason)
	})
}

// closeError ends a socket.
type closeError struct {
	code   websocket.StatusCode
	reason string
}

func (c *closeError) Error() string { return c.reason }

// serveMessages reads until the socket is to be closed.
func (k *socket) serveMessages(ctx context.Context) (websocket.StatusCode, string) {
	if k.conn.Subprotocol() != subprotocol {
		return 4406, "Subprotocol not acceptable"
	}
	lost := ctx // what is read and written under a context that ends loses the connection, and the code with it
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(k.streamsContext, func() { cancel(errServerStopping) })()
	k.conn.SetReadLimit(MaxMessageBytes)
	late := time.AfterFunc(InitTimeout, func() { cancel(&closeError{closeInitTimeout, "Connection initialisation timeout"}) })
	defer late.Stop()
	defer k.pingPeriodically(ctx, cancel)()
	in := make(chan []byte)
	go func() {
		for {
			kind, text, err := k.conn.Read(lost)
			if err == nil && kind != websocket.MessageText {
				err = &closeError{closeBadRequest, "Messages are text"}
			}
			if err != nil {
				cancel(err)
				return
			}
			select {
			case in <- text:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return closeReason(context.Cause(ctx))
		case text := <-in:
			if err := k.handleMessage(ctx, cancel, text); err != nil {
				return closeReason(err)
			}
			if k.openSession != nil {
				late.Stop()
			}
		}
	}
}

// closeReason is the code and the reason of a close.
func closeReason(err error) (websocket.StatusCode, string) {
	var c *closeError
	var f *fault.Error
	switch {
	case errors.As(err, &c):
		return c.code, c.reason
	case errors.As(err, &f) && f.Code == fault.Internal:
		return websocket.StatusInternalError, string(f.Code)
	case errors.As(err, &f) && f.Code == fault.Unavailable:
		return websocket.StatusTryAgainLater, string(f.Code)
	case errors.As(err, &f):
		return closeForbidden, string(f.Code)
	case errors.Is(err, errServerStopping):
		return websocket.StatusServiceRestart, "The hub restarts"
	}
	return websocket.StatusNormalClosure, ""
}

// pingPeriodically asks whether the client lives, by the clock alone. It has a goroutine only while it waits for the answer.
func (k *socket) pingPeriodically(ctx context.Context, cancel context.CancelCauseFunc) (stop func()) {
	var timer *time.Timer
	ready := make(chan struct{})
	timer = time.AfterFunc(k.options.keepAliveInterval(), func() {
		<-ready
		wait, stop := context.WithTimeout(context.WithoutCancel(ctx), SendTimeout)
		defer stop()
		if err := k.conn.Ping(wait); err != nil {
			cancel(err)
		} else if ctx.Err() == nil {
			timer.Reset(k.options.keepAliveInterval())
		}
	})
	close(ready)
	return func() { timer.Stop() }
}

// sendMessage writes a message. A reader that does not take it in time loses the connection.
func (k *socket) sendMessage(ctx context.Context, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), SendTimeout)
	defer cancel()
	return k.conn.Write(ctx, websocket.MessageText, text)
}

// handleMessage answers one message; an error closes the socket.
func (k *socket) handleMessage(ctx context.Context, cancel context.CancelCauseFunc, text []byte) error {
	var m message
	if json.Unmarshal(text, &m) != nil {
		return &closeError{closeBadRequest, "Invalid message received"}
	}
	switch m.Type {
	case "connection_init":
		return k.initConnection(ctx, m.Payload)
	case "ping":
		return k.sendMessage(ctx, message{Type: "pong"})
	case "pong":
		return nil
	case "subscribe":
		return k.startSubscription(ctx, cancel, m)
	case "complete":
		k.mu.Lock()
		r := k.subscriptions[m.ID]
		k.mu.Unlock()
		if r != nil {
			k.endSubscription(m.ID, r)
		}
		return nil
	}
	return &closeError{closeBadRequest, "Invalid message received"}
}

// initConnection signs the caller in, with what the first message carries of headers.
func (k *socket) initConnection(ctx context.Context, payload json.RawMessage) error {
	if k.openSession != nil {
		return &closeError{closeTooMany, "Too many initialisation requests"}
	}
	headers := map[string]any{}
	if len(payload) > 0 && json.Unmarshal(payload, &headers) != nil {
		return &closeError{closeBadRequest, "Invalid message received"}
	}
	r := k.r.Clone(ctx)
	for given, value := range headers {
		for _, name := range initHeaders {
			if text, ok := value.(string); ok && strings.EqualFold(given, name) {
				r.Header.Set(name, text)
			}
		}
	}
	enter := k.sessionOpener(r, acceptedLanguages(r))
	session, err := enter(ctx)
	if err != nil {
		return &closeError{closeForbidden, string(fault.As(err).Code)}
	}
	if who := callerKeyOf(session, r); who != k.caller {
		if err := k.connections.openConnection(who); err != nil {
			f := fault.As(err) // a close has a code and few words: these are for programs
			return &closeError{websocket.StatusTryAgainLater, fmt.Sprintf("%s rule=%v limit=%v", f.Code, f.Extensions["rule"], f.Extensions["limit"])}
		}
		k.connections.closeConnection(k.caller)
		k.caller = who
	}
	k.r, k.openSession = r, enter
	return k.sendMessage(ctx, message{Type: "connection_ack"})
}

// startSubscription begins an operation under its id.
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
		return k.sendError(ctx, m.ID, fault.New(fault.RateLimited, "This connection has %d subscriptions already: end one first.", MaxSubscriptionsPerSocket).
			With("rule", "subscriptionsPerSocket").With("limit", MaxSubscriptionsPerSocket).With("asked", MaxSubscriptionsPerSocket+1))
	}
	own, stop := context.WithCancel(context.WithValue(ctx, languagesKey{}, acceptedLanguages(k.r)))
	r := &runningSubscription{stop}
	k.subscriptions[m.ID] = r
	go func() {
		defer func() {
			k.endSubscription(m.ID, r)
			if p := recover(); p != nil {
				cancel(k.logPanic(ctx, p))
			}
		}()
		if err := k.runSubscription(own, m.ID, params); err != nil && own.Err() == nil {
			cancel(err)
		}
	}()
	return nil
}

// runSubscription answers an operation. An error closes the socket: its caller may not go on.
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
		return k.sendError(ctx, id, fault.New(fault.Invalid, "A socket serves subscriptions. Send queries and mutations as POST requests."))
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
	}
	return k.sendError(ctx, id, f)
}

// socketSubscription is one under its id.
type socketSubscription struct {
	*socket
	ctx context.Context
	id  string
}

func (o *socketSubscription) announceStart() error { return nil } // the protocol has no word for it

func (o *socketSubscription) sendResponse(r *graphql.Response, _ string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return o.sendMessage(o.ctx, message{ID: o.id, Type: "next", Payload: text})
}

// sendError ends an operation with an error.
func (k *socket) sendError(ctx context.Context, id string, err error) error {
	return k.sendErrors(ctx, id, gqlerror.List{k.presentError(ctx, err)})
}

func (k *socket) sendErrors(ctx context.Context, id string, list gqlerror.List) error {
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return k.sendMessage(ctx, message{ID: id, Type: "error", Payload: text})
}
