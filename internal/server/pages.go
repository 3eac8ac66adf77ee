package server

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"

	"rightshub/internal/fault"
)

// registerPages adds GraphiQL and the help pages to mux. The program embeds all their files, so that the
// pages load nothing from another host.
func (s *Server) registerPages(mux *http.ServeMux) {
	files, err := readAssets()
	if err != nil {
		return
	}
	inHub := func(path string) string { return s.options.BasePath + path }
	templates, err := template.New("").Funcs(template.FuncMap{
		"asset": func(name string) string { return inHub(files.path(name)) },
		"path":  inHub,
	}).ParseFS(assetFiles, "assets/*.html")
	if err != nil {
		return
	}
	if err := s.registerHelp(mux, templates.Lookup("help.html")); err != nil {
		return
	}
	if s.options.NoIntrospection { // GraphiQL would disclose names of the schema to everybody, in its examples
		mux.HandleFunc("GET /graphiql/", s.refuseGraphiQL)
		mux.HandleFunc("GET /graphiql", s.refuseGraphiQL)
		mux.HandleFunc("GET /{$}", s.refuseGraphiQL)
		mux.HandleFunc("GET /graphiql/assets/help.css", func(w http.ResponseWriter, r *http.Request) {
			r.SetPathValue("name", "help.css")
			files.ServeHTTP(w, r)
		})
		return
	}
	mux.Handle("GET /graphiql/assets/{name}", files)
	mux.HandleFunc("GET /graphiql", func(w http.ResponseWriter, _ *http.Request) {
		writePage(w, templates.Lookup("index.html"), nil)
	})
	mux.Handle("GET /{$}", http.RedirectHandler(inHub("/graphiql"), http.StatusFound))
	mux.HandleFunc("GET /graphiql/people", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		people := s.options.People
		if people == nil {
			people = []Person{}
		}
		json.NewEncoder(w).Encode(people)
	})
}

// refuseGraphiQL answers 404 with the reason.
func (s *Server) refuseGraphiQL(w http.ResponseWriter, r *http.Request) {
	message, _ := errNoGraphiQL.Translated(responseLanguage(requestLanguages(r.Context())))
	http.Error(w, message, errNoGraphiQL.Status())
}

var errNoGraphiQL = fault.New(fault.NotFound,
	"This hub serves no GraphiQL, because it does not disclose its schema.").WithStatus(http.StatusNotFound)

// writePage writes a page. When the template fails, it writes status 500 and no part of the page.
func writePage(w http.ResponseWriter, t *template.Template, data any) {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}
