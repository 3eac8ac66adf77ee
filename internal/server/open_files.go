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

// idleConnections makes room for a new connection when the process has no more open files for it. It closes the one
// that has been idle longest, or the new one when none is idle. Otherwise clients that send nothing would keep others
// out, and the hub could not open its database.
type idleConnections struct {
	net.Listener
	limit int

	mu   sync.Mutex
	open int
	idle *list.List // of net.Conn, the longest idle first
	at   map[net.Conn]*list.Element
}

func newIdleConnections(l net.Listener, limit int) *idleConnections {
	return &idleConnections{Listener: l, limit: limit, idle: list.New(), at: map[net.Conn]*list.Element{}}
}

// countedConn is a connection that is counted until it is closed.
type countedConn struct {
	net.Conn
	once  sync.Once
	owner *idleConnections
}

func (c *countedConn) Close() error {
	c.once.Do(func() {
		c.owner.mu.Lock()
		defer c.owner.mu.Unlock()
		c.owner.open--
		c.owner.forget(c)
	})
	return c.Conn.Close()
}

// Accept implements net.Listener.
func (l *idleConnections) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &countedConn{Conn: inner, owner: l}
		l.mu.Lock()
		l.open++
		var oldest net.Conn
		if l.open > l.limit {
			if oldest = c; l.idle.Len() > 0 {
				oldest = l.idle.Front().Value.(net.Conn)
			}
		}
		l.mu.Unlock()
		if oldest != nil {
			oldest.Close()
		}
		if oldest != c {
			return c, nil
		}
	}
}

// forget takes a connection from the idle ones. The caller holds mu.
func (l *idleConnections) forget(c net.Conn) {
	if e := l.at[c]; e != nil {
		l.idle.Remove(e)
		delete(l.at, c)
	}
}

// noteState learns from http.Server which connections wait for a request. A new one also waits.
func (l *idleConnections) noteState(c net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(c)
	if state == http.StateNew || state == http.StateIdle {
		l.at[c] = l.idle.PushBack(c)
	}
}
