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

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/demo"
	signin "rightshub/internal/identity"
	"rightshub/internal/server"
	"rightshub/internal/store"
	"rightshub/policies"
)

// canary marks what nobody of the catalogue may see, in the second world.
const canary = "CNRY-"

// watcher is somebody before whom two worlds must look alike, and how the second differs from the first: only in rows
// and cells that this person may not see. Each is SQL that both databases take.
type watcher struct {
	email, purpose string // without an e-mail address: nobody who signs in
	hideSQL        []string
	setupSQL       []string // before, in both worlds
}

const (
	countryBF            = `(SELECT id FROM countries WHERE iso2 = 'BF')`
	auditedInterventions = `(SELECT id FROM interventions WHERE code IN ('BF-CAP-2015','BF-SGBV-2021'))`
	userByEmail          = `(SELECT id FROM users WHERE email = '%s')`
)

// changeIdentity changes what identifies a child, but the birth date, of which everyone who sees the row sees the age band.
const changeIdentity = `UPDATE children SET given_name = 'CNRY-given', family_name = 'CNRY-family', other_names = 'CNRY-other', address = 'CNRY-address', phone = 'CNRY-phone',
 id_number = 'CNRY-number', guardian = 'CNRY-guardian', sex = 'other', nationality = 'ZZ', language = 'zz', birth_date_estimated = NOT birth_date_estimated, place_id = NULL`

// hideRows changes, and partly archives, the rows of a table that a condition hides.
func hideRows(table, set, hidden string) []string {
	return []string{
		fmt.Sprintf(`UPDATE %s SET %s WHERE %s`, table, set, hidden),
		fmt.Sprintf(`UPDATE %s SET archived_at = '2020-01-01 00:00:00+00:00' WHERE %s AND CAST(id AS text) < '8'`, table, hidden),
	}
}

func concatLists(lists ...[]string) (out []string) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// hideChildren are all children and their cases, which most people never see.
var hideChildren = concatLists([]string{changeIdentity}, hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "1=1"), hideRows("case_files", "code = 'CNRY-case', risk = 'high'", "1=1"), hideRows("notes", "body = 'CNRY-note'", "1=1"))

// columnIsUser are the rows of a table of which a column names somebody, and elsewhere those that are not an office's.
func columnIsUser(column, email string) string {
	return column + " IN " + fmt.Sprintf(userByEmail, email)
}

const outsideOuagaOffice = `(office_id IS NULL OR office_id NOT IN (SELECT id FROM offices WHERE code = 'OFF-BF-OUA'))`

// makeIntegration is an account of another system, which the demonstration has none of.
const makeIntegration = `UPDATE role_assignments SET role = 'integration' WHERE user_id IN (SELECT id FROM users WHERE email = 'coordinator.bf@demo')`

// watchers hold each role once: first a coordinator, who sees a country's case list without identity; a field agent without a purpose, who sees
// the rows of own cases; a volunteer and a donor, who see no child at all; and an auditor. Then those who see children in clear, those who run things
// and see none, a partner's focal point, who sees what was referred, another system, and whoever does not sign in.
var watchers = []watcher{
	{"coordinator.bf@demo", "services", concatLists([]string{changeIdentity, `UPDATE case_files SET summary = 'CNRY-summary', concerns = '["fgm"]'`, `UPDATE referrals SET reason = 'CNRY-reason'`},
		hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "country_id NOT IN "+countryBF), hideRows("case_files", "code = 'CNRY-case', risk = 'high', status = 'closed'", "country_id NOT IN "+countryBF),
		hideRows("consents", "state = 'withdrawn', recipients = '[\"CNRY-recipient\"]'", "1=1"), hideRows("notes", "body = 'CNRY-note'", "1=1"), hideRows("best_interests_procedures", "decision = 'CNRY-decision'", "1=1"),
		hideRows("interventions", "code = 'CNRY-intervention'", "country_id NOT IN "+countryBF+" AND id NOT IN (SELECT intervention_id FROM intervention_countries WHERE country_id IN "+countryBF+") AND code LIKE 'C%'"),
		[]string{`UPDATE users SET display_name = 'CNRY-user' WHERE country_id IS NULL`}, hideRows("volunteers", "given_name = 'CNRY-volunteer'", "id NOT IN (SELECT volunteer_id FROM deployments WHERE country_id IN "+countryBF+" AND volunteer_id IS NOT NULL)")), nil},
	{"agent.bf@demo", "", concatLists([]string{changeIdentity, `UPDATE case_files SET summary = 'CNRY-summary', concerns = '["fgm"]'`, `UPDATE notes SET body = 'CNRY-note'`, `UPDATE referrals SET reason = 'CNRY-reason'`},
		hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "id NOT IN (SELECT child_id FROM case_files WHERE owner_id IN "+fmt.Sprintf(userByEmail, "agent.bf@demo")+")"),
		hideRows("case_files", "code = 'CNRY-case', risk = 'high'", "(owner_id IS NULL OR owner_id NOT IN "+fmt.Sprintf(userByEmail, "agent.bf@demo")+")"),
		hideRows("volunteers", "given_name = 'CNRY-volunteer', code = 'CNRY'", "1=1"), hideRows("funding_lines", "amount = 1", "1=0")), nil},
	{"volunteer@demo", "services", concatLists([]string{changeIdentity}, hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "1=1"), hideRows("case_files", "code = 'CNRY-case', risk = 'high'", "1=1"),
		hideRows("consents", "state = 'withdrawn'", "1=1"), hideRows("notes", "body = 'CNRY-note'", "1=1"), hideRows("partners", "acronym = 'CNRY-partner'", "1=1"), hideRows("activities", "kind = 'research'", "1=1"),
		hideRows("volunteers", "given_name = 'CNRY-volunteer'", "user_id IS NULL")), nil},
	{"donor@demo", "", concatLists([]string{changeIdentity}, hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "1=1"), hideRows("case_files", "code = 'CNRY-case', risk = 'high'", "1=1"),
		hideRows("partners", "acronym = 'CNRY-partner'", "1=1"), hideRows("activities", "kind = 'research'", "1=1"), hideRows("deployments", "months = 7", "1=1"), hideRows("interventions", "code = 'CNRY-intervention'", "id NOT IN "+auditedInterventions)), nil},
	{"auditor@demo", "audit", concatLists([]string{changeIdentity, `UPDATE children SET case_code = 'CNRY-code', created_at = '2021-01-01 00:00:00+00:00'`, `UPDATE case_files SET code = 'CNRY-case', summary = 'CNRY-summary', concerns = '["fgm"]'`},
		hideRows("children", "birth_date = '2020-05-05'", "(intervention_id IS NULL OR intervention_id NOT IN "+auditedInterventions+")"), hideRows("case_files", "risk = 'high'", "(intervention_id IS NULL OR intervention_id NOT IN "+auditedInterventions+")"),
		hideRows("notes", "body = 'CNRY-note'", "1=1"), hideRows("interventions", "code = 'CNRY-intervention'", "id NOT IN "+auditedInterventions)), nil},
	{"protection.bf@demo", "services", concatLists([]string{changeIdentity + " WHERE " + unkeptChildren}, hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", unkeptChildren),
		hideRows("case_files", "code = 'CNRY-case', risk = 'high', summary = 'CNRY-summary'", "(owner_id IS NULL OR NOT "+columnIsUser("owner_id", "protection.bf@demo")+") AND id NOT IN "+notedCases),
		hideRows("notes", "body = 'CNRY-note'", "(author_id IS NULL OR NOT "+columnIsUser("author_id", "protection.bf@demo")+") AND (visibility <> 'case_team' OR case_file_id NOT IN (SELECT id FROM case_files WHERE "+columnIsUser("owner_id", "protection.bf@demo")+"))"), hideRows("volunteers", "code = 'CNRY'", "1=1"), []string{`UPDATE users SET display_name = 'CNRY-user' WHERE office_id IS NULL`}), nil},
	{"supervisor.bf@demo", "services", concatLists([]string{changeIdentity + " WHERE " + outsideOuagaOffice}, hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", outsideOuagaOffice), hideRows("case_files", "code = 'CNRY-case', risk = 'high', summary = 'CNRY-summary'", outsideOuagaOffice),
		hideRows("notes", "body = 'CNRY-note'", "(visibility = 'author_only' OR case_file_id IN (SELECT id FROM case_files WHERE "+outsideOuagaOffice+"))"), hideRows("volunteers", "code = 'CNRY'", "1=1"), []string{`UPDATE users SET display_name = 'CNRY-user' WHERE office_id IS NULL`}), nil},
	{"manager@demo", "services", concatLists(hideChildren, hideRows("consents", "state = 'withdrawn'", "1=1"), hideRows("emergency_accesses", "reason = 'CNRY-reason'", "1=1"), []string{`UPDATE volunteers SET medical_notes = 'CNRY-medical'`}), nil},
	{"admin@demo", "services", concatLists(hideChildren, hideRows("consents", "state = 'withdrawn'", "1=1"), hideRows("volunteers", "code = 'CNRY'", "1=1"), hideRows("partner_contacts", "name = 'CNRY-contact'", "1=1")), nil},
	{"partner@demo", "referral", concatLists([]string{`UPDATE case_files SET code = 'CNRY-case', risk = 'high', summary = 'CNRY-summary'`, `UPDATE children SET given_name = 'CNRY-given', phone = 'CNRY-phone', id_number = 'CNRY-number', guardian = 'CNRY-guardian'`},
		hideRows("children", "case_code = 'CNRY-code', birth_date = '2020-05-05'", "id NOT IN (SELECT child_id FROM case_files WHERE id IN (SELECT case_file_id FROM referrals))"), hideRows("notes", "body = 'CNRY-note'", "1=1"),
		hideRows("partners", "acronym = 'CNRY-partner'", "code <> 'MJ-BF'"), hideRows("volunteers", "code = 'CNRY'", "1=1"), []string{`UPDATE users SET display_name = 'CNRY-user' WHERE email <> 'partner@demo'`}), nil},
	{"privacy@demo", "services", concatLists(hideChildren, hideRows("interventions", "code = 'CNRY-intervention'", "1=1"), hideRows("activities", "kind = 'research'", "1=1"), hideRows("volunteers", "code = 'CNRY'", "1=1")), nil},
	{"coordinator.bf@demo", "services", concatLists(hideChildren, hideRows("consents", "state = 'withdrawn'", "1=1"), hideRows("volunteers", "code = 'CNRY'", "1=1"), []string{`UPDATE users SET display_name = 'CNRY-user' WHERE email <> 'coordinator.bf@demo'`}), []string{makeIntegration}},
	{"", "", concatLists(hideChildren, hideRows("partners", "acronym = 'CNRY-partner'", "1=1"), hideRows("activities", "kind = 'research'", "1=1"), hideRows("deployments", "months = 7", "1=1"), hideRows("volunteers", "code = 'CNRY'", "1=1"),
		[]string{`UPDATE users SET display_name = 'CNRY-user'`}), nil},
}

// notedCases are the cases about which the officer wrote a note, which is masked where the child has no live consent. unkept are
// the children whose record the officer does not keep, and of whose cases none is theirs or noted.
var notedCases = "(SELECT case_file_id FROM notes WHERE " + columnIsUser("author_id", "protection.bf@demo") + ")"

var unkeptChildren = "(keeper_id IS NULL OR NOT " + columnIsUser("keeper_id", "protection.bf@demo") + ") AND id NOT IN (SELECT child_id FROM case_files WHERE " + columnIsUser("owner_id", "protection.bf@demo") + " OR id IN " + notedCases + ")"

// worldPair is one person before two worlds.
type worldPair struct {
	*testing.T
	watcher
	role             string
	hubs             [2]*apitest.API
	callerA, callerB *apitest.Caller
	openDatabase     func(*testing.T) *database.DB
}

// inTwoWorlds runs the test before each watcher, on both databases.
func inTwoWorlds(t *testing.T, test func(*worldPair)) {
	for name, open := range map[string]func(*testing.T) *database.DB{
		"sqlite":   func(t *testing.T) *database.DB { return apitest.Demo.SQLite(t) },
		"postgres": func(t *testing.T) *database.DB { return apitest.Demo.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, w := range watchers {
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

// forSubtest is the pair within another test, which fails where it does.
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

// roleName is what the watcher holds.
func (w watcher) roleName() string {
	i := slices.IndexFunc(demo.People, func(p demo.Person) bool { return p.Email == w.email })
	switch {
	case w.setupSQL != nil:
		return "integration"
	case i < 0:
		return "public"
	}
	return demo.People[i].Role
}

// newHub is another hub on a demonstration of its own, which lets people in who do not sign in.
func (p *worldPair) newHub() *apitest.API {
	p.Helper()
	db := p.openDatabase(p.T)
	dbtest.ExecAsOwner(p, db, append(p.setupSQL, "UPDATE audit_grants SET daily_row_budget = 1000000")...) // an audit that reads a whole list many times
	return p.hubUnderPolicies(db, policies.Files)
}

// hubUnderPolicies is a hub on the database under policies. An integration asks registered documents only, so whatever it asks there
// is registered before, and named by its hash.
func (p *worldPair) hubUnderPolicies(db *database.DB, files fs.FS) *apitest.API {
	p.Helper()
	texts := map[string]string{}
	api := apitest.NewUnderPolicies(p, db, files, p.admitPublic(db, files), func(o *server.Options) {
		if p.role == server.IntegrationRole {
			o.FindDocument = func(_ context.Context, hash string) (string, error) { return texts[hash], nil }
		}
	})
	within := api.Handler
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
			within.ServeHTTP(w, r)
		})
	}
	return api
}

// admitPublic opens the hub's door to whoever does not sign in.
func (p *worldPair) admitPublic(db *database.DB, files fs.FS) func(*server.Options) {
	p.Helper()
	policy, err := access.Load(files, inventory.Model)
	if err != nil {
		p.Fatal(err)
	}
	hub, err := store.NewHub(db, inventory.Model, apitest.Secret)
	if err != nil {
		p.Fatal(err)
	}
	door, err := signin.NewAuthenticator(hub, policy, nil, nil)
	if err != nil {
		p.Fatal(err)
	}
	door.AllowPublic()
	return func(o *server.Options) {
		within := o.OpenSession
		o.OpenSession = func(ctx context.Context, e store.Credentials) (store.Session, error) {
			if e.Authorization == "" {
				return door.OpenSession(ctx, e)
			}
			return within(ctx, e)
		}
	}
}

// callerAt is the watcher at a hub.
func (p *worldPair) callerAt(api *apitest.API) *apitest.Caller {
	p.Helper()
	if p.email != "" {
		return api.As(p.email, p.purpose)
	}
	nobody := api.As("donor@demo", "")
	nobody.Email = ""
	delete(nobody.Headers, "Authorization")
	return nobody
}

// askBothWorlds sends a document to both worlds: the exchange must be the same bytes, and hold no canary.
func (p *worldPair) askBothWorlds(document string, variables map[string]any) *apitest.Answer {
	p.Helper()
	a, b := p.callerA.Ask(document, variables), p.callerB.Ask(document, variables)
	if a.Body != b.Body || a.Status != b.Status || strings.Contains(b.Body, canary) {
		p.Errorf("%s\n one world: %.700s\n the other: %.700s", document, a.Body, b.Body)
	}
	return a
}

// seesIdentity reports whether the watcher sees who a child is.
func (p *worldPair) seesIdentity(caseCode string) bool {
	p.Helper()
	a := p.callerA.Ask(`query($c:String!){children(where:{caseCode:{eq:$c}}){nodes{masked}}}`, map[string]any{"c": caseCode}).RequireOK()
	masked, _ := a.At("children.nodes.0.masked").([]any)
	return a.Len("children.nodes") > 0 && !slices.Contains(masked, any("familyName"))
}

// absent is an id of the same type that no row has.
func absentID(id string) string { return id[:4] + "W2r1bZ0hTwqGm5cLk3dXeA" }

// hiddenIDs lists ids of rows that this person does not see, in both worlds alike.
func (p *worldPair) hiddenIDs() []string {
	manager := p.hubs[0].As("coordinator.cd@demo", "services")
	a := manager.Ask(`{children(first:3,orderBy:[{field:CASE_CODE}]){nodes{id caseFiles{nodes{id}}}}}`, nil).RequireOK()
	return []string{a.Text("children.nodes.0.id"), a.Text("children.nodes.1.id"), a.Text("children.nodes.0.caseFiles.nodes.0.id")}
}
