package graph_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// readAllChanges reads all pages of changesSince. It returns the answers, the last token and the number of changes.
func readAllChanges(who *apitest.Caller, token string, first int) (bodies []string, last string, changes int) {
	who.Helper()
	for {
		a := who.Ask(`query($t: String, $n: Int) {
			changesSince(token: $t, first: $n) { changes { id type kind } token hasMore }
		}`, map[string]any{"t": orNull(token), "n": first}).RequireOK()
		bodies = append(bodies, a.Body)
		token = a.Text("changesSince.token")
		changes += a.Len("changesSince.changes")
		if a.At("changesSince.hasMore") == false {
			return bodies, token, changes
		}
	}
}

// Hidden rows and cells cause no change, no other page and no other token. This holds between two worlds that differ in
// them, and in one world when they change.
func TestChangesTellNothingHidden(t *testing.T) {
	inTwoWorlds(t, func(p *worldPair) {
		one, token, n := readAllChanges(p.callerA, "", 1000)
		other, _, _ := readAllChanges(p.callerB, "", 1000)
		if n == 0 || fmt.Sprint(one) != fmt.Sprint(other) {
			p.Errorf("%d changes; the worlds answer differently:\n%.300s\n%.300s", n, one, other)
		}
		dbtest.ExecAsOwner(p, p.hubs[0].Hub.DB(), p.hideSQL...)
		if bodies, again, n := readAllChanges(p.callerA, token, 100); n != 0 || again != token {
			p.Errorf("changes of hidden rows are reported: %d, same token %v: %.300s", n, again == token, bodies)
		}
	})
}

// checkHiddenEvents checks that a hidden change causes no event, and that a visible change causes the same bytes in
// both worlds.
func checkHiddenEvents(p *worldPair) {
	if p.role == "public" {
		return // the public sees no row of a user, and TestChangesTellNothingHidden covers the rest
	}
	var readers [2]subscriptionReader
	for i, who := range []*apitest.Caller{p.callerA, p.callerB} {
		s := httptest.NewServer(p.hubs[i].Handler)
		p.Cleanup(s.Close)
		readers[i] = listenEvents(p.T, s, who, currentToken(p.T, who))
	}
	_, hidden, err := plan.ParseID(theModel, p.hiddenIDs()[0])
	if err != nil {
		p.Fatal(err)
	}
	updateAsSeed(p.hubs[0], "Child", hidden, query.Input{"familyName": "Autre", "caseCode": "CD-X"})
	if !p.seesIdentity("BF-00007") {
		masked := p.hubs[0].RowKey("Child", "caseCode", "BF-00007")
		updateAsSeed(p.hubs[0], "Child", masked, query.Input{"familyName": "Autre"})
	}
	for _, api := range p.hubs {
		updateAsSeed(api, "User", api.RowKey("User", "email", p.email), query.Input{"displayName": "Autre"})
	}
	for _, l := range readers {
		requireFrames(p.T, l, "User CHANGED")
	}
	if readers[0].lastToken() != readers[1].lastToken() {
		p.Error("the worlds give different tokens")
	}
}

// updateAsSeed updates a row with the session that fills the demonstration data, which may write everything.
func updateAsSeed(api *apitest.API, entity string, id uuid.UUID, in query.Input) {
	api.Helper()
	e, seed := theModel.Entity(entity), api.SeedSession()
	selection := &query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("version")}}}
	row, err := seed.Get(api.Context(), selection, id)
	if err == nil {
		err = seed.Update(api.Context(), e, id, row.Cells[0].Int, in)
	}
	if err != nil {
		api.Fatal(err)
	}
}

// changesSince answers the row of each change that left it visible, and no row for one that removed it.
func TestChangesSince(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
		token := currentToken(t, bf.Caller)
		stays, goes := bf.createActivity(), bf.createActivity()
		ask := func(token string) *apitest.Answer {
			t.Helper()
			return bf.Ask(`query($t: String) {
				changesSince(token: $t, types: [Activity, Child, CaseFile, User]) {
					changes {
						__typename kind type id
						node {
							id
							... on Activity { title intervention { code } access { canUpdate } }
							... on Child { caseCode }
						}
					}
					token hasMore
				}
			}`, map[string]any{"t": token}).RequireOK()
		}
		a := ask(token)
		if a.Len("changesSince.changes") != 2 || a.Text("changesSince.changes.0.kind") != "CREATED" ||
			!strings.HasPrefix(a.Text("changesSince.changes.0.node.title"), "Essai") ||
			a.Text("changesSince.changes.1.node.id") != a.Text("changesSince.changes.1.id") {
			t.Errorf("%s", a.Body)
		}
		bf.archiveActivity(goes)
		b := ask(a.Text("changesSince.token"))
		if b.Len("changesSince.changes") != 1 || b.Text("changesSince.changes.0.kind") != "REMOVED" ||
			b.At("changesSince.changes.0.id") != goes["id"] || b.At("changesSince.changes.0.node") != nil {
			t.Errorf("%s", b.Body)
		}
		if c := ask(token); c.Len("changesSince.changes") != 1 || c.At("changesSince.changes.0.id") != stays["id"] {
			t.Errorf("a row that came and went after the token: %s", c.Body)
		}
		for doc, want := range map[string]string{
			`{changesSince(first:0){token}}`:      "INVALID",
			`{changesSince(first:1001){token}}`:   "INVALID",
			`{changesSince(token:"x"){token}}`:    "INVALID",
			`{changesSince(types:[Nope]){token}}`: "INVALID",
		} {
			if a := bf.Ask(doc, nil); a.Code() != want {
				t.Errorf("%s: %s", doc, a.Body)
			}
		}
	})
}

// Of two hubs on one database, each sends events for the other's changes and ends subscriptions after the other's
// revocations.
func TestSubscriptionsAcrossProcesses(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen subscribeFunc) {
		other := apitest.New(t, dbtest.Reopen(t, api.Hub.DB()))
		who := api.AsNewPerson("country_coordinator", "BF")
		bf := newActivityWriter(other, "coordinator.bf@demo", "BF")
		admin := other.As("admin@demo", "")
		l := listen(who, currentToken(t, who))
		bf.createActivity()
		requireFrames(t, l, "Activity CREATED")
		l.close()
		requirePromptEnd(t, func() (time.Time, string) {
			who := api.AsNewPerson("country_coordinator", "BF")
			l := listen(who, currentToken(t, who))
			user := other.As(who.Email, "").Ask(`{viewer{user{id version}}}`, nil).RequireOK()
			at := time.Now()
			admin.Ask(`mutation($id: ID!, $v: Int!) {
				transitionUserState(input: {id: $id, version: $v, to: SUSPENDED}) { user { id } }
			}`, map[string]any{"id": user.At("viewer.user.id"), "v": user.At("viewer.user.version")}).RequireOK()
			bf.createActivity()
			last := l.nextFrame()
			// an event of the activity may come before this hub notices the suspension
			for strings.HasPrefix(last, "Activity") && time.Since(at) < time.Second {
				last = l.nextFrame()
			}
			return at, last
		})
	})
}

// requirePromptEnd fails unless a subscription ends on time. An attempt returns the time of the end and the last frame.
// The test fails at once when the subscription ends too early or an event comes last. It fails after three attempts
// that end more than a second late, because a busy machine delays some of them.
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

// A browser that reconnects sends the id of the last event in the header Last-Event-ID, and the stream resumes there.
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

// A subscription ends when the token that opened it expires.
func TestSubscriptionEndsWithToken(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen subscribeFunc) {
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

// A subscription ends when the period of the role that allowed it is over.
func TestSubscriptionEndsWithRole(t *testing.T) {
	onEachTransport(t, func(t *testing.T, api *apitest.API, _ *httptest.Server, listen subscribeFunc) {
		bf := newActivityWriter(api, "coordinator.bf@demo", "BF")
		requirePromptEnd(t, func() (time.Time, string) {
			who := api.AsNewPerson("country_coordinator", "BF")
			l := listen(who, currentToken(t, who))
			end := time.Now().Add(2 * time.Second)
			role := who.Ask(`{roleAssignments{nodes{id version}}}`, nil).RequireOK()
			_, id, err := plan.ParseID(theModel, role.Text("roleAssignments.nodes.0.id"))
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
