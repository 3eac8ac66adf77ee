package database

import (
	"context"
	"database/sql"
	"sync"
)

// keptConnections are the connections that callers leave to sign-in, the feed of changes and /readyz.
const keptConnections = 3

// shares gives each caller a share of the pool, so that one with many requests does not keep the others out. One caller
// has at most half of the connections. When all are in use, the next goes to the waiting caller that has the fewest.
type shares struct {
	total, perCaller int

	mu       sync.Mutex
	running  int
	byCaller map[string]int
	waiting  []*waiter // the longest waiting first
}

// waiter is a request that waits for a connection.
type waiter struct {
	caller string
	ready  chan struct{}
}

func newShares(connections int) *shares {
	total := max(connections-keptConnections, 1)
	return &shares{total: total, perCaller: max(min(connections/2, total), 1), byCaller: map[string]int{}}
}

// acquire waits until the caller may use a connection, or the context ends. The release may be called several times.
func (s *shares) acquire(ctx context.Context, caller string) (release func(), err error) {
	release = sync.OnceFunc(func() { s.release(caller) })
	s.mu.Lock()
	if s.running < s.total && s.byCaller[caller] < s.perCaller {
		s.begin(caller)
		s.mu.Unlock()
		return release, nil
	}
	w := &waiter{caller, make(chan struct{})}
	s.waiting = append(s.waiting, w)
	s.mu.Unlock()
	select {
	case <-w.ready:
		return release, nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.waiting {
		if s.waiting[i] == w {
			s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
			return nil, Classify(ctx.Err())
		}
	}
	return release, nil // it got one at the same moment
}

// begin counts a connection of the caller. The caller of begin holds mu.
func (s *shares) begin(caller string) {
	s.running++
	s.byCaller[caller]++
}

func (s *shares) release(caller string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	if s.byCaller[caller]--; s.byCaller[caller] == 0 {
		delete(s.byCaller, caller)
	}
	for s.running < s.total {
		next := -1
		for i, w := range s.waiting {
			n := s.byCaller[w.caller]
			if n < s.perCaller && (next < 0 || n < s.byCaller[s.waiting[next].caller]) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		w := s.waiting[next]
		s.waiting = append(s.waiting[:next], s.waiting[next+1:]...)
		s.begin(w.caller)
		close(w.ready)
	}
}

type (
	shareKey struct{} // of the caller that pays for a transaction
	slotKey  struct{} // of the release of a query's share
)

// WithShare returns a context of transactions that use the caller's share of the pool.
func WithShare(ctx context.Context, caller string) context.Context {
	return context.WithValue(ctx, shareKey{}, caller)
}

// acquireShare waits for the share of the context's caller. Without one it does not wait.
func (db *DB) acquireShare(ctx context.Context) (release func(), err error) {
	caller, ok := ctx.Value(shareKey{}).(string)
	if !ok {
		return func() {}, nil
	}
	return db.shares.acquire(ctx, caller)
}

// Shared returns the pool for one caller's statements. Each uses the caller's share until its rows are closed.
func (db *DB) Shared(caller string) Querier { return &sharedPool{db, caller} }

type sharedPool struct {
	db     *DB
	caller string
}

func (p *sharedPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	release, err := p.db.shares.acquire(ctx, p.caller)
	if err != nil {
		return nil, err
	}
	rows, err := p.db.pool.QueryContext(context.WithValue(ctx, slotKey{}, release), query, args...)
	if err != nil {
		release()
	}
	return rows, err
}

func (p *sharedPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	release, err := p.db.shares.acquire(ctx, p.caller)
	if err != nil {
		return nil, err
	}
	defer release()
	return p.db.pool.ExecContext(ctx, query, args...)
}

// releaseShare returns the release of the query's share, for the end of its rows.
func releaseShare(ctx context.Context) func() {
	if release, ok := ctx.Value(slotKey{}).(func()); ok {
		return release
	}
	return func() {}
}
