package store

import (
	"context"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

const (
	feedPollInterval     = 250 * time.Millisecond // looks at the feed without being told: a notification can be lost
	listenerPingInterval = time.Minute            // asks whether the listener's connection lives

	notifyTimeout = 5 * time.Second // for one announcement
)

// feedPoller reads the feed once for all watches of this process, while there are any. It is told by the writers of this
// process, by PostgreSQL's notifications, and looks by itself several times a second.
type feedPoller struct {
	db                   *database.DB
	model                *model.Model
	rightsVersion        *atomic.Int64
	wake                 chan struct{}
	pendingNotifications atomic.Int64 // commits of this process that others have not been told of

	mu          sync.Mutex
	subscribers map[*staleRows]bool
	stop        context.CancelFunc
}

// staleRows is where a watch must look again: whole entities, and single rows of others. It is bounded, however slow its
// reader is.
type staleRows struct {
	wake chan struct{}

	mu   sync.Mutex
	all  bool
	rows map[string]map[uuid.UUID]bool // nil for a whole entity
}

func (d *staleRows) markStale(list []feedEntry, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = d.all || all
	if d.rows == nil {
		d.rows = map[string]map[uuid.UUID]bool{}
	}
	for _, t := range list {
		rows, ok := d.rows[t.entity]
		switch {
		case ok && rows == nil:
		case t.key == uuid.Nil || len(rows) >= maxNamedRows:
			d.rows[t.entity] = nil
		case !ok:
			d.rows[t.entity] = map[uuid.UUID]bool{t.key: true}
		default:
			rows[t.key] = true
		}
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// takeStale returns what is dirty, and forgets it.
func (d *staleRows) takeStale() (rows map[string]map[uuid.UUID]bool, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, all = d.rows, d.all
	d.rows, d.all = nil, false // thousands look several times a second, and mostly find nothing
	return rows, all
}

// restartOnPanic does what nobody waits for, and does it again after a while where it panics: no mistake there ends the hub.
func restartOnPanic(ctx context.Context, do func()) {
	whole := func() (done bool) {
		defer func() {
			if !done {
				recover()
				slog.ErrorContext(ctx, "panic", "stack", string(debug.Stack()))
			}
		}()
		do()
		return true
	}
	for ctx.Err() == nil && !whole() {
		time.Sleep(feedPollInterval)
	}
}

// addSubscriber begins to collect what is written from now on.
func (f *feedPoller) addSubscriber(ctx context.Context) (*staleRows, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.subscribers) >= MaxWatches {
		return nil, fault.New(fault.RateLimited, "The hub serves %d subscriptions already: try again later.", MaxWatches)
	}
	if len(f.subscribers) == 0 {
		at, err := readFeedEnd(ctx, f.db)
		if err != nil {
			return nil, err
		}
		run, stop := context.WithCancel(context.WithoutCancel(ctx))
		f.stop = stop
		begun := false
		go restartOnPanic(run, func() {
			if begun {
				f.distributeEntries(run, nil, true) // what was read before it failed may not have been told
			}
			begun = true
			f.pollUntilDone(run, at)
		})
	}
	d := &staleRows{wake: make(chan struct{}, 1)}
	f.subscribers[d] = true
	return d, nil
}

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

// notifyOtherProcesses tells other processes that the feed has grown, one statement at a time: what is committed meanwhile is told
// by the next. Within the writes' own transactions, PostgreSQL would let them commit only one after the other.
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

// pollUntilDone reads until nobody watches any more.
func (f *feedPoller) pollUntilDone(ctx context.Context, at string) {
	poll, ping := time.NewTicker(feedPollInterval), time.NewTicker(listenerPingInterval)
	defer poll.Stop()
	defer ping.Stop()
	told, listener := f.startListener()
	if listener != nil {
		defer listener.Close()
	}
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
		case <-told: // a nil one too, which says that the connection was lost for a while
		case <-poll.C:
		case <-ping.C:
			if listener != nil {
				go listener.Ping() // reconnects where it fails
			}
			continue
		}
		next, list, all, err := readFeedSince(ctx, f.db, at)
		if err != nil {
			continue // the database is away; the position stays
		}
		late := time.Since(last) > feedRetention/2 // entries may have been forgotten meanwhile
		at, last = next, time.Now()
		f.distributeEntries(ctx, list, all || late)
	}
}

// startListener hears PostgreSQL's notifications. Without it, the poll alone finds changes.
func (f *feedPoller) startListener() (<-chan *pq.Notification, *pq.Listener) {
	if !f.db.IsPostgres() {
		return nil, nil
	}
	l := pq.NewListener(f.db.URL(), time.Second, 10*time.Second, nil)
	go l.Listen(feedChannel) // waits for the connection
	return l.Notify, l
}

// decidesRights reports whether an entry is about an entity from which the rights of users are computed. An entity that
// this program does not know decides none, because this program computes no rights from it.
func (f *feedPoller) decidesRights(t feedEntry) bool {
	e := f.model.Entity(t.entity)
	return e != nil && e.DecidesRights
}

// distributeEntries passes entries on. Rights first: whoever looks because of an entry must look with the rights of that moment.
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
		return // others have begun anew
	}
	for d := range f.subscribers {
		d.markStale(list, all)
	}
}
