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

// checkOpaqueCursors checks that a cursor shows nothing of its row, and that a cursor with any changed bit gives the
// same error.
func checkOpaqueCursors(p *worldPair) {
	a := p.askBothWorlds(`{countries(first:3,orderBy:[{field:NAME}]){edges{cursor node{id iso2 name}}}}`, nil)
	cursor := a.Text("countries.edges.1.cursor")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		p.Fatal(err)
	}
	for _, field := range []string{"name", "id"} { // not iso2, since two letters can occur in the cursor by chance
		if strings.Contains(string(raw), a.Text("countries.edges.1.node."+field)) {
			p.Errorf("the cursor shows the %s", field)
		}
	}
	want := ""
	for i := range raw {
		for bit := range 8 {
			bad := slices.Clone(raw)
			bad[i] ^= 1 << bit
			b := p.callerA.Ask(`query($c: String) {
				countries(first: 3, after: $c, orderBy: [{field: NAME}]) { nodes { iso2 } }
			}`, map[string]any{"c": base64.RawURLEncoding.EncodeToString(bad)})
			if want == "" {
				want = b.Body
			}
			if b.Code() != "INVALID" || b.Body != want {
				p.Fatalf("byte %d bit %d: %s", i, bit, b.Body)
			}
		}
	}
	p.askBothWorlds(`query($c: String) {
		countries(first: 3, after: $c, orderBy: [{field: NAME}]) { nodes { iso2 } pageInfo { hasNextPage } }
	}`, map[string]any{"c": cursor})
}

// checkForeignCursors uses a cursor with another list, order or filter, as another person, under other policies, and
// under another audit grant. Each gives the error of a cursor with a changed byte.
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
	requireRefused := func(name string, a *apitest.Answer) {
		p.Helper()
		body := strings.ReplaceAll(a.Body, `"resources"`, `"countries"`)
		if a.Code() != "INVALID" || body != broken.Body {
			p.Errorf("%s: %s", name, a.Body)
		}
	}
	requireRefused("another list", p.askBothWorlds(fmt.Sprintf(list, "resources", ""), vars))
	requireRefused("another order", p.askBothWorlds(fmt.Sprintf(list, "countries", ",orderBy:[{field:NAME}]"), vars))
	requireRefused("another filter", p.askBothWorlds(fmt.Sprintf(list, "countries", `,where:{iso2:{neq:"BF"}}`), vars))
	for _, email := range []string{"privacy@demo", "admin@demo", "coordinator.cd@demo"} {
		if email != p.email {
			requireRefused(email, p.hubs[0].As(email, "").Ask(plain, vars))
		}
	}
	// The same person, after a change of the policies that does not concern the list.
	later := p.callerAt(p.hubUnderPolicies(
		p.hubs[0].Hub.DB(), apitest.PoliciesWithLines(p.T, "p, donor, Indicator, read, intervention, C0, -, allow"),
	))
	requireRefused("other policies", later.Ask(plain, vars))
	later.Ask(plain, nil).RequireOK()
	if p.role == access.Auditor {
		checkCursorOfOtherGrant(p)
	}
	if p.purpose != "" {
		checkCursorWithoutPurpose(p)
	}
}

// checkPages reads lists in pages of several sizes and from both ends, and checks that the pages together are the whole
// list.
func checkPages(p *worldPair) {
	for _, list := range []string{"resources", "children", "caseFiles"} {
		var whole []string
		for _, size := range []int{100, 53, 16} {
			for _, ends := range [][3]string{{"first", "after", "hasNextPage"}, {"last", "before", "hasPreviousPage"}} {
				var got []string
				for cursor := any(nil); len(got) <= 1000; {
					a := p.askBothWorlds(fmt.Sprintf(`query($c: String) {
						%s(%s: %d, %s: $c) {
							nodes { id }
							pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
						}
					}`, list, ends[0], size, ends[1]), map[string]any{"c": cursor}).RequireOK()
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
					p.Errorf("%s by %d with %s: %d rows, %d in the whole list",
						list, size, ends[0], len(got), len(whole))
				}
			}
		}
	}
}

// checkCursorOfOtherGrant uses a cursor of one audit grant under another grant, and under the same grant after its end.
func checkCursorOfOtherGrant(p *worldPair) {
	api, doc := p.newHub(), `query($c:String){children(first:2,after:$c){pageInfo{endCursor}}}`
	who := p.callerAt(api)
	grant := who.Ask(`{auditGrants{nodes{id}}}`, nil).RequireOK().Text("auditGrants.nodes.0.id")
	vars := map[string]any{"c": who.Ask(doc, nil).RequireOK().Text("children.pageInfo.endCursor")}
	other := p.callerAt(api)
	other.Headers["Audit-Grant"] = createGrant(p.T, api, nil)
	other.Ask(doc, nil).RequireOK()
	if a := other.Ask(doc, vars); a.Code() != "INVALID" {
		p.Errorf("a cursor of another grant: %s", a.Body)
	}
	who.Headers["Audit-Grant"] = grant
	who.Ask(doc, vars).RequireOK()
	_, key, err := plan.ParseID(theModel, grant)
	if err != nil {
		p.Fatal(err)
	}
	updateAsSeed(api, "AuditGrant", key, query.Input{"validUntil": time.Now().Add(-time.Minute)})
	if a, b := who.Ask(doc, vars), who.Ask(doc, nil); a.Code() != "FORBIDDEN" || a.Body != b.Body {
		p.Errorf("a cursor after the end of its grant: %s, without it: %s", a.Body, b.Body)
	}
}

// checkCursorWithoutPurpose uses a cursor of a request with a purpose in the same list without a purpose. The cursor
// marks a position in the list and unmasks no cell.
func checkCursorWithoutPurpose(p *worldPair) {
	doc := `query($c: String) {
		children(first: 3, after: $c%s) { nodes { id givenName sex masked } pageInfo { endCursor hasNextPage } }
	}`
	purposeless := p.callerAt(p.hubs[0])
	delete(purposeless.Headers, "Purpose-Of-Use")
	plain := fmt.Sprintf(doc, "")
	withPurpose := p.callerA.Ask(plain, nil).At("children.pageInfo.endCursor")
	without := purposeless.Ask(plain, nil).At("children.pageInfo.endCursor")
	a := purposeless.Ask(plain, map[string]any{"c": withPurpose})
	if b := purposeless.Ask(plain, map[string]any{"c": without}); a.Body != b.Body {
		p.Errorf("%s\n%s", a.Body, b.Body)
	}
	bySex := fmt.Sprintf(doc, ",orderBy:[{field:SEX}]")
	a = purposeless.Ask(bySex, map[string]any{"c": p.callerA.Ask(bySex, nil).At("children.pageInfo.endCursor")})
	for i := range a.Len("children.nodes") {
		if at := fmt.Sprintf("children.nodes.%d.", i); a.At(at+"givenName") != nil || a.At(at+"sex") != nil {
			p.Errorf("%s", a.Body)
		}
	}
}

// checkRandomIDs creates several rows, as roles that may do so. Their ids must be random (UUID version 4), so that they
// reveal neither when the rows were created nor how many there are.
func checkRandomIDs(p *worldPair) {
	type creation struct{ prefix, document, path string }
	creations := map[string][]creation{
		"child_protection_officer": {
			{"chd_", `mutation($c: ID!, $n: String!) {
				createChild(input: {countryId: $c, caseCode: $n}) { child { id } }
			}`, "createChild.child.id"},
			{"cas_", `mutation($c: ID!, $n: String!, $child: ID!) {
				createCaseFile(input: {countryId: $c, childId: $child, code: $n}) { caseFile { id } }
			}`, "createCaseFile.caseFile.id"},
		},
		"platform_admin": {
			{"usr_", `mutation($n: String!) {
				createUser(input: {displayName: $n, email: $n}) { user { id } }
			}`, "createUser.user.id"},
		},
	}[p.role]
	if creations == nil {
		return
	}
	api := p.newHub()
	who, child := p.callerAt(api), ""
	for _, m := range creations {
		var ids []string
		for i := range 16 {
			id := who.Ask(m.document, map[string]any{
				"c": api.RowID("Country", "iso2", "BF"), "n": fmt.Sprintf("made.%d@demo", i), "child": child,
			}).RequireOK().Text(m.path)
			raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(id, m.prefix))
			if err != nil || len(raw) != 16 || raw[6]>>4 != 4 || raw[8]>>6 != 2 {
				p.Fatalf("%s is not a random id: %x", id, raw)
			}
			ids = append(ids, string(raw))
			if m.prefix == "chd_" {
				child = id
			}
		}
		reversed := slices.Clone(ids)
		slices.Reverse(reversed)
		starts := map[string]bool{} // 16 random ids hardly ever share their first two bytes
		for _, id := range ids {
			starts[id[:2]] = true
		}
		if slices.IsSorted(ids) || slices.IsSorted(reversed) || len(starts) < 12 {
			p.Errorf("ids with the prefix %s follow each other: %x", m.prefix, ids)
		}
	}
}

// checkHiddenLikeAbsent checks that lookups of hidden rows and of absent rows give the same bytes.
func checkHiddenLikeAbsent(p *worldPair) {
	for _, id := range p.hiddenIDs() {
		none := id[:4] + "AAAAAAAAAAAAAAAAAAAAAA"
		field := map[string]string{"chd_": "child", "cas_": "caseFile"}[id[:4]]
		doc := `query($id:ID!,$ids:[ID!]!){node(id:$id){id} ` + field + `(id:$id){id} nodes(ids:$ids){id}}`
		a := p.askBothWorlds(doc, map[string]any{"id": id, "ids": []string{id}})
		b := p.askBothWorlds(doc, map[string]any{"id": none, "ids": []string{none}})
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

// countNodeStatements returns the number of statements that a lookup by id takes.
func countNodeStatements(p *worldPair, id string) int {
	ctx, counter := database.CountStatements(p.Context())
	p.callerA.AskWithContext(p.Context(), `{viewer{purpose}}`, nil)
	p.callerA.AskWithContext(ctx, fmt.Sprintf(`{node(id:%q){id}}`, id), nil)
	return counter.Load()
}
