package server_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rightshub/graph"
	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func registerDocument(t *testing.T, api *apitest.API, text string) string {
	t.Helper()
	schema, _, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	hash, made, err := graph.RegisterDocument(t.Context(), api.SystemSession("system_documents"), schema.Schema(), text)
	if err != nil || !made || hash != hashOf(text) {
		t.Fatalf("%s %v %v", hash, made, err)
	}
	return hash
}

func getQuery(who *apitest.Caller, query url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(who.Context(), "GET", "/graphql?"+query.Encode(), nil)
	for name, value := range who.Headers {
		r.Header.Set(name, value)
	}
	r.Header.Del("Content-Type")
	w := httptest.NewRecorder()
	who.Handler.ServeHTTP(w, r)
	return w
}

// Registered documents are asked by their hash, by POST and by GET; mutations by POST only.
func TestRegisteredDocuments(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		query, mutation := `query One($n:Int){countries(first:$n){nodes{iso2}}}`, `mutation M{archiveCountry(input:{id:"x",version:1}){id}}`
		q, m := registerDocument(t, api, query), registerDocument(t, api, mutation)
		who := api.As("coordinator.bf@demo", "")
		for _, body := range []string{`{"documentId":"` + q + `","variables":{"n":1}}`, `{"documentId":"sha256:` + q + `","variables":{"n":1}}`,
			`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + q + `"}},"variables":{"n":1}}`} {
			if w := who.Send(t.Context(), body); !strings.Contains(w.Body.String(), `{"nodes":[{"iso2":`) {
				t.Errorf("%s: %s", body, w.Body)
			}
		}
		if w := getQuery(who, url.Values{"documentId": {q}, "variables": {`{"n":1}`}}); w.Code != 200 || !strings.Contains(w.Body.String(), `{"nodes":[{"iso2":`) {
			t.Errorf("GET: %d %s", w.Code, w.Body)
		}
		for _, bad := range []url.Values{{"documentId": {m}}, {"query": {query}}, {}, {"documentId": {q}, "variables": {`[`}}} {
			if w := getQuery(who, bad); w.Code == 200 || strings.Contains(w.Body.String(), `"data"`) {
				t.Errorf("GET %v: %d %s", bad, w.Code, w.Body)
			}
		}
		for _, unknown := range []*httptest.ResponseRecorder{getQuery(who, url.Values{"documentId": {hashOf("x")}}), who.Send(t.Context(), `{"documentId":"`+hashOf("x")+`"}`)} {
			if !strings.Contains(unknown.Body.String(), "No document is registered") || !strings.Contains(unknown.Body.String(), `"NOT_FOUND"`) {
				t.Errorf("an unknown document: %s", unknown.Body)
			}
		}
		if w := who.Send(t.Context(), `{"documentId":"`+m+`"}`); !strings.Contains(w.Body.String(), `"INVALID"`) || !strings.Contains(w.Body.String(), `"data"`) {
			t.Errorf("a mutation by POST: %s", w.Body)
		}
	})
}

// A token that is no good is told apart from none.
func TestChallenge(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	for authorization, want := range map[string]string{"": `Bearer realm="rightshub"`, "Basic eDp5": `Bearer realm="rightshub"`, "Bearer nonsense": `Bearer realm="rightshub", error="invalid_token"`} {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query":"{viewer{purpose}}"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		api.Handler.ServeHTTP(w, r)
		if got := w.Header().Get("WWW-Authenticate"); w.Code != 401 || got != want {
			t.Errorf("%q: %d %s", authorization, w.Code, got)
		}
	}
}

// A hub may answer registered documents only, and programs are always held to them.
func TestDocumentsOnly(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.DocumentsOnly = true })
	hash := registerDocument(t, api, `{viewer{purpose}}`)
	who := api.As("coordinator.bf@demo", "")
	if a := who.Ask(`{viewer{purpose}}`, nil); a.Code() != "FORBIDDEN" {
		t.Error(a.Body)
	}
	if w := who.Send(t.Context(), `{"query":"{viewer{languages}}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"`+hashOf(`{viewer{languages}}`)+`"}}}`); !strings.Contains(w.Body.String(), "FORBIDDEN") {
		t.Error(w.Body)
	}
	if w := who.Send(t.Context(), `{"documentId":"`+hash+`"}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"data"`) {
		t.Error(w.Body)
	}
}

// A text that was sent is found again by its hash, by the same caller only.
func TestPersistedQueries(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who, other := api.As("coordinator.bf@demo", ""), api.As("coordinator.cd@demo", "")
	text := `{viewer{purpose languages}}`
	byHash := `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hashOf(text) + `"}}}`
	with := func(hash string) string {
		return `{"query":"` + text + `","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`
	}
	ask := func(c *apitest.Caller, body string) string { return c.Send(t.Context(), body).Body.String() }
	if a := ask(who, byHash); !strings.Contains(a, `"PersistedQueryNotFound"`) {
		t.Error(a)
	}
	if a := ask(who, with(hashOf("x"))); !strings.Contains(a, "INVALID") {
		t.Error(a)
	}
	if a := ask(who, with(hashOf(text))); !strings.Contains(a, `"data"`) {
		t.Error(a)
	}
	if a := ask(who, byHash); !strings.Contains(a, `"data"`) {
		t.Error(a)
	}
	if a := ask(other, byHash); !strings.Contains(a, `"PersistedQueryNotFound"`) {
		t.Errorf("somebody else learns that it was asked: %s", a)
	}
}

// By GET, a text that is not registered gets one answer, whatever was sent before: the one after which clients send texts by
// POST. Registered ones are answered by GET, whichever way they are named.
func TestPersistedQueriesByGET(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("coordinator.bf@demo", "")
	text := `{viewer{purpose languages}}`
	extension := `{"persistedQuery":{"version":1,"sha256Hash":"` + hashOf(text) + `"}}`
	get := func() string { return getQuery(who, url.Values{"extensions": {extension}}).Body.String() }
	before := get()
	if w := who.Send(t.Context(), `{"query":"`+text+`","extensions":`+extension+`}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"data"`) {
		t.Errorf("by POST: %s", w.Body)
	}
	if after := get(); !strings.Contains(before, `"message":"PersistedQueryNotSupported"`) || after != before {
		t.Errorf("before: %s, after: %s", before, after)
	}
	if w := getQuery(who, url.Values{"documentId": {hashOf(text)}}); !strings.Contains(w.Body.String(), "No document is registered") {
		t.Errorf("by its id: %s", w.Body)
	}
	registerDocument(t, api, text)
	if got := get(); !strings.Contains(got, `"data"`) {
		t.Errorf("registered: %s", got)
	}
}

// A request that says which document it means in ways that do not agree is refused, and so is one that says a thing twice.
func TestContradictoryRequests(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("coordinator.bf@demo", "")
	text, other := `{viewer{purpose}}`, `{viewer{languages}}`
	registerDocument(t, api, text)
	hash := hashOf(text)
	for body, fine := range map[string]bool{
		`{"documentId":"` + hash + `","query":"` + text + `"}`:                                                                                    true,
		`{"documentId":"` + hash + `","query":"` + other + `"}`:                                                                                   false,
		`{"documentId":"` + hash + `","query":""}`:                                                                                                true,
		`{"documentId":"` + hash + `","query":null,"extensions":null}`:                                                                            true,
		`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}},"query":"` + other + `"}`:                                     false,
		`{"documentId":"sha256:` + hash + `","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + strings.ToUpper(hash) + `"}}}`:         true,
		`{"documentId":"` + hash + `","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hashOf(other) + `"}},"query":"` + text + `"}`: false,
		`{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + hash + `"}}}`:                                                             false,
		`{"extensions":{"persistedQuery":{"version":"1","sha256Hash":"` + hash + `"}}}`:                                                           false,
		`{"query":"` + text + `","query":"` + other + `"}`:                                                                                        false,
		`{"query":"` + text + `","Query":"` + text + `"}`:                                                                                         false,
		`{"query":"query A` + text + ` query B` + text + `","operationName":"A","operationName":"B"}`:                                             false,
		`{"query":"` + text + `","extensions":{},"extensions":{"cost":true}}`:                                                                     false,
	} {
		w := who.Send(t.Context(), body)
		if (w.Code == 200 && strings.Contains(w.Body.String(), `"data"`)) != fine || !fine && (w.Code != 400 || !strings.Contains(w.Body.String(), `"INVALID"`)) {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	if w := getQuery(who, url.Values{"extensions": {`{"persistedQuery":{"version":2,"sha256Hash":"` + hash + `"}}`}}); w.Code != 400 {
		t.Errorf("version 2 by GET: %d %s", w.Code, w.Body)
	}
}

// A caller who asks for too much, or too much at a time, is told how long to wait; others are not.
func TestAllowance(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) {
		o.Limits = server.Limits{Objects: 1000, PerSecond: 100, Burst: 1000, Concurrent: 1, Timeout: 10 * time.Second}
	})
	who := api.As("coordinator.bf@demo", "")
	who.Ask(`{countries(first:100){nodes{offices(first:9){nodes{id}}}}}`, nil).RequireOK()
	body := `{"query":"{countries(first:100){nodes{offices(first:8){nodes{id}}}}}"}`
	w := who.Send(t.Context(), body)
	if w.Code != 429 || w.Header().Get("Retry-After") != "9" || !strings.Contains(w.Body.String(), `"rule":"perSecond"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	api.As("coordinator.cd@demo", "").Ask(`{countries(first:100){nodes{id}}}`, nil).RequireOK()

	who = api.As("supervisor.bf@demo", "")
	inside, leave := make(chan bool), make(chan bool)
	slow := httptest.NewRequestWithContext(context.Background(), "POST", "/graphql", blockingBody{inside, leave})
	for name, value := range who.Headers {
		slow.Header.Set(name, value)
	}
	done := make(chan bool)
	go func() { api.Handler.ServeHTTP(httptest.NewRecorder(), slow); close(done) }()
	<-inside
	if w := who.Send(t.Context(), `{"query":"{viewer{purpose}}"}`); w.Code != 429 || !strings.Contains(w.Body.String(), `"rule":"concurrent"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	close(leave)
	<-done
	who.Ask(`{viewer{purpose}}`, nil).RequireOK()
}

// blockingBody is a body that takes its time.
type blockingBody struct{ inside, leave chan bool }

func (w blockingBody) Read([]byte) (int, error) {
	close(w.inside)
	<-w.leave
	return 0, context.Canceled
}
