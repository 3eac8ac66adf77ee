package store

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Limits of what is watched in one process.
const (
	MaxWatches = 6_000
	maxWatched = 2_000_000 // rows, of all watches together: 48 MiB
)

// rightsLook is how often a watch looks whether its caller still may, when nothing happens: for what no writer
// tells, as new policies. What the clock ends, it ends at its time: see wait.
const rightsLook = 500 * time.Millisecond

// Enter signs the caller in again, with the rights of now.
type Enter func(context.Context) (Session, error)

// Watch follows what changes in a caller's view. It belongs to one goroutine. Its changes depend on what the caller
// sees alone: what is written elsewhere makes it look, and find nothing.
type Watch struct {
	hub    *Hub
	enter  Enter
	s      *caller // the rights that the known rows were read with
	known  *known
	dirt   *dirt
	tick   *time.Timer
	found  []*Change // not delivered yet
	counts *atomic.Int64
	held   int64
}

var (
	errRights = fault.New(fault.Forbidden, "Your rights have changed: subscribe again.")
	errFull   = fault.New(fault.RateLimited, "The hub follows too many rows already: ask for fewer types, or try again later.")
	errNotOwn = errors.New("a session of another store")
)

// Watch implements Session.
func (s *caller) Watch(ctx context.Context, enter Enter, types []*model.Entity, since string) (*Watch, error) {
	types, err := s.typed(types)
	if err != nil {
		return nil, err
	}
	k, err := s.recall(ctx, types, since)
	if err != nil {
		return nil, err
	}
	d, err := s.hub.feed.join(ctx) // before anything is read: what is written meanwhile is looked at again
	if err != nil {
		return nil, err
	}
	w := &Watch{hub: s.hub, enter: enter, s: s, known: k, dirt: d, tick: time.NewTimer(s.hub.look), counts: &s.hub.watched}
	found, err := s.compare(ctx, k, nil, true)
	if err == nil {
		err = w.count(int64(k.size() + len(found)))
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	if w.found = found; since == "" { // all of it is known from the start
		for _, ch := range found {
			k.set(ch.at, entry{ch.ID, ch.print})
		}
		w.found, k.loose, k.kept = nil, nil, false
	}
	return w, nil
}

func (w *Watch) count(rows int64) error {
	if w.counts.Add(rows-w.held) > maxWatched {
		w.counts.Add(w.held - rows)
		return errFull
	}
	w.held = rows
	return nil
}

// Close ends the watch.
func (w *Watch) Close() {
	w.tick.Stop()
	w.hub.feed.leave(w.dirt)
	w.counts.Add(-w.held)
	w.held = 0
}

// Next waits for the next change. It fails as soon as the caller may not go on: the account, the token or the rights
// are not what they were.
func (w *Watch) Next(ctx context.Context) (*Change, error) {
	for {
		if err := w.look(ctx); err != nil {
			return nil, err
		}
		if len(w.found) > 0 {
			ch := w.found[0]
			if err := w.s.charged(ctx, w.found[:1]); err != nil {
				return nil, err
			}
			w.found = w.found[1:]
			w.known.set(ch.at, entry{ch.ID, ch.print})
			var err error
			ch.Token, err = w.s.token(ctx, w.known)
			return ch, err
		}
		w.tick.Reset(w.wait())
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-w.dirt.bell:
		case <-w.tick.C:
		}
	}
}

// wait is how long the caller may go on unasked: to the moment at which a token, a role or a grant ends, if that is known.
func (w *Watch) wait() time.Duration {
	if w.s.until.IsZero() {
		return w.hub.look
	}
	return min(w.hub.look, max(time.Until(w.s.until), time.Millisecond)) // the database's clock may be a little late
}

// look signs in again and finds what changed. What was found before and not delivered is looked at again with it.
func (w *Watch) look(ctx context.Context) error {
	dirty, all := w.dirt.take()
	session, err := w.enter(ctx)
	if err != nil {
		return err
	}
	s, ok := session.(*caller)
	if !ok || s.hub != w.hub {
		return fault.Wrap(errNotOwn, "watch")
	}
	if !s.view.Same(w.s.view) {
		return errRights
	}
	all = all || !s.view.Day().Equal(w.s.view.Day()) // consents and ages are of a day
	if w.s = s; !all && len(dirty) == 0 {
		return nil
	}
	if dirty == nil {
		dirty = map[string]map[uuid.UUID]bool{}
	}
	for _, ch := range w.found {
		rows, ok := dirty[ch.Entity.Name]
		if !ok {
			rows = map[uuid.UUID]bool{}
			dirty[ch.Entity.Name] = rows
		}
		if rows != nil {
			rows[ch.ID] = true
		}
	}
	if w.found, err = s.compare(ctx, w.known, dirty, all); err != nil {
		return err
	}
	return w.count(int64(w.known.size() + len(w.found)))
}
