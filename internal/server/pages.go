package server

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
)

//go:embed assets
var assets embed.FS

// pages serves GraphiQL from the program itself; it asks no outside address for anything.
func (s *Server) pages(mux *http.ServeMux) {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return
	}
	mux.Handle("GET /graphiql/assets/", http.StripPrefix("/graphiql/assets/", http.FileServerFS(files)))
	mux.HandleFunc("GET /graphiql", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "index.html") })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/graphiql", http.StatusFound) })
	mux.HandleFunc("GET /graphiql/people", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		people := s.o.People
		if people == nil {
			people = []Person{}
		}
		json.NewEncoder(w).Encode(people)
	})
}
