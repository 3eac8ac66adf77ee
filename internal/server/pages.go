package server

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"

	"rightshub/internal/fault"
)

// errorPageTexts are those of the page that explains the error codes, beside the explanations, in fault.Languages.
var errorPageTexts = [3]struct{ Title, Intro, Next string }{
	{"Error codes", "Every error has a code in extensions.code: one of these, in every language the same. The message beside it is for people.", "What to do"},
	{"Codes d'erreur", "Chaque erreur a un code dans extensions.code: l'un de ceux-ci, le même dans toutes les langues. Le message à côté est pour les personnes.", "Que faire"},
	{"Códigos de error", "Cada error tiene un código en extensions.code: uno de estos, el mismo en todos los idiomas. El mensaje que lo acompaña es para las personas.", "Qué hacer"},
}

// explainedCode is one code on that page, in its language.
type explainedCode struct {
	Code        fault.Code
	Means, Next string
}

// registerPages serves GraphiQL and the explanation of the error codes from the program itself; they ask no outside address for
// anything.
func (s *Server) registerPages(mux *http.ServeMux) {
	files, err := readAssets()
	if err != nil {
		return
	}
	texts, err := template.New("").Funcs(template.FuncMap{"asset": files.URL}).ParseFS(assetFiles, "assets/*.html")
	if err != nil {
		return
	}
	mux.HandleFunc("GET /help/errors", func(w http.ResponseWriter, r *http.Request) {
		language := responseLanguage(requestLanguages(r.Context()))
		at := max(slices.Index(fault.Languages[:], language), 0)
		var codes []explainedCode
		for _, e := range fault.Explanations {
			codes = append(codes, explainedCode{e.Code, e.Means[at], e.Next[at]})
		}
		w.Header().Set("Content-Language", language)
		w.Header().Add("Vary", "Accept-Language")
		getPage(w, texts.Lookup("errors.html"), map[string]any{"Language": language, "Words": errorPageTexts[at], "Codes": codes})
	})
	if s.options.NoIntrospection { // it would tell anybody names of the schema, in its examples
		mux.HandleFunc("GET /graphiql/", s.refuseGraphiQL)
		mux.HandleFunc("GET /graphiql", s.refuseGraphiQL)
		mux.HandleFunc("GET /{$}", s.refuseGraphiQL)
		mux.HandleFunc("GET /graphiql/assets/errors.css", func(w http.ResponseWriter, r *http.Request) {
			r.SetPathValue("name", "errors.css")
			files.ServeHTTP(w, r)
		})
		return
	}
	mux.Handle("GET /graphiql/assets/{name}", files)
	mux.HandleFunc("GET /graphiql", func(w http.ResponseWriter, r *http.Request) { getPage(w, texts.Lookup("index.html"), nil) })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/graphiql", http.StatusFound) })
	mux.HandleFunc("GET /graphiql/people", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		people := s.options.People
		if people == nil {
			people = []Person{}
		}
		json.NewEncoder(w).Encode(people)
	})
}

// refuseGraphiQL says why there is none.
func (s *Server) refuseGraphiQL(w http.ResponseWriter, r *http.Request) {
	message, _ := errNoGraphiQL.Translated(responseLanguage(requestLanguages(r.Context())))
	http.Error(w, message, http.StatusNotFound)
}

var errNoGraphiQL = fault.New(fault.NotFound, "This hub serves no GraphiQL, since it does not tell its schema.")

// getPage writes a page, whole or not at all.
func getPage(w http.ResponseWriter, t *template.Template, data any) {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(b.Bytes())
}
