package server

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"rightshub/internal/fault"
)

// varyHeader lists the request headers that a response depends on.
const varyHeader = "Accept, Accept-Encoding, Accept-Language, Authorization, Purpose-Of-Use, Audit-Grant, Origin"

// Methods and headers that a page of an allowed origin may send and read.
const (
	corsMethods        = "GET, POST"
	corsRequestHeaders = "Authorization, Content-Type, Content-Encoding, Accept-Language, Purpose-Of-Use, Audit-Grant, " +
		"Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id, " +
		// Client libraries send these headers by default.
		"apollographql-client-name, apollographql-client-version, apollo-require-preflight, " +
		"x-graphql-event-stream-token, x-apollo-operation-name, x-apollo-operation-id, " +
		// Tracing libraries send these headers.
		"traceparent, tracestate, baggage, sentry-trace, b3"
	corsExposedHeaders = "X-Request-Id, Retry-After, ETag, Idempotency-Replayed, Content-Language, " +
		"WWW-Authenticate, Allow"
)

// shownOrigin matches the origins that a message repeats, which are a scheme and a host.
var shownOrigin = regexp.MustCompile(`^[a-z][a-z0-9+.-]{0,31}://[A-Za-z0-9._:\[\]-]{1,253}$`)

// newForeignOrigin returns the fault for a request of a page of another origin. It says what to set. A proxy that
// changes Host makes the hub's own pages look foreign.
func newForeignOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if !shownOrigin.MatchString(origin) || !shownHost.MatchString(r.Host) {
		return fault.New(fault.Forbidden,
			"Pages of this origin may not use the hub. The operator can allow the origin with --allowed-origins.")
	}
	return fault.New(fault.Forbidden, "Pages of %s may not use the hub, which was asked as %s. The operator can allow "+
		"the origin with --allowed-origins %s. If it is the hub's own address, the proxy must pass Host unchanged.",
		origin, r.Host, origin)
}

// isSocketUpgrade reports whether the request opens a WebSocket. Browsers do not apply CORS to such a request, so
// that a page of any site can send it.
func isSocketUpgrade(r *http.Request) bool {
	return r.URL.Path == "/graphql" && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// isSameHost reports whether the origin is empty or belongs to the host. Browsers send an origin whenever they open a
// WebSocket. Programs need not.
func isSameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return origin == "" || err == nil && strings.EqualFold(u.Host, host)
}

// headerNamePattern matches the names of headers, by RFC 9110 (section 5.6.2), as far as libraries use them.
var headerNamePattern = regexp.MustCompile(`^[A-Za-z0-9!#$&+.^_|~-]{1,64}$`)

// maxRequestedHeaders is how many headers of a preflight are read.
const maxRequestedHeaders = 50

// allowedRequestHeaders returns the headers that a page of an allowed origin may send. Besides those that the hub
// reads, a page may send the requested ones, because libraries add headers of their own and the hub ignores these.
func allowedRequestHeaders(requested string) string {
	allowed := corsRequestHeaders
	for i, name := range strings.SplitN(requested, ",", maxRequestedHeaders+1) {
		name = strings.TrimSpace(name)
		known := slices.ContainsFunc(strings.Split(allowed, ", "), func(a string) bool { return strings.EqualFold(a, name) })
		if i < maxRequestedHeaders && !known && headerNamePattern.MatchString(name) {
			allowed += ", " + name
		}
	}
	return allowed
}

// checkOrigin refuses requests from web pages, except from pages of the hub itself and of the allowed origins. It
// also answers CORS preflights of allowed origins. The hub has no cookies that another site could abuse. The check
// keeps a page of another site from using a token that it obtained in some other way.
func (s *Server) checkOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		allowed := slices.Contains(s.options.AllowedOrigins, origin)
		if allowed {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", corsExposedHeaders)
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				w.Header().Set("Access-Control-Allow-Methods", corsMethods)
				requested := r.Header.Get("Access-Control-Request-Headers")
				w.Header().Set("Access-Control-Allow-Headers", allowedRequestHeaders(requested))
				w.Header().Set("Access-Control-Max-Age", "3600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		foreign := protection.Check(r) != nil || isSocketUpgrade(r) && !isSameHost(origin, r.Host)
		if foreign && !allowed {
			s.writeError(w, r, newForeignOrigin(r))
			return
		}
		next.ServeHTTP(w, r)
	})
}
