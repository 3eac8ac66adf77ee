package graph_test

import (
	"os"
	"testing"
	"time"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// Rows that other people rely on are protected. Examples are an intervention of many countries, the office and the
// keeper of a child's record, a closed case, and the role of the data protection officer.
func TestReliedOnRowsStay(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		id := api.RowID
		db := api.Hub.DB()
		dbtest.ExecAsOwner(
			t, db,
			"UPDATE users SET country_id = (SELECT id FROM countries WHERE iso2 = 'BF') WHERE email = 'privacy@demo'",
		)
		dbtest.ExecAsOwner(t, db, "UPDATE children SET keeper_id = NULL")
		coordinator := api.As("coordinator.bf@demo", "")
		agent := api.As("agent.bf@demo", "services")
		officer := api.As("protection.bf@demo", "services")
		supervisor := api.As("supervisor.bf@demo", "services")
		firstRow := func(who *apitest.Caller, list, where string) (string, int) {
			a := who.Ask("{"+list+"(first:1,where:{"+where+"}){nodes{id version}}}", nil).RequireOK()
			return a.Text(list + ".nodes.0.id"), a.Int(list + ".nodes.0.version")
		}
		wide, wideVersion := firstRow(coordinator, "interventions", `code:{eq:"PRIDE-2020"}`)
		closed, closedVersion := firstRow(officer, "caseFiles", `status:{eq:CLOSED},stage:{eq:IDENTIFICATION}`)
		own, ownVersion := firstRow(agent, "children", `caseFiles:{some:{status:{eq:OPEN}}}`)
		other := supervisor.Ask(`{children(last:1){nodes{id version}}}`, nil).RequireOK()
		first := supervisor.Ask(`{children(first:1){nodes{id version}}}`, nil).RequireOK()
		role := api.RowID("RoleAssignment", "role", "data_protection_officer")
		bf := id("Country", "iso2", "BF")
		for name, c := range map[string]struct {
			who  *apitest.Caller
			doc  string
			vars map[string]any
			want string
		}{
			"moves a row without a country to their own": {coordinator, `mutation($id: ID!, $v: Int!, $c: ID!) {
				updateIntervention(input: {id: $id, version: $v, countryId: $c}) { intervention { id } }
			}`, map[string]any{"id": wide, "v": wideVersion, "c": bf}, "FORBIDDEN"},
			"archives an intervention of many countries": {coordinator, `mutation($id: ID!, $v: Int!) {
				archiveIntervention(input: {id: $id, version: $v}) { id }
			}`, map[string]any{"id": wide, "v": wideVersion}, "FORBIDDEN"},
			"revokes the data protection officer's role": {coordinator, `mutation($id: ID!) {
				transitionRoleAssignmentState(input: {id: $id, version: 1, to: REVOKED}) { roleAssignment { id } }
			}`, map[string]any{"id": role}, "FORBIDDEN"},
			"moves a closed case to the next stage": {officer, `mutation($id: ID!, $v: Int!) {
				transitionCaseFileStage(input: {id: $id, version: $v, to: ASSESSMENT}) { caseFile { id } }
			}`, map[string]any{"id": closed, "v": closedVersion}, "INVALID"},
			"adds a note to a closed case": {officer, `mutation($id: ID!, $c: ID!) {
				createNote(input: {caseFileId: $id, countryId: $c, body: "x"}) { note { id } }
			}`, map[string]any{"id": closed, "c": bf}, "INVALID"},
			"becomes the keeper of a child": {agent, `mutation($id: ID!, $v: Int!, $u: ID!) {
				updateChild(input: {id: $id, version: $v, keeperId: $u}) { child { id } }
			}`, map[string]any{"id": own, "v": ownVersion, "u": id("User", "email", "agent.bf@demo")}, "FORBIDDEN"},
			"hides a child from the supervisor": {supervisor, `mutation($id: ID!, $v: Int!) {
				updateChild(input: {id: $id, version: $v, officeId: null}) { child { id } }
			}`, map[string]any{
				"id": first.Text("children.nodes.0.id"), "v": first.Int("children.nodes.0.version"),
			}, codeOutsideRowSecurity(api)},
			"takes a child to another office": {agent, `mutation($id: ID!, $v: Int!, $o: ID!) {
				updateChild(input: {id: $id, version: $v, officeId: $o}) { child { id } }
			}`, map[string]any{"id": own, "v": ownVersion, "o": id("Office", "code", "OFF-CD-KIN")}, "FORBIDDEN"},
			"assigns a child to an office of its country": {agent, `mutation($id: ID!, $v: Int!, $o: ID!) {
				updateChild(input: {id: $id, version: $v, officeId: $o}) { child { id } }
			}`, map[string]any{"id": own, "v": ownVersion, "o": id("Office", "code", "OFF-BF-OUA")}, ""},
			"registers a child without an office": {officer, `mutation($c: ID!) {
				createChild(input: {caseCode: "BF-N", countryId: $c, officeId: null}) { child { office { code } } }
			}`, map[string]any{"c": bf}, ""},
			"makes another person the keeper of a child": {supervisor, `mutation($id: ID!, $v: Int!, $u: ID!) {
				updateChild(input: {id: $id, version: $v, keeperId: $u}) { child { id } }
			}`, map[string]any{
				"id": other.Text("children.nodes.0.id"), "v": other.Int("children.nodes.0.version"),
				"u": id("User", "email", "protection.bf@demo"),
			}, ""},
		} {
			a := c.who.Ask(c.doc, c.vars)
			if a.Code() != c.want {
				t.Errorf("a person %s: %s", name, a.Body)
			}
			if name == "registers a child without an office" && a.Code() == "" &&
				a.Text("createChild.child.office.code") != "OFF-BF-OUA" {
				t.Error(a.Body)
			}
		}
	})
}

// An error reveals the state of a row only to callers who may change it.
func TestHiddenStatesAreNotDisclosed(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for email, purpose := range map[string]string{"auditor@demo": "audit", "coordinator.bf@demo": ""} {
			who := api.As(email, purpose)
			row := who.Ask(`{caseFiles(first:1,where:{status:{eq:OPEN}}){nodes{id}}}`, nil).RequireOK().
				Text("caseFiles.nodes.0.id")
			var bodies []string
			for _, to := range []string{"REOPENED", "CLOSED"} {
				a := who.Ask(`mutation($id: ID!, $to: CaseFileStatus!) {
					transitionCaseFileStatus(input: {id: $id, version: 1, to: $to}) { caseFile { id } }
				}`, map[string]any{"id": row, "to": to})
				if a.Code() != "FORBIDDEN" {
					t.Errorf("%s: %s", email, a.Body)
				}
				bodies = append(bodies, a.Body)
			}
			if bodies[0] != bodies[1] {
				t.Errorf("%s: %q", email, bodies)
			}
		}
	})
}

// A revoked access token stays revoked, and a partner no longer sees a referral after its last day.
func TestRevokedAndExpiredStaySo(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		seed, e := api.SeedSession(), theModel.Entity("Referral")
		made := query.Input{
			"caseFile": api.RowKey("CaseFile", "code", "C-BF-00001"),
			"country":  api.RowKey("Country", "iso2", "BF"), "partner": api.RowKey("Partner", "code", "MJ-BF"),
			"services": []string{}, "fieldsShared": []string{}, "state": "sent",
		}
		partner := api.As("partner@demo", "referral")
		for days, want := range map[int]int{-1: 0, 0: 1, 1: 1} {
			made["expiresOn"] = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, days)
			row, err := seed.Create(t.Context(), e, made)
			if err != nil {
				t.Fatal(err)
			}
			doc := `query($id:ID!){referrals(where:{id:{eq:$id}}){totalCount}}`
			a := partner.Ask(doc, map[string]any{"id": plan.ID(e, row)}).RequireOK()
			if a.Int("referrals.totalCount") != want {
				t.Errorf("a referral with its last day %d days from now: %s", days, a.Body)
			}
		}
		who := api.As("manager@demo", "")
		who.Ask(`mutation($at: DateTime!) {
			createAccessToken(input: {title: "t", expiresAt: $at}) { accessToken { id } }
		}`, map[string]any{"at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}).RequireOK()
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE access_tokens SET revoked_at = created_at")
		a := who.Ask(`{accessTokens(first:1){nodes{id version}}}`, nil).RequireOK()
		if a.Len("accessTokens.nodes") == 1 {
			if b := who.Ask(`mutation($id: ID!, $v: Int!) {
				updateAccessToken(input: {id: $id, version: $v, revokedAt: null}) { accessToken { id } }
			}`, map[string]any{
				"id": a.Text("accessTokens.nodes.0.id"), "v": a.Int("accessTokens.nodes.0.version"),
			}); b.Code() != "INVALID" {
				t.Errorf("a revoked token is valid again: %s", b.Body)
			}
		} else {
			t.Error(a.Body)
		}
	})
}

// codeOutsideRowSecurity returns the error code of a write that moves a row out of the writer's scope. Row-level
// security refuses it before the hub can give the reason.
func codeOutsideRowSecurity(api *apitest.API) string {
	if os.Getenv("RIGHTSHUB_TEST_ROW_SECURITY") == "true" && api.Hub.DB().Kind() == "postgres" {
		return "FORBIDDEN"
	}
	return "INVALID"
}
