package server

import (
	"net/http"
	"slices"

	"rightshub/internal/fault"
)

// vary is what an answer depends on beside its address.
const vary = "Accept, Accept-Encoding, Accept-Language, Authorization, Purpose-Of-Use, Audit-Grant, Origin"

// What a page of an allowed origin may send and read.
const (
	mayDo   = "GET, POST"
	maySend = "Authorization, Content-Type, Accept-Language, Purpose-Of-Use, Audit-Grant, Idempotency-Key, If-None-Match"
	mayRead = "X-Request-Id, Retry-After, ETag, Idempotency-Replayed"
)

// origins lets pages of the hub itself and of the listed origins ask, and no others. There is no cookie that another
// site could use: this keeps a page from using a token that it got by other ways.
func (s *Server) origins(next http.Handler) http.Handler {
	own := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		allowed := slices.Contains(s.o.Origins, origin)
		if allowed {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", mayRead)
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				w.Header().Set("Access-Control-Allow-Methods", mayDo)
				w.Header().Set("Access-Control-Allow-Headers", maySend)
				w.Header().Set("Access-Control-Max-Age", "3600")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		if err := own.Check(r); err != nil && !allowed {
			s.refuse(w, r, http.StatusForbidden, fault.New(fault.Forbidden, "Pages of this origin may not ask here: the operator lists them with --allowed-origins."))
			return
		}
		next.ServeHTTP(w, r)
	})
}
