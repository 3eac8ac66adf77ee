package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rightshub/graph"
	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// hashOf returns the SHA-256 of a document in hexadecimal.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// registerDocument registers a new document and returns its hash.
func registerDocument(t *testing.T, api *apitest.API, text string) string {
	t.Helper()
	schema, _, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	session := api.SystemSession("system_documents")
	hash, created, err := graph.RegisterDocument(t.Context(), theModel, session, schema.Schema(), text)
	if err != nil || !created || hash != hashOf(text) {
		t.Fatalf("hash %s, created %v, error %v", hash, created, err)
	}
	return hash
}

// getQuery sends a GET request with a query string to /graphql.
func getQuery(caller *apitest.Caller, query url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(caller.Context(), "GET", "/graphql?"+query.Encode(), nil)
	for name, value := range caller.Headers {
		r.Header.Set(name, value)
	}
	r.Header.Del("Content-Type")
	w := httptest.NewRecorder()
	caller.Handler.ServeHTTP(w, r)
	return w
}

// TestRegisteredDocuments executes registered documents by their hash. Queries may use POST and GET, mutations POST
// only.
func TestRegisteredDocuments(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		const (
			query    = `query One($n: Int) { countries(first: $n) { nodes { iso2 } } }`
			mutation = `mutation M { archiveCountry(input: {id: "x", version: 1}) { id } }`
			answer   = `{"nodes":[{"iso2":`
		)
		queryHash, mutationHash := registerDocument(t, api, query), registerDocument(t, api, mutation)
		coordinator := api.As("coordinator.bf@demo", "")
		for _, body := range []string{
			`{"documentId":"` + queryHash + `","variables":{"n":1}}`,
			`{"documentId":"sha256:` + queryHash + `","variables":{"n":1}}`,
			`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + queryHash + `"}},"variables":{"n":1}}`,
		} {
			if w := coordinator.Send(t.Context(), body); !strings.Contains(w.Body.String(), answer) {
				t.Errorf("%s: %s", body, w.Body)
			}
		}
		w := getQuery(coordinator, url.Values{"documentId": {queryHash}, "variables": {`{"n":1}`}})
		if w.Code != 200 || !strings.Contains(w.Body.String(), answer) {
			t.Errorf("GET: %d %s", w.Code, w.Body)
		}
		for _, bad := range []url.Values{
			{"documentId": {mutationHash}},
			{"query": {query}},
			{},
			{"documentId": {queryHash}, "variables": {`[`}},
		} {
			if w := getQuery(coordinator, bad); w.Code == 200 || strings.Contains(w.Body.String(), `"data"`) {
				t.Errorf("GET %v: %d %s", bad, w.Code, w.Body)
			}
		}
		for _, unknown := range []*httptest.ResponseRecorder{
			getQuery(coordinator, url.Values{"documentId": {hashOf("x")}}),
			coordinator.Send(t.Context(), `{"documentId":"`+hashOf("x")+`"}`),
		} {
			body := unknown.Body.String()
			if !strings.Contains(body, "No document is registered") || !strings.Contains(body, `"NOT_FOUND"`) {
				t.Errorf("an unknown document: %s", body)
			}
		}
		body := coordinator.Send(t.Context(), `{"documentId":"`+mutationHash+`"}`).Body.String()
		if !strings.Contains(body, `"INVALID"`) || !strings.Contains(body, `"data"`) {
			t.Errorf("a mutation by POST: %s", body)
		}
	})
}

// TestDocumentsOnly checks that a hub with the option DocumentsOnly refuses all other documents.
func TestDocumentsOnly(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.DocumentsOnly = true })
	hash := registerDocument(t, api, `{viewer{purpose}}`)
	coordinator := api.As("coordinator.bf@demo", "")
	if a := coordinator.Ask(`{viewer{purpose}}`, nil); a.Code() != "FORBIDDEN" {
		t.Errorf("a document that is not registered: %s", a.Body)
	}
	persisted := `{"query":"{viewer{languages}}","extensions":` + persistedQuery(hashOf(`{viewer{languages}}`)) + `}`
	if w := coordinator.Send(t.Context(), persisted); !strings.Contains(w.Body.String(), "FORBIDDEN") {
		t.Errorf("an automatic persisted query: %s", w.Body)
	}
	w := coordinator.Send(t.Context(), `{"documentId":"`+hash+`"}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"data"`) {
		t.Errorf("a registered document: %d %s", w.Code, w.Body)
	}
}

// persistedQuery returns the extensions of an automatic persisted query.
func persistedQuery(hash string) string {
	return `{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`
}

// TestPersistedQueries checks that the hub finds a text again by its hash, but only for the caller that sent it.
func TestPersistedQueries(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	sender, other := api.As("coordinator.bf@demo", ""), api.As("coordinator.cd@demo", "")
	text := `{viewer{purpose languages}}`
	hashOnly := `{"extensions":` + persistedQuery(hashOf(text)) + `}`
	textWithHash := func(hash string) string {
		return `{"query":"` + text + `","extensions":` + persistedQuery(hash) + `}`
	}
	for _, c := range []struct {
		step   string
		caller *apitest.Caller
		body   string
		want   string
	}{
		{"the hash of an unknown text", sender, hashOnly, `"PersistedQueryNotFound"`},
		{"the text with a wrong hash", sender, textWithHash(hashOf("x")), "INVALID"},
		{"the text with its hash", sender, textWithHash(hashOf(text)), `"data"`},
		{"the hash of the text that was sent", sender, hashOnly, `"data"`},
		{"the hash, from another caller", other, hashOnly, `"PersistedQueryNotFound"`},
	} {
		if got := c.caller.Send(t.Context(), c.body).Body.String(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.step, got, c.want)
		}
	}
}

// TestPersistedQueriesByGET checks that GET answers PersistedQueryNotSupported for a text that is not registered,
// even after the caller has sent the text by POST. Clients then send their texts by POST. For a registered document,
// GET accepts every way to name it.
func TestPersistedQueriesByGET(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	coordinator := api.As("coordinator.bf@demo", "")
	text := `{viewer{purpose languages}}`
	extensions := persistedQuery(hashOf(text))
	get := func() string { return getQuery(coordinator, url.Values{"extensions": {extensions}}).Body.String() }
	before := get()
	w := coordinator.Send(t.Context(), `{"query":"`+text+`","extensions":`+extensions+`}`)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"data"`) {
		t.Errorf("by POST: %d %s", w.Code, w.Body)
	}
	if after := get(); !strings.Contains(before, `"message":"PersistedQueryNotSupported"`) || after != before {
		t.Errorf("before: %s, after: %s", before, after)
	}
	w = getQuery(coordinator, url.Values{"documentId": {hashOf(text)}})
	if !strings.Contains(w.Body.String(), "No document is registered") {
		t.Errorf("by its id: %s", w.Body)
	}
	registerDocument(t, api, text)
	if got := get(); !strings.Contains(got, `"data"`) {
		t.Errorf("registered: %s", got)
	}
}

// TestContradictoryRequests checks that the hub refuses a request that names different documents, and a request with a
// member that appears twice.
func TestContradictoryRequests(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	coordinator := api.As("coordinator.bf@demo", "")
	text, other := `{viewer{purpose}}`, `{viewer{languages}}`
	registerDocument(t, api, text)
	hash := hashOf(text)
	upperHash := strings.ToUpper(hash)
	for _, c := range []struct {
		accepted bool
		body     string
	}{
		{true, `{"documentId":"` + hash + `","query":"` + text + `"}`},
		{false, `{"documentId":"` + hash + `","query":"` + other + `"}`},
		{true, `{"documentId":"` + hash + `","query":""}`},
		{true, `{"documentId":"` + hash + `","query":null,"extensions":null}`},
		{false, `{"extensions":` + persistedQuery(hash) + `,"query":"` + other + `"}`},
		{true, `{"documentId":"sha256:` + hash + `","extensions":` + persistedQuery(upperHash) + `}`},
		{
			false,
			`{"documentId":"` + hash + `","extensions":` + persistedQuery(hashOf(other)) + `,"query":"` + text + `"}`,
		},
		{false, `{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + hash + `"}}}`},
		{false, `{"extensions":{"persistedQuery":{"version":"1","sha256Hash":"` + hash + `"}}}`},
		{false, `{"query":"` + text + `","query":"` + other + `"}`},
		{false, `{"query":"` + text + `","Query":"` + text + `"}`},
		{false, `{"query":"query A` + text + ` query B` + text + `","operationName":"A","operationName":"B"}`},
		{false, `{"query":"` + text + `","extensions":{},"extensions":{"cost":true}}`},
	} {
		w := coordinator.Send(t.Context(), c.body)
		answered := w.Code == 200 && strings.Contains(w.Body.String(), `"data"`)
		refused := w.Code == 400 && strings.Contains(w.Body.String(), `"INVALID"`)
		if c.accepted && !answered || !c.accepted && !refused {
			t.Errorf("%s, accepted: %v; got %d %s", c.body, c.accepted, w.Code, w.Body)
		}
	}
	version2 := `{"persistedQuery":{"version":2,"sha256Hash":"` + hash + `"}}`
	if w := getQuery(coordinator, url.Values{"extensions": {version2}}); w.Code != 400 {
		t.Errorf("version 2 by GET: %d %s", w.Code, w.Body)
	}
}
