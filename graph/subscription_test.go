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
	// next is the next frame: an event as "TYPE KIND", or how the stream ended.
	nextFrame() string
	// token is that of the last event.
	lastToken() string
	close()
}

// subscribeTransports are the ways to subscribe.
var subscribeTransports = map[string]func(*testing.T, *httptest.Server, *apitest.Caller, string) subscriptionReader{"events": listenEvents, "socket": listenSocket}

// frameTimeout is how long a test waits for what must come.
const frameTimeout = 10 * time.Second

type frame struct {
	Data struct {
		Changed struct{ ID, Type, Kind, Token string }
	}
	Errors []struct{ Extensions struct{ Code string } }
}

// subscriptionClient is what both transports share.
type subscriptionClient struct {
	*testing.T
	frames        chan string // closed at the end
	tokens        chan string
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
		h.Fatal("nothing is heard")
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
	return map[string]any{"query": fmt.Sprintf(`subscription($since:String){changed(types:[%s],since:$since){id type kind token}}`, strings.Join(types, " ")), "variables": map[string]any{"since": orNull(since)}}
}

// listenEvents subscribes over server-sent events. It is there when the first byte of the stream is.
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

// listenSocket subscribes over a socket. It is there when a ping after the subscription is answered.
func listenSocket(t *testing.T, s *httptest.Server, who *apitest.Caller, since string) subscriptionReader {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c, _, err := websocket.Dial(ctx, s.URL+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
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
	send(map[string]any{"type": "connection_init", "payload": map[string]any{"Authorization": who.Headers["Authorization"], "purpose-of-use": who.Headers["Purpose-Of-Use"]}})
	receive("connection_ack")
	send(map[string]any{"id": "1", "type": "subscribe", "payload": subscribeRequest(since, "CaseFile", "Child", "Activity", "User")})
	h := &subscriptionClient{T: t, frames: make(chan string, 100), tokens: make(chan string, 100), cancel: stop}
	go func() {
		defer close(h.frames)
		for {
			var m message
			if wsjson.Read(ctx, c, &m) != nil {
				return
			}
			if h.decodeEvent(string(m.Payload)); m.Type != "next" {
				return
			}
		}
	}()
	t.Cleanup(stop)
	return h
}

// onEachTransport runs the test on each database and over each transport.
func onEachTransport(t *testing.T, test func(*testing.T, *apitest.API, *httptest.Server, func(*apitest.Caller, string) subscriptionReader)) {
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

// orNull leaves an empty text out.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// followedTypes are the types that the listeners of these tests follow: rows under pseudonyms cannot be followed.
func followedTypes(who *apitest.Caller) []string {
	if who.Ask(`{changesSince(first:1,types:[Child CaseFile]){hasMore}}`, nil).Code() == "INVALID" {
		return []string{"Activity", "User"}
	}
	return []string{"CaseFile", "Child", "Activity", "User"}
}

// currentToken is a token of what the caller sees now.
func currentToken(t *testing.T, who *apitest.Caller) string {
	t.Helper()
	token := ""
	for {
		a := who.Ask(`query($t:String,$of:[RowType!]){changesSince(token:$t,first:1000,types:$of){token hasMore}}`, map[string]any{"t": orNull(token), "of": followedTypes(who)}).RequireOK()
		if token = a.Text("changesSince.token"); a.At("changesSince.hasMore") == false {
			return token
		}
	}
}

// activityWriter is the work in one country: activities that its coordinator makes and archives.
type activityWriter struct {
	*apitest.Caller
	intervention string
	created      int
}

func newActivityWriter(api *apitest.API, email, country string) *activityWriter {
	api.Helper()
	who := api.As(email, "")
	return &activityWriter{Caller: who, intervention: who.Ask(`query($c:String){interventions(first:1,where:{country:{iso2:{eq:$c}}}){nodes{id}}}`, map[string]any{"c": country}).RequireOK().Text("interventions.nodes.0.id")}
}

// createActivity makes an activity, and returns its id and version.
func (f *activityWriter) createActivity() map[string]any {
	f.Helper()
	f.created++
	a := f.Ask(`mutation($i:ID!,$t:[LocalizedTextInput!]!){createActivity(input:{interventionId:$i,title:$t,kind:TRAINING}){activity{id version}}}`,
		map[string]any{"i": f.intervention, "t": []any{map[string]any{"language": "fr", "text": fmt.Sprint("Essai ", f.created)}}}).RequireOK()
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
			t.Fatalf("heard %q, want %q", got, want)
		}
	}
}

// Who listens hears of what happens in the own view as it happens; what is hidden or masked causes no frame. After the
// line was lost, the last event's token, or its id, brings what was missed.
func TestSubscription(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen func(*apitest.Caller, string) subscriptionReader) {
		bf, cd := newActivityWriter(api, "coordinator.bf@demo", "BF"), newActivityWriter(api, "coordinator.cd@demo", "CD")
		officer := api.As("protection.bf@demo", "services")
		inBF, inCD := listen(bf.Caller, currentToken(t, bf.Caller)), listen(cd.Caller, currentToken(t, cd.Caller))
		one := bf.createActivity()
		requireFrames(t, inBF, "Activity CREATED")
		bf.archiveActivity(one)
		requireFrames(t, inBF, "Activity REMOVED")
		child := officer.Ask(`{children(first:1){nodes{id version}}}`, nil).RequireOK()
		officer.Ask(`mutation($id:ID!,$v:Int!){updateChild(input:{id:$id,version:$v,familyName:"Autre"}){child{id}}}`,
			map[string]any{"id": child.At("children.nodes.0.id"), "v": child.At("children.nodes.0.version")}).RequireOK() // masked for a coordinator
		cd.createActivity() // hidden from the other
		bf.createActivity()
		requireFrames(t, inBF, "Activity CREATED")
		requireFrames(t, inCD, "Activity CREATED")
		inBF.close()
		two := bf.createActivity()
		bf.archiveActivity(two) // never known
		bf.createActivity()
		again := listen(bf.Caller, inBF.lastToken())
		requireFrames(t, again, "Activity CREATED")
		bf.createActivity()
		requireFrames(t, again, "Activity CREATED")
	})
}

// Who may not go on is told nothing more, and is closed within a second: suspended, without the role, or with a token
// that has expired.
func TestSubscriptionEnds(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen func(*apitest.Caller, string) subscriptionReader) {
		admin, bf := api.As("admin@demo", ""), newActivityWriter(api, "coordinator.bf@demo", "BF")
		gone := map[string]func(*apitest.Caller){
			"suspended": func(who *apitest.Caller) {
				user := who.Ask(`{viewer{user{id version}}}`, nil).RequireOK()
				admin.Ask(`mutation($id:ID!,$v:Int!){transitionUserState(input:{id:$id,version:$v,to:SUSPENDED}){user{id}}}`,
					map[string]any{"id": user.At("viewer.user.id"), "v": user.At("viewer.user.version")}).RequireOK()
			},
			"revoked": func(who *apitest.Caller) {
				role := who.Ask(`{roleAssignments{nodes{id version}}}`, nil).RequireOK()
				admin.Ask(`mutation($id:ID!,$v:Int!){transitionRoleAssignmentState(input:{id:$id,version:$v,to:REVOKED}){roleAssignment{id}}}`,
					map[string]any{"id": role.At("roleAssignments.nodes.0.id"), "v": role.At("roleAssignments.nodes.0.version")}).RequireOK()
			},
		}
		for _, name := range []string{"suspended", "revoked"} {
			requirePromptEnd(t, func() (time.Time, string) {
				who := api.AsNewPerson("country_coordinator", "BF")
				l := listen(who, currentToken(t, who))
				bf.createActivity()
				requireFrames(t, l, "Activity CREATED")
				gone[name](who)
				at := time.Now()
				bf.createActivity()
				return at, l.nextFrame()
			})
		}
	})
}
