package graph_test

import (
	"slices"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

// Whoever could not give a role with its reach neither changes nor ends it. The data protection officer ends any, and gives
// none; nobody takes a role of their own away from the record.
func TestChangingRoles(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin, privacy := api.As("admin@demo", ""), api.As("privacy@demo", "")
		coordinator := api.As("coordinator.bf@demo", "")
		id := api.RowID
		update := func(who *apitest.Caller, row string, version int, until any) string {
			return who.Ask(`mutation($id:ID!,$v:Int!,$t:DateTime){updateRoleAssignment(input:{id:$id,version:$v,validUntil:$t}){roleAssignment{id}}}`,
				map[string]any{"id": row, "v": version, "t": until}).Code()
		}
		for name, in := range map[string]map[string]any{
			"more than one's own": {"role": "programme_manager", "countryIds": []string{id("Country", "iso2", "BF")}},
			"another country":     {"role": "field_agent", "countryIds": []string{id("Country", "iso2", "CD")}},
		} {
			in["userId"], in["validUntil"] = id("User", "email", "agent.bf@demo"), "2090-01-01T00:00:00Z"
			row := admin.Ask(`mutation($in:CreateRoleAssignmentInput!){createRoleAssignment(input:$in){roleAssignment{id}}}`, map[string]any{"in": in}).RequireOK().Text("createRoleAssignment.roleAssignment.id")
			if got := update(coordinator, row, 1, nil); got != "FORBIDDEN" {
				t.Errorf("%s, asked for, is made to last: %q", name, got)
			}
			dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE role_assignments SET state = 'active', active_from = created_at WHERE state = 'requested'")
			if got := update(coordinator, row, 1, "2089-01-01T00:00:00Z"); got != "FORBIDDEN" {
				t.Errorf("%s ends sooner by a coordinator: %q", name, got)
			}
			end := `mutation($id:ID!,$v:Int!){transitionRoleAssignmentState(input:{id:$id,version:$v,to:REVOKED}){roleAssignment{state}}}`
			if a := coordinator.Ask(end, map[string]any{"id": row, "v": 1}); a.Code() != "FORBIDDEN" {
				t.Errorf("%s is ended by a coordinator: %s", name, a.Body)
			}
			if got := update(privacy, row, 1, "2089-01-01T00:00:00Z"); got != "" {
				t.Errorf("%s does not end by the data protection officer: %q", name, got)
			}
			if got := update(privacy, row, 2, "2090-01-01T00:00:00Z"); got != "INVALID" {
				t.Errorf("%s lasts by the data protection officer: %q", name, got)
			}
			admin.Ask(end, map[string]any{"id": row, "v": 2}).RequireOK()
		}
		here := admin.Ask(`mutation($in:CreateRoleAssignmentInput!){createRoleAssignment(input:$in){roleAssignment{id}}}`, map[string]any{"in": map[string]any{"role": "field_agent",
			"userId": id("User", "email", "agent.bf@demo"), "officeIds": []string{id("Office", "code", "OFF-BF-OUA")}}}).RequireOK().Text("createRoleAssignment.roleAssignment.id")
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE role_assignments SET state = 'active', active_from = created_at WHERE state = 'requested'", "UPDATE offices SET archived_at = created_at WHERE code = 'OFF-BF-OUA'")
		coordinator.Ask(`mutation($id:ID!){transitionRoleAssignmentState(input:{id:$id,version:1,to:REVOKED}){roleAssignment{state}}}`, map[string]any{"id": here}).RequireOK()
		own := admin.Ask(`{viewer{user{roleAssignments{nodes{id version access{canUpdate canDelete}}}}}}`, nil).RequireOK()
		if at := "viewer.user.roleAssignments.nodes.0.access."; own.At(at+"canUpdate") != false || own.At(at+"canDelete") != false {
			t.Error(own.Body)
		}
		if a := admin.Ask(`mutation($id:ID!){archiveRoleAssignment(input:{id:$id,version:1}){id}}`, map[string]any{"id": own.Text("viewer.user.roleAssignments.nodes.0.id")}); a.Code() != "FORBIDDEN" {
			t.Errorf("the only administrator is none any more: %s", a.Body)
		}
	})
}

// Who is moved to another country leaves the children of the first behind, whoever's cases they are.
func TestMovedUserLosesFormerCountry(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for _, email := range []string{"protection.bf@demo", "agent.bf@demo"} {
			who := api.As(email, "services")
			count := `{children{totalCount} caseFiles{totalCount} notes{totalCount} own:children(where:{country:{iso2:{eq:"BF"}}},first:1){nodes{id version}}}`
			before := who.Ask(count, nil).RequireOK()
			if before.Int("children.totalCount") == 0 || before.Int("notes.totalCount") == 0 || before.Len("own.nodes") != 1 {
				t.Fatal(before.Body)
			}
			there, office := api.RowKey("Country", "iso2", "CD").String(), api.RowKey("Office", "code", "OFF-CD-KIN").String()
			dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE role_assignments SET country_ids = '[\""+there+"\"]', office_ids = '[\""+office+"\"]' WHERE user_id = '"+api.RowKey("User", "email", email).String()+"'")
			if _, err := api.SeedSession().Create(t.Context(), inventory.Model.Entity("User"), query.Input{"displayName": "Made up", "email": "x." + email}); err != nil { // so that rights are read again
				t.Fatal(err)
			}
			after := who.Ask(count, nil).RequireOK()
			if after.Int("children.totalCount")+after.Int("caseFiles.totalCount")+after.Int("notes.totalCount") != 0 {
				t.Errorf("%s still sees those of the country left: %s", email, after.Body)
			}
			write := who.Ask(`mutation($id:ID!,$v:Int!){updateChild(input:{id:$id,version:$v,phone:"0"}){child{id}}}`, map[string]any{"id": before.Text("own.nodes.0.id"), "v": before.Int("own.nodes.0.version")})
			if write.Code() != "NOT_FOUND" {
				t.Errorf("%s writes there: %s", email, write.Body)
			}
		}
	})
}

// What an object says one may do to it is what one may, as it stands: a state, or one's own hand, can be in the way.
func TestAccessFieldFollowsState(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		manager, coordinator := api.As("manager@demo", ""), api.As("coordinator.bf@demo", "")
		const access = `access{canUpdate canDelete canApprove}`
		says := func(a *apitest.Answer, path string, update, remove, approve bool) {
			t.Helper()
			if a.At(path+".access.canUpdate") != update || a.At(path+".access.canDelete") != remove || a.At(path+".access.canApprove") != approve {
				t.Errorf("%v %v %v: %s", update, remove, approve, a.Body)
			}
		}
		indicator := coordinator.Ask(`{indicators(first:1){nodes{id}}}`, nil).RequireOK().Text("indicators.nodes.0.id")
		made := coordinator.Ask(`mutation($i:ID!){createIndicatorValue(input:{indicatorId:$i,value:"1"}){indicatorValue{id `+access+`}}}`, map[string]any{"i": indicator}).RequireOK()
		says(made, "createIndicatorValue.indicatorValue", true, true, false) // a draft: nothing to approve
		move := func(who *apitest.Caller, version int, to string) *apitest.Answer {
			return who.Ask(`mutation($id:ID!,$v:Int!,$to:IndicatorValueState!){transitionIndicatorValueState(input:{id:$id,version:$v,to:$to}){indicatorValue{`+access+`}}}`,
				map[string]any{"id": made.Text("createIndicatorValue.indicatorValue.id"), "v": version, "to": to}).RequireOK()
		}
		says(move(coordinator, 1, "SUBMITTED"), "transitionIndicatorValueState.indicatorValue", false, true, false) // another must
		ask := `query($id:ID!){indicatorValue(id:$id){` + access + `}}`
		says(manager.Ask(ask, map[string]any{"id": made.Text("createIndicatorValue.indicatorValue.id")}).RequireOK(), "indicatorValue", false, true, true)
		says(move(manager, 2, "APPROVED"), "transitionIndicatorValueState.indicatorValue", false, false, true) // it can be locked, or returned
		says(move(manager, 3, "LOCKED"), "transitionIndicatorValueState.indicatorValue", false, false, false)
	})
}

// A role counts by what it came with and speaks for: the mandate of somebody else gives nothing, and who spoke for a partner
// that is archived speaks for nobody.
func TestRolesNeedTheirMandateOrPartner(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		partner, admin, db := api.As("partner@demo", "referral"), api.As("admin@demo", ""), api.Hub.DB()
		count := func(who *apitest.Caller, list string) int {
			return who.Ask("{"+list+"{totalCount}}", nil).RequireOK().Int(list + ".totalCount")
		}
		if count(partner, "referrals") == 0 || count(partner, "partnerContacts") == 0 {
			t.Fatal("the focal point sees nothing")
		}
		manager := api.As("manager@demo", "")
		mj := manager.Ask(`{partners(where:{code:{eq:"MJ-BF"}}){nodes{id version}}}`, nil).RequireOK()
		manager.Ask(`mutation($id:ID!,$v:Int!){archivePartner(input:{id:$id,version:$v}){id}}`, map[string]any{"id": mj.Text("partners.nodes.0.id"), "v": mj.Int("partners.nodes.0.version")}).RequireOK()
		if n := count(partner, "referrals") + count(partner, "partnerContacts") + count(partner, "children"); n != 0 {
			t.Errorf("who spoke for an archived partner sees %d rows", n)
		}

		volunteer := api.As("volunteer@demo", "")
		if count(volunteer, "deployments") == 0 {
			t.Fatal("the volunteer sees no mandate")
		}
		mandate := volunteer.Ask(`{deployments(where:{state:{eq:IN_COUNTRY}}){nodes{id}}}`, nil).RequireOK().Text("deployments.nodes.0.id")
		in := map[string]any{"role": "field_agent", "userId": api.RowID("User", "email", "agent.bf@demo"), "countryIds": []string{api.RowID("Country", "iso2", "BF")}, "deploymentId": mandate}
		if a := api.As("coordinator.bf@demo", "").Ask(`mutation($in:CreateRoleAssignmentInput!){createRoleAssignment(input:$in){roleAssignment{id}}}`, map[string]any{"in": in}); a.Code() != "INVALID" {
			t.Errorf("a role with the mandate of another: %s", a.Body)
		}
		in["userId"] = api.RowID("User", "email", "volunteer@demo")
		admin.Ask(`mutation($in:CreateRoleAssignmentInput!){createRoleAssignment(input:$in){roleAssignment{id}}}`, map[string]any{"in": in}).RequireOK()
		dbtest.ExecAsOwner(t, db, "UPDATE volunteers SET user_id = (SELECT id FROM users WHERE email = 'agent.bf@demo') WHERE user_id = (SELECT id FROM users WHERE email = 'volunteer@demo')")
		admin.Ask(`mutation{createUser(input:{email:"x@demo",displayName:"Made up"}){user{id}}}`, nil).RequireOK() // what was read about people is read anew
		if n := count(volunteer, "interventions") + count(volunteer, "deployments"); n != 0 {
			t.Errorf("whose mandate went to another sees %d rows by it", n)
		}
	})
}

// Nobody archives a record about themselves: the mandate that leads over it to them would be theirs to sign.
func TestNobodyArchivesOwnRecord(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE volunteers SET user_id = (SELECT id FROM users WHERE email = 'manager@demo') WHERE user_id = (SELECT id FROM users WHERE email = 'volunteer@demo')")
		manager, me := api.As("manager@demo", ""), api.RowID("User", "email", "manager@demo")
		for list, c := range map[string]struct{ where, archive string }{
			"volunteers":         {`user:{id:{eq:"` + me + `"}}`, "archiveVolunteer"},
			"deployments":        {`volunteer:{user:{id:{eq:"` + me + `"}}}`, "archiveDeployment"},
			"safeguardingChecks": {`volunteer:{user:{id:{eq:"` + me + `"}}}`, "archiveSafeguardingCheck"},
		} {
			a := manager.Ask(`{own:`+list+`(first:1,where:{`+c.where+`}){nodes{id version access{canDelete}}} other:`+list+`(first:1,where:{not:{`+c.where+`}}){nodes{id version access{canDelete}}}}`, nil).RequireOK()
			for whose, want := range map[string]string{"own": "FORBIDDEN", "other": ""} {
				at := whose + ".nodes.0."
				b := manager.Ask(`mutation($id:ID!,$v:Int!){`+c.archive+`(input:{id:$id,version:$v}){id}}`, map[string]any{"id": a.Text(at + "id"), "v": a.Int(at + "version")})
				if b.Code() != want || a.At(at+"access.canDelete") != (want == "") {
					t.Errorf("%s of %s: %s, said %v", list, whose, b.Body, a.At(at+"access.canDelete"))
				}
			}
		}
	})
}

// The data protection officer suspends any account. To let somebody in, again or at all, is for an administrator, as is what
// else an account says.
func TestPrivacyOfficerSuspendsOnly(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin, privacy := api.As("admin@demo", ""), api.As("privacy@demo", "")
		id, version := api.RowID("User", "email", "agent.bf@demo"), 1
		move := func(who *apitest.Caller, to, want string) {
			a := who.Ask(`mutation($id:ID!,$v:Int!,$to:UserState!){transitionUserState(input:{id:$id,version:$v,to:$to}){user{version}}}`, map[string]any{"id": id, "v": version, "to": to})
			if a.Code() != want {
				t.Errorf("to %s: %s", to, a.Body)
			} else if want == "" {
				version++
			}
		}
		version = admin.Ask(`query($id:ID!){user(id:$id){version}}`, map[string]any{"id": id}).RequireOK().Int("user.version")
		move(privacy, "OFFBOARDED", "FORBIDDEN")
		move(privacy, "SUSPENDED", "")
		move(privacy, "ACTIVE", "FORBIDDEN")
		for change, want := range map[string]string{`countryId:"` + api.RowID("Country", "iso2", "CD") + `"`: "FORBIDDEN", `locale:"es"`: ""} {
			if a := privacy.Ask(`mutation($id:ID!,$v:Int!){updateUser(input:{id:$id,version:$v,`+change+`}){user{id}}}`, map[string]any{"id": id, "v": version}); a.Code() != want {
				t.Errorf("%s: %s", change, a.Body)
			}
		}
		version++
		move(admin, "ACTIVE", "")
	})
}

// A note is there for whom it says: the author, all who work on the case, or the supervisor beside the author.
func TestNoteVisibility(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer, other := api.As("protection.bf@demo", "services"), api.As("agent.bf@demo", "services")
		supervisor := api.As("supervisor.bf@demo", "services")
		kase := officer.Ask(`{caseFiles(first:1,where:{owner:{id:{eq:"`+api.RowID("User", "email", "protection.bf@demo")+`"}},status:{eq:OPEN}}){nodes{id version country{id}}}}`, nil).RequireOK()
		id, country := kase.Text("caseFiles.nodes.0.id"), kase.Text("caseFiles.nodes.0.country.id")
		made := map[string]string{}
		for _, visibility := range []string{"AUTHOR_ONLY", "CASE_TEAM", "SUPERVISOR"} {
			made[visibility] = officer.Ask(`mutation($c:ID!,$l:ID!){createNote(input:{caseFileId:$c,countryId:$l,body:"Synthetic.",visibility:`+visibility+`}){note{id}}}`, map[string]any{"c": id, "l": country}).RequireOK().Text("createNote.note.id")
		}
		sees := func(who *apitest.Caller, want ...string) {
			t.Helper()
			got := map[string]bool{}
			for visibility, note := range made {
				a := who.Ask(`query($id:ID!){node(id:$id){id} notes(where:{id:{eq:$id}}){totalCount}}`, map[string]any{"id": note}).RequireOK()
				if got[visibility] = a.At("node") != nil; got[visibility] != (a.Int("notes.totalCount") == 1) {
					t.Error(a.Body)
				}
			}
			for visibility := range made {
				if got[visibility] != slices.Contains(want, visibility) {
					t.Errorf("the note for %s: seen %v", visibility, got[visibility])
				}
			}
		}
		sees(officer, "AUTHOR_ONLY", "CASE_TEAM", "SUPERVISOR")
		sees(supervisor, "CASE_TEAM", "SUPERVISOR")
		sees(other)
		supervisor.Ask(`mutation($id:ID!,$v:Int!,$u:ID!){updateCaseFile(input:{id:$id,version:$v,ownerId:$u}){caseFile{id}}}`,
			map[string]any{"id": id, "v": kase.Int("caseFiles.nodes.0.version"), "u": api.RowID("User", "email", "agent.bf@demo")}).RequireOK()
		sees(other, "CASE_TEAM") // who takes the case on
		sees(officer, "AUTHOR_ONLY", "CASE_TEAM", "SUPERVISOR")
		for _, who := range []*apitest.Caller{other, supervisor} {
			if a := who.Ask(`mutation($id:ID!){updateNote(input:{id:$id,version:1,body:"Other."}){note{id}}}`, map[string]any{"id": made["CASE_TEAM"]}); a.Code() != "FORBIDDEN" {
				t.Errorf("somebody else's note was written: %s", a.Body)
			}
		}
	})
}

// A bar stays with whom it is about, and takes every role that came with a mandate.
func TestBarredVolunteerStaysBarred(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		volunteer, manager := api.As("volunteer@demo", ""), api.As("manager@demo", "")
		if n := volunteer.Ask(`{interventions{totalCount}}`, nil).RequireOK().Int("interventions.totalCount"); n == 0 {
			t.Fatal("the volunteer sees nothing")
		}
		made := manager.Ask(`mutation($u:ID!){createVolunteer(input:{code:"V-BAR",givenName:"Made",familyName:"Up",userId:$u}){volunteer{id}}}`, map[string]any{"u": api.RowID("User", "email", "volunteer@demo")}).RequireOK()
		id := made.Text("createVolunteer.volunteer.id")
		manager.Ask(`mutation($id:ID!){transitionVolunteerState(input:{id:$id,version:1,to:BARRED}){volunteer{state}}}`, map[string]any{"id": id}).RequireOK()
		for _, document := range []string{`mutation($id:ID!){updateVolunteer(input:{id:$id,version:2,userId:null}){volunteer{id}}}`, `mutation($id:ID!){archiveVolunteer(input:{id:$id,version:2}){id}}`} {
			if a := manager.Ask(document, map[string]any{"id": id}); a.Code() != "INVALID" {
				t.Errorf("%s: %s", document, a.Body)
			}
		}
		if a := volunteer.Ask(`{interventions{totalCount} deployments{totalCount}}`, nil).RequireOK(); a.Int("interventions.totalCount")+a.Int("deployments.totalCount") != 0 {
			t.Errorf("who is barred by another record sees %s", a.Body)
		}
	})
}

// A child is registered where a supervisor sees it, if the country has an office; where it has none, it is registered all the same.
// What has no office yet is given to one by whoever works on it.
func TestChildRecordOffice(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		officer := api.AsNewPerson("child_protection_officer", "BF", "MA")
		create := func(country, code, office string) *apitest.Answer {
			return officer.Ask(`mutation($c:ID!,$k:String!,$o:ID){createChild(input:{countryId:$c,caseCode:$k,officeId:$o}){child{id office{code}}}}`,
				map[string]any{"c": api.RowID("Country", "iso2", country), "k": code, "o": map[bool]any{true: nil, false: office}[office == ""]})
		}
		if a := create("BF", "N-1", ""); a.Code() != "INVALID" {
			t.Errorf("nobody supervises a child: %s", a.Body)
		}
		create("BF", "N-2", api.RowID("Office", "code", "OFF-BF-OUA")).RequireOK()
		id := create("MA", "N-3", "").RequireOK().Text("createChild.child.id")
		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE children SET country_id = (SELECT id FROM countries WHERE iso2 = 'BF') WHERE case_code = 'N-3'")
		officer.Ask(`mutation($id:ID!,$o:ID!){updateChild(input:{id:$id,version:1,officeId:$o}){child{id}}}`, map[string]any{"id": id, "o": api.RowID("Office", "code", "OFF-BF-OUA")}).RequireOK()

		dbtest.ExecAsOwner(t, api.Hub.DB(), "UPDATE users SET office_id = (SELECT id FROM offices WHERE code = 'OFF-BF-OUA') WHERE email LIKE 'child_protection_officer.%'")
		if a := create("BF", "N-4", "").RequireOK(); a.Text("createChild.child.office.code") != "OFF-BF-OUA" {
			t.Error(a.Body)
		}
	})
}
