package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// entityTag returns the ETag of a response for one user. It changes only when the response to that user changes.
// Because it is keyed by the user, two users cannot find out from their tags whether they got the same response. The
// tag is weak, since compression changes the bytes that are sent.
func (s *Server) entityTag(user string, text []byte) string {
	h := hmac.New(sha256.New, s.options.HMACKey)
	h.Write([]byte(user + "\n"))
	h.Write(text)
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18]) + `"`
}

// writeNotModified sets the ETag. When the client has this response already, it writes 304 and returns true. It is
// for GET only: by RFC 9110, a POST with a failed condition gets 412, which no GraphQL client expects, so responses
// to POST have no tag.
func (s *Server) writeNotModified(w http.ResponseWriter, r *http.Request, user string, text []byte) bool {
	tag := s.entityTag(user, text)
	w.Header().Set("ETag", tag)
	// With a purpose of use, the response may hold data about children that must not be written to a disk, so that
	// "no-store" stays.
	if r.Header.Get("Purpose-Of-Use") == "" {
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	for _, known := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if known = strings.TrimSpace(known); known == tag || "W/"+known == tag {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}
