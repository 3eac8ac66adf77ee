package changefeed

import (
	"context"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

const (
	feedPollInterval     = 250 * time.Millisecond // between reads without a notification, since one can be lost
	listenerPingInterval = 10 * time.Second       // between checks of the listener's connection

	notifyTimeout   = 5 * time.Second // for one NOTIFY
	feedReadTimeout = 5 * time.Second // for one read of the feed
)

// feedPoller reads the feed for all watches of this process, while there are any. It reads after each commit of this
// process, after each PostgreSQL notification, and several times a second.
type feedPoller struct {
	db                   *database.DB
	model                *model.Model
	rightsVersion        *atomic.Int64
	wake                 chan struct{}
	pendingNotifications atomic.Int64 // commits of this process that other processes were not notified of
	lastRead             atomic.Int64 // when the feed was last read, in Unix nanoseconds

	starting chan struct{} // held while a subscriber is added, which may wait for the database

	mu          sync.Mutex
	subscribers map[*staleRows]bool
	stop        context.CancelFunc
}

// restartOnPanic runs do, and runs it again after a pause when it panics, so that an error in a background task does
// not end the process.
func restartOnPanic(ctx context.Context, do func()) {
	finishes := func() (done bool) {
		defer func() {
			if !done {
				recover()
				slog.ErrorContext(ctx, "panic", "stack", string(debug.Stack()))
			}
		}()
		do()
		return true
	}
	for ctx.Err() == nil && !finishes() {
		time.Sleep(feedPollInterval)
	}
}

// addSubscriber begins to collect the rows that are written from now on. It fails with RateLimited at maxWatches. Only
// starting is held during the read of the feed, so that those who wait for it hear their context.
func (f *feedPoller) addSubscriber(ctx context.Context) (*staleRows, error) {
	select {
	case f.starting <- struct{}{}:
		defer func() { <-f.starting }()
	case <-ctx.Done():
		return nil, database.Classify(ctx.Err())
	}
	if d, err := f.joinPoll(); d != nil || err != nil {
		return d, err
	}
	limited, cancel := context.WithTimeout(ctx, feedReadTimeout)
	defer cancel()
	moves := f.db.ServerMoves()
	at, err := readFeedEnd(limited, f.db)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	f.stop = stop
	restarted := false
	go restartOnPanic(run, func() {
		if restarted {
			f.distributeEntries(run, nil, true) // entries that were read before the panic may be lost
		}
		restarted = true
		f.pollUntilDone(run, at, moves)
	})
	d := &staleRows{wake: make(chan struct{}, 1)}
	f.subscribers[d] = true
	return d, nil
}

// joinPoll adds a subscriber to the running poll. It returns nil when there is none.
func (f *feedPoller) joinPoll() (*staleRows, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case len(f.subscribers) >= maxWatches:
		return nil, fault.New(fault.RateLimited,
			"The hub serves %d subscriptions already: try again later.", maxWatches)
	case len(f.subscribers) == 0:
		return nil, nil
	}
	d := &staleRows{wake: make(chan struct{}, 1)}
	f.subscribers[d] = true
	return d, nil
}

// removeSubscriber ends the collection for a subscriber. The poller stops with the last subscriber.
func (f *feedPoller) removeSubscriber(d *staleRows) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.subscribers[d] {
		if delete(f.subscribers, d); len(f.subscribers) == 0 {
			f.stop()
		}
	}
}

// afterCommit is called after each commit of this process.
func (f *feedPoller) afterCommit() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
	if f.db.IsPostgres() && f.pendingNotifications.Add(1) == 1 {
		go restartOnPanic(context.Background(), f.notifyOtherProcesses)
	}
}

// notifyOtherProcesses announces new entries of the feed to other processes, one statement at a time. The next
// statement announces what is committed meanwhile. It does not run in the transactions of the writes, because
// PostgreSQL would then let them commit only one after the other.
func (f *feedPoller) notifyOtherProcesses() {
	for {
		n := f.pendingNotifications.Load()
		ctx, cancel := context.WithTimeout(context.Background(), notifyTimeout)
		f.db.SQL().ExecContext(ctx, "NOTIFY "+feedChannel) // where it is lost, the poll finds the change
		cancel()
		if f.pendingNotifications.CompareAndSwap(n, 0) {
			return
		}
	}
}

// pollUntilDone reads the feed after a position and distributes its entries until the context ends. Moves is the number
// of moves to another server before the position was read. After another move the position means nothing, because
// another server counts its transactions anew and may have lost the last ones. Everybody then compares all rows.
func (f *feedPoller) pollUntilDone(ctx context.Context, at string, moves int64) {
	poll, ping := time.NewTicker(feedPollInterval), time.NewTicker(listenerPingInterval)
	defer poll.Stop()
	defer ping.Stop()
	listener, notifications := f.db.Listen(feedChannel), (<-chan *pq.Notification)(nil)
	if listener != nil { // on SQLite only the poll finds changes
		notifications = listener.Notifications
		defer listener.Close()
	}
	f.lastRead.Store(time.Now().UnixNano())
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		case <-notifications: // or nil, which means that the connection was lost for a while
		case <-poll.C:
		case <-ping.C:
			if listener != nil {
				go listener.Ping() // reconnects when it fails
			}
			continue
		}
		next, list, all, err := f.readSince(ctx, at)
		if now := f.db.ServerMoves(); now != moves { // counted before a statement reaches the other server
			if next, err = f.restartOnServer(ctx); err == nil {
				moves, all = now, true
			}
		}
		if err != nil {
			continue // the database is unreachable; the position stays
		}
		late := time.Since(last) > feedRetention/2 // entries may have been deleted unread
		at, last = next, time.Now()
		f.lastRead.Store(last.UnixNano())
		f.distributeEntries(ctx, list, all || late)
	}
}

// readSince is readFeedSince for as long as one read may take.
func (f *feedPoller) readSince(ctx context.Context, at string) (string, []feedEntry, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, feedReadTimeout)
	defer cancel()
	return readFeedSince(ctx, f.db, at)
}

// restartOnServer returns the position from which the feed of another server is read.
func (f *feedPoller) restartOnServer(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, feedReadTimeout)
	defer cancel()
	if err := RenumberFutureEntries(ctx, f.db); err != nil {
		return "", err
	}
	return readFeedEnd(ctx, f.db)
}

// decidesRights reports whether an entry is about an entity from which the rights of users are computed. An entity that
// this program does not know decides none, because this program computes no rights from it.
func (f *feedPoller) decidesRights(t feedEntry) bool {
	e := f.model.Entity(t.entity)
	return e != nil && e.DecidesRights
}

// distributeEntries passes entries to all subscribers. It increments the version of rights first, so that a watch that
// looks because of an entry reads the rights of that moment.
func (f *feedPoller) distributeEntries(ctx context.Context, list []feedEntry, all bool) {
	if len(list) == 0 && !all {
		return
	}
	if all || slices.ContainsFunc(list, f.decidesRights) {
		f.rightsVersion.Add(1)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return // the last subscriber left, and newer subscribers have a poll of their own
	}
	for d := range f.subscribers {
		d.markStale(list, all)
	}
}
