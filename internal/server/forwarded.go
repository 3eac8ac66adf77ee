package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// withForwardedClient replaces the address of a trusted proxy by the address of the client that the proxy added to
// X-Forwarded-For. It reads the header from its end and stops at the first address that is not a trusted proxy,
// because a client can write anything in the entries before it.
func (s *Server) withForwardedClient(next http.Handler) http.Handler {
	if len(s.options.TrustedProxies) == 0 && !s.options.TrustUnixPeers {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		trusted := s.isTrustedPeer(r)
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(hops) {
			if !trusted {
				break
			}
			client, err := parseForwardedAddress(strings.TrimSpace(hop))
			if err != nil {
				break
			}
			r.RemoteAddr = net.JoinHostPort(client.Unmap().String(), "0")
			trusted = s.isTrustedProxy(client)
		}
		next.ServeHTTP(w, r)
	})
}

// isTrustedPeer reports whether the other side of the request's connection is a trusted proxy. A Unix socket has no
// addresses, so that its peers are trusted together or not at all. The address where the request arrived tells a Unix
// socket apart, because the remote address may be empty.
func (s *Server) isTrustedPeer(r *http.Request) bool {
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && local.Network() == "unix" {
		return s.options.TrustUnixPeers
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && s.isTrustedProxy(remote.Addr())
}

// isTrustedProxy reports whether an address is that of a trusted proxy.
func (s *Server) isTrustedProxy(address netip.Addr) bool {
	address = address.Unmap()
	return slices.ContainsFunc(s.options.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(address) })
}

// parseForwardedAddress reads an entry of X-Forwarded-For, to which some proxies add a port.
func parseForwardedAddress(text string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(text)
}
