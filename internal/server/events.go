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

// events writes one stream.
type events struct {
	w  http.ResponseWriter
	rc *http.ResponseController

	mu sync.Mutex
}

// send writes one event. A reader that does not take it in time loses the connection.
func (e *events) send(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.rc.SetWriteDeadline(time.Now().Add(SlowestReader)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.rc.Flush()
}

// begun shows the client that the stream is open.
func (e *events) begun() error { return e.send(":\n\n") }

// next writes an answer; its id is where a client goes on from after the connection was lost (Last-Event-ID).
func (e *events) next(r *graphql.Response, id string) error {
	return e.text(body(r), id)
}

func (e *events) text(text []byte, id string) error {
	var b bytes.Buffer
	b.WriteString("event: next\n")
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("data: ")
	b.Write(bytes.TrimSpace(text))
	b.WriteString("\n\n")
	return e.send(b.String())
}

// stream answers an operation, whether it could be read or not, as a stream of events.
func (s *Server) stream(ctx context.Context, w http.ResponseWriter, r *http.Request, session store.Session, op *operation, errs gqlerror.List) {
	who := askerOf(session, r)
	if err := s.lasting.open(who); err != nil {
		s.refuse(w, r, statusOf(err), err)
		return
	}
	defer s.lasting.close(who)
	e := &events{w: w, rc: http.NewResponseController(w)}
	defer e.rc.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", eventStream+"; charset=utf-8")
	w.Header().Set("Content-Language", spoken(heard(r.Context())))
	w.Header().Set("X-Accel-Buffering", "no")
	switch {
	case errs != nil:
		e.next(&graphql.Response{Errors: errs}, "")
	case op.Operation.Operation == "subscription":
		if err := s.streamChanges(ctx, e, r, who, op); err != nil {
			e.next(&graphql.Response{Errors: gqlerror.List{s.present(ctx, err)}}, "")
		} else {
			return // the client has gone, or shall come back
		}
	default:
		started := time.Now()
		ctx, span := s.begin(ctx, op)
		text, outcome, err := s.carryOut(ctx, w, r, session, op)
		if err != nil {
			text, outcome = body(&graphql.Response{Errors: gqlerror.List{s.present(ctx, err)}}), string(fault.As(err).Code)
		}
		e.text(text, "")
		s.answered(ctx, span, op, outcome, time.Since(started))
	}
	e.send("event: complete\ndata:\n\n")
}

// streamChanges answers a subscription; the error, if any, is for the client to know.
func (s *Server) streamChanges(ctx context.Context, e *events, r *http.Request, who asker, op *operation) error {
	ctx, cancel := context.WithCancel(ctx)
	var beating sync.WaitGroup
	defer beating.Wait()
	defer cancel()
	beating.Go(func() { // by the clock alone, so that signs of life tell nothing
		beat := time.NewTicker(s.o.keepAlive())
		defer beat.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				if e.send(":\n\n") != nil {
					cancel()
				}
			}
		}
	})
	err := s.follow(ctx, who, op, s.sign(r, heard(ctx)), r.Header.Get("Last-Event-ID"), e)
	s.ended(err)
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// keepAlive is the time between signs of life.
func (o *Options) keepAlive() time.Duration {
	if o.KeepAlive > 0 {
		return o.KeepAlive
	}
	return KeepAlive
}
