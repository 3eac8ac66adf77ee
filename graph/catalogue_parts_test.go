package graph_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"rightshub/internal/store"
)

// opaque holds that a cursor shows nothing of a row, and that any changed byte is one constant error.
func opaque(p *pair) {
	a := p.same(`{countries(first:3,orderBy:[{field:NAME}]){edges{cursor node{id iso2 name}}}}`, nil)
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
			b := p.a.Ask(`query($c:String){countries(first:3,after:$c,orderBy:[{field:NAME}]){nodes{iso2}}}`, map[string]any{"c": base64.RawURLEncoding.EncodeToString(bad)})
			if want == "" {
				want = b.Body
			}
			if b.Code() != "INVALID" || b.Body != want {
				p.Fatalf("byte %d bit %d: %s", i, bit, b.Body)
			}
		}
	}
	p.same(`query($c:String){countries(first:3,after:$c,orderBy:[{field:NAME}]){nodes{iso2} pageInfo{hasNextPage}}}`, map[string]any{"c": cursor})
}

// foreign takes a cursor to where it does not belong.
func foreign(p *pair) {
	list := `query($c:String){%s(first:2,after:$c%s){pageInfo{endCursor}}}`
	cursor := p.same(fmt.Sprintf(list, "countries", ""), nil).Text("countries.pageInfo.endCursor")
	var bodies []string
	for _, doc := range []string{fmt.Sprintf(list, "resources", ""), fmt.Sprintf(list, "countries", ",orderBy:[{field:NAME}]"), fmt.Sprintf(list, "countries", ",where:{iso2:{neq:\"BF\"}}")} {
		a := p.same(doc, map[string]any{"c": cursor})
		bodies = append(bodies, strings.ReplaceAll(a.Body, `"resources"`, `"countries"`))
		if a.Code() != "INVALID" {
			p.Errorf("%s: %s", doc, a.Body)
		}
	}
	other := p.apis[0].As("privacy@demo", "")
	bodies = append(bodies, other.Ask(fmt.Sprintf(list, "countries", ""), map[string]any{"c": cursor}).Body)
	if len(slices.Compact(bodies)) != 1 {
		p.Errorf("the errors differ: %q", bodies)
	}
}

// paged reads lists page by page, in pages of several sizes and from both ends: together they are the whole list.
func paged(p *pair) {
	for _, list := range []string{"resources", "children", "caseFiles"} {
		var whole []string
		for _, size := range []int{100, 53, 16} {
			for _, ends := range [][3]string{{"first", "after", "hasNextPage"}, {"last", "before", "hasPreviousPage"}} {
				var got []string
				for cursor := any(nil); len(got) <= 1000; {
					a := p.same(fmt.Sprintf(`query($c:String){%s(%s:%d,%s:$c){nodes{id} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}}}`, list, ends[0], size, ends[1]), map[string]any{"c": cursor}).Fine()
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

// noRows holds that a role that may only aggregate gets no row, no count and no filter of children; until there are fixed
// tables, that is nothing at all.
func noRows(p *pair) {
	a := p.apis[1].As("manager@demo", "services").Ask(`{children{totalCount nodes{id}} caseFiles{totalCount} countries(where:{children:{some:{}}}){totalCount} o:offices(where:{children:{count:{gte:1}}}){totalCount}}`, nil).Fine()
	if a.Int("children.totalCount")+a.Int("caseFiles.totalCount")+a.Int("countries.totalCount")+a.Int("o.totalCount") != 0 {
		p.Error(a.Body)
	}
}

// absent looks for rows that are hidden, and for ones that are not there: the same bytes.
func absent(p *pair) {
	for _, id := range p.unseen() {
		none := id[:4] + "AAAAAAAAAAAAAAAAAAAAAA"
		one := map[string]string{"chd_": "child", "cas_": "caseFile"}[id[:4]]
		doc := `query($id:ID!,$ids:[ID!]!){node(id:$id){id} ` + one + `(id:$id){id} nodes(ids:$ids){id}}`
		a, b := p.same(doc, map[string]any{"id": id, "ids": []string{id}}), p.same(doc, map[string]any{"id": none, "ids": []string{none}})
		if a.Body != b.Body || a.At("node") != nil || len(a.Errors) > 0 {
			p.Errorf("hidden %s, absent %s", a.Body, b.Body)
		}
	}
	for _, bad := range []string{"chd_", "chd_x", "nope", "chd_AAAAAAAAAAAAAAAAAAAAAA=", ""} {
		if a := p.same(`query($id:ID!){node(id:$id){id}}`, map[string]any{"id": bad}); a.Code() != "INVALID" {
			p.Errorf("%q: %s", bad, a.Body)
		}
	}
}

func statements(p *pair, id string) int {
	ctx, counter := store.CountStatements(p.Context())
	p.a.AskIn(p.Context(), `{viewer{purpose}}`, nil)
	p.a.AskIn(ctx, fmt.Sprintf(`{node(id:%q){id}}`, id), nil)
	return counter.Load()
}

// payload reads the answer of a change with the masks of a read. A field agent may change the own case without a purpose.
func payload(p *pair) {
	a := p.same(`{caseFiles(first:1,where:{stage:{eq:IDENTIFICATION}}){nodes{id version}} children(first:1){nodes{id version}}}`, nil)
	if a.Len("caseFiles.nodes") == 0 {
		return // nothing that this person could change
	}
	b := p.same(fmt.Sprintf(`mutation{transitionCaseFileStage(input:{id:%q,version:%d,to:ASSESSMENT}){caseFile{id stage summary concerns masked child{givenName sex}}} updateChild(input:{id:%q,version:%d,language:"fr"}){child{givenName language sex masked}}}`,
		a.Text("caseFiles.nodes.0.id"), a.Int("caseFiles.nodes.0.version"), a.Text("children.nodes.0.id"), a.Int("children.nodes.0.version")), nil)
	if b.At("transitionCaseFileStage.caseFile.summary") != nil || b.At("transitionCaseFileStage.caseFile.child.sex") != nil || b.At("updateChild.child.language") != nil {
		p.Error(b.Body)
	}
}

// taken makes rows with codes that only hidden rows have: they are free.
func taken(p *pair) {
	country := p.same(`{countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).Text("countries.nodes.0.id")
	make := func(code string) string {
		return p.same(fmt.Sprintf(`mutation{createIntervention(input:{code:%q,countryId:%q,title:[{language:"fr",text:"Essai"}]}){intervention{code version}}}`, code, country), nil).Code()
	}
	if hidden, free := make("CD-SYS-2022"), make("T-UNUSED"); hidden != free {
		p.Errorf("a hidden row's code gives %q, a free one %q", hidden, free)
	}
}

// references names hidden and absent rows in a new one.
func references(p *pair) {
	country := p.same(`{countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).Text("countries.nodes.0.id")
	hidden := p.unseen()[0]
	var bodies []string
	for _, id := range []string{hidden, hidden[:4] + "AAAAAAAAAAAAAAAAAAAAAA"} {
		for _, doc := range []string{`mutation($id:ID!,$c:ID!){createCaseFile(input:{childId:$id,countryId:$c,code:"T"}){caseFile{id}}}`, `mutation($id:ID!,$c:ID!){createConsent(input:{childId:$id,countryId:$c,purposes:[SERVICES]}){consent{id}}}`} {
			a := p.same(doc, map[string]any{"id": id, "c": country})
			bodies = append(bodies, a.Body)
			if len(a.Errors) == 0 {
				p.Errorf("%s", a.Body)
			}
		}
	}
	if bodies[0] != bodies[2] || bodies[1] != bodies[3] {
		p.Errorf("hidden and absent differ: %q", bodies)
	}
}

// refused is how a change of a hidden row is refused, as one of an absent row is. Under an audit grant no row is looked for.
func (p *pair) refused() string {
	if p.a.Email == "auditor@demo" {
		return "FORBIDDEN"
	}
	return "NOT_FOUND"
}

// written changes and archives hidden and absent rows: refused alike, both.
func written(p *pair) {
	for _, doc := range []string{`mutation($id:ID!){updateChild(input:{id:$id,version:1,sex:MALE}){child{id}}}`, `mutation($id:ID!){archiveChild(input:{id:$id,version:1}){id}}`} {
		hidden := p.unseen()[0]
		a, b := p.same(doc, map[string]any{"id": hidden}), p.same(doc, map[string]any{"id": hidden[:4] + "AAAAAAAAAAAAAAAAAAAAAA"})
		if a.Code() != p.refused() || a.Body != b.Body {
			p.Errorf("%s %s", a.Body, b.Body)
		}
	}
}

// moved moves rows out of the own scope, and hidden ones into it.
func moved(p *pair) {
	a := p.same(`{mine:countries(where:{iso2:{eq:"BF"}}){nodes{id}} other:countries(where:{iso2:{eq:"CD"}}){nodes{id}} interventions(first:1,where:{code:{eq:"BF-CAP-2015"}}){nodes{id version}}}`, nil)
	doc := `mutation($id:ID!,$v:Int!,$c:ID!){updateIntervention(input:{id:$id,version:$v,countryId:$c}){intervention{id}}}`
	if a.Len("interventions.nodes") == 1 {
		if b := p.same(doc, map[string]any{"id": a.Text("interventions.nodes.0.id"), "v": a.Int("interventions.nodes.0.version"), "c": a.Text("other.nodes.0.id")}); b.Code() != "FORBIDDEN" {
			p.Errorf("moved out: %s", b.Body)
		}
	}
	theirs := p.apis[0].As("coordinator.cd@demo", "").Ask(`{interventions(first:1,where:{country:{iso2:{eq:"CD"}}}){nodes{id}}}`, nil).Fine().Text("interventions.nodes.0.id")
	if b := p.same(doc, map[string]any{"id": theirs, "v": 1, "c": a.Text("mine.nodes.0.id")}); b.Code() != p.refused() {
		p.Errorf("moved in: %s", b.Body)
	}
	if b := p.same(`mutation($c:ID!){createChild(input:{countryId:$c,caseCode:"T"}){child{id}}}`, map[string]any{"c": a.Text("other.nodes.0.id")}); b.Code() != "FORBIDDEN" {
		p.Errorf("made elsewhere: %s", b.Body)
	}
}

// keyed repeats somebody else's mutation with its idempotency key: nobody gets another's answer.
func keyed(p *pair) {
	doc := `mutation{createIntervention(input:{code:"T-KEY",title:[{language:"fr",text:"Essai"}]}){intervention{id code}}}`
	for i, api := range p.apis {
		manager := api.As("manager@demo", "")
		manager.Headers["Idempotency-Key"] = "one-key"
		manager.Ask(doc, nil).Fine()
		who := []map[string]string{p.a.Headers, p.b.Headers}[i]
		who["Idempotency-Key"] = "one-key"
		defer delete(who, "Idempotency-Key")
	}
	if a := p.same(doc, nil); len(a.Errors) == 0 && strings.Contains(a.Body, "int_") && p.email != "coordinator.bf@demo" {
		p.Errorf("another's answer: %s", a.Body)
	}
}
