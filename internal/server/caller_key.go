package server

import (
	"net"
	"net/http"
	"net/netip"

	"github.com/google/uuid"

	"rightshub/internal/store"
)

// callerKey identifies a caller in the counts of requests and connections. It is a user, or the network of an
// anonymous caller. The network stays in memory only, and only while it is needed for counting.
type callerKey struct {
	user    uuid.UUID
	network string // only for anonymous callers
}

func (a callerKey) isAnonymous() bool { return a.user == uuid.Nil }

// anonymousCallerKey returns the key of a caller that has not signed in, or not yet.
func anonymousCallerKey(r *http.Request) callerKey {
	return callerKey{network: networkOf(r.RemoteAddr)}
}

// callerKeyOf returns the key of the session's user, or of the request's network when the session is anonymous.
func callerKeyOf(session store.Session, r *http.Request) callerKey {
	if user := session.User(); user != uuid.Nil {
		return callerKey{user: user}
	}
	return anonymousCallerKey(r)
}

// networkOf returns the network that a provider gives to one customer: a whole IPv4 address, or the first 64 bits of an
// IPv6 address. It returns "" for an address that it cannot read.
func networkOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return ""
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	bits := 64
	if ip = ip.Unmap(); ip.Is4() {
		bits = 32
	}
	prefix, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}
