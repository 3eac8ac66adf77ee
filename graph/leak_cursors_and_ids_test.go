package graph_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"rightshub/graph/plan"
	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/query"
)

// checkOpaqueCursors holds that a cursor shows nothing of a row, and that any changed byte is one constant error.
func checkOpaqueCursors(p *worldPair) {
	a := p.askBothWorlds(`{countries(first:3,orderBy:[{field:NAME}]){edges{cursor node{id iso2 name}}}}`, nil)
	cursor := a.Text("countries.edges.1.cursor")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		p.Fatal(err)
	}
	for _, field := range []string{"name", "id"} { // two letters would stand in it by chance
		if strings.Contains(string(raw), a.Text("countries.edges.1.node."+field)) {
			p.Errorf("the cursor shows the %s", field)
		}
	}
	want := ""
	for i := range raw {
		for bit := range 8 {
			bad := slices.Clone(raw)
			bad[i] ^= 1 << bit
			b := p.callerA.Ask(`query($c:String){countries(first:3,after:$c,orderBy:[{field:NAME}]){nodes{iso2}}}`, map[string]any{"c": base64.RawURLEncoding.EncodeToString(bad)})
			if want == "" {
				want = b.Body
			}
			if b.Code() != "INVALID" || b.Body != want {
				p.Fatalf("byte %d bit %d: %s", i, bit, b.Body)
			}
		}
	}
	p.askBothWorlds(`query($c:String){countries(first:3,after:$c,orderBy:[{field:NAME}]){nodes{iso2} pageInfo{hasNextPage}}}`, map[string]any{"c": cursor})
}

// checkForeignCursors takes a cursor to where it does not belong: another list, order or filter, another person, other policies, and
// another audit grant. All are one error, that of a cursor with a changed byte.
func checkForeignCursors(p *worldPair) {
	list := `query($c:String){%s(first:2,after:$c%s){pageInfo{endCursor}}}`
	plain := fmt.Sprintf(list, "countries", "")
	cursor := p.askBothWorlds(plain, nil).RequireOK().Text("countries.pageInfo.endCursor")
	vars := map[string]any{"c": cursor}
	last := map[bool]string{true: "x", false: "y"}[cursor[0] == 'y']
	broken := p.askBothWorlds(plain, map[string]any{"c": last + cursor[1:]})
	if broken.Code() != "INVALID" {
		p.Errorf("a changed byte: %s", broken.Body)
	}
	refused := func(how string, a *apitest.Answer) {
		p.Helper()
		if body := strings.ReplaceAll(a.Body, `"resources"`, `"countries"`); a.Code() != "INVALID" || body != broken.Body {
			p.Errorf("%s: %s", how, a.Body)
		}
	}
	refused("another list", p.askBothWorlds(fmt.Sprintf(list, "resources", ""), vars))
	refused("another order", p.askBothWorlds(fmt.Sprintf(list, "countries", ",orderBy:[{field:NAME}]"), vars))
	refused("another filter", p.askBothWorlds(fmt.Sprintf(list, "countries", ",where:{iso2:{neq:\"BF\"}}"), vars))
	for _, email := range []string{"privacy@demo", "admin@demo", "coordinator.cd@demo"} {
		if email != p.email {
			refused(email, p.hubs[0].As(email, "").Ask(plain, vars))
		}
	}
	// the same person, after the policies have changed in a line that says nothing about the list
	later := p.callerAt(p.hubUnderPolicies(p.hubs[0].Hub.DB(), apitest.PoliciesWithLines(p.T, "p, donor, Indicator, read, intervention, C0, -, allow")))
	refused("other policies", later.Ask(plain, vars))
	later.Ask(plain, nil).RequireOK()
	if p.role == access.Auditor {
		checkCursorOfOtherGrant(p)
	}
	if p.purpose != "" {
		checkCursorWithoutPurpose(p)
	}
}

// checkPages reads lists page by page, in pages of several sizes and from both ends: together they are the whole list.
func checkPages(p *worldPair) {
	for _, list := range []string{"resources", "children", "caseFiles"} {
		var whole []string
		for _, size := range []int{100, 53, 16} {
			for _, ends := range [][3]string{{"first", "after", "hasNextPage"}, {"last", "before", "hasPreviousPage"}} {
				var got []string
				for cursor := any(nil); len(got) <= 1000; {
					a := p.askBothWorlds(fmt.Sprintf(`query($c:String){%s(%s:%d,%s:$c){nodes{id} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}`, list, ends[0], size, ends[1]), map[string]any{"c": cursor}).RequireOK()
					var page []string
					for i := range a.Len(list + ".nodes") {
						page = append(page, a.Text(fmt.Sprintf("%s.nodes.%d.id", list, i)))
					}
					if ends[0] == "last" {
						got = append(page, got...)
						cursor = a.At(list + ".pageInfo.startCursor")
					} else {
						got = append(got, page...)
						cursor = a.At(list + ".pageInfo.endCursor")
					}
					if a.At(list+".pageInfo."+ends[2]) != true {
						break
					}
				}
				if whole == nil {
					whole = got
				}
				if !slices.Equal(got, whole) {
					p.Errorf("%s by %d with %s: %d rows, %d in the whole list", list, size, ends[0], len(got), len(whole))
				}
			}
		}
	}
}

// checkCursorOfOtherGrant takes a cursor of one audit grant to another, and to the same after its end.
func checkCursorOfOtherGrant(p *worldPair) {
	api, doc := p.newHub(), `query($c:String){children(first:2,after:$c){pageInfo{endCursor}}}`
	who := p.callerAt(api)
	one := who.Ask(`{auditGrants{nodes{id}}}`, nil).RequireOK().Text("auditGrants.nodes.0.id")
	vars := map[string]any{"c": who.Ask(doc, nil).RequireOK().Text("children.pageInfo.endCursor")}
	other := p.callerAt(api)
	other.Headers["Audit-Grant"] = createGrant(p.T, api, nil)
	other.Ask(doc, nil).RequireOK()
	if a := other.Ask(doc, vars); a.Code() != "INVALID" {
		p.Errorf("a cursor of another grant: %s", a.Body)
	}
	who.Headers["Audit-Grant"] = one
	who.Ask(doc, vars).RequireOK()
	_, key, err := plan.ParseID(one)
	if err != nil {
		p.Fatal(err)
	}
	updateAsSeed(api, "AuditGrant", key, query.Input{"validUntil": time.Now().Add(-time.Minute)})
	if a, b := who.Ask(doc, vars), who.Ask(doc, nil); a.Code() != "FORBIDDEN" || a.Body != b.Body {
		p.Errorf("a cursor after the end of its grant: %s, without it: %s", a.Body, b.Body)
	}
}

// checkCursorWithoutPurpose takes a cursor to the same list under no purpose: it is a place in it, and shows no cell more.
func checkCursorWithoutPurpose(p *worldPair) {
	doc := `query($c:String){children(first:3,after:$c%s){nodes{id givenName sex masked} pageInfo{endCursor hasNextPage}}}`
	stated := p.callerAt(p.hubs[0])
	delete(stated.Headers, "Purpose-Of-Use")
	plain := fmt.Sprintf(doc, "")
	by, own := p.callerA.Ask(plain, nil), stated.Ask(plain, nil)
	if a, b := stated.Ask(plain, map[string]any{"c": by.At("children.pageInfo.endCursor")}), stated.Ask(plain, map[string]any{"c": own.At("children.pageInfo.endCursor")}); a.Body != b.Body {
		p.Errorf("%s\n%s", a.Body, b.Body)
	}
	bySex := fmt.Sprintf(doc, ",orderBy:[{field:SEX}]")
	a := stated.Ask(bySex, map[string]any{"c": p.callerA.Ask(bySex, nil).At("children.pageInfo.endCursor")})
	for i := range a.Len("children.nodes") {
		if at := fmt.Sprintf("children.nodes.%d.", i); a.At(at+"givenName") != nil || a.At(at+"sex") != nil {
			p.Errorf("%s", a.Body)
		}
	}
}

// checkRandomIDs makes rows in a row, as those who may: their ids are random ones of version 4, and tell neither when nor how many.
func checkRandomIDs(p *worldPair) {
	type made struct{ entity, document, path string }
	by := map[string][]made{
		"child_protection_officer": {{"chd_", `mutation($c:ID!,$n:String!){createChild(input:{countryId:$c,caseCode:$n}){child{id}}}`, "createChild.child.id"},
			{"cas_", `mutation($c:ID!,$n:String!,$of:ID!){createCaseFile(input:{countryId:$c,childId:$of,code:$n}){caseFile{id}}}`, "createCaseFile.caseFile.id"}},
		"platform_admin": {{"usr_", `mutation($n:String!){createUser(input:{displayName:$n,email:$n}){user{id}}}`, "createUser.user.id"}},
	}[p.role]
	if by == nil {
		return
	}
	api := p.newHub()
	who, of := p.callerAt(api), ""
	for _, m := range by {
		var ids []string
		for i := range 16 {
			id := who.Ask(m.document, map[string]any{"c": api.RowID("Country", "iso2", "BF"), "n": fmt.Sprintf("made.%d@demo", i), "of": of}).RequireOK().Text(m.path)
			raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(id, m.entity))
			if err != nil || len(raw) != 16 || raw[6]>>4 != 4 || raw[8]>>6 != 2 {
				p.Fatalf("%s is no random id: %x", id, raw)
			}
			ids = append(ids, string(raw))
			if m.entity == "chd_" {
				of = id
			}
		}
		back := slices.Clone(ids)
		slices.Reverse(back)
		first := map[string]bool{} // two bytes: of 16 random ones, no two or nearly no two are alike
		for _, id := range ids {
			first[id[:2]] = true
		}
		if slices.IsSorted(ids) || slices.IsSorted(back) || len(first) < 12 {
			p.Errorf("%sids follow each other: %x", m.entity, ids)
		}
	}
}

// checkHiddenLikeAbsent looks for rows that are hidden, and for ones that are not there: the same bytes.
func checkHiddenLikeAbsent(p *worldPair) {
	for _, id := range p.hiddenIDs() {
		none := id[:4] + "AAAAAAAAAAAAAAAAAAAAAA"
		one := map[string]string{"chd_": "child", "cas_": "caseFile"}[id[:4]]
		doc := `query($id:ID!,$ids:[ID!]!){node(id:$id){id} ` + one + `(id:$id){id} nodes(ids:$ids){id}}`
		a, b := p.askBothWorlds(doc, map[string]any{"id": id, "ids": []string{id}}), p.askBothWorlds(doc, map[string]any{"id": none, "ids": []string{none}})
		if a.Body != b.Body || a.At("node") != nil || len(a.Errors) > 0 {
			p.Errorf("hidden %s, absent %s", a.Body, b.Body)
		}
	}
	for _, bad := range []string{"chd_", "chd_x", "nope", "chd_AAAAAAAAAAAAAAAAAAAAAA=", ""} {
		if a := p.askBothWorlds(`query($id:ID!){node(id:$id){id}}`, map[string]any{"id": bad}); a.Code() != "INVALID" {
			p.Errorf("%q: %s", bad, a.Body)
		}
	}
}

func countNodeStatements(p *worldPair, id string) int {
	ctx, counter := database.CountStatements(p.Context())
	p.callerA.AskWithContext(p.Context(), `{viewer{purpose}}`, nil)
	p.callerA.AskWithContext(ctx, fmt.Sprintf(`{node(id:%q){id}}`, id), nil)
	return counter.Load()
}
