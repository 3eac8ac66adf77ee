package graph_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// checkMutationPayload reads the answer of a change with the masks of a read: the changed row is shown as the next read shows it.
func checkMutationPayload(p *worldPair) {
	a := p.askBothWorlds(`{caseFiles(first:1,where:{stage:{eq:IDENTIFICATION},status:{eq:OPEN}}){nodes{id version}} children(first:1){nodes{id version}}}`, nil)
	if a.Len("caseFiles.nodes") == 0 {
		return // nothing that this person could change
	}
	const file, child = `id stage summary concerns masked child{givenName sex}`, `givenName language sex masked`
	vars := map[string]any{"f": a.Text("caseFiles.nodes.0.id"), "v": a.Int("caseFiles.nodes.0.version"), "c": a.Text("children.nodes.0.id"), "w": a.Int("children.nodes.0.version")}
	b := p.askBothWorlds(`mutation($f:ID!,$v:Int!,$c:ID!,$w:Int!){transitionCaseFileStage(input:{id:$f,version:$v,to:ASSESSMENT}){caseFile{`+file+`}} updateChild(input:{id:$c,version:$w,language:"fr"}){child{`+child+`}}}`, vars)
	read := p.askBothWorlds(`query($f:ID!,$c:ID!){caseFile(id:$f){`+file+`} child(id:$c){`+child+`}}`, vars).RequireOK()
	for path, of := range map[string]string{"transitionCaseFileStage.caseFile": "caseFile", "updateChild.child": "child"} {
		if got := b.At(path); got != nil && !reflect.DeepEqual(got, read.At(of)) {
			p.Errorf("changed %v, read %v", got, read.At(of))
		}
	}
	made := b.At("updateChild") != nil && b.At("transitionCaseFileStage") != nil
	if may := slices.Contains([]string{"field_agent", "child_protection_officer", "case_supervisor"}, p.role); made != may {
		p.Error(b.Body)
	}
}

// checkHiddenCodesAreFree makes rows with codes that only hidden rows have: they are free.
func checkHiddenCodesAreFree(p *worldPair) {
	country := p.askBothWorlds(`{countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).Text("countries.nodes.0.id")
	make := func(code string) string {
		return p.askBothWorlds(fmt.Sprintf(`mutation{createIntervention(input:{code:%q,countryId:%q,title:[{language:"fr",text:"Essai"}]}){intervention{code version}}}`, code, country), nil).Code()
	}
	if p.role == "programme_manager" {
		return // sees all programme rows: none is hidden
	}
	if hidden, free := make("CD-SYS-2022"), make("T-UNUSED"); hidden != free {
		p.Errorf("a hidden row's code gives %q, a free one %q", hidden, free)
	}
}

// referenceCases are new rows, and changes, that name another row ($id), which the role does not see. The people of the other roles
// write no row that could name a hidden one.
var referenceCases = []struct{ role, to, document string }{
	{"child_protection_officer", "Child", `mutation($id:ID!,$c:ID!){createConsent(input:{childId:$id,countryId:$c,purposes:[SERVICES]}){consent{state}}}`},
	{"child_protection_officer", "Child", `mutation($id:ID!,$c:ID!){createCaseFile(input:{childId:$id,countryId:$c,code:"T"}){caseFile{code}}}`},
	{"child_protection_officer", "CaseFile", `mutation($id:ID!,$c:ID!){createNote(input:{caseFileId:$id,countryId:$c,body:"T"}){note{body}}}`},
	{"child_protection_officer", "CaseFile", `mutation($id:ID!,$c:ID!){createBestInterests(input:{caseFileId:$id,countryId:$c,kind:ASSESSMENT}){bestInterests{kind}}}`},
	{"field_agent", "CaseFile", `mutation($id:ID!,$c:ID!){createCaseService(input:{caseFileId:$id,countryId:$c,kind:LEGAL}){caseService{kind}}}`},
	{"field_agent", "Intervention", `mutation($id:ID!,$c:ID!){createActivity(input:{interventionId:$id,countryId:$c,kind:TRAINING,title:[{language:"fr",text:"Essai"}]}){activity{kind}}}`},
	{"case_supervisor", "Intervention", `mutation($id:ID!,$row:ID!,$v:Int!){updateCaseFile(input:{id:$row,version:$v,interventionId:$id}){caseFile{code}}}`},
	{"case_supervisor", "User", `mutation($id:ID!,$row:ID!,$v:Int!){updateCaseFile(input:{id:$row,version:$v,ownerId:$id}){caseFile{code}}}`},
	{"country_coordinator", "Intervention", `mutation($id:ID!,$c:ID!){createActivity(input:{interventionId:$id,countryId:$c,kind:TRAINING,title:[{language:"fr",text:"Essai"}]}){activity{kind}}}`},
	{"country_coordinator", "User", `mutation($id:ID!,$c:ID!,$own:ID!){createActivity(input:{interventionId:$own,responsibleId:$id,countryId:$c,kind:TRAINING,title:[{language:"fr",text:"Essai"}]}){activity{kind}}}`},
	{"partner_focal_point", "Indicator", `mutation($id:ID!,$c:ID!){createIndicatorValue(input:{indicatorId:$id,countryId:$c,value:1}){indicatorValue{value}}}`},
	{"partner_focal_point", "Partner", `mutation($id:ID!){createPartnerContact(input:{partnerId:$id,name:"T"}){partnerContact{name}}}`},
}

// otherCountryIntervention is an intervention in another country.
func (p *worldPair) otherCountryIntervention() string {
	p.Helper()
	return p.hubs[0].As("coordinator.cd@demo", "").Ask(`{interventions(first:1,where:{country:{iso2:{eq:"CD"}}}){nodes{id}}}`, nil).RequireOK().Text("interventions.nodes.0.id")
}

// hiddenListID is a row of a list that the watcher does not see and somebody else does; "" where there is none.
func (p *worldPair) hiddenListID(list string) string {
	p.Helper()
	doc := fmt.Sprintf(`{list:%s(first:100){nodes{id}}}`, list)
	mine, all := p.callerA.Ask(doc, nil).RequireOK(), p.hubs[0].As("manager@demo", "").Ask(doc, nil).RequireOK()
	for i := range all.Len("list.nodes") {
		if id := all.Text(fmt.Sprintf("list.nodes.%d.id", i)); !strings.Contains(mine.Body, id) {
			return id
		}
	}
	return ""
}

// checkReferences names hidden and absent rows in new ones and in changed ones, by people who may write these.
func checkReferences(p *worldPair) {
	hidden := map[string]string{"Child": p.hiddenIDs()[0], "CaseFile": p.hiddenIDs()[2], "Intervention": p.otherCountryIntervention(), "User": p.hubs[0].RowID("User", "email", "coordinator.cd@demo"),
		"Partner": p.hubs[0].RowID("Partner", "code", "UNICEF-CA"), "Indicator": p.hiddenListID("indicators")}
	row := p.callerA.Ask(`{caseFiles(first:1,where:{status:{eq:OPEN}}){nodes{id version}}}`, nil).RequireOK()
	vars := map[string]any{"c": p.hubs[0].RowID("Country", "iso2", "BF"), "own": p.hubs[0].RowID("Intervention", "code", "BF-SGBV-2021"), "row": row.At("caseFiles.nodes.0.id"), "v": row.At("caseFiles.nodes.0.version")}
	for _, r := range referenceCases {
		if r.role != p.role {
			continue
		}
		vars["id"] = absentID(hidden[r.to])
		absent := p.askBothWorlds(r.document, vars)
		vars["id"] = hidden[r.to]
		if a := p.askBothWorlds(r.document, vars); a.Code() != "INVALID" || len(a.Errors[0].Extensions.Fields) != 1 || a.Body != absent.Body {
			p.Errorf("%s\n hidden %s\n absent %s", r.document, a.Body, absent.Body)
		}
	}
}

// hiddenRowCode is how a change of a hidden row is refused, as one of an absent row is. Under an audit grant no row is looked for.
func (p *worldPair) hiddenRowCode() string {
	if p.callerA.Email == "auditor@demo" {
		return "FORBIDDEN"
	}
	return "NOT_FOUND"
}

// checkHiddenWrites changes and archives hidden and absent rows: refused alike, both.
func checkHiddenWrites(p *worldPair) {
	for _, doc := range []string{`mutation($id:ID!){updateChild(input:{id:$id,version:1,sex:MALE}){child{id}}}`, `mutation($id:ID!){archiveChild(input:{id:$id,version:1}){id}}`} {
		hidden := p.hiddenIDs()[0]
		a, b := p.askBothWorlds(doc, map[string]any{"id": hidden}), p.askBothWorlds(doc, map[string]any{"id": hidden[:4] + "AAAAAAAAAAAAAAAAAAAAAA"})
		if a.Code() != p.hiddenRowCode() || a.Body != b.Body {
			p.Errorf("%s %s", a.Body, b.Body)
		}
	}
}

// checkScopeMoves moves rows out of the own scope, and hidden ones into it, and makes rows elsewhere.
func checkScopeMoves(p *worldPair) {
	home, away := p.hubs[0].RowID("Country", "iso2", "BF"), p.hubs[0].RowID("Country", "iso2", "CD")
	if p.role != "programme_manager" { // whose scope is every country
		a := p.askBothWorlds(`{interventions(first:1,where:{code:{eq:"BF-CAP-2015"}}){nodes{id version}} theirs:interventions(where:{country:{iso2:{eq:"CD"}}}){totalCount}}`, nil)
		doc := `mutation($id:ID!,$v:Int!,$c:ID!){updateIntervention(input:{id:$id,version:$v,countryId:$c}){intervention{id}}}`
		if a.Len("interventions.nodes") == 1 {
			if b := p.askBothWorlds(doc, map[string]any{"id": a.Text("interventions.nodes.0.id"), "v": a.Int("interventions.nodes.0.version"), "c": away}); b.Code() != "FORBIDDEN" {
				p.Errorf("moved out: %s", b.Body)
			}
		}
		want := p.hiddenRowCode()
		if a.Int("theirs.totalCount") > 0 {
			want = "FORBIDDEN"
		}
		if b := p.askBothWorlds(doc, map[string]any{"id": p.otherCountryIntervention(), "v": 1, "c": home}); b.Code() != want {
			p.Errorf("moved in: %s", b.Body)
		}
	}
	made := `mutation($c:ID!){createChild(input:{countryId:$c,caseCode:"T"}){child{id}}}`
	b := p.askBothWorlds(made, map[string]any{"c": away})
	if b.Code() != "FORBIDDEN" {
		p.Errorf("made elsewhere: %s", b.Body)
	}
	if p.role != "child_protection_officer" {
		return
	}
	// who may register children was refused for the place alone, and has no row there by another office either
	if !strings.Contains(b.Errors[0].Message, "with these values") {
		p.Errorf("refused before the row was looked at: %s", b.Body)
	}
	office := `mutation($c:ID!,$o:ID!){createChild(input:{countryId:$c,officeId:$o,caseCode:"T"}){child{id}}}`
	if b := p.askBothWorlds(office, map[string]any{"c": home, "o": p.hubs[0].RowID("Office", "code", "OFF-CD-KIN")}); b.At("createChild") != nil || len(b.Errors) == 0 {
		p.Errorf("made in an office elsewhere: %s", b.Body)
	}
	other := p.newHub()
	p.callerAt(other).Ask(made, map[string]any{"c": other.RowID("Country", "iso2", "BF")}).RequireOK()
}

// checkIdempotencyKeys repeats somebody else's mutation with its idempotency key: nobody gets another's answer.
func checkIdempotencyKeys(p *worldPair) {
	doc := `mutation($c:ID!){createIntervention(input:{code:"T-KEY",countryId:$c,title:[{language:"fr",text:"Essai"}]}){intervention{id code}}}`
	api := p.newHub()
	vars := map[string]any{"c": api.RowID("Country", "iso2", "BF")}
	other := api.As("manager@demo", "")
	if p.role == "programme_manager" {
		other = api.As("coordinator.bf@demo", "")
	}
	who := p.callerAt(api)
	other.Headers["Idempotency-Key"], who.Headers["Idempotency-Key"] = "one-key", "one-key"
	id := other.Ask(doc, vars).RequireOK().Text("createIntervention.intervention.id")
	if again := other.Ask(doc, vars); again.Text("createIntervention.intervention.id") != id {
		p.Errorf("the own answer is not kept: %s", again.Body)
	}
	if a := who.Ask(doc, vars); strings.Contains(a.Body, id) {
		p.Errorf("another's answer: %s", a.Body)
	}
}
