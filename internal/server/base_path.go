package server

import (
	"net/http"

	"rightshub/internal/fault"
)

// underBasePath serves next under the hub's path, which next does not see. It leads from /hub to /hub/, and answers
// 404 with the path of the hub outside of it. The outer mux also cleans paths, so that its redirects keep the path.
func (s *Server) underBasePath(next http.Handler) http.Handler {
	base := s.options.BasePath
	if base == "" {
		return next
	}
	mux := http.NewServeMux()
	mux.Handle(base+"/", http.StripPrefix(base, next))
	outside := fault.New(fault.NotFound, "The hub is at %s/ on this host.", base).WithStatus(http.StatusNotFound)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.writeError(w, r, outside) })
	return mux
}
