package server_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"rightshub/internal/apitest"
	"rightshub/internal/server"
)

// limitExtensions returns the code, the rule, the limit and the requested number of the first error of a response.
func limitExtensions(t *testing.T, body string) string {
	t.Helper()
	var a struct {
		Errors []struct {
			Extensions struct {
				Code, Rule   string
				Limit, Asked float64
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &a); err != nil || len(a.Errors) == 0 {
		t.Fatalf("%v: %.300s", err, body)
	}
	e := a.Errors[0].Extensions
	return fmt.Sprint(e.Code, " ", e.Rule, " ", e.Limit, " ", e.Asked)
}

// TestLimitsAreReported checks that a refusal by a limit reports the rule, the limit and the requested number.
func TestLimitsAreReported(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	admin := api.As("admin@demo", "")
	listOf := func(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	maxBytes, sentBytes := float64(server.MaxBodyBytes), float64(server.MaxBodyBytes+len(`{"query":""}`))
	for _, c := range []struct{ want, body string }{
		{"INVALID page 100 1000", `{"query":"{countries(first:1000){nodes{id}}}"}`},
		{"INVALID page 100 101", `{"query":"{countries(last:101){nodes{id}}}"}`},
		{"INVALID page 1000 1001", `{"query":"{changesSince(first:1001){hasMore}}"}`},
		{
			"INVALID entries 200 201",
			`{"query":"{countries(where:{iso2:{in:[` + listOf(201, `\"BF\"`) + `]}}){totalCount}}"}`,
		},
		{
			"INVALID entries 100 101",
			`{"query":"query($in:[ID!]!){nodes(ids:$in){id}}","variables":{"in":[` + listOf(101, `"cty_x"`) + `]}}`,
		},
		{"TOO_COMPLEX tokens 4000 4102", `{"query":"{` + strings.Repeat("a ", 4100) + `}"}`},
		{
			fmt.Sprint("TOO_LARGE bytes ", maxBytes, " ", sentBytes),
			`{"query":"` + strings.Repeat(" ", server.MaxBodyBytes) + `"}`,
		},
	} {
		if got := limitExtensions(t, admin.Send(t.Context(), c.body).Body.String()); got != c.want {
			t.Errorf("%.80s: %s, want %s", c.body, got, c.want)
		}
	}
}

// TestTimeoutIsReported checks that a request that runs out of time reports the time limit. The test makes the
// request wait for another writer of the database.
func TestTimeoutIsReported(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.Limits.Timeout = 3 * time.Second })
	admin := api.As("admin@demo", "")
	admin.Ask(`{viewer{purpose}}`, nil).RequireOK() // the first sign-in takes a while
	tx, err := api.Hub.DB().SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const mutation = `{"query":"mutation{createCountry(` +
		`input:{iso2:\"ZZ\",name:[{language:\"en\",text:\"X\"}]}){country{id}}}"}`
	body := admin.Send(t.Context(), mutation).Body.String()
	if got := limitExtensions(t, body); got != "UNAVAILABLE seconds 3 0" {
		t.Error(body)
	}
}

// TestConnectionLimitsAreReported checks that the limits of connections and subscriptions are reported, over sockets
// and event streams.
func TestConnectionLimitsAreReported(t *testing.T) {
	h := httptest.NewServer(apitest.New(t, apitest.Demo.SQLite(t)).Handler)
	t.Cleanup(h.Close)
	api := apitest.New(t, apitest.Demo.SQLite(t))
	authorization := api.As("manager@demo", "").Headers["Authorization"]
	initText := strings.Replace(initMessage, "Bearer x", authorization, 1)
	busy := dialSocket(t, h, "graphql-transport-ws")
	busy.sendText(initText)
	busy.receiveText()
	const subscription = `{"query":"subscription{changed(types:[Country]){id}}"}`
	for i := range server.MaxSubscriptionsPerSocket + 1 {
		busy.sendText(fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":%s}`, i, subscription))
	}
	text, _ := busy.receiveText()
	var m struct{ Payload json.RawMessage }
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	got := limitExtensions(t, `{"errors":`+string(m.Payload)+`}`)
	if got != "RATE_LIMITED subscriptionsPerSocket 10 11" {
		t.Error(text)
	}
	for range server.MaxPerCaller - 1 {
		l := dialSocket(t, h, "graphql-transport-ws")
		l.sendText(initText)
		l.receiveText()
	}
	more := dialSocket(t, h, "graphql-transport-ws")
	more.sendText(initText)
	var closed websocket.CloseError
	_, _, err := more.conn.Read(t.Context())
	if !errors.As(err, &closed) || closed.Reason != "RATE_LIMITED rule=connections limit=20" {
		t.Error(err)
	}
	status, body := postForEvents(t, h, authorization, subscription)
	if got := limitExtensions(t, body); got != "RATE_LIMITED connections 20 21" || status != 429 {
		t.Errorf("%d %s", status, body)
	}
}

// TestSlowBody checks that a body that does not arrive ends with status 408 after the time limit of a request. The
// limit holds for the sign-in too, which takes a while the first time.
func TestSlowBody(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.Limits.Timeout = 5 * time.Second })
	h := httptest.NewServer(api.Handler)
	t.Cleanup(h.Close)
	conn, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	const incomplete = "POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n" +
		"Authorization: %s\r\nContent-Length: 30\r\n\r\n{"
	manager := api.As("manager@demo", "")
	manager.Ask(`{viewer{purpose}}`, nil).RequireOK()
	authorization := manager.Headers["Authorization"]
	if _, err := fmt.Fprintf(conn, incomplete, authorization); err != nil {
		t.Fatal(err)
	}
	w, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	status, body := readResponse(t, w)
	if got := limitExtensions(t, body); got != "UNAVAILABLE seconds 5 0" || status != 408 {
		t.Errorf("%d %s", status, body)
	}
}

// TestRequestIDsAndLanguages checks that responses name their language, and that the hub takes over a well-formed
// request id and replaces every other.
func TestRequestIDsAndLanguages(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	manager := api.As("manager@demo", "")
	for id, wellFormed := range map[string]bool{
		"abc-DEF_09":            true,
		strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false,
		"":                      false,
		"a b":                   false,
		"a.b":                   false,
		"é":                     false,
		"a\n":                   false,
	} {
		manager.Headers["X-Request-Id"] = id
		got := manager.Send(t.Context(), `{"query":"{viewer{purpose}}"}`).Header().Get("X-Request-Id")
		if (got == id) != wellFormed || got == "" {
			t.Errorf("the request id %q became %q", id, got)
		}
	}
	for accepted, want := range map[string]string{"": "en", "es-MX, fr;q=0.5": "es", "de, fr;q=0.5": "fr", "de": "en"} {
		manager.Headers["Accept-Language"] = accepted
		for _, mediaType := range []string{"application/json", "text/event-stream"} {
			manager.Headers["Accept"] = mediaType
			for _, query := range []string{"{viewer{purpose}}", "{nope}"} {
				w := manager.Send(t.Context(), `{"query":"`+query+`"}`)
				if got := w.Header().Get("Content-Language"); got != want {
					t.Errorf("%q as %s: got %q, want %q", accepted, mediaType, got, want)
				}
			}
		}
	}
}
