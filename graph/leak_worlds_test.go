package graph_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/identity"
	"rightshub/internal/server"
	"rightshub/internal/store"
	"rightshub/policies"
)

// worldPair is one watcher with two worlds, each in its own hub.
type worldPair struct {
	*testing.T
	watcher
	role             string
	hubs             [2]*apitest.API
	callerA, callerB *apitest.Caller
	openDatabase     func(*testing.T) *database.DB
}

// onPostgres are the roles of the watchers that the short form of a test takes on PostgreSQL.
var onPostgres = []string{"country_coordinator", "auditor", "public"}

// inTwoWorlds runs the test for each watcher, on both databases.
func inTwoWorlds(t *testing.T, test func(*worldPair)) {
	for name, open := range map[string]func(*testing.T) *database.DB{
		"sqlite":   func(t *testing.T) *database.DB { return apitest.Demo.SQLite(t) },
		"postgres": func(t *testing.T) *database.DB { return apitest.Demo.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, w := range watchers {
				if name == "postgres" && !dbtest.Long() && !slices.Contains(onPostgres, w.roleName()) {
					continue
				}
				t.Run(w.roleName(), func(t *testing.T) {
					p := &worldPair{T: t, watcher: w, role: w.roleName(), openDatabase: open}
					for i := range p.hubs {
						p.hubs[i] = p.newHub()
					}
					dbtest.ExecAsOwner(t, p.hubs[1].Hub.DB(), w.hideSQL...)
					p.callerA, p.callerB = p.callerAt(p.hubs[0]), p.callerAt(p.hubs[1])
					test(p)
				})
			}
		})
	}
}

// forSubtest returns a copy of the pair that reports failures to a subtest.
func (p *worldPair) forSubtest(t *testing.T) *worldPair {
	out := *p
	out.T = t
	for i, who := range []**apitest.Caller{&out.callerA, &out.callerB} {
		api := *p.hubs[i]
		api.TB = t
		out.hubs[i], *who = &api, &apitest.Caller{API: &api, Email: (*who).Email, Headers: (*who).Headers}
	}
	return &out
}

// newHub returns a hub on a new copy of the demonstration data.
func (p *worldPair) newHub() *apitest.API {
	p.Helper()
	db := p.openDatabase(p.T)
	// An auditor must be able to read a whole list many times.
	dbtest.ExecAsOwner(p, db, append(p.setupSQL, "UPDATE audit_grants SET daily_row_budget = 1000000")...)
	return p.hubUnderPolicies(db, policies.Files)
}

// hubUnderPolicies returns a hub on the database under the policies in files. It admits callers who do not sign in. An
// integration may send registered documents only, so the hub registers each of its documents and names it by its hash.
func (p *worldPair) hubUnderPolicies(db *database.DB, files fs.FS) *apitest.API {
	p.Helper()
	texts := map[string]string{}
	api := apitest.NewUnderPolicies(p, db, files, p.admitPublic(db, files), func(o *server.Options) {
		if p.role == server.IntegrationRole {
			o.FindDocument = func(_ context.Context, hash string) (string, error) { return texts[hash], nil }
		}
	})
	handler := api.Handler
	if p.role == server.IntegrationRole {
		api.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				p.Error(err)
			}
			text, _ := body["query"].(string)
			hash := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
			texts[hash], body["documentId"] = text, hash
			delete(body, "query")
			named, err := json.Marshal(body)
			if err != nil {
				p.Error(err)
			}
			r.Body = io.NopCloser(bytes.NewReader(named))
			handler.ServeHTTP(w, r)
		})
	}
	return api
}

// admitPublic returns an option that lets the hub answer callers who do not sign in.
func (p *worldPair) admitPublic(db *database.DB, files fs.FS) func(*server.Options) {
	p.Helper()
	policy, err := access.Load(files, theModel)
	if err != nil {
		p.Fatal(err)
	}
	hub, err := store.NewHub(db, theModel, apitest.Secret)
	if err != nil {
		p.Fatal(err)
	}
	authenticator, err := identity.NewAuthenticator(hub, policy, nil, nil)
	if err != nil {
		p.Fatal(err)
	}
	authenticator.AllowPublic()
	return func(o *server.Options) {
		openSession := o.OpenSession
		o.OpenSession = func(ctx context.Context, c store.Credentials) (store.Session, error) {
			if c.Authorization == "" {
				return authenticator.OpenSession(ctx, c)
			}
			return openSession(ctx, c)
		}
	}
}

// callerAt returns the watcher as a caller of a hub.
func (p *worldPair) callerAt(api *apitest.API) *apitest.Caller {
	p.Helper()
	if p.email != "" {
		return api.As(p.email, p.purpose)
	}
	public := api.As("donor@demo", "")
	public.Email = ""
	delete(public.Headers, "Authorization")
	return public
}

// askBothWorlds sends a document to both worlds, and returns the answer. The answers must be the same bytes and contain
// no canary.
func (p *worldPair) askBothWorlds(document string, variables map[string]any) *apitest.Answer {
	p.Helper()
	a, b := p.callerA.Ask(document, variables), p.callerB.Ask(document, variables)
	if a.Body != b.Body || a.Status != b.Status || strings.Contains(b.Body, canary) {
		p.Errorf("%s\n one world: %.700s\n the other: %.700s", document, a.Body, b.Body)
	}
	return a
}

// seesIdentity reports whether the watcher sees the identifying cells of a child.
func (p *worldPair) seesIdentity(caseCode string) bool {
	p.Helper()
	a := p.callerA.Ask(
		`query($c:String!){children(where:{caseCode:{eq:$c}}){nodes{masked}}}`, map[string]any{"c": caseCode},
	).RequireOK()
	masked, _ := a.At("children.nodes.0.masked").([]any)
	return a.Len("children.nodes") > 0 && !slices.Contains(masked, any("familyName"))
}

// absentID returns an id of the same type that no row has.
func absentID(id string) string { return id[:4] + "W2r1bZ0hTwqGm5cLk3dXeA" }

// hiddenIDs returns the ids of two children and a case that the watcher sees in neither world.
func (p *worldPair) hiddenIDs() []string {
	coordinator := p.hubs[0].As("coordinator.cd@demo", "services")
	doc := `{children(first:3,orderBy:[{field:CASE_CODE}]){nodes{id caseFiles{nodes{id}}}}}`
	a := coordinator.Ask(doc, nil).RequireOK()
	return []string{
		a.Text("children.nodes.0.id"), a.Text("children.nodes.1.id"),
		a.Text("children.nodes.0.caseFiles.nodes.0.id"),
	}
}
