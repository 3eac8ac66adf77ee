package graph_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// checkMutationPayload checks that a mutation shows the changed row as the next read shows it, with the same masks.
func checkMutationPayload(p *worldPair) {
	a := p.askBothWorlds(`{
		caseFiles(first: 1, where: {stage: {eq: IDENTIFICATION}, status: {eq: OPEN}}) { nodes { id version } }
		children(first: 1) { nodes { id version } }
	}`, nil)
	if a.Len("caseFiles.nodes") == 0 {
		return // the watcher sees no row to change
	}
	const file, child = `id stage summary concerns masked child{givenName sex}`, `givenName language sex masked`
	vars := map[string]any{
		"f": a.Text("caseFiles.nodes.0.id"), "v": a.Int("caseFiles.nodes.0.version"),
		"c": a.Text("children.nodes.0.id"), "w": a.Int("children.nodes.0.version"),
	}
	b := p.askBothWorlds(`mutation($f: ID!, $v: Int!, $c: ID!, $w: Int!) {
		transitionCaseFileStage(input: {id: $f, version: $v, to: ASSESSMENT}) { caseFile { `+file+` } }
		updateChild(input: {id: $c, version: $w, language: "fr", overwriteHidden: ["language"]}) { child { `+child+` } }
	}`, vars)
	read := p.askBothWorlds(`query($f:ID!,$c:ID!){caseFile(id:$f){`+file+`} child(id:$c){`+child+`}}`, vars).RequireOK()
	for changed, field := range map[string]string{
		"transitionCaseFileStage.caseFile": "caseFile", "updateChild.child": "child",
	} {
		if got := b.At(changed); got != nil && !reflect.DeepEqual(got, read.At(field)) {
			p.Errorf("changed %v, read %v", got, read.At(field))
		}
	}
	succeeded := b.At("updateChild") != nil && b.At("transitionCaseFileStage") != nil
	writers := []string{"field_agent", "child_protection_officer", "case_supervisor"}
	if succeeded != slices.Contains(writers, p.role) {
		p.Error(b.Body)
	}
}

// checkHiddenCodesAreFree checks that a new row may take a code that only a hidden row has.
func checkHiddenCodesAreFree(p *worldPair) {
	country := p.askBothWorlds(`{countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).Text("countries.nodes.0.id")
	make := func(code string) string {
		return p.askBothWorlds(fmt.Sprintf(`mutation {
			createIntervention(input: {code: %q, countryId: %q, title: [{language: "fr", text: "Essai"}]}) {
				intervention { code version }
			}
		}`, code, country), nil).Code()
	}
	if p.role == "programme_manager" {
		return // this role sees all interventions, so no code is hidden
	}
	if hidden, unused := make("CD-SYS-2022"), make("T-UNUSED"); hidden != unused {
		p.Errorf("a hidden row's code gives %q, an unused one %q", hidden, unused)
	}
}

// referenceCases are writes that refer to another row ($id) of the type "to", which the role does not see. The other
// roles write no row that could refer to a hidden one.
var referenceCases = []struct{ role, to, document string }{
	{"child_protection_officer", "Child", `mutation($id: ID!, $c: ID!) {
		createConsent(input: {childId: $id, countryId: $c, purposes: [SERVICES]}) { consent { state } }
	}`},
	{"child_protection_officer", "Child", `mutation($id: ID!, $c: ID!) {
		createCaseFile(input: {childId: $id, countryId: $c, code: "T"}) { caseFile { code } }
	}`},
	{"child_protection_officer", "CaseFile", `mutation($id: ID!, $c: ID!) {
		createNote(input: {caseFileId: $id, countryId: $c, body: "T"}) { note { body } }
	}`},
	{"child_protection_officer", "CaseFile", `mutation($id: ID!, $c: ID!) {
		createBestInterests(input: {caseFileId: $id, countryId: $c, kind: ASSESSMENT}) { bestInterests { kind } }
	}`},
	{"field_agent", "CaseFile", `mutation($id: ID!, $c: ID!) {
		createCaseService(input: {caseFileId: $id, countryId: $c, kind: LEGAL}) { caseService { kind } }
	}`},
	{"field_agent", "Intervention", `mutation($id: ID!, $c: ID!) {
		createActivity(
			input: {interventionId: $id, countryId: $c, kind: TRAINING, title: [{language: "fr", text: "Essai"}]}
		) {
			activity { kind }
		}
	}`},
	{"case_supervisor", "Intervention", `mutation($id: ID!, $row: ID!, $v: Int!) {
		updateCaseFile(input: {id: $row, version: $v, interventionId: $id}) { caseFile { code } }
	}`},
	{"case_supervisor", "User", `mutation($id: ID!, $row: ID!, $v: Int!) {
		updateCaseFile(input: {id: $row, version: $v, ownerId: $id}) { caseFile { code } }
	}`},
	{"country_coordinator", "Intervention", `mutation($id: ID!, $c: ID!) {
		createActivity(
			input: {interventionId: $id, countryId: $c, kind: TRAINING, title: [{language: "fr", text: "Essai"}]}
		) {
			activity { kind }
		}
	}`},
	{"country_coordinator", "User", `mutation($id: ID!, $c: ID!, $own: ID!) {
		createActivity(
			input: {
				interventionId: $own, responsibleId: $id, countryId: $c, kind: TRAINING
				title: [{language: "fr", text: "Essai"}]
			}
		) {
			activity { kind }
		}
	}`},
	{"partner_focal_point", "Indicator", `mutation($id: ID!, $c: ID!) {
		createIndicatorValue(input: {indicatorId: $id, countryId: $c, value: 1}) { indicatorValue { value } }
	}`},
	{"partner_focal_point", "Partner", `mutation($id: ID!) {
		createPartnerContact(input: {partnerId: $id, name: "T"}) { partnerContact { name } }
	}`},
}

// otherCountryIntervention returns the id of an intervention in another country.
func (p *worldPair) otherCountryIntervention() string {
	p.Helper()
	doc := `{interventions(first:1,where:{country:{iso2:{eq:"CD"}}}){nodes{id}}}`
	return p.hubs[0].As("coordinator.cd@demo", "").Ask(doc, nil).RequireOK().Text("interventions.nodes.0.id")
}

// hiddenListID returns the id of a row of a list that the programme manager sees and the watcher does not, or "".
func (p *worldPair) hiddenListID(list string) string {
	p.Helper()
	doc := fmt.Sprintf(`{list:%s(first:100){nodes{id}}}`, list)
	visible, all := p.callerA.Ask(doc, nil).RequireOK(), p.hubs[0].As("manager@demo", "").Ask(doc, nil).RequireOK()
	for i := range all.Len("list.nodes") {
		if id := all.Text(fmt.Sprintf("list.nodes.%d.id", i)); !strings.Contains(visible.Body, id) {
			return id
		}
	}
	return ""
}

// checkReferences checks that a write which refers to a hidden row is refused like one that refers to an absent row.
func checkReferences(p *worldPair) {
	hidden := map[string]string{
		"Child":        p.hiddenIDs()[0],
		"CaseFile":     p.hiddenIDs()[2],
		"Intervention": p.otherCountryIntervention(),
		"User":         p.hubs[0].RowID("User", "email", "coordinator.cd@demo"),
		"Partner":      p.hubs[0].RowID("Partner", "code", "UNICEF-CA"),
		"Indicator":    p.hiddenListID("indicators"),
	}
	row := p.callerA.Ask(`{caseFiles(first:1,where:{status:{eq:OPEN}}){nodes{id version}}}`, nil).RequireOK()
	vars := map[string]any{
		"c":   p.hubs[0].RowID("Country", "iso2", "BF"),
		"own": p.hubs[0].RowID("Intervention", "code", "BF-SGBV-2021"),
		"row": row.At("caseFiles.nodes.0.id"),
		"v":   row.At("caseFiles.nodes.0.version"),
	}
	for _, r := range referenceCases {
		if r.role != p.role {
			continue
		}
		vars["id"] = absentID(hidden[r.to])
		absent := p.askBothWorlds(r.document, vars)
		vars["id"] = hidden[r.to]
		if a := p.askBothWorlds(r.document, vars); a.Code() != "INVALID" || len(a.Errors[0].Extensions.Fields) != 1 ||
			a.Body != absent.Body {
			p.Errorf("%s\n hidden %s\n absent %s", r.document, a.Body, absent.Body)
		}
	}
}

// hiddenRowCode returns the error code of a write to a hidden or absent row. Under an audit grant the write is refused
// before the row is looked up.
func (p *worldPair) hiddenRowCode() string {
	if p.callerA.Email == "auditor@demo" {
		return "FORBIDDEN"
	}
	return "NOT_FOUND"
}

// checkHiddenWrites checks that writes to hidden rows are refused like writes to absent rows.
func checkHiddenWrites(p *worldPair) {
	for _, doc := range []string{
		`mutation($id:ID!){updateChild(input:{id:$id,version:1,sex:MALE}){child{id}}}`,
		`mutation($id:ID!){archiveChild(input:{id:$id,version:1}){id}}`,
	} {
		hidden := p.hiddenIDs()[0]
		a := p.askBothWorlds(doc, map[string]any{"id": hidden})
		b := p.askBothWorlds(doc, map[string]any{"id": hidden[:4] + "AAAAAAAAAAAAAAAAAAAAAA"})
		if a.Code() != p.hiddenRowCode() || a.Body != b.Body {
			p.Errorf("%s %s", a.Body, b.Body)
		}
	}
}

// checkScopeMoves tries to move rows out of the watcher's scope, to move hidden rows into it, and to create rows
// outside of it.
func checkScopeMoves(p *worldPair) {
	home, away := p.hubs[0].RowID("Country", "iso2", "BF"), p.hubs[0].RowID("Country", "iso2", "CD")
	if p.role != "programme_manager" { // this role has every country in its scope
		a := p.askBothWorlds(`{
			interventions(first: 1, where: {code: {eq: "BF-CAP-2015"}}) { nodes { id version } }
			other: interventions(where: {country: {iso2: {eq: "CD"}}}) { totalCount }
		}`, nil)
		doc := `mutation($id: ID!, $v: Int!, $c: ID!) {
			updateIntervention(input: {id: $id, version: $v, countryId: $c}) { intervention { id } }
		}`
		if a.Len("interventions.nodes") == 1 {
			if b := p.askBothWorlds(doc, map[string]any{
				"id": a.Text("interventions.nodes.0.id"), "v": a.Int("interventions.nodes.0.version"), "c": away,
			}); b.Code() != "FORBIDDEN" {
				p.Errorf("moved out of the scope: %s", b.Body)
			}
		}
		want := p.hiddenRowCode()
		if a.Int("other.totalCount") > 0 {
			want = "FORBIDDEN"
		}
		if b := p.askBothWorlds(doc, map[string]any{
			"id": p.otherCountryIntervention(), "v": 1, "c": home,
		}); b.Code() != want {
			p.Errorf("moved into the scope: %s", b.Body)
		}
	}
	create := `mutation($c:ID!){createChild(input:{countryId:$c,caseCode:"T"}){child{id}}}`
	b := p.askBothWorlds(create, map[string]any{"c": away})
	if b.Code() != "FORBIDDEN" {
		p.Errorf("created in another country: %s", b.Body)
	}
	if p.role != "child_protection_officer" {
		return
	}
	// This role may register children, so only the country was the reason. An office of the other country is refused
	// too.
	if !strings.Contains(b.Errors[0].Message, "with these values") {
		p.Errorf("refused before the values were checked: %s", b.Body)
	}
	office := `mutation($c:ID!,$o:ID!){createChild(input:{countryId:$c,officeId:$o,caseCode:"T"}){child{id}}}`
	b = p.askBothWorlds(office, map[string]any{"c": home, "o": p.hubs[0].RowID("Office", "code", "OFF-CD-KIN")})
	if b.At("createChild") != nil || len(b.Errors) == 0 {
		p.Errorf("created in an office of another country: %s", b.Body)
	}
	other := p.newHub()
	p.callerAt(other).Ask(create, map[string]any{"c": other.RowID("Country", "iso2", "BF")}).RequireOK()
}

// checkIdempotencyKeys repeats another person's mutation with the same idempotency key, and checks that the watcher
// does not get the other person's answer.
func checkIdempotencyKeys(p *worldPair) {
	doc := `mutation($c: ID!) {
		createIntervention(input: {code: "T-KEY", countryId: $c, title: [{language: "fr", text: "Essai"}]}) {
			intervention { id code }
		}
	}`
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
		p.Errorf("a repeated request does not get its first answer: %s", again.Body)
	}
	if a := who.Ask(doc, vars); strings.Contains(a.Body, id) {
		p.Errorf("the watcher gets another person's answer: %s", a.Body)
	}
}
