package changefeed

import (
	"context"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Limits of all watches of one process together.
const (
	maxWatches      = 6_000
	maxWatchedRows  = 2_000_000 // rows; their keys and fingerprints take 48 MiB
	maxRowsPerWatch = 100_000
)

// AuthenticateFunc authenticates the caller again and returns the caller with the current rights.
type AuthenticateFunc func(context.Context) (Caller, error)

// Watch follows the changes in a caller's view. Only one goroutine may use it. Its changes depend only on what the
// caller sees. A write outside the view only makes it look again and find nothing.
type Watch struct {
	feed         *Feed
	authenticate AuthenticateFunc
	observer     *observer // has the rights with which the known rows were read
	comparedDay  time.Time // the day on which all rows were compared
	knownRows    *knownRows
	stale        *staleRows
	timer        *time.Timer
	pending      []*Change // found and not delivered yet
	taken        *Change   // from pending and known now, but without its token yet
	countedRows  int64     // the rows of this watch in Feed.watchedRows
}

var (
	errRightsChanged      = fault.New(fault.Forbidden, "Your rights have changed: subscribe again.")
	errTooManyWatchedRows = fault.New(fault.RateLimited,
		"The hub follows too many rows already: ask for fewer types, or try again later.")
)

// Watch follows changes in the caller's view until it is closed. It begins now, or after a token of Changes or of
// another watch.
func (f *Feed) Watch(ctx context.Context, caller Caller, authenticate AuthenticateFunc, types []*model.Entity,
	since string) (*Watch, error) {
	o := f.newObserver(caller)
	types, err := o.resolveChangeTypes(types)
	if err != nil {
		return nil, err
	}
	k, err := o.openChangesToken(types, since)
	if err != nil {
		return nil, err
	}
	if err := o.loadAll(ctx, k); err != nil {
		return nil, err
	}
	d, err := f.poller.addSubscriber(ctx) // before any row is read, so that no write in between is missed
	if err != nil {
		return nil, err
	}
	w := &Watch{
		feed: f, authenticate: authenticate, observer: o, comparedDay: o.view.ClockDay(), knownRows: k, stale: d,
		timer: time.NewTimer(f.RightsCheckInterval),
	}
	found, err := o.diffKnownRows(ctx, k, nil, true)
	if err == nil {
		err = w.reserveRows(int64(k.countRows() + len(found)))
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	if w.pending = found; since == "" { // the rows in view are known from the start
		for _, ch := range found {
			k.set(ch.typeIndex, knownRow{ch.ID, ch.fingerprint})
		}
		w.pending, k.pending, k.complete = nil, nil, false
	}
	return w, nil
}

// reserveRows counts the rows of this watch. It fails with RateLimited when the watch needs more rows than before, and
// all watches together would follow too many.
func (w *Watch) reserveRows(rows int64) error {
	for {
		before := w.feed.watchedRows.Load()
		after := before + rows - w.countedRows
		if after > maxWatchedRows && rows > w.countedRows {
			return errTooManyWatchedRows
		}
		if w.feed.watchedRows.CompareAndSwap(before, after) {
			w.countedRows = rows
			return nil
		}
	}
}

// Close ends the watch and releases its rows.
func (w *Watch) Close() {
	w.timer.Stop()
	w.feed.poller.removeSubscriber(w.stale)
	w.feed.watchedRows.Add(-w.countedRows)
	w.countedRows = 0
}

// Next waits for the next change. It fails as soon as the caller's account, token or rights have changed. While the
// database does not answer, it waits up to maxOutage and goes on where it was. Then it fails with Unavailable.
func (w *Watch) Next(ctx context.Context) (*Change, error) {
	var away outage
	for {
		ch, err := w.findNext(ctx)
		switch {
		case err != nil && away.waitToRetry(ctx, err):
			continue
		case err != nil || ch != nil:
			return ch, err
		}
		away = outage{}
		w.timer.Reset(w.waitDuration())
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-w.stale.wake:
		case <-w.timer.C:
		}
	}
}

// findNext returns the next change, or nil when there is none now. After an error it can be called again, and no change
// is lost. A change is charged twice only when the connection broke at the end of the charge.
func (w *Watch) findNext(ctx context.Context) (*Change, error) {
	if err := w.findChanges(ctx); err != nil {
		return nil, err
	}
	if w.taken == nil {
		if len(w.pending) == 0 {
			return nil, nil
		}
		if err := w.observer.chargeChanges(ctx, w.pending[:1]); err != nil {
			return nil, err
		}
		w.taken, w.pending = w.pending[0], w.pending[1:]
		w.knownRows.set(w.taken.typeIndex, knownRow{w.taken.ID, w.taken.fingerprint})
	}
	token, err := w.observer.sealChangesToken(ctx, w.knownRows, len(w.pending) > 0)
	if err != nil {
		return nil, err
	}
	ch := w.taken
	w.taken, ch.Token = nil, token
	return ch, nil
}

// waitDuration returns how long the watch may wait before it checks the caller's rights again. It ends at the latest
// when a token, a role or a grant of the caller ends, if that moment is known.
func (w *Watch) waitDuration() time.Duration {
	until := w.observer.caller.RightsUntil()
	if until.IsZero() {
		return w.feed.RightsCheckInterval
	}
	// The database's clock may be a little late, so the wait is never zero.
	return min(w.feed.RightsCheckInterval, max(time.Until(until), time.Millisecond))
}

// findChanges authenticates the caller again and finds what changed. It also compares the rows of undelivered changes
// again. After an error nothing is lost, and the next call compares the same rows.
func (w *Watch) findChanges(ctx context.Context) error {
	stale, all := w.stale.takeStale() // before the rights are read, so that no row is compared with older rights
	err := w.compareStale(ctx, stale, all)
	if err != nil {
		w.stale.returnStale(stale, all)
	}
	return err
}

// compareStale compares stale rows, or all, with what the caller may see now.
func (w *Watch) compareStale(ctx context.Context, stale map[string]map[uuid.UUID]bool, all bool) error {
	current, err := w.authenticate(ctx)
	if err != nil {
		return err
	}
	o := w.feed.newObserver(current)
	if !o.view.SameRights(w.observer.view) {
		return errRightsChanged
	}
	all = all || !o.view.ClockDay().Equal(w.comparedDay) // consents and ages may change with the day
	if w.observer = o; !all && len(stale) == 0 {
		return nil
	}
	if stale == nil {
		stale = map[string]map[uuid.UUID]bool{}
	}
	for _, ch := range w.pending {
		rows, ok := stale[ch.Entity.Name]
		if !ok {
			rows = map[uuid.UUID]bool{}
			stale[ch.Entity.Name] = rows
		}
		if rows != nil {
			rows[ch.ID] = true
		}
	}
	found, err := o.diffKnownRows(ctx, w.knownRows, stale, all)
	if err != nil {
		return err
	}
	w.pending, w.comparedDay = found, o.view.ClockDay()
	return w.reserveRows(int64(w.knownRows.countRows() + len(w.pending)))
}
