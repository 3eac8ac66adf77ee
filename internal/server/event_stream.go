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

// eventWriter writes one stream.
type eventWriter struct {
	w          http.ResponseWriter
	controller *http.ResponseController

	mu sync.Mutex
}

// sendEvent writes one event. A reader that does not take it in time loses the connection.
func (e *eventWriter) sendEvent(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.controller.SetWriteDeadline(time.Now().Add(SendTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.controller.Flush()
}

// announceStart shows the client that the stream is open.
func (e *eventWriter) announceStart() error { return e.sendEvent(":\n\n") }

// sendResponse writes an answer; its id is where a client goes on from after the connection was lost (Last-Event-ID).
func (e *eventWriter) sendResponse(r *graphql.Response, id string) error {
	return e.sendPayload(encodeResponse(r), id)
}

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

// serveEventStream answers an operation, whether it could be read or not, as a stream of events.
func (s *Server) serveEventStream(ctx context.Context, w http.ResponseWriter, r *http.Request, session store.Session, op *operation, errs gqlerror.List) {
	who := callerKeyOf(session, r)
	if err := s.connections.openConnection(who); err != nil {
		s.writeError(w, r, statusOfFault(err), err)
		return
	}
	defer s.connections.closeConnection(who)
	e := &eventWriter{w: w, controller: http.NewResponseController(w)}
	defer e.controller.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", eventStream+"; charset=utf-8")
	w.Header().Set("Content-Language", responseLanguage(requestLanguages(r.Context())))
	w.Header().Set("X-Accel-Buffering", "no")
	switch {
	case errs != nil:
		e.sendResponse(&graphql.Response{Errors: errs}, "")
	case op.Operation.Operation == "subscription":
		if err := s.streamSubscription(ctx, e, r, who, op); err != nil {
			e.sendResponse(&graphql.Response{Errors: gqlerror.List{s.presentError(ctx, err)}}, "")
		} else {
			return // the client has gone, or shall come back
		}
	default:
		started := time.Now()
		ctx, span := s.startSpan(ctx, op)
		text, outcome, err := s.executeIdempotent(ctx, w, r, session, op)
		if err != nil {
			text, outcome = encodeResponse(&graphql.Response{Errors: gqlerror.List{s.presentError(ctx, err)}}), string(fault.As(err).Code)
		}
		e.sendPayload(text, "")
		s.observeResponse(ctx, span, op, outcome, time.Since(started))
	}
	e.sendEvent("event: complete\ndata:\n\n")
}

// streamSubscription answers a subscription; the error, if any, is for the client to know.
func (s *Server) streamSubscription(ctx context.Context, e *eventWriter, r *http.Request, who callerKey, op *operation) error {
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	defer beating.Wait()
	defer cancel()
	beating.Go(func() { // by the clock alone, so that signs of life tell nothing
		beat := time.NewTicker(s.options.keepAliveInterval())
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				if e.sendEvent(":\n\n") != nil {
					cancel()
				}
			}
		}
	})
	err := s.followSubscription(ctx, who, op, s.sessionOpener(r, requestLanguages(ctx)), r.Header.Get("Last-Event-ID"), e)
	s.countSubscriptionEnd(err)
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// keepAliveInterval is the time between signs of life.
func (o *Options) keepAliveInterval() time.Duration {
	if o.KeepAlive > 0 {
		return o.KeepAlive
	}
	return KeepAlive
}
