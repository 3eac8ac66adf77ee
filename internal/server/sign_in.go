package server

import (
	"context"
	"net/http"

	"rightshub/graph/plan"
	"rightshub/internal/store"
)

// sessionOpener returns the function that signs in the request's caller. A subscription calls it again later, to use
// the rights that the caller has then.
func (s *Server) sessionOpener(r *http.Request, languages []string) store.AuthenticateFunc {
	credentials := store.Credentials{
		Authorization: r.Header.Get("Authorization"),
		Purpose:       r.Header.Get("Purpose-Of-Use"),
		Languages:     languages,
	}
	var grantError error
	if id := r.Header.Get("Audit-Grant"); id != "" {
		credentials.Grant, grantError = plan.ParseGrant(s.options.Model, id)
	}
	return func(ctx context.Context) (store.Session, error) {
		session, err := s.options.OpenSession(ctx, credentials)
		err = s.reportRefusal(ctx, err)
		if err == nil && grantError != nil { // an anonymous caller does not learn that the grant is malformed
			return nil, grantError
		}
		return session, err
	}
}

// openRequestSession signs in the request's caller without reading the body. When it fails, it writes the error to w
// and returns false.
func (s *Server) openRequestSession(w http.ResponseWriter, r *http.Request) (store.Session, bool) {
	session, err := s.sessionOpener(r, requestLanguages(r.Context()))(r.Context())
	if err == nil {
		return session, true
	}
	s.writeMalformed(w, r, err)
	return nil, false
}
