package graph_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// readAllChanges are the answers of changesSince, page by page, and the token after them.
func readAllChanges(who *apitest.Caller, token string, first int) (bodies []string, last string, changes int) {
	who.Helper()
	for {
		a := who.Ask(`query($t:String,$n:Int){changesSince(token:$t,first:$n){changes{id type kind} token hasMore}}`, map[string]any{"t": orNull(token), "n": first}).RequireOK()
		bodies, token, changes = append(bodies, a.Body), a.Text("changesSince.token"), changes+a.Len("changesSince.changes")
		if a.At("changesSince.hasMore") == false {
			return bodies, token, changes
		}
	}
}

// What is hidden makes no change, no other page and no other token: not between two worlds, and not in one world when
// it changes.
func TestChangesTellNothingHidden(t *testing.T) {
	inTwoWorlds(t, func(p *worldPair) {
		one, token, n := readAllChanges(p.callerA, "", 1000)
		other, _, _ := readAllChanges(p.callerB, "", 1000)
		if n == 0 || fmt.Sprint(one) != fmt.Sprint(other) {
			p.Errorf("%d changes; the worlds answer differently:\n%.300s\n%.300s", n, one, other)
		}
		dbtest.ExecAsOwner(p, p.hubs[0].Hub.DB(), p.hideSQL...)
		if bodies, again, n := readAllChanges(p.callerA, token, 100); n != 0 || again != token {
			p.Errorf("hidden changes: %d, the same token %v: %.300s", n, again == token, bodies)
		}
	})
}

// checkHiddenEvents of hidden changes: there are none; and of a visible one, both worlds get the same bytes.
func checkHiddenEvents(p *worldPair) {
	if p.role == "public" {
		return // hears of nobody: TestChangesTellNothingHidden
	}
	var heard [2]subscriptionReader
	for i, who := range []*apitest.Caller{p.callerA, p.callerB} {
		s := httptest.NewServer(p.hubs[i].Handler)
		p.Cleanup(s.Close)
		heard[i] = listenEvents(p.T, s, who, currentToken(p.T, who))
	}
	_, hidden, err := plan.ParseID(p.hiddenIDs()[0])
	if err != nil {
		p.Fatal(err)
	}
	updateAsSeed(p.hubs[0], "Child", hidden, query.Input{"familyName": "Autre", "caseCode": "CD-X"})
	if !p.seesIdentity("BF-00007") {
		updateAsSeed(p.hubs[0], "Child", p.hubs[0].RowKey("Child", "caseCode", "BF-00007"), query.Input{"familyName": "Autre"})
	}
	for _, api := range p.hubs {
		updateAsSeed(api, "User", api.RowKey("User", "email", p.email), query.Input{"displayName": "Autre"})
	}
	for _, l := range heard {
		requireFrames(p.T, l, "User CHANGED")
	}
	if heard[0].lastToken() != heard[1].lastToken() {
		p.Error("the worlds give other tokens")
	}
}

// updateAsSeed writes a row as the hub's own task.
func updateAsSeed(api *apitest.API, entity string, id uuid.UUID, in query.Input) {
	api.Helper()
	e, seed := inventory.Model.Entity(entity), api.SeedSession()
	row, err := seed.Get(api.Context(), &query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("version")}}}, id)
	if err == nil {
		err = seed.Update(api.Context(), e, id, row.Cells[0].Int, in)
	}
	if err != nil {
		api.Fatal(err)
	}
}

// changesSince gives the rows that are still there with the changes, and nothing of those that are not.
func TestChangesSince(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
		token := currentToken(t, bf.Caller)
		stays, goes := bf.createActivity(), bf.createActivity()
		ask := func(token string) *apitest.Answer {
			t.Helper()
			return bf.Ask(`query($t:String){changesSince(token:$t,types:[Activity Child CaseFile User]){changes{__typename kind type id node{id ... on Activity{title intervention{code} access{canUpdate}} ... on Child{caseCode}}} token hasMore}}`, map[string]any{"t": token}).RequireOK()
		}
		a := ask(token)
		if a.Len("changesSince.changes") != 2 || a.Text("changesSince.changes.0.kind") != "CREATED" || !strings.HasPrefix(a.Text("changesSince.changes.0.node.title"), "Essai") || a.Text("changesSince.changes.1.node.id") != a.Text("changesSince.changes.1.id") {
			t.Errorf("%s", a.Body)
		}
		bf.archiveActivity(goes)
		b := ask(a.Text("changesSince.token"))
		if b.Len("changesSince.changes") != 1 || b.Text("changesSince.changes.0.kind") != "REMOVED" || b.At("changesSince.changes.0.id") != goes["id"] || b.At("changesSince.changes.0.node") != nil {
			t.Errorf("%s", b.Body)
		}
		if c := ask(token); c.Len("changesSince.changes") != 1 || c.At("changesSince.changes.0.id") != stays["id"] {
			t.Errorf("one that was never known: %s", c.Body)
		}
		for doc, want := range map[string]string{`{changesSince(first:0){token}}`: "INVALID", `{changesSince(first:1001){token}}`: "INVALID", `{changesSince(token:"x"){token}}`: "INVALID", `{changesSince(types:[Nope]){token}}`: "INVALID"} {
			if a := bf.Ask(doc, nil); a.Code() != want {
				t.Errorf("%s: %s", doc, a.Body)
			}
		}
	})
}

// Two processes on one database hear of each other's changes, and of each other's revocations.
func TestSubscriptionsAcrossProcesses(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen func(*apitest.Caller, string) subscriptionReader) {
		other := apitest.New(t, dbtest.Reopen(t, api.Hub.DB()))
		who, bf, admin := api.AsNewPerson("country_coordinator", "BF"), newActivityWriter(other, "coordinator.bf@demo", "BF"), other.As("admin@demo", "")
		l := listen(who, currentToken(t, who))
		bf.createActivity()
		requireFrames(t, l, "Activity CREATED")
		l.close()
		requirePromptEnd(t, func() (time.Time, string) {
			who := api.AsNewPerson("country_coordinator", "BF")
			l := listen(who, currentToken(t, who))
			user := other.As(who.Email, "").Ask(`{viewer{user{id version}}}`, nil).RequireOK()
			at := time.Now()
			admin.Ask(`mutation($id:ID!,$v:Int!){transitionUserState(input:{id:$id,version:$v,to:SUSPENDED}){user{id}}}`, map[string]any{"id": user.At("viewer.user.id"), "v": user.At("viewer.user.version")}).RequireOK()
			bf.createActivity()
			last := l.nextFrame()
			for strings.HasPrefix(last, "Activity") && time.Since(at) < time.Second { // what one process writes, the other hears of within that
				last = l.nextFrame()
			}
			return at, last
		})
	})
}

// requirePromptEnd fails where what is to end by a time is told of something after it, or ends more than a second late three
// times: the machine has other things to do. An attempt says that time, and what came last.
func requirePromptEnd(t *testing.T, attempt func() (time.Time, string)) {
	t.Helper()
	var late time.Duration
	for range 3 {
		end, last := attempt()
		if late = time.Since(end); late < 0 || strings.HasPrefix(last, "Activity") {
			t.Fatalf("%q, %v after its end", last, late)
		}
		if late <= time.Second {
			return
		}
	}
	t.Errorf("%v late", late)
}

// The id of the last event, in a header as browsers send it, says where to go on from.
func TestLastEventID(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	s := httptest.NewServer(api.Handler)
	t.Cleanup(s.Close)
	bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
	l := listenEvents(t, s, bf.Caller, "")
	bf.createActivity()
	requireFrames(t, l, "Activity CREATED")
	l.close()
	bf.archiveActivity(bf.createActivity())
	stays := bf.createActivity()
	bf.Headers["Last-Event-ID"] = l.lastToken()
	again := listenEvents(t, s, bf.Caller, "")
	requireFrames(t, again, "Activity CREATED")
	bf.archiveActivity(stays)
	requireFrames(t, again, "Activity REMOVED")
}

// A token that expires ends what it opened.
func TestSubscriptionEndsWithToken(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen func(*apitest.Caller, string) subscriptionReader) {
		bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
		requirePromptEnd(t, func() (time.Time, string) {
			end := time.Now().Add(3 * time.Second).Truncate(time.Second)
			short := api.AsWithTokenUntil("coordinator.bf@demo", end)
			l := listen(short, currentToken(t, short))
			bf.createActivity()
			requireFrames(t, l, "Activity CREATED")
			return end, l.nextFrame()
		})
	})
}

// A role that the clock ends, ends what it let hear.
func TestSubscriptionEndsWithRole(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen func(*apitest.Caller, string) subscriptionReader) {
		bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
		requirePromptEnd(t, func() (time.Time, string) {
			who := api.AsNewPerson("country_coordinator", "BF")
			l := listen(who, currentToken(t, who))
			end := time.Now().Add(2 * time.Second)
			role := who.Ask(`{roleAssignments{nodes{id version}}}`, nil).RequireOK()
			_, id, err := plan.ParseID(role.Text("roleAssignments.nodes.0.id"))
			if err != nil {
				t.Fatal(err)
			}
			updateAsSeed(api, "RoleAssignment", id, query.Input{"validUntil": end})
			bf.createActivity()
			requireFrames(t, l, "Activity CREATED")
			return end, l.nextFrame()
		})
	})
}
