package server_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// Metrics, traces and the log of slow operations name registered operations, and nothing that a caller wrote.
func TestOperatorsSeeNoCallerData(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(sdk.WithSyncer(spans))
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.Tracer, o.SlowOperation = provider.Tracer("test"), time.Nanosecond
	})
	who := api.As("coordinator.bf@demo", "services")
	hash := registerDocument(t, api, `query Counting($c:String){children(where:{caseCode:{eq:$c}}){totalCount}}`)
	who.Send(t.Context(), `{"documentId":"`+hash+`","variables":{"c":"Nyamwezi"}}`)
	who.Ask(`query Nyamwezi($Nyamwezi:String="Nyamwezi"){Nyamwezi:children(where:{caseCode:{eq:$Nyamwezi}}){totalCount}}`, nil).RequireOK()
	who.Ask(`query Nyamwezi{nope}`, nil)
	w := httptest.NewRecorder()
	api.Metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	seen := w.Body.String() + api.Log.String()
	for _, span := range spans.GetSpans() {
		seen += fmt.Sprint("\n", span.Name, span.Attributes, span.Events, span.Status)
	}
	if strings.Contains(seen, "Nyamwezi") || strings.Contains(seen, "coordinator") || strings.Contains(seen, who.SessionOf(who, "").User().String()) {
		t.Errorf("operators see what a caller wrote, or who it was: %s", seen)
	}
	for _, want := range []string{`operation="Counting"`, `operation="other"`, "slow operation", "query Counting", hash, `kind="none",operation="other",outcome="INVALID"`} {
		if !strings.Contains(seen, want) {
			t.Errorf("operators do not see %s: %s", want, seen)
		}
	}
}

// Where questions about the schema are switched off, nobody learns a name of it, and strangers get one answer before
// anything is read.
func TestSchemaGuessing(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.NoIntrospection = true })
	who := api.As("volunteer@demo", "")
	for _, document := range []string{`{__schema{types{name}}}`, `{__type(name:"Child"){name}}`, `{...f} fragment f on Query{x:__schema{queryType{name}}}`, `{childrem{id}}`, `{children{nodes{givenNam}}}`,
		`{countries(frist:1){totalCount}}`, `query($a:CountryWher){countries(where:$a){totalCount}}`, `{countries(orderBy:[{field:ISO}]){totalCount}}`, `{countries(where:{iso:{eq:"x"}}){totalCount}}`, `{countries{...on Countr{x}}}`} {
		a := who.Ask(document, nil)
		for _, name := range []string{"Did you mean", "children", "givenName", "first", "CountryWhere", "ISO2", "iso2", "__schema"} {
			if strings.Contains(a.Body, name) || a.Data != nil {
				t.Errorf("%s: %s", document, a.Body)
			}
		}
	}
	stranger := api.As("volunteer@demo", "")
	delete(stranger.Headers, "Authorization")
	answers := map[string]bool{}
	for _, body := range []string{`{"query":"{viewer{purpose}}"}`, `{"query":"{nope}"}`, `{`, ``, `{"query":"{__schema{types{name}}}"}`} {
		w := stranger.Send(t.Context(), body)
		answers[fmt.Sprint(w.Code, w.Body)] = true
	}
	if len(answers) != 1 {
		t.Errorf("strangers get %v", answers)
	}
	for path, want := range map[string]int{"/": 404, "/graphiql": 404, "/graphiql/": 404, "/graphiql/people": 404, "/graphiql/assets/examples.js": 404, "/graphiql/assets/graphiql.js": 404,
		"/graphiql/assets/errors.css": 200, "/help/errors": 200, "/schema.graphql": 401, "/nowhere": 404} {
		w := httptest.NewRecorder()
		api.Handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want || want == 404 && path != "/nowhere" && !strings.Contains(w.Body.String(), "serves no GraphiQL") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		for _, name := range []string{"canUpdate", "nodes", "totalCount", "caseFiles", "countries", "iso2"} {
			if strings.Contains(w.Body.String(), name) {
				t.Errorf("%s tells anybody %s", path, name)
			}
		}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/schema.graphql", nil)
	r.Header.Set("Authorization", who.Headers["Authorization"])
	if api.Handler.ServeHTTP(w, r); w.Code != 404 {
		t.Errorf("/schema.graphql: %d", w.Code)
	}
}

// Where the schema is not told, all that does not fit it gets one answer, whoever asks: none tells which names there are.
func TestValidationRevealsNoSchema(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.NoIntrospection = true })
	who := api.As("volunteer@demo", "")
	answers := map[string]bool{}
	for _, body := range []string{`{"query":"{nope}"}`, `{"query":"{children}"}`, `{"query":"{children{nope}}"}`, `{"query":"{viewer{purpose{x}}}"}`, `{"query":"{children(nope:1){totalCount}}"}`, `{"query":"{child{id}}"}`,
		`{"query":"query($a:Nope){children{totalCount}}"}`, `{"query":"query($a:CountryWhere){children{totalCount}}"}`, `{"query":"{countries(orderBy:[{field:NOPE}]){totalCount}}"}`, `{"query":"{children{...on Country{id}}}"}`,
		`{"query":"{a:children{totalCount} a:countries{totalCount}}"}`, `{"query":"query($w:CountryWhere){countries(where:$w){totalCount}}","variables":{"w":{"nope":1}}}`, `{"query":"query($w:CountryWhere){countries(where:$w){totalCount}}","variables":{"w":{"iso2":1}}}`,
		`{"query":"query($w:CountryWhere!){countries(where:$w){totalCount}}"}`, `{"query":"{nope nope2 viewer{nope3}}"}`} {
		answers[who.Send(t.Context(), body).Body.String()] = true
	}
	want := `{"errors":[{"message":"The document or its variables do not fit the schema of this hub, which it does not tell.","extensions":{"code":"INVALID"}}]}` + "\n"
	if len(answers) != 1 || !answers[want] {
		t.Errorf("%v", answers)
	}
}
