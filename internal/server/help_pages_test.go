package server_test

import (
	"net/http/httptest"
	"regexp"
	"testing"

	"rightshub/graph"
	"rightshub/internal/server"
)

// Where the schema is not disclosed, no help page names a type or a field of it to anonymous callers.
func TestHelpWithoutIntrospection(t *testing.T) {
	api := newAPIWithPublic(t, func(o *server.Options) { o.NoIntrospection = true })
	schema, _, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{} // those with a capital inside, which no prose has
	for name, def := range schema.Schema().Types {
		names[name] = true
		for _, f := range def.Fields {
			names[f.Name] = true
		}
	}
	camelCase := regexp.MustCompile(`\b[A-Za-z]+[a-z][A-Z]\w*\b`)
	for path, want := range map[string]int{
		"/help/en/developer": 404, "/help/office": 404, "/help": 404, "/help/en/errors": 200, "/help/errors": 200,
	} {
		w := httptest.NewRecorder()
		api.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
		for _, word := range camelCase.FindAllString(w.Body.String(), -1) {
			if names[word] {
				t.Errorf("%s names %s of the schema", path, word)
			}
		}
	}
}
