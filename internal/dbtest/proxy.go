package dbtest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rightshub/internal/database"
)

// Proxy stands between the hub and PostgreSQL, so that a test can take the network away. While it is silent it accepts
// connections and bytes, as a firewall or a frozen machine does, and passes nothing on.
type Proxy struct {
	URL   string       // the URL of the database through the proxy
	Delay atomic.Int64 // nanoseconds that each message of either side takes

	server   string
	listener net.Listener

	mu     sync.Mutex
	pipes  []*pipe
	silent bool          // new connections are silent too
	closed chan struct{} // while new connections are closed at once, gets a value for each; otherwise nil
}

// pipe is one connection through the proxy.
type pipe struct {
	client, server net.Conn
	silence        chan struct{} // closed when the pipe falls silent for ever
	delay          *atomic.Int64
	once           sync.Once
}

// StartProxy starts a proxy before the database of the test, which must be on PostgreSQL.
func StartProxy(t testing.TB, db *database.DB) *Proxy {
	t.Helper()
	u, err := url.Parse(db.URL())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{server: u.Host, listener: l}
	u.Host = l.Addr().String()
	p.URL = u.String()
	t.Cleanup(func() { l.Close(); p.Cut() })
	go p.accept()
	return p
}

// Open opens a pool of connections through the proxy, as a hub behind it would.
func (p *Proxy) Open(t testing.TB) *database.DB {
	t.Helper()
	return open(t, p.URL)
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		closed := p.closed
		p.mu.Unlock()
		if closed != nil {
			client.Close()
			select {
			case closed <- struct{}{}:
			default:
			}
			continue
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			client.Close()
			continue
		}
		one := &pipe{client: client, server: server, silence: make(chan struct{}), delay: &p.Delay}
		p.mu.Lock()
		if p.pipes = append(p.pipes, one); p.silent {
			one.fallSilent()
		}
		p.mu.Unlock()
		go one.forward(server, client)
		go one.forward(client, server)
	}
}

// forward passes bytes on until one side closes. In silence it takes the bytes and passes none on.
func (p *pipe) forward(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-p.silence:
			if err == nil {
				continue
			}
		default:
		}
		if err == nil {
			time.Sleep(time.Duration(p.delay.Load()))
			_, err = to.Write(buffer[:n])
		}
		if err != nil {
			p.client.Close()
			p.server.Close()
			return
		}
	}
}

func (p *pipe) fallSilent() { p.once.Do(func() { close(p.silence) }) }

// Silence makes all open connections silent for ever. With all, new connections are silent too.
func (p *Proxy) Silence(all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = all
	for _, one := range p.pipes {
		one.fallSilent()
	}
}

// Resume lets new connections through again.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent, p.closed = false, nil
}

// Refuse closes all open connections, and closes new ones at once until Resume. It returns after the hub has tried to
// connect some times, and fails the test when the hub does not try.
func (p *Proxy) Refuse(t testing.TB, attempts int) {
	t.Helper()
	closed := make(chan struct{}, attempts)
	p.mu.Lock()
	p.closed = closed
	p.mu.Unlock()
	p.Cut()
	for range attempts {
		select {
		case <-closed:
		case <-time.After(20 * time.Second):
			t.Fatal("the hub does not try to connect again")
		}
	}
}

// Cut closes all open connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.pipes {
		for _, c := range []io.Closer{one.client, one.server} {
			c.Close()
		}
	}
	p.pipes = nil
}
