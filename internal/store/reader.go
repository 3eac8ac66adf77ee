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

	"rightshub/internal/fault"
)

const (
	feedPoll = 250 * time.Millisecond // looks at the feed without being told: a notification can be lost
	feedPing = time.Minute            // asks whether the listener's connection lives

	announcing = 5 * time.Second // for one announcement
)

// feed reads the feed once for all watches of this process, while there are any. It is told by the writers of this
// process, by PostgreSQL's notifications, and looks by itself several times a second.
type feed struct {
	db     *DB
	rights *atomic.Int64
	bell   chan struct{}
	untold atomic.Int64 // commits of this process that others have not been told of

	mu      sync.Mutex
	readers map[*dirt]bool
	stop    context.CancelFunc
}

// dirt is where a watch must look again: whole entities, and single rows of others. It is bounded, however slow its
// reader is.
type dirt struct {
	bell chan struct{}

	mu   sync.Mutex
	all  bool
	rows map[string]map[uuid.UUID]bool // nil for a whole entity
}

func (d *dirt) add(list []touched, all bool) {
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
		case t.key == uuid.Nil || len(rows) >= manyRows:
			d.rows[t.entity] = nil
		case !ok:
			d.rows[t.entity] = map[uuid.UUID]bool{t.key: true}
		default:
			rows[t.key] = true
		}
	}
	select {
	case d.bell <- struct{}{}:
	default:
	}
}

// take returns what is dirty, and forgets it.
func (d *dirt) take() (rows map[string]map[uuid.UUID]bool, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rows, all = d.rows, d.all
	d.rows, d.all = nil, false // thousands look several times a second, and mostly find nothing
	return rows, all
}

// alive does what nobody waits for, and does it again after a while where it panics: no mistake there ends the hub.
func alive(ctx context.Context, do func()) {
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
		time.Sleep(feedPoll)
	}
}

// join begins to collect what is written from now on.
func (f *feed) join(ctx context.Context) (*dirt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.readers) >= MaxWatches {
		return nil, fault.New(fault.RateLimited, "The hub serves %d subscriptions already: try again later.", MaxWatches)
	}
	if len(f.readers) == 0 {
		at, err := f.db.feedStart(ctx)
		if err != nil {
			return nil, err
		}
		run, stop := context.WithCancel(context.WithoutCancel(ctx))
		f.stop = stop
		begun := false
		go alive(run, func() {
			if begun {
				f.tell(run, nil, true) // what was read before it failed may not have been told
			}
			begun = true
			f.run(run, at)
		})
	}
	d := &dirt{bell: make(chan struct{}, 1)}
	f.readers[d] = true
	return d, nil
}

func (f *feed) leave(d *dirt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers[d] {
		if delete(f.readers, d); len(f.readers) == 0 {
			f.stop()
		}
	}
}

// grown is called after each commit of this process.
func (f *feed) grown() {
	select {
	case f.bell <- struct{}{}:
	default:
	}
	if f.db.postgres() && f.untold.Add(1) == 1 {
		go alive(context.Background(), f.announce)
	}
}

// announce tells other processes that the feed has grown, one statement at a time: what is committed meanwhile is told
// by the next. Within the writes' own transactions, PostgreSQL would let them commit only one after the other.
func (f *feed) announce() {
	for {
		n := f.untold.Load()
		ctx, cancel := context.WithTimeout(context.Background(), announcing)
		f.db.sql.ExecContext(ctx, "NOTIFY "+feedChannel) // where it is lost, the poll finds the change
		cancel()
		if f.untold.CompareAndSwap(n, 0) {
			return
		}
	}
}

// run reads until nobody watches any more.
func (f *feed) run(ctx context.Context, at string) {
	poll, ping := time.NewTicker(feedPoll), time.NewTicker(feedPing)
	defer poll.Stop()
	defer ping.Stop()
	told, listener := f.listen()
	if listener != nil {
		defer listener.Close()
	}
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-f.bell:
		case <-told: // a nil one too, which says that the connection was lost for a while
		case <-poll.C:
		case <-ping.C:
			if listener != nil {
				go listener.Ping() // reconnects where it fails
			}
			continue
		}
		next, list, all, err := f.db.feedSince(ctx, at)
		if err != nil {
			continue // the database is away; the position stays
		}
		late := time.Since(last) > feedKept/2 // entries may have been forgotten meanwhile
		at, last = next, time.Now()
		f.tell(ctx, list, all || late)
	}
}

// listen hears PostgreSQL's notifications. Without it, the poll alone finds changes.
func (f *feed) listen() (<-chan *pq.Notification, *pq.Listener) {
	if !f.db.postgres() {
		return nil, nil
	}
	l := pq.NewListener(f.db.url, time.Second, 10*time.Second, nil)
	go l.Listen(feedChannel) // waits for the connection
	return l.Notify, l
}

// tell passes entries on. Rights first: whoever looks because of an entry must look with the rights of that moment.
func (f *feed) tell(ctx context.Context, list []touched, all bool) {
	if len(list) == 0 && !all {
		return
	}
	if all || slices.ContainsFunc(list, func(t touched) bool { return slices.Contains(deciding, t.entity) }) {
		f.rights.Add(1)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return // others have begun anew
	}
	for d := range f.readers {
		d.add(list, all)
	}
}
