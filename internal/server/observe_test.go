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
func TestWhatOperatorsSee(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(sdk.WithSyncer(spans))
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.Tracer, o.Slow = provider.Tracer("test"), time.Nanosecond
	})
	who := api.As("coordinator.bf@demo", "services")
	hash := register(t, api, `query Counting($c:String){children(where:{caseCode:{eq:$c}}){totalCount}}`)
	who.Send(t.Context(), `{"documentId":"`+hash+`","variables":{"c":"Nyamwezi"}}`)
	who.Ask(`query Nyamwezi($Nyamwezi:String="Nyamwezi"){Nyamwezi:children(where:{caseCode:{eq:$Nyamwezi}}){totalCount}}`, nil).Fine()
	who.Ask(`query Nyamwezi{nope}`, nil)
	w := httptest.NewRecorder()
	api.Metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	seen := w.Body.String() + api.Log.String()
	for _, span := range spans.GetSpans() {
		seen += fmt.Sprint("\n", span.Name, span.Attributes, span.Events, span.Status)
	}
	if strings.Contains(seen, "Nyamwezi") || strings.Contains(seen, "coordinator") || strings.Contains(seen, who.Session(who, "").User().String()) {
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
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/schema.graphql", nil)
	r.Header.Set("Authorization", who.Headers["Authorization"])
	if api.Handler.ServeHTTP(w, r); w.Code != 404 {
		t.Errorf("/schema.graphql: %d", w.Code)
	}
}
