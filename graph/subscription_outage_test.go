package graph_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// hubBehindProxy starts a hub with the demonstration on PostgreSQL, and another hub that reaches the same database
// through a proxy.
func hubBehindProxy(t *testing.T) (near, far *apitest.API, proxy *dbtest.Proxy) {
	t.Helper()
	db := apitest.Demo.Postgres(t)
	proxy = dbtest.StartProxy(t, db)
	return apitest.New(t, db), apitest.New(t, proxy.Open(t)), proxy
}

// A subscription outlives outages of the database. What others wrote meanwhile comes afterwards, each change once.
func TestSubscriptionOutlivesOutages(t *testing.T) {
	outages := 3
	if dbtest.Long() {
		outages = 50
	}
	near, far, proxy := hubBehindProxy(t)
	server := httptest.NewServer(far.Handler)
	t.Cleanup(server.Close)
	bf := newActivityWriter(near, "coordinator.bf@demo", "BF")
	who := far.As("coordinator.bf@demo", "")
	for name, subscribe := range subscribeTransports {
		t.Run(name, func(t *testing.T) {
			listener := subscribe(t, server, who, currentToken(t, who))
			bf.createActivity()
			requireFrames(t, listener, "Activity CREATED") // so the subscription has begun
			for range outages {
				proxy.Refuse(t, 5)
				bf.createActivity()
				proxy.Resume()
				requireFrames(t, listener, "Activity CREATED")
				proxy.Cut()
				bf.createActivity()
				requireFrames(t, listener, "Activity CREATED")
			}
			a := who.Ask(`query($t: String, $types: [RowType!]) {
				changesSince(token: $t, types: $types) { changes { kind } }
			}`, map[string]any{"t": listener.lastToken(), "types": followedTypes(who)}).RequireOK()
			if a.Len("changesSince.changes") != 0 {
				t.Errorf("the token of the last event does not know all: %s", a.Body)
			}
		})
	}
}

// A subscription that cannot begin in an outage closes its connection as an interruption, after which client libraries
// connect again. An error or a "complete" would end it for good.
func TestSubscriptionBeginsInOutage(t *testing.T) {
	_, far, proxy := hubBehindProxy(t)
	server := httptest.NewServer(far.Handler)
	t.Cleanup(server.Close)
	for _, last := range []string{"connection_init", "subscribe"} {
		t.Run(last, func(t *testing.T) {
			who := far.AsNewPerson("country_coordinator", "BF")
			c, _, err := websocket.Dial(t.Context(), server.URL+"/graphql",
				&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			defer proxy.Resume()
			for _, m := range []map[string]any{
				{"type": "connection_init", "payload": map[string]any{"Authorization": who.Headers["Authorization"]}},
				{"type": "subscribe", "id": "1", "payload": subscribeRequest("", "Activity")},
			} {
				if m["type"] == last {
					proxy.Refuse(t, 0)
				}
				if err := wsjson.Write(t.Context(), c, m); err != nil {
					t.Fatal(err)
				}
				var answer map[string]any
				err = wsjson.Read(t.Context(), c, &answer)
				if m["type"] == last {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if code := websocket.CloseStatus(err); code != websocket.StatusTryAgainLater {
				t.Errorf("the socket was closed with %d: %v", code, err)
			}
		})
	}
	who := far.AsNewPerson("country_coordinator", "BF")
	who.Ask("{countries{totalCount}}", nil).RequireOK() // so that the sign-in is known for a second
	proxy.Refuse(t, 0)
	defer proxy.Resume()
	who.Headers["Accept"] = "text/event-stream"
	w := who.Send(t.Context(), `{"query": "subscription { changed(types: [Activity]) { id } }"}`)
	if text := w.Body.String(); w.Code == 200 && strings.Contains(text, "event: ") {
		t.Errorf("%d %s", w.Code, text)
	}
}
