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

	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// subprotocol is the WebSocket subprotocol of the library graphql-ws.
const subprotocol = "graphql-transport-ws"

// Limits of one socket.
const (
	MaxMessageBytes = 64 << 10        // bytes of one message from the client
	InitTimeout     = 5 * time.Second // from the opening of a socket to a successful connection_init
)

// Close codes of the subprotocol.
const (
	closeBadRequest   websocket.StatusCode = 4400
	closeUnauthorized websocket.StatusCode = 4401
	closeForbidden    websocket.StatusCode = 4403
	closeSubprotocol  websocket.StatusCode = 4406
	closeInitTimeout  websocket.StatusCode = 4408
	closeIDTaken      websocket.StatusCode = 4409
	closeTooMany      websocket.StatusCode = 4429
)

// initHeaders are the headers that a browser cannot set on a WebSocket. The payload of the first message carries them.
var initHeaders = []string{"Authorization", "Purpose-Of-Use", "Audit-Grant", "Accept-Language"}

// message is a message of the subprotocol, in either direction.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is one WebSocket connection. It has one goroutine that reads messages, one that handles them, and one for each
// subscription.
type socket struct {
	*Server
	conn        *websocket.Conn
	r           *http.Request
	openSession store.AuthenticateFunc // nil before connection_init
	caller      callerKey              // anonymous before connection_init

	mu            sync.Mutex
	subscriptions map[string]*runningSubscription // by the client's id
}

// acceptSockets serves the requests for a WebSocket, and passes all other requests on.
func (s *Server) acceptSockets(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isSocketUpgrade(r) {
			next.ServeHTTP(w, r)
			return
		}
		k := &socket{
			Server: s, r: r, caller: anonymousCallerKey(r), subscriptions: map[string]*runningSubscription{},
		}
		if err := s.connections.openConnection(k.caller); err != nil {
			s.writeError(w, r, err)
			return
		}
		defer func() { s.connections.closeConnection(k.caller) }() // initConnection may have changed the caller
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			Subprotocols:       []string{subprotocol},
			InsecureSkipVerify: true, // checkOrigin has checked the origin already
		})
		if err != nil {
			return // Accept has written the response
		}
		k.conn = conn
		code, reason := k.serveMessages(r.Context())
		conn.Close(code, reason)
	})
}

// closeError closes a socket with a code and a reason.
type closeError struct {
	code   websocket.StatusCode
	reason string
}

func (c *closeError) Error() string { return c.reason }

// serveMessages handles messages until the socket must be closed, and returns the close code and reason.
func (k *socket) serveMessages(ctx context.Context) (websocket.StatusCode, string) {
	if k.conn.Subprotocol() != subprotocol {
		return closeSubprotocol, "Subprotocol not acceptable"
	}
	// Reads do not use the context with the cancel function. The library drops the connection when the context of a
	// read or write ends, and the close code would be lost.
	readCtx := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(k.streamsContext, func() { cancel(errServerStopping) })()
	k.conn.SetReadLimit(MaxMessageBytes)
	initTimer := time.AfterFunc(InitTimeout, func() {
		cancel(&closeError{closeInitTimeout, "Connection initialisation timeout"})
	})
	defer initTimer.Stop()
	defer k.pingPeriodically(ctx, cancel)()
	in := make(chan []byte)
	go func() {
		for {
			kind, text, err := k.conn.Read(readCtx)
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
				initTimer.Stop()
			}
		}
	}
}

// closeReason returns the close code and reason for the error that ended a socket.
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

// pingPeriodically pings the client at fixed intervals, so that the times of the pings reveal nothing about hidden
// changes. When a pong is late, it cancels. It has a goroutine only while it waits for a pong, to save memory.
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

// sendMessage writes a message. A client that does not take it within SendTimeout loses the connection.
func (k *socket) sendMessage(ctx context.Context, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), SendTimeout)
	defer cancel()
	return k.conn.Write(ctx, websocket.MessageText, text)
}

// handleMessage handles one message from the client. An error closes the socket.
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

// initConnection signs the caller in with the initHeaders of the connection_init payload. From here on the connection
// counts as the caller's.
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
	openSession := k.sessionOpener(r, acceptedLanguages(r))
	session, err := openSession(ctx)
	if fault.Is(err, fault.Unavailable) {
		return err // so that the client comes back
	}
	if err != nil {
		return &closeError{closeForbidden, string(fault.As(err).Code)}
	}
	if caller := callerKeyOf(session, r); caller != k.caller {
		if err := k.connections.openConnection(caller); err != nil {
			f := fault.As(err)
			// A close reason has at most 123 bytes, so it holds what programs need and not the message.
			reason := fmt.Sprintf("%s rule=%v limit=%v", f.Code, f.Extensions["rule"], f.Extensions["limit"])
			return &closeError{websocket.StatusTryAgainLater, reason}
		}
		k.connections.closeConnection(k.caller)
		k.caller = caller
	}
	k.r, k.openSession = r, openSession
	return k.sendMessage(ctx, message{Type: "connection_ack"})
}

// sendError ends the operation with an error.
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
