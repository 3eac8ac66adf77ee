package hostile

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// request is an HTTP request of a suite.
type request struct {
	method, path string
	contentType  string // its Content-Type; "" sends none
	body         string
}

// postDocument is a request that posts a GraphQL document as JSON.
func postDocument(document string) request { return postBody(encodeDocument(document)) }

// postBody is a request that posts a body to /graphql as JSON.
func postBody(body string) request { return request{"POST", "/graphql", "application/json", body} }

// getPath is a GET request for a path.
func getPath(path string) request { return request{method: "GET", path: path} }

// encodeDocument is the JSON body of a request for a document.
func encodeDocument(document string) string {
	text, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// answer is an HTTP answer. The exported fields are its GraphQL parts, if it has any.
type answer struct {
	status   int
	text     string
	duration time.Duration

	Data   map[string]any
	Errors []struct {
		Message    string
		Extensions map[string]any
	}
	Extensions map[string]any
}

// parseAnswer reads an answer. The body may be anything.
func parseAnswer(status int, text string, took time.Duration) *answer {
	a := &answer{status: status, text: text, duration: took}
	json.Unmarshal([]byte(text), a) // an error means a body without GraphQL parts, such as a page
	return a
}

// errorMessages are the messages of the answer's errors.
func (a *answer) errorMessages() (out []string) {
	for _, e := range a.Errors {
		out = append(out, e.Message)
	}
	return out
}

// refusalCode is the code of the first error, followed by its rule if it has one. It is "" without errors.
func (a *answer) refusalCode() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	rule, _ := a.Errors[0].Extensions["rule"].(string)
	return strings.TrimSpace(code + " " + rule)
}

// sendRequest sends a request with a token, or without one for "". Headers are names and values in turn.
func (h *target) sendRequest(q request, token string, headers ...string) *answer {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), q.method, "http://"+h.address+q.path, strings.NewReader(q.body))
	if err != nil {
		h.Fatal(err)
	}
	if q.contentType != "" {
		r.Header.Set("Content-Type", q.contentType)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	start := time.Now()
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		h.Fatal(err)
	}
	return parseAnswer(w.StatusCode, string(text), time.Since(start))
}
