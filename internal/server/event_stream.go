package server

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// keepAliveComment is an empty comment line of an event stream, which clients ignore.
const keepAliveComment = ":\n\n"

// eventWriter writes one event stream.
type eventWriter struct {
	w          http.ResponseWriter
	controller *http.ResponseController

	mu sync.Mutex // held while one event is written
}

// sendEvent writes one event. A client that does not take it within SendTimeout loses the connection.
func (e *eventWriter) sendEvent(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.controller.SetWriteDeadline(time.Now().Add(SendTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.controller.Flush()
}

// announceStart sends a comment, so that the client sees that the stream is open.
func (e *eventWriter) announceStart() error { return e.sendEvent(keepAliveComment) }

// sendResponse writes a response. After a lost connection, the client sends the id as Last-Event-ID to resume there.
func (e *eventWriter) sendResponse(r *graphql.Response, id string) error {
	return e.sendPayload(encodeResponse(r), id)
}

// sendPayload writes an encoded response as a "next" event. The id may be empty.
func (e *eventWriter) sendPayload(text []byte, id string) error {
	var b bytes.Buffer
	b.WriteString("event: next\n")
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("data: ")
	b.Write(bytes.TrimSpace(text))
	b.WriteString("\n\n")
	return e.sendEvent(b.String())
}

// serveEventStream answers an operation by the protocol of graphql-sse. When errs is not nil, the operation could not
// be prepared, op is nil, and the stream holds the errors.
func (s *Server) serveEventStream(
	ctx context.Context, w http.ResponseWriter, r *http.Request,
	session store.Session, op *operation, errs gqlerror.List,
) {
	caller := callerKeyOf(session, r)
	if err := s.connections.openConnection(caller); err != nil {
		s.writeError(w, r, err)
		return
	}
	defer s.connections.closeConnection(caller)
	e := &eventWriter{w: w, controller: http.NewResponseController(w)}
	defer e.controller.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", eventStream+"; charset=utf-8")
	w.Header().Set("Content-Language", responseLanguage(requestLanguages(r.Context())))
	w.Header().Set("X-Accel-Buffering", "no")
	switch {
	case errs != nil:
		e.sendResponse(&graphql.Response{Errors: errs}, "")
	case op.Operation.Operation == "subscription":
		if err := s.streamSubscription(ctx, e, r, caller, op); err != nil {
			e.sendResponse(&graphql.Response{Errors: gqlerror.List{s.presentError(ctx, err)}}, "")
		} else {
			return // without "complete", because the client has left or is to reconnect
		}
	default:
		started := time.Now()
		ctx, span := s.startSpan(ctx, op)
		text, outcome, err := s.executeIdempotent(ctx, w, r, session, op)
		if err != nil {
			text = encodeResponse(&graphql.Response{Errors: gqlerror.List{s.presentError(ctx, err)}})
			outcome = string(fault.As(err).Code)
		}
		e.sendPayload(text, "")
		s.observeResponse(ctx, span, op, outcome, time.Since(started))
	}
	e.sendEvent("event: complete\ndata:\n\n")
}

// streamSubscription answers a subscription until it ends. It returns the fault to send to the client, or nil when the
// client has left or is to come back, since the server stops or the database is away.
func (s *Server) streamSubscription(
	ctx context.Context, e *eventWriter, r *http.Request, caller callerKey, op *operation,
) error {
	ctx, cancel := context.WithCancel(ctx)
	var keepAlive sync.WaitGroup
	defer keepAlive.Wait()
	defer cancel()
	keepAlive.Go(func() { // at fixed intervals, so that the times of the signals reveal nothing about hidden changes
		ticker := time.NewTicker(s.options.keepAliveInterval())
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if e.sendEvent(keepAliveComment) != nil {
					cancel()
				}
			}
		}
	})
	openSession := s.sessionOpener(r, requestLanguages(ctx))
	err := s.followSubscription(ctx, caller, op, openSession, r.Header.Get("Last-Event-ID"), e)
	s.countSubscriptionEnd(err)
	var f *fault.Error
	if errors.As(err, &f) && f.Code != fault.Unavailable {
		return f
	}
	return nil
}
