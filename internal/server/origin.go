package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rightshub/internal/fault"
)

// varyHeader is what an answer depends on beside its address.
const varyHeader = "Accept, Accept-Encoding, Accept-Language, Authorization, Purpose-Of-Use, Audit-Grant, Origin"

// What a page of an allowed origin may send and read.
const (
	corsMethods        = "GET, POST"
	corsRequestHeaders = "Authorization, Content-Type, Accept-Language, Purpose-Of-Use, Audit-Grant, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id, " +
		"apollographql-client-name, apollographql-client-version, apollo-require-preflight, x-graphql-event-stream-token, " + // of clients, which send them by themselves
		"traceparent, tracestate, baggage" // of their traces
	corsExposedHeaders = "X-Request-Id, Retry-After, ETag, Idempotency-Replayed, Content-Language, WWW-Authenticate, Allow"
)

// isSocketUpgrade reports whether the request wants a socket: a GET by which a page of any site could speak to the hub.
func isSocketUpgrade(r *http.Request) bool {
	return r.URL.Path == "/graphql" && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// isSameHost reports whether an origin is the host's own, or none: browsers send one with each socket, programs need not.
func isSameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	return origin == "" || err == nil && strings.EqualFold(u.Host, host)
}

// checkOrigin lets pages of the hub itself and of the listed origins ask, and no others. There is no cookie that another
// site could use: this keeps a page from using a token that it got by other ways.
func (s *Server) checkOrigin(next http.Handler) http.Handler {
	own := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		allowed := slices.Contains(s.options.AllowedOrigins, origin)
		if allowed {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", corsExposedHeaders)
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				w.Header().Set("Access-Control-Allow-Methods", corsMethods)
				w.Header().Set("Access-Control-Allow-Headers", corsRequestHeaders)
				w.Header().Set("Access-Control-Max-Age", "3600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		if foreign := own.Check(r) != nil || isSocketUpgrade(r) && !isSameHost(origin, r.Host); foreign && !allowed {
			s.writeError(w, r, http.StatusForbidden, fault.New(fault.Forbidden, "Pages of this origin may not ask here: the operator lists them with --allowed-origins."))
			return
		}
		next.ServeHTTP(w, r)
	})
}
