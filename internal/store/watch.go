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
	MaxWatches     = 6_000
	maxWatchedRows = 2_000_000 // rows, of all watches together: 48 MiB
)

// rightsCheckInterval is how often a watch looks whether its caller still may, when nothing happens: for what no writer
// tells, as new policies. What the clock ends, it ends at its time: see wait.
const rightsCheckInterval = 500 * time.Millisecond

// AuthenticateFunc signs the caller in again, with the rights of now.
type AuthenticateFunc func(context.Context) (Session, error)

// Watch follows what changes in a caller's view. It belongs to one goroutine. Its changes depend on what the caller
// sees alone: what is written elsewhere makes it look, and find nothing.
type Watch struct {
	hub          *Hub
	authenticate AuthenticateFunc
	session      *session // the rights that the known rows were read with
	knownRows    *knownRows
	stale        *staleRows
	timer        *time.Timer
	pending      []*Change // not delivered yet
	totalRows    *atomic.Int64
	countedRows  int64
}

var (
	errRightsChanged      = fault.New(fault.Forbidden, "Your rights have changed: subscribe again.")
	errTooManyWatchedRows = fault.New(fault.RateLimited, "The hub follows too many rows already: ask for fewer types, or try again later.")
	errForeignSession     = errors.New("a session of another store")
)

// Watch implements Session.
func (s *session) Watch(ctx context.Context, enter AuthenticateFunc, types []*model.Entity, since string) (*Watch, error) {
	types, err := s.resolveChangeTypes(types)
	if err != nil {
		return nil, err
	}
	k, err := s.openChangesToken(ctx, types, since)
	if err != nil {
		return nil, err
	}
	d, err := s.hub.feed.addSubscriber(ctx) // before anything is read: what is written meanwhile is looked at again
	if err != nil {
		return nil, err
	}
	w := &Watch{hub: s.hub, authenticate: enter, session: s, knownRows: k, stale: d, timer: time.NewTimer(s.hub.rightsCheckInterval), totalRows: &s.hub.watchedRows}
	found, err := s.diffKnownRows(ctx, k, nil, true)
	if err == nil {
		err = w.reserveRows(int64(k.countRows() + len(found)))
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	if w.pending = found; since == "" { // all of it is known from the start
		for _, ch := range found {
			k.set(ch.typeIndex, knownRow{ch.ID, ch.fingerprint})
		}
		w.pending, k.pending, k.complete = nil, nil, false
	}
	return w, nil
}

func (w *Watch) reserveRows(rows int64) error {
	if w.totalRows.Add(rows-w.countedRows) > maxWatchedRows {
		w.totalRows.Add(w.countedRows - rows)
		return errTooManyWatchedRows
	}
	w.countedRows = rows
	return nil
}

// Close ends the watch.
func (w *Watch) Close() {
	w.timer.Stop()
	w.hub.feed.removeSubscriber(w.stale)
	w.totalRows.Add(-w.countedRows)
	w.countedRows = 0
}

// Next waits for the next change. It fails as soon as the caller may not go on: the account, the token or the rights
// are not what they were.
func (w *Watch) Next(ctx context.Context) (*Change, error) {
	for {
		if err := w.findChanges(ctx); err != nil {
			return nil, err
		}
		if len(w.pending) > 0 {
			ch := w.pending[0]
			if err := w.session.chargeChanges(ctx, w.pending[:1]); err != nil {
				return nil, err
			}
			w.pending = w.pending[1:]
			w.knownRows.set(ch.typeIndex, knownRow{ch.ID, ch.fingerprint})
			var err error
			ch.Token, err = w.session.sealChangesToken(ctx, w.knownRows)
			return ch, err
		}
		w.timer.Reset(w.waitDuration())
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-w.stale.wake:
		case <-w.timer.C:
		}
	}
}

// waitDuration is how long the caller may go on unasked: to the moment at which a token, a role or a grant ends, if that is known.
func (w *Watch) waitDuration() time.Duration {
	if w.session.rightsUntil.IsZero() {
		return w.hub.rightsCheckInterval
	}
	return min(w.hub.rightsCheckInterval, max(time.Until(w.session.rightsUntil), time.Millisecond)) // the database's clock may be a little late
}

// findChanges signs in again and finds what changed. What was found before and not delivered is looked at again with it.
func (w *Watch) findChanges(ctx context.Context) error {
	dirty, all := w.stale.takeStale()
	entered, err := w.authenticate(ctx)
	if err != nil {
		return err
	}
	s, ok := entered.(*session)
	if !ok || s.hub != w.hub {
		return fault.Wrap(errForeignSession, "watch")
	}
	if !s.view.SameRights(w.session.view) {
		return errRightsChanged
	}
	all = all || !s.view.ClockDay().Equal(w.session.view.ClockDay()) // consents and ages are of a day
	if w.session = s; !all && len(dirty) == 0 {
		return nil
	}
	if dirty == nil {
		dirty = map[string]map[uuid.UUID]bool{}
	}
	for _, ch := range w.pending {
		rows, ok := dirty[ch.Entity.Name]
		if !ok {
			rows = map[uuid.UUID]bool{}
			dirty[ch.Entity.Name] = rows
		}
		if rows != nil {
			rows[ch.ID] = true
		}
	}
	if w.pending, err = s.diffKnownRows(ctx, w.knownRows, dirty, all); err != nil {
		return err
	}
	return w.reserveRows(int64(w.knownRows.countRows() + len(w.pending)))
}
