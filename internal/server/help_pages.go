package server

import (
	"bytes"
	"cmp"
	"html/template"
	"net/http"

	"rightshub/internal/fault"
	"rightshub/internal/help"
	"rightshub/internal/languages"
)

// errorsPage is the name of the page of error codes. The page with the name "" is the first page, with the menu alone.
const errorsPage = "errors"

// helpTexts are the fixed texts of the help pages, in the order of languages.All.
var helpTexts = [languages.Count]struct{ Title, Intro, Languages, Pages, Next, ErrorsTitle, ErrorsIntro string }{
	{
		Title:       "Help",
		Intro:       "Choose the page for your work.",
		Languages:   "Languages",
		Pages:       "Pages",
		Next:        "What to do",
		ErrorsTitle: "Error codes",
		ErrorsIntro: "Every error has one of these codes in extensions.code, the same in every language. " +
			"Its message is for people.",
	},
	{
		Title:       "Aide",
		Intro:       "Choisissez la page de votre travail.",
		Languages:   "Langues",
		Pages:       "Pages",
		Next:        "Que faire",
		ErrorsTitle: "Codes d'erreur",
		ErrorsIntro: "Chaque erreur a l'un de ces codes dans extensions.code, le même dans toutes les langues. " +
			"Son message est pour les personnes.",
	},
	{
		Title:       "Ayuda",
		Intro:       "Elija la página de su trabajo.",
		Languages:   "Idiomas",
		Pages:       "Páginas",
		Next:        "Qué hacer",
		ErrorsTitle: "Códigos de error",
		ErrorsIntro: "Cada error tiene uno de estos códigos en extensions.code, el mismo en todos los idiomas. " +
			"Su mensaje es para las personas.",
	},
}

// helpLanguage is a language of the help pages with its own name for itself.
type helpLanguage struct{ Code, Name string }

// listHelpLanguages returns the languages in the order of languages.All.
func listHelpLanguages() (out []helpLanguage) {
	for i, code := range languages.All {
		out = append(out, helpLanguage{code, languages.OwnNames[i]})
	}
	return out
}

// explainedCode is an error code on the page of error codes, with its explanation in one language.
type explainedCode struct {
	Code        fault.Code
	Means, Next string
}

// helpPage is what the template shows. Either HTML is the whole text, or it is Title, Intro and Codes.
type helpPage struct {
	Language, Name, Title string
	HTML                  template.HTML
	Intro                 string
	Codes                 []explainedCode
	Menu                  []helpPage // the pages of the language, of which the template uses Name and Title
	Texts                 any        // one of helpTexts
	Languages             []helpLanguage
}

// listHelpPages returns the pages of a language. The first has the name "".
func listHelpPages(language string) ([]helpPage, error) {
	rendered, err := help.Pages()
	if err != nil {
		return nil, err
	}
	i := languages.Index(language)
	texts := helpTexts[i]
	pages := []helpPage{{Title: texts.Title, Intro: texts.Intro}}
	for _, p := range rendered {
		if p.Language == language {
			pages = append(pages, helpPage{Name: p.Reader, Title: p.Title, HTML: template.HTML(p.HTML)})
		}
	}
	errors := helpPage{Name: errorsPage, Title: texts.ErrorsTitle, Intro: texts.ErrorsIntro}
	for _, e := range fault.Explanations {
		errors.Codes = append(errors.Codes, explainedCode{e.Code, e.Means[i], e.Next[i]})
	}
	pages = append(pages, errors)
	for j := range pages {
		p := &pages[j]
		p.Language, p.Menu, p.Texts, p.Languages = language, pages[1:], texts, listHelpLanguages()
	}
	return pages, nil
}

// renderHelpPages returns the help pages by language and name, such as "fr/office", ready to be sent. With onlyErrors
// it returns the page of error codes alone.
func renderHelpPages(t *template.Template, onlyErrors bool) (map[string]*asset, error) {
	rendered := map[string]*asset{}
	for _, language := range languages.All {
		pages, err := listHelpPages(language)
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			if onlyErrors && p.Name != errorsPage {
				continue
			}
			if onlyErrors {
				p.Menu = nil
			}
			var b bytes.Buffer
			if err := t.Execute(&b, p); err != nil {
				return nil, err
			}
			rendered[language+"/"+p.Name] = newAsset("help.html", "text/html; charset=utf-8", b.Bytes())
		}
	}
	return rendered, nil
}

// helpSecurityPolicy allows the help pages their style and nothing else, in particular no scripts.
const helpSecurityPolicy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; " +
	"form-action 'none'"

// registerHelp adds the help pages to mux. /help/fr/office is a page in one language. /help/office is the same page in
// the language of the request. /help and /help/fr are the first page.
//
// Where the schema is not disclosed, only the page of error codes is served, because the other pages name parts of the
// schema in their examples.
func (s *Server) registerHelp(mux *http.ServeMux, t *template.Template) error {
	pages, err := renderHelpPages(t, s.options.NoIntrospection)
	if err != nil {
		return err
	}
	serve := func(w http.ResponseWriter, r *http.Request) {
		language, name := r.PathValue("language"), r.PathValue("name")
		if languages.IsKnown(name) && language == "" {
			language, name = name, ""
		}
		language = cmp.Or(language, responseLanguage(requestLanguages(r.Context())))
		page := pages[language+"/"+name]
		if page == nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Language", language)
		h.Set("Content-Security-Policy", helpSecurityPolicy)
		h.Set("Cache-Control", "no-cache") // a browser that has the page asks whether it has changed
		page.serve(w, r)
	}
	for _, path := range []string{
		"/help", "/help/{$}", "/help/{name}", "/help/{language}/{name}", "/help/{language}/{$}",
	} {
		mux.HandleFunc("GET "+path, serve)
	}
	return nil
}
