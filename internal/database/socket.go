package database

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	connectTimeout  = 2 * time.Second        // for a new connection to one host, with its sign-in
	answerGrace     = 500 * time.Millisecond // how much longer than a statement may take its answer is awaited
	abandonedGrace  = 2 * time.Second        // between the end of a statement's context and that of its connection
	suspicionPeriod = time.Second            // what other waiting connections get when one turned out to be silent

	tcpUserTimeout = 5 * time.Second // longest time that sent bytes may stay unacknowledged
)

var tcpKeepAlive = net.KeepAliveConfig{
	Enable: true, Idle: 3 * time.Second, Interval: time.Second, Count: 3,
}

// socketDialer opens the sockets of connections to PostgreSQL. A network that loses packets or a server that stopped
// says nothing, so each wait on such a socket is bounded. The kernel finds a peer that acknowledges nothing. The limit
// of a wait finds a peer that acknowledges and does not answer.
type socketDialer struct {
	mu   sync.Mutex
	open map[*socket]bool
}

func newSocketDialer() *socketDialer { return &socketDialer{open: map[*socket]bool{}} }

// dialedSocketsKey is the key of the list of the sockets that were opened for one connection.
type dialedSocketsKey struct{}

// dialedSockets are the sockets that were opened for one connection. The last is its socket.
type dialedSockets struct {
	mu   sync.Mutex
	list []*socket
}

func (d *dialedSockets) add(s *socket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = append(slices.DeleteFunc(d.list, func(s *socket) bool { return s.closed.Load() }), s)
}

func (d *dialedSockets) closeAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.list {
		s.Close()
	}
}

func (d *dialedSockets) last() *socket {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.list) == 0 {
		return nil
	}
	return d.list[len(d.list)-1]
}

// Dial implements the interface of lib/pq.
func (d *socketDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialTimeout(network, address, connectTimeout)
}

// DialTimeout implements the interface of lib/pq.
func (d *socketDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext implements the interface of lib/pq.
func (d *socketDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{KeepAliveConfig: tcpKeepAlive, Control: setUserTimeout}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s := &socket{Conn: c, dialer: d}
	d.mu.Lock()
	d.open[s] = true
	d.mu.Unlock()
	if dialed, ok := ctx.Value(dialedSocketsKey{}).(*dialedSockets); ok {
		dialed.add(s)
	}
	return s, nil
}

// hurrySilentSockets shortens the waits on all sockets that wait for an answer. It is called when one of them turned
// out to be silent, because the others usually are as well.
func (d *socketDialer) hurrySilentSockets() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for s := range d.open {
		since := s.waitingSince.Load()
		if since != 0 && now.UnixNano()-since > int64(suspicionPeriod) && s.waitingSince.CompareAndSwap(since, 0) {
			s.Conn.SetReadDeadline(now.Add(suspicionPeriod)) // once for each wait, or it would never end
		}
	}
}

// socket is the socket of one connection. A read waits at most for the limit, and so does a write.
type socket struct {
	net.Conn
	dialer       *socketDialer
	limit        atomic.Int64 // longest wait for the other side; 0 means for ever
	waitingSince atomic.Int64 // when the waiting read began; 0 when none waits, or it was shortened
	sent         atomic.Int64 // bytes that were written
	silent       atomic.Bool  // a wait reached its limit
	closed       atomic.Bool
}

func (s *socket) Read(b []byte) (int, error) {
	limit := time.Duration(s.limit.Load())
	if limit > 0 {
		now := time.Now()
		s.Conn.SetReadDeadline(now.Add(limit))
		s.waitingSince.Store(now.UnixNano())
	}
	n, err := s.Conn.Read(b)
	if limit > 0 {
		s.waitingSince.Store(0)
		s.noteSilence(err)
	}
	return n, err
}

func (s *socket) Write(b []byte) (int, error) {
	limit := time.Duration(s.limit.Load())
	if limit > 0 {
		s.Conn.SetWriteDeadline(time.Now().Add(limit))
	}
	n, err := s.Conn.Write(b)
	s.sent.Add(int64(n))
	if limit > 0 {
		s.noteSilence(err)
	}
	return n, err
}

func (s *socket) noteSilence(err error) {
	if isNetTimeout(err) {
		s.silent.Store(true)
	}
}

func (s *socket) Close() error {
	s.closed.Store(true)
	s.dialer.mu.Lock()
	delete(s.dialer.open, s)
	s.dialer.mu.Unlock()
	return s.Conn.Close()
}

// watchContext closes the socket some time after the context has ended, unless stop is called before.
func (s *socket) watchContext(ctx context.Context) (stop func()) {
	var (
		mu      sync.Mutex
		stopped bool
		timer   *time.Timer
	)
	forget := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			timer = time.AfterFunc(abandonedGrace, func() { s.Close() })
		}
	})
	return func() {
		if forget() {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if stopped = true; timer != nil {
			timer.Stop()
		}
	}
}

// longStatementKey is the key of contexts of statements that may take as long as they need.
type longStatementKey struct{}

// withLongStatements returns a context of statements that may take as long as they need, such as those of migrations.
func withLongStatements(ctx context.Context) context.Context {
	return context.WithValue(ctx, longStatementKey{}, true)
}
