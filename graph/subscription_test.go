package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"rightshub/internal/apitest"
)

// subscriptionReader is a client that has subscribed, over either transport.
type subscriptionReader interface {
	// nextFrame returns the next event as "TYPE KIND", the code of an error, or "closed" at the end of the stream.
	nextFrame() string
	// lastToken returns the token of the last event that nextFrame returned.
	lastToken() string
	close()
}

// subscribeFunc subscribes a caller to changes after the token since.
type subscribeFunc func(who *apitest.Caller, since string) subscriptionReader

// subscribeTransports are the functions that subscribe over each transport.
var subscribeTransports = map[string]func(*testing.T, *httptest.Server, *apitest.Caller, string) subscriptionReader{
	"events": listenEvents, "socket": listenSocket,
}

// frameTimeout is how long a test waits for a frame that must come.
const frameTimeout = time.Minute

// frame is the payload of an event.
type frame struct {
	Data struct {
		Changed struct{ ID, Type, Kind, Token string }
	}
	Errors []struct{ Extensions struct{ Code string } }
}

// subscriptionClient is the part of a client that both transports share.
type subscriptionClient struct {
	*testing.T
	frames        chan string // closed at the end of the stream
	tokens        chan string // one token per frame, "" for an error
	lastTokenRead string
	cancel        context.CancelFunc
}

func (h *subscriptionClient) nextFrame() string {
	h.Helper()
	select {
	case f, ok := <-h.frames:
		if !ok {
			return "closed"
		}
		if t := <-h.tokens; t != "" {
			h.lastTokenRead = t
		}
		return f
	case <-time.After(frameTimeout):
		h.Fatalf("no frame came within %v", frameTimeout)
		return ""
	}
}

func (h *subscriptionClient) lastToken() string { return h.lastTokenRead }
func (h *subscriptionClient) close()            { h.cancel() }

func (h *subscriptionClient) queueFrame(text, token string) {
	h.frames <- text
	h.tokens <- token
}

func (h *subscriptionClient) decodeEvent(text string) {
	var f frame
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		h.Error(err)
		return
	}
	if len(f.Errors) > 0 {
		h.queueFrame(f.Errors[0].Extensions.Code, "")
		return
	}
	h.queueFrame(f.Data.Changed.Type+" "+f.Data.Changed.Kind, f.Data.Changed.Token)
}

func subscribeRequest(since string, types ...string) map[string]any {
	document := fmt.Sprintf(`subscription($since: String) {
		changed(types: [%s], since: $since) { id type kind token }
	}`, strings.Join(types, " "))
	return map[string]any{"query": document, "variables": map[string]any{"since": orNull(since)}}
}

// listenEvents subscribes over server-sent events. The subscription has begun when the answer begins.
func listenEvents(t *testing.T, s *httptest.Server, who *apitest.Caller, since string) subscriptionReader {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	body, err := json.Marshal(subscribeRequest(since, followedTypes(who)...))
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, "POST", s.URL+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range who.Headers {
		r.Header.Set(name, value)
	}
	r.Header.Set("Accept", "text/event-stream")
	answer, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	h := &subscriptionClient{T: t, frames: make(chan string, 100), tokens: make(chan string, 100), cancel: stop}
	go func() {
		defer close(h.frames)
		defer answer.Body.Close()
		event := ""
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				if event = value; event == "complete" {
					return
				}
			case "data":
				h.decodeEvent(value)
			}
		}
	}()
	t.Cleanup(stop)
	return h
}

// listenSocket subscribes over a WebSocket. The subscription may begin after the function returns, so tests pass a
// token from before in since.
func listenSocket(t *testing.T, s *httptest.Server, who *apitest.Caller, since string) subscriptionReader {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c, _, err := websocket.Dial(
		ctx, s.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	type message struct {
		ID      string          `json:"id,omitempty"`
		Type    string          `json:"type"`
		Payload json.RawMessage `json:"payload,omitempty"`
	}
	send := func(m map[string]any) {
		t.Helper()
		if err := wsjson.Write(ctx, c, m); err != nil {
			t.Fatal(err)
		}
	}
	receive := func(kind string) {
		t.Helper()
		var m message
		if err := wsjson.Read(ctx, c, &m); err != nil || m.Type != kind {
			t.Fatalf("%v %v, want %s", m, err, kind)
		}
	}
	send(map[string]any{"type": "connection_init", "payload": map[string]any{
		"Authorization": who.Headers["Authorization"], "purpose-of-use": who.Headers["Purpose-Of-Use"],
	}})
	receive("connection_ack")
	send(map[string]any{
		"id": "1", "type": "subscribe", "payload": subscribeRequest(since, "CaseFile", "Child", "Activity", "User"),
	})
	h := &subscriptionClient{T: t, frames: make(chan string, 100), tokens: make(chan string, 100), cancel: stop}
	go func() {
		defer close(h.frames)
		for {
			var m message
			if wsjson.Read(ctx, c, &m) != nil || m.Type != "next" { // the hub ends it, perhaps after the test
				return
			}
			h.decodeEvent(string(m.Payload))
		}
	}()
	t.Cleanup(stop)
	return h
}

// onEachTransport runs the test on each database and over each transport.
func onEachTransport(t *testing.T, test func(*testing.T, *apitest.API, *httptest.Server, subscribeFunc)) {
	t.Helper()
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		s := httptest.NewServer(api.Handler)
		t.Cleanup(s.Close)
		for _, name := range []string{"events", "socket"} {
			t.Run(name, func(t *testing.T) {
				test(t, api, s, func(who *apitest.Caller, since string) subscriptionReader {
					return subscribeTransports[name](t, s, who, since)
				})
			})
		}
	})
}

// orNull returns nil for an empty text.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// followedTypes returns the types that these tests subscribe to. Rows under pseudonyms cannot be followed.
func followedTypes(who *apitest.Caller) []string {
	if who.Ask(`{changesSince(first:1,types:[Child CaseFile]){hasMore}}`, nil).Code() == "INVALID" {
		return []string{"Activity", "User"}
	}
	return []string{"CaseFile", "Child", "Activity", "User"}
}

// currentToken returns a token for the caller's current view.
func currentToken(t *testing.T, who *apitest.Caller) string {
	t.Helper()
	token := ""
	for {
		a := who.Ask(`query($t: String, $types: [RowType!]) {
			changesSince(token: $t, first: 1000, types: $types) { token hasMore }
		}`, map[string]any{"t": orNull(token), "types": followedTypes(who)}).RequireOK()
		if token = a.Text("changesSince.token"); a.At("changesSince.hasMore") == false {
			return token
		}
	}
}

// activityWriter is a country's coordinator, with helpers to create and archive activities.
type activityWriter struct {
	*apitest.Caller
	intervention string
	created      int
}

func newActivityWriter(api *apitest.API, email, country string) *activityWriter {
	api.Helper()
	who := api.As(email, "")
	a := who.Ask(`query($c: String) {
		interventions(first: 1, where: {country: {iso2: {eq: $c}}}) { nodes { id } }
	}`, map[string]any{"c": country}).RequireOK()
	return &activityWriter{Caller: who, intervention: a.Text("interventions.nodes.0.id")}
}

// createActivity creates an activity, and returns its id and version as an ArchiveInput.
func (f *activityWriter) createActivity() map[string]any {
	f.Helper()
	f.created++
	a := f.Ask(`mutation($i: ID!, $t: [LocalizedTextInput!]!) {
		createActivity(input: {interventionId: $i, title: $t, kind: TRAINING}) { activity { id version } }
	}`, map[string]any{
		"i": f.intervention,
		"t": []any{map[string]any{"language": "fr", "text": fmt.Sprint("Essai ", f.created)}},
	}).RequireOK()
	return map[string]any{"id": a.At("createActivity.activity.id"), "version": a.At("createActivity.activity.version")}
}

func (f *activityWriter) archiveActivity(in map[string]any) {
	f.Helper()
	f.Ask(`mutation($in:ArchiveInput!){archiveActivity(input:$in){id}}`, map[string]any{"in": in}).RequireOK()
}

// requireFrames fails unless these are the next frames.
func requireFrames(t *testing.T, l subscriptionReader, frames ...string) {
	t.Helper()
	for _, want := range frames {
		if got := l.nextFrame(); got != want {
			t.Fatalf("got the frame %q, want %q", got, want)
		}
	}
}

// A subscription sends an event for each change in the caller's view as soon as it happens. Changes of hidden rows and
// masked cells cause no event. After a lost connection, the token or the id of the last event resumes the stream, and
// the missed events come first.
func TestSubscription(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen subscribeFunc) {
		bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
		cd := newActivityWriter(api, "coordinator.cd@demo", "CD")
		officer := api.As("protection.bf@demo", "services")
		inBF, inCD := listen(bf.Caller, currentToken(t, bf.Caller)), listen(cd.Caller, currentToken(t, cd.Caller))
		activity := bf.createActivity()
		requireFrames(t, inBF, "Activity CREATED")
		bf.archiveActivity(activity)
		requireFrames(t, inBF, "Activity REMOVED")
		child := officer.Ask(`{children(first:1){nodes{id version}}}`, nil).RequireOK()
		// The family name is masked to a coordinator.
		officer.Ask(`mutation($id: ID!, $v: Int!) {
			updateChild(input: {id: $id, version: $v, familyName: "Autre"}) { child { id } }
		}`, map[string]any{
			"id": child.At("children.nodes.0.id"), "v": child.At("children.nodes.0.version"),
		}).RequireOK()
		cd.createActivity() // hidden from the coordinator for Burkina Faso
		bf.createActivity()
		requireFrames(t, inBF, "Activity CREATED")
		requireFrames(t, inCD, "Activity CREATED")
		inBF.close()
		bf.archiveActivity(bf.createActivity()) // came and went while nobody listened, so it causes no event
		bf.createActivity()
		again := listen(bf.Caller, inBF.lastToken())
		requireFrames(t, again, "Activity CREATED")
		bf.createActivity()
		requireFrames(t, again, "Activity CREATED")
	})
}

// A subscription ends within a second, without further events, after its caller is suspended or loses the role.
func TestSubscriptionEnds(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen subscribeFunc) {
		admin, bf := api.As("admin@demo", ""), newActivityWriter(api, "coordinator.bf@demo", "BF")
		removeAccess := map[string]func(*apitest.Caller){
			"suspended": func(who *apitest.Caller) {
				user := who.Ask(`{viewer{user{id version}}}`, nil).RequireOK()
				admin.Ask(`mutation($id: ID!, $v: Int!) {
					transitionUserState(input: {id: $id, version: $v, to: SUSPENDED}) { user { id } }
				}`, map[string]any{"id": user.At("viewer.user.id"), "v": user.At("viewer.user.version")}).RequireOK()
			},
			"revoked": func(who *apitest.Caller) {
				role := who.Ask(`{roleAssignments{nodes{id version}}}`, nil).RequireOK()
				admin.Ask(`mutation($id: ID!, $v: Int!) {
					transitionRoleAssignmentState(input: {id: $id, version: $v, to: REVOKED}) { roleAssignment { id } }
				}`, map[string]any{
					"id": role.At("roleAssignments.nodes.0.id"),
					"v":  role.At("roleAssignments.nodes.0.version"),
				}).RequireOK()
			},
		}
		for _, name := range []string{"suspended", "revoked"} {
			requirePromptEnd(t, func() (time.Time, string) {
				who := api.AsNewPerson("country_coordinator", "BF")
				l := listen(who, currentToken(t, who))
				bf.createActivity()
				requireFrames(t, l, "Activity CREATED")
				removeAccess[name](who)
				at := time.Now()
				bf.createActivity()
				return at, l.nextFrame()
			})
		}
	})
}
