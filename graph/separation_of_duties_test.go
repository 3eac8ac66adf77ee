package graph_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/query"
)

// coordinatorTest is a hub with a new country coordinator for Burkina Faso, and helpers to create rows.
type coordinatorTest struct {
	*apitest.API
	coordinator *apitest.Caller
}

// newCoordinatorTest gives the coordinator a second role, unless second is nil.
func newCoordinatorTest(api *apitest.API, second query.Input) *coordinatorTest {
	g := &coordinatorTest{api, api.AsNewPerson("country_coordinator", "BF")}
	if second != nil {
		second["user"], second["state"] = api.RowKey("User", "email", g.coordinator.Email), "active"
		g.createRow("RoleAssignment", second)
	}
	return g
}

// createRow creates a row with the session that fills the demonstration data, and returns its id.
func (g *coordinatorTest) createRow(entity string, in query.Input) string {
	g.Helper()
	key, err := g.SeedSession().Create(g.Context(), theModel.Entity(entity), in)
	if err != nil {
		g.Fatal(err)
	}
	return plan.ID(theModel.Entity(entity), key)
}

// requireCode fails unless the answer has the code.
func (g *coordinatorTest) requireCode(name, code string, a *apitest.Answer) {
	g.Helper()
	if a.Code() != code {
		g.Errorf("%s: %s", name, a.Body)
	}
}

// A person who may read an intervention but not change it cannot bring it into their own scope. They cannot link it to
// their country or partner, nor create a mandate for it.
func TestNobodyExtendsOwnScope(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for name, second := range map[string]query.Input{
			"donor": {
				"role":            "donor",
				"interventionIds": []string{api.RowKey("Intervention", "code", "CD-SYS-2022").String()},
			},
			"agent": {
				"role": "field_agent", "countryIds": []string{api.RowKey("Country", "iso2", "CD").String()},
				"officeIds": []string{api.RowKey("Office", "code", "OFF-CD-KIN").String()},
			},
			"administrator":  {"role": "platform_admin"},
			"no second role": nil,
		} {
			g := newCoordinatorTest(api, second)
			vars := map[string]any{
				"foreign": g.RowID("Intervention", "code", "CD-SYS-2022"),
				"own":     g.RowID("Intervention", "code", "BF-SGBV-2021"),
				"c":       g.RowID("Country", "iso2", "BF"),
				"p":       g.RowID("Partner", "code", "MJ-BF"),
			}
			ask := func(document string) *apitest.Answer { return g.coordinator.Ask(document, vars) }
			link := `mutation($foreign: ID!, $c: ID!) {
				createInterventionCountry(input: {interventionId: $foreign, countryId: $c}) {
					interventionCountry { id }
				}
			}`
			g.requireCode(name+": a country", "INVALID", ask(link))
			g.requireCode(name+": a partner", "INVALID", ask(`mutation($foreign: ID!, $p: ID!) {
				createInterventionPartner(input: {interventionId: $foreign, partnerId: $p, role: ACCOUNTABLE}) {
					interventionPartner { id }
				}
			}`))
			g.requireCode(name+": a mandate", "INVALID", ask(`mutation($foreign: ID!, $c: ID!) {
				createDeployment(
					input: {interventionId: $foreign, countryId: $c, title: [{language: "en", text: "x"}]}
				) {
					deployment { id }
				}
			}`))
			made := ask(`mutation($own: ID!, $c: ID!) {
				createDeployment(input: {interventionId: $own, countryId: $c, title: [{language: "en", text: "x"}]}) {
					deployment { id }
				}
			}`).RequireOK()
			vars["id"] = made.Text("createDeployment.deployment.id")
			g.requireCode(name+": a mandate that moves", "INVALID", ask(`mutation($foreign: ID!, $id: ID!) {
				updateDeployment(input: {id: $id, version: 1, interventionId: $foreign}) { deployment { id } }
			}`))
		}
		g := newCoordinatorTest(api, nil)
		abroad := g.coordinator.Ask(`{
			partners(first: 1, where: {not: {country: {iso2: {eq: "BF"}}}}) { nodes { id access { canUpdate } } }
		}`, nil).RequireOK()
		if abroad.At("partners.nodes.0.access.canUpdate") != false {
			t.Fatal(abroad.Body)
		}
		vars := map[string]any{
			"own": g.RowID("Intervention", "code", "BF-SGBV-2021"),
			"p":   abroad.At("partners.nodes.0.id"),
			"c":   g.RowID("Country", "iso2", "CD"),
		}
		g.coordinator.Ask(`mutation($own: ID!, $p: ID!) {
			createInterventionPartner(input: {interventionId: $own, partnerId: $p, role: EXTENDING}) {
				interventionPartner { id }
			}
		}`, vars).RequireOK()
		api.As("manager@demo", "").Ask(`mutation($own: ID!, $c: ID!) {
			createInterventionCountry(input: {interventionId: $own, countryId: $c}) { interventionCountry { id } }
		}`, vars).RequireOK()
	})
}

// Nobody becomes the subject of a volunteer record, a check or a mandate by their own write, nor removes themselves
// from one. The subject of a volunteer record sees its medical notes.
func TestNobodyBecomesSubjectOfRecord(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		g := newCoordinatorTest(api, query.Input{"role": "volunteer"})
		own := g.createVolunteer("V-OWN", api.RowKey("User", "email", g.coordinator.Email))
		vars := map[string]any{
			"i":     g.RowID("Volunteer", "code", "V-001"),
			"me":    g.RowID("User", "email", g.coordinator.Email),
			"other": g.RowID("User", "email", "agent.bf@demo"),
			"own":   own,
			"c":     g.RowID("Country", "iso2", "BF"),
		}
		ask := func(document string) *apitest.Answer { return g.coordinator.Ask(document, vars) }
		name := `mutation($i: ID!, $me: ID) {
			updateVolunteer(input: {id: $i, version: 1, userId: $me}) { volunteer { id medicalNotes } }
		}`
		g.requireCode("the record of another person", "FORBIDDEN", ask(name))
		g.requireCode("a new record", "FORBIDDEN", ask(`mutation($me: ID!, $c: ID!) {
			createVolunteer(input: {code: "V-NEW", givenName: "x", familyName: "y", countryId: $c, userId: $me}) {
				volunteer { id }
			}
		}`))
		for _, to := range []any{nil, vars["other"]} {
			a := g.coordinator.Ask(name, map[string]any{"i": own, "me": to})
			g.requireCode(fmt.Sprint("their own record, given to ", to), "FORBIDDEN", a)
		}
		g.requireCode("a check", "FORBIDDEN", ask(`mutation($own: ID!) {
			createSafeguardingCheck(input: {volunteerId: $own, kind: MEDICAL}) { safeguardingCheck { id } }
		}`))
		mandate := `mutation($own: ID!, $c: ID!) {
			createDeployment(input: {volunteerId: $own, countryId: $c, title: [{language: "en", text: "x"}]}) {
				deployment { id }
			}
		}`
		g.requireCode("a mandate", "FORBIDDEN", ask(mandate))
		vacant := ask(`mutation($c: ID!) {
			createDeployment(input: {countryId: $c, title: [{language: "en", text: "x"}]}) { deployment { id } }
		}`).RequireOK()
		vars["d"] = vacant.Text("createDeployment.deployment.id")
		g.requireCode("an existing mandate", "FORBIDDEN", ask(`mutation($d: ID!, $own: ID!) {
			updateDeployment(input: {id: $d, version: 1, volunteerId: $own}) { deployment { id } }
		}`))
		a := ask(`{volunteers(where:{code:{eq:"V-001"}}){nodes{medicalNotes masked}}}`).RequireOK()
		if a.At("volunteers.nodes.0.medicalNotes") != nil || a.Len("volunteers.nodes.0.masked") == 0 {
			t.Error(a.Body)
		}
		vars["me"] = vars["other"]
		ask(name).RequireOK()
		api.As("coordinator.bf@demo", "").Ask(mandate, vars).RequireOK()
	})
}

// createVolunteer creates a volunteer of Burkina Faso with an account, and returns its id.
func (g *coordinatorTest) createVolunteer(code string, account uuid.UUID) string {
	g.Helper()
	return g.createRow("Volunteer", query.Input{
		"code": code, "givenName": "x", "familyName": "y", "user": account,
		"country": g.RowKey("Country", "iso2", "BF"), "languages": []string{}, "skills": []string{},
	})
}

// Nobody approves their own volunteer record, checks or mandates.
func TestNobodyApprovesOwnRecord(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		g := newCoordinatorTest(api, nil)
		made := query.Input{
			"volunteer": nil, "country": api.RowKey("Country", "iso2", "BF"),
			"title": map[string]string{"en": "Made up"},
		}
		for account, want := range map[string]string{g.coordinator.Email: "FORBIDDEN", "agent.bf@demo": ""} {
			g.createVolunteer("V-"+account, api.RowKey("User", "email", account))
			key := api.RowKey("Volunteer", "code", "V-"+account)
			made["volunteer"] = key
			pending := g.createRow("SafeguardingCheck", query.Input{"volunteer": key, "kind": "references"})
			flagged := g.createRow("SafeguardingCheck", query.Input{
				"volunteer": key, "kind": "police_record", "result": "flagged",
			})
			vars := map[string]any{
				"v": plan.ID(theModel.Entity("Volunteer"), key),
				"p": pending,
				"f": flagged,
				"d": g.createRow("Deployment", made),
			}
			ask := func(document string) *apitest.Answer { return g.coordinator.Ask(document, vars) }
			ask(`mutation($v: ID!) {
				transitionVolunteerState(input: {id: $v, version: 1, to: SCREENED}) { volunteer { id } }
			}`).RequireOK()
			can := ask(`query($v: ID!, $f: ID!, $p: ID!, $d: ID!) {
				nodes(ids: [$v, $f, $p, $d]) {
					... on Volunteer { access { canApprove } }
					... on SafeguardingCheck { access { canApprove } }
					... on Deployment { access { canApprove } }
				}
			}`).RequireOK()
			for i := range 4 {
				if can.At(fmt.Sprintf("nodes.%d.access.canApprove", i)) != (want == "") {
					t.Errorf("%s: %s", account, can.Body)
				}
			}
			g.requireCode(account+": the record", want, ask(`mutation($v: ID!) {
				transitionVolunteerState(input: {id: $v, version: 2, to: APPROVED}) { volunteer { state } }
			}`))
			g.requireCode(account+": the check", want, ask(`mutation($p: ID!) {
				transitionSafeguardingCheckResult(input: {id: $p, version: 1, to: CLEAR}) {
					safeguardingCheck { result }
				}
			}`))
			g.requireCode(account+": the flagged check", want, ask(`mutation($f: ID!) {
				transitionSafeguardingCheckResult(input: {id: $f, version: 1, to: EXPIRED}) {
					safeguardingCheck { result }
				}
			}`))
			g.requireCode(account+": the mandate", want, ask(`mutation($d: ID!) {
				transitionDeploymentState(input: {id: $d, version: 1, to: PUBLISHED}) { deployment { state } }
			}`))
		}
	})
}

// The person who opened a record in an emergency does not write the finding of its review. The reviewer does.
func TestOnlyReviewerWritesFinding(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		g := newCoordinatorTest(api, nil)
		opener := api.As("supervisor.bf@demo", "services")
		opener.Ask(openEmergencyMutation, map[string]any{
			"c": g.RowID("Country", "iso2", "BF"), "code": "BF-00004", "hours": 1, "why": "urgent",
		}).RequireOK()
		finding := `mutation($id: ID!) {
			updateEmergencyAccess(input: {id: $id, version: 1, finding: "All was in order."}) {
				emergencyAccess { finding }
			}
		}`
		for name, c := range map[string]struct {
			who  *apitest.Caller
			may  bool
			want string
		}{"opener": {opener, false, "FORBIDDEN"}, "reviewer": {api.As("privacy@demo", ""), true, ""}} {
			row := c.who.Ask(`query($u: ID!) {
				emergencyAccesses(first: 1, where: {state: {eq: OPENED}, user: {id: {eq: $u}}}) {
					nodes { id access { canUpdate canApprove } }
				}
			}`, map[string]any{"u": g.RowID("User", "email", "supervisor.bf@demo")}).RequireOK()
			if row.At("emergencyAccesses.nodes.0.access.canUpdate") != c.may ||
				row.At("emergencyAccesses.nodes.0.access.canApprove") != c.may {
				t.Errorf("%s: %s", name, row.Body)
			}
			id := map[string]any{"id": row.Text("emergencyAccesses.nodes.0.id")}
			g.requireCode(name, c.want, c.who.Ask(finding, id))
		}
	})
}

// A supervisor who is responsible for a case does not close it, nor take another step of it that needs an approval. The
// supervisor can do so after another person becomes responsible.
func TestOwnersDoNotCloseTheirCases(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		g := newCoordinatorTest(api, nil)
		g.coordinator = api.As("supervisor.bf@demo", "services")
		row := g.coordinator.Ask(`{
			caseFiles(first: 1, where: {status: {eq: OPEN}, stage: {eq: PLANNING}}) {
				nodes { id version access { canApprove } }
			}
		}`, nil).RequireOK()
		if row.At("caseFiles.nodes.0.access.canApprove") != true {
			t.Fatal(row.Body)
		}
		version := row.Int("caseFiles.nodes.0.version")
		ask := func(document string, to any) *apitest.Answer {
			a := g.coordinator.Ask(document, map[string]any{
				"id": row.At("caseFiles.nodes.0.id"), "v": version, "to": to,
			})
			if a.Code() == "" {
				version++
			}
			return a
		}
		assignOwner := `mutation($id: ID!, $v: Int!, $to: ID!) {
			updateCaseFile(input: {id: $id, version: $v, ownerId: $to}) { caseFile { access { canApprove } } }
		}`
		plan := `mutation($id: ID!, $v: Int!, $to: CaseFileStage!) {
			transitionCaseFileStage(input: {id: $id, version: $v, to: $to}) { caseFile { stage } }
		}`
		end := `mutation($id: ID!, $v: Int!, $to: CaseFileStatus!) {
			transitionCaseFileStatus(input: {id: $id, version: $v, to: $to}) { caseFile { status } }
		}`
		for _, c := range []struct{ email, want string }{
			{"supervisor.bf@demo", "FORBIDDEN"}, {"protection.bf@demo", ""},
		} {
			a := ask(assignOwner, g.RowID("User", "email", c.email)).RequireOK()
			if a.At("updateCaseFile.caseFile.access.canApprove") != (c.want == "") {
				t.Errorf("%s: %s", c.email, a.Body)
			}
			g.requireCode(c.email+": the plan", c.want, ask(plan, "IMPLEMENTATION"))
			g.requireCode(c.email+": the end", c.want, ask(end, "CLOSED"))
		}
	})
}
