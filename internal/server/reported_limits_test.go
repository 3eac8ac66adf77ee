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

// limitExtensions is what the first error of a body says of a limit.
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

// What a limit refuses says the rule, the limit, and what was asked for.
func TestLimitsAreReported(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("admin@demo", "")
	many := func(n int, text string) string { return strings.TrimSuffix(strings.Repeat(text+",", n), ",") }
	for body, want := range map[string]string{
		`{"query":"{countries(first:1000){nodes{id}}}"}`:                                                      "INVALID page 100 1000",
		`{"query":"{countries(last:101){nodes{id}}}"}`:                                                        "INVALID page 100 101",
		`{"query":"{changesSince(first:1001){hasMore}}"}`:                                                     "INVALID page 1000 1001",
		`{"query":"{countries(where:{iso2:{in:[` + many(201, `\"BF\"`) + `]}}){totalCount}}"}`:                "INVALID entries 200 201",
		`{"query":"query($in:[ID!]!){nodes(ids:$in){id}}","variables":{"in":[` + many(101, `"cty_x"`) + `]}}`: "INVALID entries 100 101",
		`{"query":"{` + strings.Repeat("a ", 4100) + `}"}`:                                                    "TOO_COMPLEX tokens 4000 4102",
		`{"query":"` + strings.Repeat(" ", server.MaxBodyBytes) + `"}`:                                        fmt.Sprint("TOO_LARGE bytes ", float64(server.MaxBodyBytes), " ", float64(server.MaxBodyBytes+12)),
	} {
		if got := limitExtensions(t, who.Send(t.Context(), body).Body.String()); got != want {
			t.Errorf("%.80s: %s, want %s", body, got, want)
		}
	}
}

// A request whose time is over says how long it may take: here another writer holds the database.
func TestTimeoutIsReported(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.Limits.Timeout = 300 * time.Millisecond })
	tx, err := api.Hub.DB().SQL().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	body := api.As("admin@demo", "").Send(t.Context(), `{"query":"mutation{createCountry(input:{iso2:\"ZZ\",name:[{language:\"en\",text:\"X\"}]}){country{id}}}"}`).Body.String()
	if got := limitExtensions(t, body); got != "UNAVAILABLE seconds 0.3 0" {
		t.Error(body)
	}
}

// So do those of what stays open.
func TestConnectionLimitsAreReported(t *testing.T) {
	h := httptest.NewServer(apitest.New(t, apitest.Demo.SQLite(t)).Handler)
	t.Cleanup(h.Close)
	api := apitest.New(t, apitest.Demo.SQLite(t))
	authorization := api.As("manager@demo", "").Headers["Authorization"]
	greet := strings.Replace(initMessage, "Bearer x", authorization, 1)
	busy := dialSocket(t, h, "graphql-transport-ws")
	busy.sendText(greet)
	busy.receiveText()
	for i := range server.MaxSubscriptionsPerSocket + 1 {
		busy.sendText(fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":{"query":"subscription{changed(types:[Country]){id}}"}}`, i))
	}
	text, _ := busy.receiveText()
	var m struct{ Payload json.RawMessage }
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	if got := limitExtensions(t, `{"errors":`+string(m.Payload)+`}`); got != "RATE_LIMITED subscriptionsPerSocket 10 11" {
		t.Error(text)
	}
	for range server.MaxPerCaller - 1 {
		l := dialSocket(t, h, "graphql-transport-ws")
		l.sendText(greet)
		l.receiveText()
	}
	more := dialSocket(t, h, "graphql-transport-ws")
	more.sendText(greet)
	var closed websocket.CloseError
	if _, _, err := more.conn.Read(t.Context()); !errors.As(err, &closed) || closed.Reason != "RATE_LIMITED rule=connections limit=20" {
		t.Error(err)
	}
	status, body := postForEvents(t, h, authorization, `{"query":"subscription{changed(types:[Country]){id}}"}`)
	if got := limitExtensions(t, body); got != "RATE_LIMITED connections 20 21" || status != 429 {
		t.Errorf("%d %s", status, body)
	}
}

// A body that does not come takes no longer than a request may.
func TestSlowBody(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t), func(o *server.Options) { o.Limits.Timeout = 200 * time.Millisecond })
	h := httptest.NewServer(api.Handler)
	t.Cleanup(h.Close)
	conn, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nAuthorization: %s\r\nContent-Length: 30\r\n\r\n{", api.As("manager@demo", "").Headers["Authorization"]); err != nil {
		t.Fatal(err)
	}
	w, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	status, body := readResponse(t, w)
	if got := limitExtensions(t, body); got != "UNAVAILABLE seconds 0.2 0" || status != 408 {
		t.Errorf("%d %s", status, body)
	}
}

// Answers say their language, and keep the name that a caller gave a request, where it is one.
func TestRequestIDsAndLanguages(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	who := api.As("manager@demo", "")
	for given, kept := range map[string]bool{"abc-DEF_09": true, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "": false, "a b": false, "a.b": false, "é": false, "a\n": false} {
		who.Headers["X-Request-Id"] = given
		id := who.Send(t.Context(), `{"query":"{viewer{purpose}}"}`).Header().Get("X-Request-Id")
		if (id == given) != kept || id == "" {
			t.Errorf("%q became %q", given, id)
		}
	}
	for accepted, want := range map[string]string{"": "en", "es-MX, fr;q=0.5": "es", "de, fr;q=0.5": "fr", "de": "en"} {
		who.Headers["Accept-Language"] = accepted
		for _, accept := range []string{"application/json", "text/event-stream"} {
			who.Headers["Accept"] = accept
			for _, query := range []string{"{viewer{purpose}}", "{nope}"} {
				if got := who.Send(t.Context(), `{"query":"`+query+`"}`).Header().Get("Content-Language"); got != want {
					t.Errorf("%q as %s: %q", accepted, accept, got)
				}
			}
		}
	}
}
