package server

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"

	"rightshub/internal/fault"
	"rightshub/internal/languages"
)

// errorPageTexts are the fixed texts of the page of error codes, in the order of languages.All.
var errorPageTexts = [languages.Count]struct{ Title, Intro, Next string }{
	{
		"Error codes",
		"Every error has one of these codes in extensions.code, the same in every language. Its message is for people.",
		"What to do",
	},
	{
		"Codes d'erreur",
		"Chaque erreur a l'un de ces codes dans extensions.code, le même dans toutes les langues. " +
			"Son message est pour les personnes.",
		"Que faire",
	},
	{
		"Códigos de error",
		"Cada error tiene uno de estos códigos en extensions.code, el mismo en todos los idiomas. " +
			"Su mensaje es para las personas.",
		"Qué hacer",
	},
}

// explainedCode is an error code on the page, with its explanation in one language.
type explainedCode struct {
	Code        fault.Code
	Means, Next string
}

// registerPages adds GraphiQL and the page of error codes to mux. The program embeds all their files, so that the
// pages load nothing from another host.
func (s *Server) registerPages(mux *http.ServeMux) {
	files, err := readAssets()
	if err != nil {
		return
	}
	templates, err := template.New("").Funcs(template.FuncMap{"asset": files.URL}).ParseFS(assetFiles, "assets/*.html")
	if err != nil {
		return
	}
	mux.HandleFunc("GET /help/errors", func(w http.ResponseWriter, r *http.Request) {
		language := responseLanguage(requestLanguages(r.Context()))
		i := languages.Index(language)
		var codes []explainedCode
		for _, e := range fault.Explanations {
			codes = append(codes, explainedCode{e.Code, e.Means[i], e.Next[i]})
		}
		w.Header().Set("Content-Language", language)
		w.Header().Add("Vary", "Accept-Language")
		writePage(w, templates.Lookup("errors.html"), map[string]any{
			"Language": language, "Texts": errorPageTexts[i], "Codes": codes,
		})
	})
	if s.options.NoIntrospection { // GraphiQL would disclose names of the schema to everybody, in its examples
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
	mux.HandleFunc("GET /graphiql", func(w http.ResponseWriter, _ *http.Request) {
		writePage(w, templates.Lookup("index.html"), nil)
	})
	mux.Handle("GET /{$}", http.RedirectHandler("/graphiql", http.StatusFound))
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
