package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// withForwardedClient lets requests that proxies pass on count as their clients', whose address they add to X-Forwarded-For. Only what
// a listed proxy wrote is believed: the header is read from its end, for as long as who wrote is one of them.
func withForwardedClient(proxies []netip.Prefix, next http.Handler) http.Handler {
	if len(proxies) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		at := from.Addr().Unmap()
		for _, hop := range slices.Backward(hops) {
			if err != nil || !slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(at) }) {
				break
			}
			var client netip.Addr
			if client, err = parseForwardedAddress(strings.TrimSpace(hop)); err == nil {
				at = client.Unmap()
				r.RemoteAddr = net.JoinHostPort(at.String(), "0")
			}
		}
		next.ServeHTTP(w, r)
	})
}

// parseForwardedAddress reads an entry of X-Forwarded-For; some proxies write a port.
func parseForwardedAddress(text string) (netip.Addr, error) {
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr(), nil
	}
	return netip.ParseAddr(text)
}
