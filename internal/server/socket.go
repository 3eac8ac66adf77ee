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

// carried are the headers that a browser cannot set on a socket: the first message carries them.
var carried = []string{"Authorization", "Purpose-Of-Use", "Audit-Grant", "Accept-Language"}

// message is one of the protocol's.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is one connection. Its reader is one goroutine; each subscription is another.
type socket struct {
	*Server
	conn  *websocket.Conn
	r     *http.Request
	enter store.Enter // nil before the first message
	who   asker       // a stranger before it

	mu      sync.Mutex
	running map[string]*running
}

// running is a subscription that has begun.
type running struct{ stop context.CancelFunc }

// finish forgets a subscription; another may have its id now.
func (k *socket) finish(id string, r *running) {
	r.stop()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running[id] == r {
		delete(k.running, id)
	}
}

// sockets takes the requests that want a socket, and passes on all others.
func (s *Server) sockets(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !upgrades(r) {
			next.ServeHTTP(w, r)
			return
		}
		k := &socket{Server: s, r: r, who: stranger(r), running: map[string]*running{}}
		if err := s.lasting.open(k.who); err != nil {
			s.refuse(w, r, statusOf(err), err)
			return
		}
		defer func() { s.lasting.close(k.who) }() // who it is by then
		// origins has looked at where the page is from.
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}, InsecureSkipVerify: true})
		if err != nil {
			return // it has answered
		}
		k.conn = conn
		code, reason := k.serve(r.Context())
		conn.Close(code, reason)
	})
}

// closing ends a socket.
type closing struct {
	code   websocket.StatusCode
	reason string
}

func (c *closing) Error() string { return c.reason }

// serve reads until the socket is to be closed.
func (k *socket) serve(ctx context.Context) (websocket.StatusCode, string) {
	if k.conn.Subprotocol() != subprotocol {
		return 4406, "Subprotocol not acceptable"
	}
	lost := ctx // what is read and written under a context that ends loses the connection, and the code with it
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(k.ending, func() { cancel(errEnding) })()
	k.conn.SetReadLimit(MaxMessage)
	late := time.AfterFunc(InitWait, func() { cancel(&closing{closeInitTimeout, "Connection initialisation timeout"}) })
	defer late.Stop()
	defer k.beat(ctx, cancel)()
	in := make(chan []byte)
	go func() {
		for {
			kind, text, err := k.conn.Read(lost)
			if err == nil && kind != websocket.MessageText {
				err = &closing{closeBadRequest, "Messages are text"}
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
			return why(context.Cause(ctx))
		case text := <-in:
			if err := k.receive(ctx, cancel, text); err != nil {
				return why(err)
			}
			if k.enter != nil {
				late.Stop()
			}
		}
	}
}

// why is the code and the reason of a close.
func why(err error) (websocket.StatusCode, string) {
	var c *closing
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
	case errors.Is(err, errEnding):
		return websocket.StatusServiceRestart, "The hub restarts"
	}
	return websocket.StatusNormalClosure, ""
}

// beat asks whether the client lives, by the clock alone. It has a goroutine only while it waits for the answer.
func (k *socket) beat(ctx context.Context, cancel context.CancelCauseFunc) (stop func()) {
	var timer *time.Timer
	ready := make(chan struct{})
	timer = time.AfterFunc(k.o.keepAlive(), func() {
		<-ready
		wait, stop := context.WithTimeout(context.WithoutCancel(ctx), SlowestReader)
		defer stop()
		if err := k.conn.Ping(wait); err != nil {
			cancel(err)
		} else if ctx.Err() == nil {
			timer.Reset(k.o.keepAlive())
		}
	})
	close(ready)
	return func() { timer.Stop() }
}

// send writes a message. A reader that does not take it in time loses the connection.
func (k *socket) send(ctx context.Context, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), SlowestReader)
	defer cancel()
	return k.conn.Write(ctx, websocket.MessageText, text)
}

// receive answers one message; an error closes the socket.
func (k *socket) receive(ctx context.Context, cancel context.CancelCauseFunc, text []byte) error {
	var m message
	if json.Unmarshal(text, &m) != nil {
		return &closing{closeBadRequest, "Invalid message received"}
	}
	switch m.Type {
	case "connection_init":
		return k.init(ctx, m.Payload)
	case "ping":
		return k.send(ctx, message{Type: "pong"})
	case "pong":
		return nil
	case "subscribe":
		return k.subscribe(ctx, cancel, m)
	case "complete":
		k.mu.Lock()
		r := k.running[m.ID]
		k.mu.Unlock()
		if r != nil {
			k.finish(m.ID, r)
		}
		return nil
	}
	return &closing{closeBadRequest, "Invalid message received"}
}

// init signs the caller in, with what the first message carries of headers.
func (k *socket) init(ctx context.Context, payload json.RawMessage) error {
	if k.enter != nil {
		return &closing{closeTooMany, "Too many initialisation requests"}
	}
	headers := map[string]any{}
	if len(payload) > 0 && json.Unmarshal(payload, &headers) != nil {
		return &closing{closeBadRequest, "Invalid message received"}
	}
	r := k.r.Clone(ctx)
	for given, value := range headers {
		for _, name := range carried {
			if text, ok := value.(string); ok && strings.EqualFold(given, name) {
				r.Header.Set(name, text)
			}
		}
	}
	enter := k.sign(r, languages(r))
	session, err := enter(ctx)
	if err != nil {
		return &closing{closeForbidden, string(fault.As(err).Code)}
	}
	if who := askerOf(session, r); who != k.who {
		if err := k.lasting.open(who); err != nil {
			f := fault.As(err) // a close has a code and few words: these are for programs
			return &closing{websocket.StatusTryAgainLater, fmt.Sprintf("%s rule=%v limit=%v", f.Code, f.More["rule"], f.More["limit"])}
		}
		k.lasting.close(k.who)
		k.who = who
	}
	k.r, k.enter = r, enter
	return k.send(ctx, message{Type: "connection_ack"})
}

// subscribe begins an operation under its id.
func (k *socket) subscribe(ctx context.Context, cancel context.CancelCauseFunc, m message) error {
	if k.enter == nil {
		return &closing{closeUnauthorized, "Unauthorized"}
	}
	params, err := parseBody(m.Payload)
	if m.ID == "" || len(m.ID) > 200 || err != nil {
		return &closing{closeBadRequest, "Invalid message received"}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running[m.ID] != nil {
		return &closing{closeIDTaken, "Subscriber already exists"}
	}
	if len(k.running) >= MaxPerSocket {
		return k.fail(ctx, m.ID, fault.New(fault.RateLimited, "This connection has %d subscriptions already: end one first.", MaxPerSocket).
			With("rule", "subscriptionsPerSocket").With("limit", MaxPerSocket).With("asked", MaxPerSocket+1))
	}
	own, stop := context.WithCancel(context.WithValue(ctx, languageKey{}, languages(k.r)))
	r := &running{stop}
	k.running[m.ID] = r
	go func() {
		defer func() {
			k.finish(m.ID, r)
			if p := recover(); p != nil {
				cancel(k.recovered(ctx, p))
			}
		}()
		if err := k.run(own, m.ID, params); err != nil && own.Err() == nil {
			cancel(err)
		}
	}()
	return nil
}

// run answers an operation. An error closes the socket: its caller may not go on.
func (k *socket) run(ctx context.Context, id string, q *request) error {
	session, err := k.enter(ctx)
	if err != nil {
		return err
	}
	ctx = graphql.StartOperationTrace(store.WithSession(ctx, session))
	op, errs := k.prepare(ctx, session, q, k.callers.of(session, k.r))
	if errs != nil {
		return k.errors(ctx, id, errs)
	}
	if op.Operation.Operation != "subscription" {
		return k.fail(ctx, id, fault.New(fault.Invalid, "A socket serves subscriptions. Send queries and mutations as POST requests."))
	}
	err = k.follow(ctx, k.who, op, k.enter, "", &subscription{k, ctx, id})
	k.ended(err)
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	switch f.Code {
	case fault.Unauthenticated, fault.Forbidden:
		return f
	}
	return k.fail(ctx, id, f)
}

// subscription is one under its id.
type subscription struct {
	*socket
	ctx context.Context
	id  string
}

func (o *subscription) begun() error { return nil } // the protocol has no word for it

func (o *subscription) next(r *graphql.Response, _ string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return o.send(o.ctx, message{ID: o.id, Type: "next", Payload: text})
}

// fail ends an operation with an error.
func (k *socket) fail(ctx context.Context, id string, err error) error {
	return k.errors(ctx, id, gqlerror.List{k.present(ctx, err)})
}

func (k *socket) errors(ctx context.Context, id string, list gqlerror.List) error {
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return k.send(ctx, message{ID: id, Type: "error", Payload: text})
}
