package server

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// reservedFiles are the open files that the hub needs beside its clients' connections: the database, the policies, the
// listeners and the log.
const reservedFiles = 100

// maxClientConnections returns how many connections of clients the process may have open.
func maxClientConnections() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 1<<20 {
		return 1 << 20
	}
	return max(int(limit.Cur)-reservedFiles, int(limit.Cur)/2)
}

// ClientConnections counts the open connections of all listeners of the process, since its open files have one limit.
// It makes room for a new connection when the process has no more open files for it. It closes the one that has been
// idle longest, on any listener, or the new one when none is idle. Otherwise clients that send nothing would keep
// others out, and the hub could not open its database.
type ClientConnections struct {
	limit int

	mu   sync.Mutex
	open int
	idle *list.List // of *countedConn, the longest idle first
	at   map[*countedConn]*list.Element
}

// NewClientConnections returns the counter for all calls of Serve in the process. Its limit is that of open files.
func NewClientConnections() *ClientConnections { return newClientConnections(maxClientConnections()) }

func newClientConnections(limit int) *ClientConnections {
	return &ClientConnections{limit: limit, idle: list.New(), at: map[*countedConn]*list.Element{}}
}

// countedListener is a listener with connections that are counted.
type countedListener struct {
	net.Listener
	connections *ClientConnections
}

// countedConn is a connection that is counted until it is closed.
type countedConn struct {
	net.Conn
	owner *ClientConnections
	ended bool // it does not count any more
}

func (c *countedConn) Close() error {
	c.owner.mu.Lock()
	c.owner.discount(c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}

// Accept implements net.Listener.
func (l countedListener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &countedConn{Conn: inner, owner: l.connections}
		surplus := l.connections.admit(c)
		if surplus != nil {
			surplus.Close()
		}
		if surplus != c {
			return c, nil
		}
	}
}

// admit counts a new connection. Where there are too many, it returns the one to close, which counts no more.
func (l *ClientConnections) admit(c *countedConn) (surplus *countedConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open++; l.open <= l.limit {
		return nil
	}
	surplus = c
	if l.idle.Len() > 0 {
		surplus = l.idle.Front().Value.(*countedConn)
	}
	l.discount(surplus)
	return surplus
}

// discount takes a connection from the open ones. The caller holds mu.
func (l *ClientConnections) discount(c *countedConn) {
	l.forget(c)
	if !c.ended {
		c.ended = true
		l.open--
	}
}

// forget takes a connection from the idle ones. The caller holds mu.
func (l *ClientConnections) forget(c *countedConn) {
	if e := l.at[c]; e != nil {
		l.idle.Remove(e)
		delete(l.at, c)
	}
}

// noteState learns from http.Server which connections wait for a request. A new one also waits.
func (l *ClientConnections) noteState(conn net.Conn, state http.ConnState) {
	c := conn.(*countedConn)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(c)
	if !c.ended && (state == http.StateNew || state == http.StateIdle) {
		l.at[c] = l.idle.PushBack(c)
	}
}
