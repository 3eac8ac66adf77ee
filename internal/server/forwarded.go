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
func withForwardedClient(proxies []netip.Prefix, next http.Handler) http.Handler {
	if len(proxies) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		remote, err := netip.ParseAddrPort(r.RemoteAddr)
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		sender := remote.Addr().Unmap()
		for _, hop := range slices.Backward(hops) {
			if err != nil || !slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(sender) }) {
				break
			}
			var client netip.Addr
			if client, err = parseForwardedAddress(strings.TrimSpace(hop)); err == nil {
				sender = client.Unmap()
				r.RemoteAddr = net.JoinHostPort(sender.String(), "0")
			}
		}
		next.ServeHTTP(w, r)
	})
}

// parseForwardedAddress reads an entry of X-Forwarded-For, to which some proxies add a port.
func parseForwardedAddress(text string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(text)
}
