package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rightshub/internal/apitest"
)

// TestTextForNumber sends a text where a number is due through each way to send variables. The answer must name the
// variable, and must not say anything about a page size that nobody sent.
func TestTextForNumber(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	caller := api.As("coordinator.bf@demo", "")
	const (
		list    = `query($n: Int) { countries(first: $n) { totalCount } }`
		changes = `query($n: Int) { changesSince(first: $n) { hasMore } }`
		follow  = `subscription($n: [RowType!]) { changed(types: $n) { id } }`
	)
	hash := registerDocument(t, api, list)
	post := func(body string) func() *httptest.ResponseRecorder {
		return func() *httptest.ResponseRecorder { return caller.Send(t.Context(), body) }
	}
	byURL := url.Values{"documentId": {hash}, "variables": {`{"n":"2"}`}}
	for name, send := range map[string]func() *httptest.ResponseRecorder{
		"a document":            post(`{"query":"` + list + `","variables":{"n":"2"}}`),
		"changesSince":          post(`{"query":"` + changes + `","variables":{"n":"5"}}`),
		"a registered document": post(`{"documentId":"` + hash + `","variables":{"n":"2"}}`),
		"GET":                   func() *httptest.ResponseRecorder { return getQuery(caller, byURL) },
		"a subscription":        post(`{"query":"` + follow + `","variables":{"n":[5]}}`),
	} {
		w := send()
		got := w.Body.String()
		if !strings.Contains(got, `Variable \"$n\" got a`) || !strings.Contains(got, "; expected ") ||
			strings.Contains(got, "asked") || strings.Contains(got, `"data"`) {
			t.Errorf("%s: %d %s", name, w.Code, got)
		}
	}
	for _, value := range []string{"2", "2.0", "2e0"} {
		w := caller.Send(t.Context(), `{"query":"`+list+`","variables":{"n":`+value+`}}`)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"totalCount"`) {
			t.Errorf("%s for an Int: %d %s", value, w.Code, w.Body)
		}
	}
}
