package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// spanReceiver takes spans by OTLP over HTTP, as a collector does.
type spanReceiver struct {
	*httptest.Server
	mu        sync.Mutex
	sentBytes bytes.Buffer
	spanNames []string
	refusals  int // how many requests are answered by 503 first
	key       string
}

func startSpanReceiver(t *testing.T) *spanReceiver {
	t.Helper()
	r := &spanReceiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.key = q.Header.Get("X-Key"); r.refusals > 0 {
			r.refusals--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		text, err := io.ReadAll(q.Body)
		var sent otlp.TracesData // the same bytes as a request for export
		if err == nil {
			err = proto.Unmarshal(text, &sent)
		}
		if err != nil || q.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", q.URL.Path, err)
		}
		r.sentBytes.Write(text)
		for _, resource := range sent.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				for _, span := range scope.Spans {
					r.spanNames = append(r.spanNames, span.Name)
				}
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// What leaves the hub as traces names operations and tables, and no value, person, token, id or name of anybody.
func TestTraces(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, plain *apitest.API) {
		collector := startSpanReceiver(t)
		tracer, flush, err := newTracer(t.Context(), collector.URL+"/v1/traces")
		if err != nil {
			t.Fatal(err)
		}
		api := apitest.New(t, plain.Hub.DB(), func(o *server.Options) { o.Tracer = tracer })
		who := api.As("protection.bf@demo", "services")
		a := who.Ask(`query Nyamwezi($n:String!){children(first:5,where:{caseCode:{contains:$n}}){totalCount nodes{id version caseCode givenName familyName}}}`, map[string]any{"n": "BF"}).RequireOK()
		id, version, given := a.Text("children.nodes.0.id"), a.Int("children.nodes.0.version"), ""
		for _, field := range []string{"children.nodes.0", "children.nodes.1", "children.nodes.2", "children.nodes.3", "children.nodes.4"} {
			given = max(given, a.Text(field+".givenName"))
		}
		who.Ask(`mutation($id:ID!,$v:Int!,$n:String){updateChild(input:{id:$id,version:$v,familyName:$n}){child{id}}}`, map[string]any{"id": id, "v": version, "n": "Nyamwezi"}).RequireOK()
		if err := flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"query other", "mutation other", "SELECT children", "UPDATE children"} {
			if !slices.Contains(collector.spanNames, want) {
				t.Errorf("no span is named %q: %q", want, collector.spanNames)
			}
		}
		sent := collector.sentBytes.String()
		for _, word := range []string{"Nyamwezi", "protection.bf", who.Headers["Authorization"], "Bearer", id, who.SessionOf(who, "").User().String(), a.Text("children.nodes.0.caseCode"), given, "case_code", "services"} {
			if word == "" || strings.Contains(sent, word) {
				t.Errorf("%q is in the traces", word)
			}
		}
	})
}

// A collector that is busy gets the spans again; headers come from OpenTelemetry's variable; what is no address is refused.
func TestTraceClient(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "X-Key=a%20b, X-Other=c")
	collector := startSpanReceiver(t)
	collector.refusals = 1
	tracer, flush, err := newTracer(t.Context(), collector.URL+"/v1/traces")
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracer.Start(t.Context(), "one")
	span.End()
	if err := flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(collector.spanNames, []string{"one"}) || collector.key != "a b" {
		t.Errorf("got %q with the key %q", collector.spanNames, collector.key)
	}
	if _, _, err := newTracer(t.Context(), "127.0.0.1:4318"); err == nil {
		t.Error("an address without a scheme is taken")
	}
}
