package server

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"rightshub/internal/fault"
)

// checkHost refuses requests for a host that the hub does not answer for, with 421 of RFC 9110 (section 15.5.20). The
// page of another site can make its own name lead to this machine, and a browser then takes the hub for a part of that
// site. Only the Host header tells. The health of the hub is answered for any host, because probes ask by address.
func (s *Server) checkHost(next http.Handler) http.Handler {
	if s.options.AllowedHosts == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := hostName(r.Host)
		if r.URL.Path != "/healthz" && r.URL.Path != "/readyz" && !isLoopbackName(name) &&
			!slices.Contains(s.options.AllowedHosts, name) {
			s.writeError(w, r, newForeignHost(name))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostName returns the name or address in a Host header, without a port, in lower case.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// isLoopbackName reports whether a name leads to the machine of the client itself. RFC 6761 (section 6.3) reserves
// localhost and all names under it, so no other site has them.
func isLoopbackName(name string) bool {
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback() || name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// shownHost matches the hosts that a message repeats, with or without a port.
var shownHost = regexp.MustCompile(`^[A-Za-z0-9._:\[\]-]{1,260}$`)

// newForeignHost returns the fault for a request to another host. It says what to set.
func newForeignHost(name string) error {
	f := fault.New(fault.Invalid, "The request names no host. Send a Host header.")
	if shownHost.MatchString(name) {
		f = fault.New(fault.Invalid, "This hub does not answer for the host %s. The operator can allow it with "+
			"--allowed-hosts %s. A hub that listens on this machine alone answers for localhost without that.", name, name)
	}
	return f.WithStatus(http.StatusMisdirectedRequest)
}
