package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

// A row is created, updated, refused for a stale version, moved through its states and archived.
func TestMutations(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "")
		bf := who.Ask(`{countries(where:{iso2:{in:["BF","CD"]}}){nodes{id}}}`, nil).RequireOK()
		made := who.Ask(`mutation($c: ID!) {
			createIntervention(
				input: {
					code: "T-1", countryId: $c
					title: [{language: "fr", text: "Un"}, {language: "en", text: "One"}]
					plannedStart: "2026-01-31", crcArticles: ["19"]
				}
			) {
				intervention {
					id version code title
					titleTexts { language text }
					plannedStart crcArticles status createdAt
					country { iso2 }
					access { canUpdate canDelete canApprove }
					masked
				}
			}
		}`, map[string]any{"c": bf.Text("countries.nodes.0.id")}).RequireOK()
		id := made.Text("createIntervention.intervention.id")
		if made.Text("createIntervention.intervention.title") != "One" ||
			made.Text("createIntervention.intervention.plannedStart") != "2026-01-31" ||
			made.At("createIntervention.intervention.access.canUpdate") != true {
			t.Error(made.Body)
		}
		update := `mutation($id: ID!, $v: Int!) {
			updateIntervention(input: {id: $id, version: $v, plannedStart: null, kind: EMERGENCY}) {
				intervention { version kind plannedStart }
			}
		}`
		updated := who.Ask(update, map[string]any{"id": id, "v": 1}).RequireOK()
		if updated.Int("updateIntervention.intervention.version") != 2 ||
			updated.At("updateIntervention.intervention.plannedStart") != nil ||
			updated.Text("updateIntervention.intervention.kind") != "EMERGENCY" {
			t.Error(updated.Body)
		}
		if a := who.Ask(update, map[string]any{"id": id, "v": 1}); a.Code() != "CONFLICT" {
			t.Error(a.Body)
		}
		move := `mutation($id: ID!, $v: Int!, $to: InterventionStatus!) {
			transitionInterventionStatus(input: {id: $id, version: $v, to: $to}) { intervention { status } }
		}`
		if a := who.Ask(move, map[string]any{"id": id, "v": 2, "to": "CLOSED"}); a.Code() != "INVALID" ||
			!strings.Contains(a.Body, "the status is PIPELINE: from there it goes to IMPLEMENTATION") {
			t.Error(a.Body)
		}
		if a := who.Ask(`mutation {
			createIntervention(
				input: {code: "T-2", countryId: "cty_AAAAAAAAAAAAAAAAAAAAAA", title: [{language: "en", text: "x"}]}
			) {
				intervention { id }
			}
		}`, nil); a.Code() != "INVALID" || !strings.Contains(a.Body, `"field":"countryId"`) {
			t.Error(a.Body)
		}
		moved := who.Ask(move, map[string]any{"id": id, "v": 2, "to": "IMPLEMENTATION"}).RequireOK()
		if moved.Text("transitionInterventionStatus.intervention.status") != "IMPLEMENTATION" {
			t.Error(moved.Body)
		}
		if a := who.Ask(`mutation($id: ID!, $v: Int!, $c: ID!) {
			updateIntervention(input: {id: $id, version: $v, countryId: $c}) { intervention { id } }
		}`, map[string]any{"id": id, "v": 3, "c": bf.Text("countries.nodes.1.id")}); a.Code() != "FORBIDDEN" {
			t.Errorf("moved out of scope: %s", a.Body)
		}
		archive := `mutation($id:ID!){archiveIntervention(input:{id:$id,version:3}){id}}`
		archived := who.Ask(archive, map[string]any{"id": id}).RequireOK()
		if archived.Text("archiveIntervention.id") != id {
			t.Error(archived.Body)
		}
		after := who.Ask(`query($id: ID!) {
			node(id: $id) { id }
			interventions(where: {code: {eq: "T-1"}}) { totalCount }
		}`, map[string]any{"id": id}).RequireOK()
		if after.At("node") != nil || after.Int("interventions.totalCount") != 0 {
			t.Error(after.Body)
		}
	})
}

// A caller without a role in a country cannot move a row to another country, but may repeat the country of the row.
func TestRowsStayInTheirCountry(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		agent := api.As("agent.bf@demo", "")
		id := api.RowID
		create := `mutation($i: ID!, $o: ID!, $u: ID!, $c: ID!) {
			createActivity(
				input: {
					interventionId: $i, officeId: $o, responsibleId: $u, countryId: $c
					kind: TRAINING, title: [{language: "fr", text: "Essai"}]
				}
			) {
				activity { id version }
			}
		}`
		vars := map[string]any{
			"i": id("Intervention", "code", "BF-SGBV-2021"), "o": id("Office", "code", "OFF-BF-OUA"),
			"u": id("User", "email", "agent.bf@demo"), "c": id("Country", "iso2", "CD"),
		}
		if a := agent.Ask(create, vars); a.Code() != "FORBIDDEN" {
			t.Errorf("created in a country outside the caller's scope: %s", a.Body)
		}
		vars["c"] = id("Country", "iso2", "BF")
		row := agent.Ask(create, vars).RequireOK()
		move := `mutation($id: ID!, $v: Int!, $c: ID!) {
			updateActivity(input: {id: $id, version: $v, countryId: $c}) { activity { version } }
		}`
		vars = map[string]any{
			"id": row.At("createActivity.activity.id"), "v": row.At("createActivity.activity.version"),
			"c": id("Country", "iso2", "CD"),
		}
		if a := agent.Ask(move, vars); a.Code() != "FORBIDDEN" {
			t.Errorf("moved to a country outside the caller's scope: %s", a.Body)
		}
		vars["c"] = id("Country", "iso2", "BF")
		agent.Ask(move, vars).RequireOK()
	})
}

// A volunteer writes the report of their own mandate, but not its dates, its place or its state.
func TestVolunteersReport(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		volunteer := api.As("volunteer@demo", "")
		a := volunteer.Ask(`{deployments(first:1){nodes{id version}}}`, nil).RequireOK()
		vars := map[string]any{"id": a.Text("deployments.nodes.0.id"), "v": a.Int("deployments.nodes.0.version")}
		for name, doc := range map[string]string{
			"dates":    `updateDeployment(input:{id:$id,version:$v,actualEnd:"2030-01-01"}){deployment{version}}`,
			"both":     `updateDeployment(input:{id:$id,version:$v,report:"Done.",months:3}){deployment{version}}`,
			"its end":  `transitionDeploymentState(input:{id:$id,version:$v,to:COMPLETED}){deployment{version}}`,
			"a report": `updateDeployment(input:{id:$id,version:$v,report:"Done."}){deployment{version}}`,
		} {
			b := volunteer.Ask("mutation($id:ID!,$v:Int!){"+doc+"}", vars)
			if want := map[bool]string{true: "", false: "FORBIDDEN"}[name == "a report"]; b.Code() != want {
				t.Errorf("%s: %s", name, b.Body)
			}
			if name == "a report" {
				vars["v"] = b.At("updateDeployment.deployment.version")
			}
		}
	})
}

// A coordinator may register a volunteer without a mandate for their own country, but not for another.
func TestRegisteringVolunteers(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "")
		c := who.Ask(`{countries(where:{iso2:{in:["BF","CD"]}},orderBy:[{field:ISO2}]){nodes{id}}}`, nil).RequireOK()
		register := `mutation($c: ID!) {
			createVolunteer(input: {code: "V-T", givenName: "Made", familyName: "Up", countryId: $c}) {
				volunteer { code }
			}
		}`
		if a := who.Ask(register, map[string]any{"c": c.Text("countries.nodes.1.id")}); a.Code() != "FORBIDDEN" {
			t.Error(a.Body)
		}
		a := who.Ask(register, map[string]any{"c": c.Text("countries.nodes.0.id")}).RequireOK()
		if a.Text("createVolunteer.volunteer.code") != "V-T" {
			t.Error(a.Body)
		}
	})
}

// A code is refused when a row that the writer sees has it. A code that only a hidden row has is free.
func TestCodesDoNotTellOfHiddenRows(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "")
		bf := who.Ask(`{countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).RequireOK().Text("countries.nodes.0.id")
		for code, want := range map[string]string{"CD-CAP-2015": "", "BF-CAP-2015": "CONFLICT", "NOBODYS": ""} {
			a := who.Ask(`mutation($code: String!, $c: ID!) {
				createIntervention(input: {code: $code, countryId: $c, title: [{language: "fr", text: "Essai"}]}) {
					intervention { code }
				}
			}`, map[string]any{"code": code, "c": bf})
			if a.Code() != want {
				t.Errorf("%s: %s, want %q", code, a.Body, want)
			}
		}
		// A code that only an archived row has is free too.
		make := `mutation {
			createPartner(input: {code: "T-GONE", type: NGO, name: [{language: "en", text: "Made up"}]}) {
				partner { id }
			}
		}`
		manager := api.As("manager@demo", "")
		id := manager.Ask(make, nil).RequireOK().Text("createPartner.partner.id")
		if a := manager.Ask(make, nil); a.Code() != "CONFLICT" || len(a.Errors[0].Extensions.Fields) != 1 ||
			a.Errors[0].Extensions.Fields[0].Field != "code" {
			t.Error(a.Body)
		}
		manager.Ask(`mutation($id:ID!){archivePartner(input:{id:$id,version:1}){id}}`, map[string]any{"id": id}).
			RequireOK()
		manager.Ask(make, nil).RequireOK()
	})
}

// The person who registers a child becomes the keeper of its record and may open a case. Rows of the case are created
// in its country. Emergency access does not allow opening a case, because the case would outlast it.
func TestOpenCase(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer := api.As("protection.bf@demo", "services")
		places := officer.Ask(`{
			countries(where: {iso2: {in: ["BF", "CD"]}}, orderBy: [{field: ISO2}]) { nodes { id } }
		}`, nil).RequireOK()
		bf, cd := places.Text("countries.nodes.0.id"), places.Text("countries.nodes.1.id")
		child := officer.Ask(`mutation($c: ID!) {
			createChild(input: {caseCode: "BF-T", countryId: $c, givenName: "Made up"}) {
				child { id keeper { id } office { code } access { canUpdate } }
			}
		}`, map[string]any{"c": bf}).RequireOK()
		id := child.Text("createChild.child.id")
		if child.Text("createChild.child.office.code") != "OFF-BF-OUA" {
			t.Errorf("the child is not in the officer's office: %s", child.Body)
		}
		self := officer.Ask(`{viewer{user{id}}}`, nil).RequireOK().Text("viewer.user.id")
		if child.Text("createChild.child.keeper.id") != self ||
			child.At("createChild.child.access.canUpdate") != true {
			t.Error(child.Body)
		}
		open := `mutation($child: ID!, $c: ID!, $code: String!) {
			createCaseFile(input: {childId: $child, countryId: $c, code: $code}) {
				caseFile { id owner { id } child { caseCode } }
			}
		}`
		c := officer.Ask(open, map[string]any{"child": id, "c": bf, "code": "C-T"}).RequireOK()
		if c.Text("createCaseFile.caseFile.owner.id") != child.Text("createChild.child.keeper.id") ||
			c.Text("createCaseFile.caseFile.child.caseCode") != "BF-T" {
			t.Error(c.Body)
		}
		refer := `mutation($case: ID!, $c: ID!) {
			createCaseService(input: {caseFileId: $case, countryId: $c, kind: LEGAL}) {
				caseService { country { iso2 } }
			}
		}`
		vars := map[string]any{"case": c.Text("createCaseFile.caseFile.id"), "c": cd}
		if a := officer.Ask(refer, vars); a.Code() != "INVALID" {
			t.Errorf("a service of a case is created in another country: %s", a.Body)
		}
		vars["c"] = bf
		officer.Ask(refer, vars).RequireOK()

		officer.Ask(`mutation($c: ID!) {
			openEmergencyAccess(input: {countryId: $c, caseCode: "BF-00003", reason: "urgent", hours: 1}) {
				emergencyAccess { state }
			}
		}`, map[string]any{"c": bf}).RequireOK()
		seen := officer.Ask(`{
			children(where: {caseCode: {eq: "BF-00003"}}) { nodes { id access { canUpdate } } }
		}`, nil).RequireOK()
		if seen.Len("children.nodes") != 1 || seen.At("children.nodes.0.access.canUpdate") != false {
			t.Fatal(seen.Body)
		}
		if a := officer.Ask(open, map[string]any{
			"child": seen.Text("children.nodes.0.id"), "c": bf, "code": "C-E",
		}); a.Code() != "INVALID" {
			t.Errorf("a case is opened with emergency access: %s", a.Body)
		}
	})
}

// The e-mail address of an account that is not linked to an identity provider yet cannot be changed. Otherwise the
// owner of the new address could sign in as that person. The refusal is the same with and without rights, because an
// administrator may not learn of an audit grant.
func TestUnlinkedAccountKeepsEmail(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin, db := api.As("admin@demo", ""), api.Hub.DB()
		update := func(email, change string, args ...any) *apitest.Answer {
			id := plan.ID(theModel.Entity("User"), api.RowKey("User", "email", email))
			read := admin.Ask(`query($id:ID!){node(id:$id){...on User{version}}}`, map[string]any{"id": id}).RequireOK()
			return admin.Ask(fmt.Sprintf(`mutation($id: ID!, $v: Int!) {
				updateUser(input: {id: $id, version: $v, %s}) { user { email } }
			}`, fmt.Sprintf(change, args...)), map[string]any{"id": id, "v": read.Int("node.version")})
		}
		refusals := map[string]bool{}
		for _, email := range []string{"protection.bf@demo", "auditor@demo", "nobody@demo"} {
			if email == "nobody@demo" {
				admin.Ask(`mutation {
					createUser(input: {email: "nobody@demo", displayName: "Made up"}) { user { id } }
				}`, nil).RequireOK()
			}
			dbtest.ExecAsOwner(t, db, "UPDATE users SET subject = NULL")
			if a := update(email, `email:"mallory@demo"`); a.Code() != "INVALID" {
				t.Errorf("%s: %s", email, a.Body)
			} else {
				refusals[a.Body] = true
			}
			update(email, `email:%q,locale:"en"`, email).RequireOK()
			dbtest.ExecAsOwner(t, db, "UPDATE users SET subject = 'linked' WHERE email = '"+email+"'")
			update(email, `email:"linked.%s"`, email).RequireOK()
			update("linked."+email, `email:%q`, email).RequireOK()
		}
		if len(refusals) != 1 {
			t.Errorf("refusals differ: %v", refusals)
		}
	})
}

// A child's record stays in an office of its country. A mandate in progress keeps the volunteer whose checks were
// verified. The shared fields of a sent referral cannot be changed.
func TestVerifiedRecordsStay(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer, coordinator := api.As("protection.bf@demo", "services"), api.As("coordinator.bf@demo", "")
		id := api.RowID
		away := id("Office", "code", "OFF-CD-KIN")
		child := api.As("supervisor.bf@demo", "services").
			Ask(`{children(first:1,where:{caseFiles:{some:{}}}){nodes{id version}}}`, nil).RequireOK()
		move := `mutation($id:ID!,$v:Int!,$o:ID!){updateChild(input:{id:$id,version:$v,officeId:$o}){child{id}}}`
		if a := api.As("supervisor.bf@demo", "services").Ask(move, map[string]any{
			"id": child.Text("children.nodes.0.id"), "v": child.Int("children.nodes.0.version"), "o": away,
		}); a.Code() != codeOutsideRowSecurity(api) {
			t.Errorf("a child in an office of another country: %s", a.Body)
		}

		made := coordinator.Ask(`mutation($c: ID!) {
			createVolunteer(input: {code: "V-S", givenName: "Made", familyName: "Up", countryId: $c}) {
				volunteer { id }
			}
		}`, map[string]any{"c": id("Country", "iso2", "BF")}).RequireOK()
		mandate := coordinator.Ask(`{
			deployments(first: 1, where: {state: {eq: IN_COUNTRY}}) { nodes { id version } }
		}`, nil).RequireOK()
		swap := `mutation($id: ID!, $v: Int!, $o: ID!) {
			updateDeployment(input: {id: $id, version: $v, volunteerId: $o}) { deployment { id } }
		}`
		if a := coordinator.Ask(swap, map[string]any{
			"id": mandate.Text("deployments.nodes.0.id"), "v": mandate.Int("deployments.nodes.0.version"),
			"o": made.Text("createVolunteer.volunteer.id"),
		}); a.Code() != "INVALID" {
			t.Errorf("a volunteer without checks takes over a mandate in country: %s", a.Body)
		}

		sent := officer.Ask(`{
			referrals(first: 1, where: {state: {in: [SENT]}}) { nodes { id version } }
			taken: referrals(first: 1, where: {state: {in: [ACCEPTED, IN_PROGRESS]}}) { nodes { id version } }
		}`, nil).RequireOK()
		share := `mutation($id: ID!, $v: Int!) {
			updateReferral(input: {id: $id, version: $v, fieldsShared: ["givenName"]}) { referral { id } }
		}`
		for _, path := range []string{"referrals.nodes.0", "taken.nodes.0"} {
			a := officer.Ask(share, map[string]any{"id": sent.Text(path + ".id"), "v": sent.Int(path + ".version")})
			if a.Code() != "INVALID" {
				t.Errorf("the shared fields of %s were changed: %s", path, a.Body)
			}
		}
		officer.Ask(`mutation($id: ID!, $v: Int!) {
			transitionReferralState(input: {id: $id, version: $v, to: DRAFT}) { referral { state } }
		}`, map[string]any{
			"id": sent.Text("referrals.nodes.0.id"), "v": sent.Int("referrals.nodes.0.version"),
		}).RequireOK()
	})
}
