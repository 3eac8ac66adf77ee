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
	"rightshub/internal/limit"
	"rightshub/internal/server"
)

// TestOperatorsSeeNoCallerData checks that metrics, traces and the log of slow operations name registered operations,
// and show nothing that a caller wrote and no caller.
func TestOperatorsSeeNoCallerData(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(sdk.WithSyncer(spans))
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.Tracer, o.SlowOperation = provider.Tracer("test"), time.Nanosecond
	})
	coordinator := api.As("coordinator.bf@demo", "services")
	hash := registerDocument(t, api, `query Counting($c:String){children(where:{caseCode:{eq:$c}}){totalCount}}`)
	coordinator.Send(t.Context(), `{"documentId":"`+hash+`","variables":{"c":"Nyamwezi"}}`)
	coordinator.Ask(`query Nyamwezi($Nyamwezi: String = "Nyamwezi") {
		Nyamwezi: children(where: {caseCode: {eq: $Nyamwezi}}) { totalCount }
	}`, nil).RequireOK()
	coordinator.Ask(`query Nyamwezi{nope}`, nil)
	w := httptest.NewRecorder()
	api.Metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	visible := w.Body.String() + api.Log.String()
	for _, span := range spans.GetSpans() {
		visible += fmt.Sprint("\n", span.Name, span.Attributes, span.Events, span.Status)
	}
	user := coordinator.SessionOf(coordinator, "").User().String()
	for _, secret := range []string{"Nyamwezi", "coordinator", user} {
		if strings.Contains(visible, secret) {
			t.Errorf("operators see %q: %s", secret, visible)
		}
	}
	for _, want := range []string{
		`operation="Counting"`,
		`operation="other"`,
		"slow operation",
		"query Counting",
		hash,
		`kind="none",operation="other",outcome="INVALID"`,
	} {
		if !strings.Contains(visible, want) {
			t.Errorf("operators do not see %s: %s", want, visible)
		}
	}
}

// TestSchemaGuessing checks that, without introspection, no response tells a name of the schema, and anonymous
// callers get one response to every request.
func TestSchemaGuessing(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.NoIntrospection = true })
	volunteer := api.As("volunteer@demo", "")
	for _, document := range []string{
		`{__schema{types{name}}}`,
		`{__type(name:"Child"){name}}`,
		`{...f} fragment f on Query{x:__schema{queryType{name}}}`,
		`{childrem{id}}`,
		`{children{nodes{givenNam}}}`,
		`{countries(frist:1){totalCount}}`,
		`query($a:CountryWher){countries(where:$a){totalCount}}`,
		`{countries(orderBy:[{field:ISO}]){totalCount}}`,
		`{countries(where:{iso:{eq:"x"}}){totalCount}}`,
		`{countries{...on Countr{x}}}`,
	} {
		a := volunteer.Ask(document, nil)
		for _, name := range []string{
			"Did you mean", "children", "givenName", "first", "CountryWhere", "ISO2", "iso2", "__schema",
		} {
			if strings.Contains(a.Body, name) || a.Data != nil {
				t.Errorf("%s: %s", document, a.Body)
			}
		}
	}
	anonymous := api.As("volunteer@demo", "")
	delete(anonymous.Headers, "Authorization")
	responses := map[string]bool{}
	for _, body := range []string{
		`{"query":"{viewer{purpose}}"}`,
		`{"query":"{nope}"}`,
		`{`,
		``,
		`{"query":"{__schema{types{name}}}"}`,
	} {
		w := anonymous.Send(t.Context(), body)
		responses[fmt.Sprint(w.Code, w.Body)] = true
	}
	if len(responses) != 1 {
		t.Errorf("anonymous callers get different responses: %v", responses)
	}
	for path, want := range map[string]int{
		"/":                            404,
		"/graphiql":                    404,
		"/graphiql/":                   404,
		"/graphiql/people":             404,
		"/graphiql/assets/examples.js": 404,
		"/graphiql/assets/graphiql.js": 404,
		"/graphiql/assets/help.css":    200,
		"/help/errors":                 200,
		"/schema.graphql":              401,
		"/nowhere":                     404,
	} {
		w := httptest.NewRecorder()
		api.Handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		body := w.Body.String()
		if w.Code != want || want == 404 && path != "/nowhere" && !strings.Contains(body, "serves no GraphiQL") {
			t.Errorf("%s: got %d %s, want %d", path, w.Code, body, want)
		}
		for _, name := range []string{"canUpdate", "nodes", "totalCount", "caseFiles", "countries", "iso2"} {
			if strings.Contains(body, name) {
				t.Errorf("%s tells anonymous callers %s", path, name)
			}
		}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/schema.graphql", nil)
	r.Header.Set("Authorization", volunteer.Headers["Authorization"])
	if api.Handler.ServeHTTP(w, r); w.Code != 404 {
		t.Errorf("/schema.graphql: %d", w.Code)
	}
}

// TestValidationRevealsNoSchema checks that, without introspection, every document that does not fit the schema gets
// the same response. So the responses do not tell which names exist.
func TestValidationRevealsNoSchema(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.NoIntrospection = true })
	volunteer := api.As("volunteer@demo", "")
	responses := map[string]bool{}
	for _, body := range []string{
		`{"query":"{nope}"}`,
		`{"query":"{children}"}`,
		`{"query":"{children{nope}}"}`,
		`{"query":"{viewer{purpose{x}}}"}`,
		`{"query":"{children(nope:1){totalCount}}"}`,
		`{"query":"{child{id}}"}`,
		`{"query":"query($a:Nope){children{totalCount}}"}`,
		`{"query":"query($a:CountryWhere){children{totalCount}}"}`,
		`{"query":"{countries(orderBy:[{field:NOPE}]){totalCount}}"}`,
		`{"query":"{children{...on Country{id}}}"}`,
		`{"query":"{a:children{totalCount} a:countries{totalCount}}"}`,
		`{"query":"query($w:CountryWhere){countries(where:$w){totalCount}}","variables":{"w":{"nope":1}}}`,
		`{"query":"query($w:CountryWhere){countries(where:$w){totalCount}}","variables":{"w":{"iso2":1}}}`,
		`{"query":"query($w:CountryWhere!){countries(where:$w){totalCount}}"}`,
		`{"query":"{nope nope2 viewer{nope3}}"}`,
	} {
		responses[volunteer.Send(t.Context(), body).Body.String()] = true
	}
	want := `{"errors":[{"message":"` + limit.ErrSchemaMismatch.Message + `",` +
		`"extensions":{"code":"INVALID"}}]}` + "\n"
	if len(responses) != 1 || !responses[want] {
		t.Errorf("got %v, want only %s", responses, want)
	}
}
