package database

import (
	"context"
	"net"
	"time"

	"github.com/lib/pq"
)

const (
	listenerMinReconnect = time.Second
	listenerMaxReconnect = 10 * time.Second
	listenerPingTimeout  = 2 * time.Second
)

// Listener receives the notifications of a channel of PostgreSQL, on a connection of its own.
type Listener struct {
	// Notifications gets each notification, and nil when the connection was lost for a while.
	Notifications <-chan *pq.Notification

	inner  *pq.Listener
	dialer listenerDialer
}

// listenerDialer opens the listener's sockets for lib/pq, one after the other.
type listenerDialer struct {
	*socketDialer
	dialed *dialedSockets
}

// DialContext implements the interface of lib/pq.
func (d listenerDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d.socketDialer.DialContext(context.WithValue(ctx, dialedSocketsKey{}, d.dialed), network, address)
}

// Listen listens to a channel until the listener is closed. It returns nil on SQLite, which has no channels.
func (db *DB) Listen(channel string) *Listener {
	if !db.IsPostgres() {
		return nil
	}
	dialer := listenerDialer{newSocketDialer(), &dialedSockets{}}
	inner := pq.NewDialListener(dialer, db.outages.dsn, listenerMinReconnect, listenerMaxReconnect, nil)
	go inner.Listen(channel) // waits for the connection
	return &Listener{inner.Notify, inner, dialer}
}

// Ping checks the connection. One that does not answer soon is closed, and the listener makes another.
func (l *Listener) Ping() {
	timer := time.AfterFunc(listenerPingTimeout, l.dialer.dialed.closeAll)
	defer timer.Stop()
	l.inner.Ping()
}

// Close ends the listening. It does not wait for a server that is silent.
func (l *Listener) Close() {
	timer := time.AfterFunc(listenerPingTimeout, l.dialer.dialed.closeAll)
	go func() {
		defer timer.Stop()
		l.inner.Close()
	}()
}
