package graph_test

import (
	"fmt"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// Only a person who could grant a role with its scope may change or end it. The data protection officer may end any
// role earlier, but not extend it. Nobody archives a role assignment of their own.
func TestChangingRoles(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin, privacy := api.As("admin@demo", ""), api.As("privacy@demo", "")
		coordinator := api.As("coordinator.bf@demo", "")
		id := api.RowID
		update := func(who *apitest.Caller, row string, version int, until any) string {
			return who.Ask(`mutation($id: ID!, $v: Int!, $t: DateTime) {
				updateRoleAssignment(input: {id: $id, version: $v, validUntil: $t}) { roleAssignment { id } }
			}`, map[string]any{"id": row, "v": version, "t": until}).Code()
		}
		for name, in := range map[string]map[string]any{
			"more than one's own": {"role": "programme_manager", "countryIds": []string{id("Country", "iso2", "BF")}},
			"another country":     {"role": "field_agent", "countryIds": []string{id("Country", "iso2", "CD")}},
		} {
			in["userId"], in["validUntil"] = id("User", "email", "agent.bf@demo"), "2090-01-01T00:00:00Z"
			row := admin.Ask(`mutation($in: CreateRoleAssignmentInput!) {
				createRoleAssignment(input: $in) { roleAssignment { id } }
			}`, map[string]any{"in": in}).RequireOK().Text("createRoleAssignment.roleAssignment.id")
			if got := update(coordinator, row, 1, nil); got != "FORBIDDEN" {
				t.Errorf("%s: the coordinator extends a requested role: %q", name, got)
			}
			dbtest.ExecAsOwner(
				t, api.Hub.DB(),
				"UPDATE role_assignments SET state = 'active', active_from = created_at WHERE state = 'requested'",
			)
			if got := update(coordinator, row, 1, "2089-01-01T00:00:00Z"); got != "FORBIDDEN" {
				t.Errorf("%s: the coordinator shortens an active role: %q", name, got)
			}
			end := `mutation($id: ID!, $v: Int!) {
				transitionRoleAssignmentState(input: {id: $id, version: $v, to: REVOKED}) { roleAssignment { state } }
			}`
			if a := coordinator.Ask(end, map[string]any{"id": row, "v": 1}); a.Code() != "FORBIDDEN" {
				t.Errorf("%s: the coordinator revokes an active role: %s", name, a.Body)
			}
			if got := update(privacy, row, 1, "2089-01-01T00:00:00Z"); got != "" {
				t.Errorf("%s: the data protection officer cannot shorten it: %q", name, got)
			}
			if got := update(privacy, row, 2, "2090-01-01T00:00:00Z"); got != "INVALID" {
				t.Errorf("%s: the data protection officer extends it: %q", name, got)
			}
			admin.Ask(end, map[string]any{"id": row, "v": 2}).RequireOK()
		}
		here := admin.Ask(`mutation($in: CreateRoleAssignmentInput!) {
			createRoleAssignment(input: $in) { roleAssignment { id } }
		}`, map[string]any{"in": map[string]any{
			"role":      "field_agent",
			"userId":    id("User", "email", "agent.bf@demo"),
			"officeIds": []string{id("Office", "code", "OFF-BF-OUA")},
		}}).RequireOK().Text("createRoleAssignment.roleAssignment.id")
		dbtest.ExecAsOwner(
			t, api.Hub.DB(),
			"UPDATE role_assignments SET state = 'active', active_from = created_at WHERE state = 'requested'",
			"UPDATE offices SET archived_at = created_at WHERE code = 'OFF-BF-OUA'",
		)
		coordinator.Ask(`mutation($id: ID!) {
			transitionRoleAssignmentState(input: {id: $id, version: 1, to: REVOKED}) { roleAssignment { state } }
		}`, map[string]any{"id": here}).RequireOK()
		own := admin.Ask(`{
			viewer { user { roleAssignments { nodes { id version access { canUpdate canDelete } } } } }
		}`, nil).RequireOK()
		if at := "viewer.user.roleAssignments.nodes.0.access."; own.At(at+"canUpdate") != false ||
			own.At(at+"canDelete") != false {
			t.Error(own.Body)
		}
		if a := admin.Ask(`mutation($id: ID!) {
			archiveRoleAssignment(input: {id: $id, version: 1}) { id }
		}`, map[string]any{"id": own.Text("viewer.user.roleAssignments.nodes.0.id")}); a.Code() != "FORBIDDEN" {
			t.Errorf("the administrator archives their own role: %s", a.Body)
		}
	})
}

// A person whose role moves to another country no longer sees the children of the first country, not even those of
// their own cases.
func TestMovedUserLosesFormerCountry(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for _, email := range []string{"protection.bf@demo", "agent.bf@demo"} {
			who := api.As(email, "services")
			count := `{
				children { totalCount }
				caseFiles { totalCount }
				notes { totalCount }
				own: children(where: {country: {iso2: {eq: "BF"}}}, first: 1) { nodes { id version } }
			}`
			before := who.Ask(count, nil).RequireOK()
			if before.Int("children.totalCount") == 0 || before.Int("notes.totalCount") == 0 ||
				before.Len("own.nodes") != 1 {
				t.Fatal(before.Body)
			}
			dbtest.ExecAsOwner(t, api.Hub.DB(), fmt.Sprintf(
				`UPDATE role_assignments SET country_ids = '["%s"]', office_ids = '["%s"]' WHERE user_id = '%s'`,
				api.RowKey("Country", "iso2", "CD"), api.RowKey("Office", "code", "OFF-CD-KIN"),
				api.RowKey("User", "email", email),
			))
			// A new user makes the hub read all rights again.
			if _, err := api.SeedSession().Create(t.Context(), theModel.Entity("User"), query.Input{
				"displayName": "Made up", "email": "x." + email,
			}); err != nil {
				t.Fatal(err)
			}
			after := who.Ask(count, nil).RequireOK()
			if after.Int("children.totalCount")+after.Int("caseFiles.totalCount")+after.Int("notes.totalCount") != 0 {
				t.Errorf("%s still sees rows of the former country: %s", email, after.Body)
			}
			write := who.Ask(`mutation($id: ID!, $v: Int!) {
				updateChild(input: {id: $id, version: $v, phone: "0"}) { child { id } }
			}`, map[string]any{"id": before.Text("own.nodes.0.id"), "v": before.Int("own.nodes.0.version")})
			if write.Code() != "NOT_FOUND" {
				t.Errorf("%s still writes in the former country: %s", email, write.Body)
			}
		}
	})
}

// The field access says what the caller may do to the row in its current state. A state can forbid a change, and so can
// the caller's own part in an earlier step.
func TestAccessFieldFollowsState(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		manager, coordinator := api.As("manager@demo", ""), api.As("coordinator.bf@demo", "")
		const access = `access{canUpdate canDelete canApprove}`
		requireAccess := func(a *apitest.Answer, path string, update, remove, approve bool) {
			t.Helper()
			if a.At(path+".access.canUpdate") != update || a.At(path+".access.canDelete") != remove ||
				a.At(path+".access.canApprove") != approve {
				t.Errorf("want canUpdate %v, canDelete %v, canApprove %v: %s", update, remove, approve, a.Body)
			}
		}
		indicator := coordinator.Ask(`{indicators(first:1){nodes{id}}}`, nil).RequireOK().Text("indicators.nodes.0.id")
		made := coordinator.Ask(
			`mutation($i:ID!){createIndicatorValue(input:{indicatorId:$i,value:"1"}){indicatorValue{id `+access+`}}}`,
			map[string]any{"i": indicator},
		).RequireOK()
		// A draft has nothing to approve.
		requireAccess(made, "createIndicatorValue.indicatorValue", true, true, false)
		id := made.Text("createIndicatorValue.indicatorValue.id")
		move := func(who *apitest.Caller, version int, to string) *apitest.Answer {
			return who.Ask(`mutation($id: ID!, $v: Int!, $to: IndicatorValueState!) {
				transitionIndicatorValueState(input: {id: $id, version: $v, to: $to}) { indicatorValue { `+access+` } }
			}`, map[string]any{"id": id, "v": version, "to": to}).RequireOK()
		}
		const moved = "transitionIndicatorValueState.indicatorValue"
		// The author may not approve the value, but another person may.
		requireAccess(move(coordinator, 1, "SUBMITTED"), moved, false, true, false)
		doc := `query($id:ID!){indicatorValue(id:$id){` + access + `}}`
		submitted := manager.Ask(doc, map[string]any{"id": id}).RequireOK()
		requireAccess(submitted, "indicatorValue", false, true, true)
		// An approved value can be locked or returned.
		requireAccess(move(manager, 2, "APPROVED"), moved, false, false, true)
		requireAccess(move(manager, 3, "LOCKED"), moved, false, false, false)
	})
}

// A role needs its mandate or its partner. A role with the mandate of another person gives no access, and a role for an
// archived partner gives none either.
func TestRolesNeedTheirMandateOrPartner(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		partner, admin := api.As("partner@demo", "referral"), api.As("admin@demo", "")
		count := func(who *apitest.Caller, list string) int {
			return who.Ask("{"+list+"{totalCount}}", nil).RequireOK().Int(list + ".totalCount")
		}
		if count(partner, "referrals") == 0 || count(partner, "partnerContacts") == 0 {
			t.Fatal("the focal point sees nothing")
		}
		manager := api.As("manager@demo", "")
		mj := manager.Ask(`{partners(where:{code:{eq:"MJ-BF"}}){nodes{id version}}}`, nil).RequireOK()
		manager.Ask(`mutation($id: ID!, $v: Int!) {
			archivePartner(input: {id: $id, version: $v}) { id }
		}`, map[string]any{"id": mj.Text("partners.nodes.0.id"), "v": mj.Int("partners.nodes.0.version")}).RequireOK()
		if n := count(partner, "referrals") + count(partner, "partnerContacts") + count(partner, "children"); n != 0 {
			t.Errorf("the focal point of an archived partner sees %d rows", n)
		}

		volunteer := api.As("volunteer@demo", "")
		if count(volunteer, "deployments") == 0 {
			t.Fatal("the volunteer sees no mandate")
		}
		mandate := volunteer.Ask(`{deployments(where:{state:{eq:IN_COUNTRY}}){nodes{id}}}`, nil).RequireOK().
			Text("deployments.nodes.0.id")
		in := map[string]any{
			"role": "field_agent", "userId": api.RowID("User", "email", "agent.bf@demo"),
			"countryIds": []string{api.RowID("Country", "iso2", "BF")}, "deploymentId": mandate,
		}
		if a := api.As("coordinator.bf@demo", "").Ask(`mutation($in: CreateRoleAssignmentInput!) {
			createRoleAssignment(input: $in) { roleAssignment { id } }
		}`, map[string]any{"in": in}); a.Code() != "INVALID" {
			t.Errorf("a role with the mandate of another person: %s", a.Body)
		}
		in["userId"] = api.RowID("User", "email", "volunteer@demo")
		admin.Ask(`mutation($in: CreateRoleAssignmentInput!) {
			createRoleAssignment(input: $in) { roleAssignment { id } }
		}`, map[string]any{"in": in}).RequireOK()
		giveVolunteerRecord(api, "agent.bf@demo")
		// A new user makes the hub read all rights again.
		admin.Ask(`mutation {
			createUser(input: {email: "x@demo", displayName: "Made up"}) { user { id } }
		}`, nil).RequireOK()
		if n := count(volunteer, "interventions") + count(volunteer, "deployments"); n != 0 {
			t.Errorf("a role with the mandate of another person shows %d rows", n)
		}
	})
}

// giveVolunteerRecord makes a person the subject of the volunteer record of the demonstration's volunteer.
func giveVolunteerRecord(api *apitest.API, email string) {
	api.Helper()
	dbtest.ExecAsOwner(api.TB, api.Hub.DB(), `UPDATE volunteers
 SET user_id = (SELECT id FROM users WHERE email = '`+email+`')
 WHERE user_id = (SELECT id FROM users WHERE email = 'volunteer@demo')`)
}

// Nobody archives a record about themselves. Without the volunteer record, the hub would no longer know that a mandate
// is about the caller, and would let the caller approve it.
func TestNobodyArchivesOwnRecord(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		giveVolunteerRecord(api, "manager@demo")
		manager, me := api.As("manager@demo", ""), api.RowID("User", "email", "manager@demo")
		for list, c := range map[string]struct{ where, archive string }{
			"volunteers":         {`user:{id:{eq:"` + me + `"}}`, "archiveVolunteer"},
			"deployments":        {`volunteer:{user:{id:{eq:"` + me + `"}}}`, "archiveDeployment"},
			"safeguardingChecks": {`volunteer:{user:{id:{eq:"` + me + `"}}}`, "archiveSafeguardingCheck"},
		} {
			const nodes = `{nodes{id version access{canDelete}}}`
			a := manager.Ask(`{
				own: `+list+`(first: 1, where: {`+c.where+`}) `+nodes+`
				other: `+list+`(first: 1, where: {not: {`+c.where+`}}) `+nodes+`
			}`, nil).RequireOK()
			for alias, want := range map[string]string{"own": "FORBIDDEN", "other": ""} {
				at := alias + ".nodes.0."
				b := manager.Ask(
					`mutation($id:ID!,$v:Int!){`+c.archive+`(input:{id:$id,version:$v}){id}}`,
					map[string]any{"id": a.Text(at + "id"), "v": a.Int(at + "version")},
				)
				if b.Code() != want || a.At(at+"access.canDelete") != (want == "") {
					t.Errorf("%s, %s: %s, canDelete %v", list, alias, b.Body, a.At(at+"access.canDelete"))
				}
			}
		}
	})
}

// The data protection officer may suspend any account. Only an administrator may activate one or change its other
// fields.
func TestPrivacyOfficerSuspendsOnly(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin, privacy := api.As("admin@demo", ""), api.As("privacy@demo", "")
		id, version := api.RowID("User", "email", "agent.bf@demo"), 1
		move := func(who *apitest.Caller, to, want string) {
			a := who.Ask(`mutation($id: ID!, $v: Int!, $to: UserState!) {
				transitionUserState(input: {id: $id, version: $v, to: $to}) { user { version } }
			}`, map[string]any{"id": id, "v": version, "to": to})
			if a.Code() != want {
				t.Errorf("to %s: %s", to, a.Body)
			} else if want == "" {
				version++
			}
		}
		version = admin.Ask(`query($id:ID!){user(id:$id){version}}`, map[string]any{"id": id}).RequireOK().
			Int("user.version")
		move(privacy, "OFFBOARDED", "FORBIDDEN")
		move(privacy, "SUSPENDED", "")
		move(privacy, "ACTIVE", "FORBIDDEN")
		cd := api.RowID("Country", "iso2", "CD")
		for change, want := range map[string]string{`countryId:"` + cd + `"`: "FORBIDDEN", `locale:"es"`: ""} {
			doc := `mutation($id:ID!,$v:Int!){updateUser(input:{id:$id,version:$v,` + change + `}){user{id}}}`
			if a := privacy.Ask(doc, map[string]any{"id": id, "v": version}); a.Code() != want {
				t.Errorf("%s: %s", change, a.Body)
			}
		}
		version++
		move(admin, "ACTIVE", "")
	})
}

// A barred volunteer record keeps its person and cannot be changed or archived. While a person has one, their roles
// with a mandate give no access.
func TestBarredVolunteerStaysBarred(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		volunteer, manager := api.As("volunteer@demo", ""), api.As("manager@demo", "")
		if n := volunteer.Ask(`{interventions{totalCount}}`, nil).RequireOK().Int("interventions.totalCount"); n == 0 {
			t.Fatal("the volunteer sees nothing")
		}
		made := manager.Ask(`mutation($u: ID!) {
			createVolunteer(input: {code: "V-BAR", givenName: "Made", familyName: "Up", userId: $u}) {
				volunteer { id }
			}
		}`, map[string]any{"u": api.RowID("User", "email", "volunteer@demo")}).RequireOK()
		id := made.Text("createVolunteer.volunteer.id")
		manager.Ask(`mutation($id: ID!) {
			transitionVolunteerState(input: {id: $id, version: 1, to: BARRED}) { volunteer { state } }
		}`, map[string]any{"id": id}).RequireOK()
		for _, document := range []string{
			`mutation($id:ID!){updateVolunteer(input:{id:$id,version:2,userId:null}){volunteer{id}}}`,
			`mutation($id:ID!){archiveVolunteer(input:{id:$id,version:2}){id}}`,
		} {
			if a := manager.Ask(document, map[string]any{"id": id}); a.Code() != "INVALID" {
				t.Errorf("%s: %s", document, a.Body)
			}
		}
		a := volunteer.Ask(`{interventions{totalCount} deployments{totalCount}}`, nil).RequireOK()
		if a.Int("interventions.totalCount")+a.Int("deployments.totalCount") != 0 {
			t.Errorf("a volunteer who is barred by another record sees %s", a.Body)
		}
	})
}

// A person who may not archive a record does not hand it to another office, also where its own office was archived and
// is hidden.
func TestHandoverOfArchivedOffice(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer, manager := api.As("protection.bf@demo", "services"), api.As("manager@demo", "")
		record := officer.Ask(`{ caseFiles(first: 1, where: { status: { eq: OPEN } }) { nodes {
			id version child { id version office { id } }
		} } }`, nil).RequireOK()
		own := record.Text("caseFiles.nodes.0.child.office.id")
		other := manager.Ask(`mutation($in: CreateOfficeInput!) { createOffice(input: $in) { office { id } } }`,
			map[string]any{"in": map[string]any{
				"name": []any{map[string]any{"language": "en", "text": "Second office"}},
				"code": "OFF-BF-2", "kind": "FIELD", "countryId": api.RowID("Country", "iso2", "BF"),
			}}).RequireOK().Text("createOffice.office.id")
		version := manager.Ask(`query($id: ID!) { office(id: $id) { version } }`, map[string]any{"id": own})
		manager.Ask(`mutation($id: ID!, $v: Int!) { archiveOffice(input: { id: $id, version: $v }) { id } }`,
			map[string]any{"id": own, "v": version.RequireOK().Int("office.version")}).RequireOK()
		for path, document := range map[string]string{
			"caseFiles.nodes.0": `mutation($id: ID!, $v: Int!, $o: ID) {
				updateCaseFile(input: { id: $id, version: $v, officeId: $o }) { caseFile { id } }
			}`,
			"caseFiles.nodes.0.child": `mutation($id: ID!, $v: Int!, $o: ID) {
				updateChild(input: { id: $id, version: $v, officeId: $o }) { child { id } }
			}`,
		} {
			a := officer.Ask(document, map[string]any{
				"id": record.Text(path + ".id"), "v": record.Int(path + ".version"), "o": other,
			})
			if a.Code() != "FORBIDDEN" {
				t.Errorf("an officer hands %s to another office: %s", path, a.Body)
			}
		}
	})
}

// In a country with offices, a child is registered with an office, so that a supervisor sees the record. In a country
// without offices, the record has none. Once the country has an office, a person of that office who works on the record
// assigns it to the own office. A record without an office looks like one of a hidden office, so nobody assigns it to
// another.
func TestChildRecordOffice(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer := api.AsNewPerson("child_protection_officer", "BF", "MA")
		create := func(country, code, office string) *apitest.Answer {
			return officer.Ask(`mutation($c: ID!, $k: String!, $o: ID) {
				createChild(input: {countryId: $c, caseCode: $k, officeId: $o}) { child { id office { code } } }
			}`, map[string]any{"c": api.RowID("Country", "iso2", country), "k": code, "o": orNull(office)})
		}
		if a := create("BF", "N-1", ""); a.Code() != "INVALID" {
			t.Errorf("a child has no office and no supervisor: %s", a.Body)
		}
		create("BF", "N-2", api.RowID("Office", "code", "OFF-BF-OUA")).RequireOK()
		id := create("MA", "N-3", "").RequireOK().Text("createChild.child.id")
		dbtest.ExecAsOwner(
			t, api.Hub.DB(),
			"UPDATE children SET country_id = (SELECT id FROM countries WHERE iso2 = 'BF') WHERE case_code = 'N-3'",
		)
		assign := func(person *apitest.Caller) *apitest.Answer {
			return person.Ask(`mutation($id: ID!, $o: ID!) {
				updateChild(input: {id: $id, version: 1, officeId: $o}) { child { id } }
			}`, map[string]any{"id": id, "o": api.RowID("Office", "code", "OFF-BF-OUA")})
		}
		if a := assign(officer); a.Code() != "FORBIDDEN" {
			t.Errorf("an officer assigns the record to another office: %s", a.Body)
		}
		dbtest.ExecAsOwner(t, api.Hub.DB(), `UPDATE users
 SET office_id = (SELECT id FROM offices WHERE code = 'OFF-BF-OUA')
 WHERE email LIKE 'child_protection_officer.%'`)
		assign(officer).RequireOK()
		if a := create("BF", "N-4", "").RequireOK(); a.Text("createChild.child.office.code") != "OFF-BF-OUA" {
			t.Error(a.Body)
		}
	})
}
