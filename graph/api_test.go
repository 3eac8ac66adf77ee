package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// Each person of the demonstration data sees exactly this many rows.
func TestVisibleRowCounts(t *testing.T) {
	counts := []string{
		"countries", "interventions", "partners", "children", "caseFiles", "referrals", "notes", "deployments",
		"volunteers", "users", "resources",
	}
	want := map[string][]int{
		"admin@demo":          {38, 45, 112, 0, 0, 0, 0, 36, 0, 18, 49},
		"manager@demo":        {38, 45, 112, 0, 0, 0, 0, 36, 24, 18, 49},
		"coordinator.bf@demo": {38, 3, 112, 700, 910, 156, 0, 6, 6, 6, 49},
		"coordinator.cd@demo": {38, 2, 112, 500, 650, 0, 0, 6, 6, 3, 49},
		"agent.bf@demo":       {38, 2, 112, 120, 156, 26, 80, 1, 0, 4, 49},
		"protection.bf@demo":  {38, 3, 112, 120, 156, 26, 81, 6, 0, 4, 49},
		"supervisor.bf@demo":  {38, 2, 112, 600, 780, 130, 85, 1, 0, 4, 49},
		"volunteer@demo":      {38, 1, 0, 0, 0, 0, 0, 1, 1, 1, 49},
		"partner@demo":        {38, 1, 1, 45, 0, 91, 0, 0, 0, 1, 49},
		"privacy@demo":        {38, 0, 112, 0, 0, 0, 0, 0, 0, 18, 49},
		"auditor@demo":        {38, 2, 6, 600, 780, 130, 0, 1, 0, 1, 3},
		"donor@demo":          {38, 2, 0, 0, 0, 0, 0, 0, 0, 1, 49},
	}
	doc := "{"
	for _, c := range counts {
		doc += c + "{totalCount} "
	}
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for person, numbers := range want {
			a := api.As(person, "services").Ask(doc+"}", nil).RequireOK()
			for i, c := range counts {
				if got := a.Int(c + ".totalCount"); got != numbers[i] {
					t.Errorf("%s sees %d %s, want %d", person, got, c, numbers[i])
				}
			}
		}
	})
}

// benchmarkOperations are the six operations that the benchmarks measure, and the most statements that each may take.
var benchmarkOperations = map[string]struct {
	document   string
	statements int
}{
	"a": {`query($n: Int) {
		interventions(
			first: $n
			where: {country: {iso2: {eq: "BF"}}}
			orderBy: [{field: CREATED_AT, direction: DESC}]
		) {
			nodes {
				id code title status
				country { iso2 name }
				office { code name }
				partners(first: 5) { nodes { code name } }
			}
		}
	}`, 4},
	"b": {`query($n: Int, $id: ID!) {
		intervention(id: $id) {
			id code title
			activities(first: $n) { nodes { id kind title startsOn state } }
			children { totalCount }
		}
	}`, 4},
	"c": {`query($n: Int) {
		children(first: $n, orderBy: [{field: CREATED_AT, direction: DESC}]) {
			nodes { id caseCode sex createdAt intervention { id code title } }
			pageInfo { hasNextPage }
		}
	}`, 2},
	"d": {`query($n: Int) {
		countries(first: $n) {
			nodes {
				iso2 name
				offices(first: 5) {
					nodes {
						code name
						interventions(first: 5) { nodes { code title partners(first: 3) { nodes { code name } } } }
					}
				}
			}
		}
	}`, 5},
	"e": {`mutation($code: String!, $country: ID!) {
		createIntervention(input: {code: $code, countryId: $country, title: [{language: "fr", text: "Essai"}]}) {
			intervention { id code title version country { iso2 } }
		}
	}`, 4},
	"f": {`query($id:ID!){node(id:$id){id ... on Intervention{code title}}}`, 1},
}

// An operation takes a limited number of statements, whatever the size of its page.
func TestStatements(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "")
		first := who.Ask(`{
			interventions(first: 1, where: {code: {eq: "BF-SGBV-2021"}}) { nodes { id country { id } } }
		}`, nil).RequireOK()
		made := 0
		for name, op := range benchmarkOperations {
			var counts []int
			for _, n := range []int{20, 50, 100} {
				made++
				ctx, counter := database.CountStatements(t.Context())
				// The hub caches the caller's rights, so that the statements counted next are the operation's alone.
				who.AskWithContext(t.Context(), `{viewer{purpose}}`, nil).RequireOK()
				who.AskWithContext(ctx, op.document, map[string]any{
					"n":       n,
					"id":      first.Text("interventions.nodes.0.id"),
					"country": first.Text("interventions.nodes.0.country.id"),
					"code":    fmt.Sprintf("NEW-%s-%d", name, made),
				}).RequireOK()
				counts = append(counts, counter.Load())
			}
			t.Logf("(%s) takes %d statements", name, slices.Max(counts))
			if slices.Max(counts) > op.statements || name != "e" && (counts[0] != counts[1] || counts[1] != counts[2]) {
				t.Errorf("(%s) takes %v statements for pages of 20, 50 and 100, want at most %d and always as many",
					name, counts, op.statements)
			}
		}
	})
}

// repeatWithAliases repeats a field n times, each time under another alias.
func repeatWithAliases(n int, field string) string {
	out := ""
	for i := range n {
		out += fmt.Sprintf("a%d:%s ", i, field)
	}
	return out
}

// doublingDocument returns a small document with n fragments. Each fragment doubles the size of the answer.
func doublingDocument(n int) string {
	doc := "{interventions{nodes{...f0}}}"
	for i := range n {
		doc += fmt.Sprintf(" fragment f%d on Intervention{a:parent{...f%d} b:parent{...f%d}}", i, i+1, i+1)
	}
	return doc + fmt.Sprintf(" fragment f%d on Intervention{id}", n)
}

// Bad input is refused with a code and the name of the field. The error shows nothing of the database.
func TestBadInput(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "")
		for doc, want := range map[string]string{
			`{countries(first:-1){totalCount}}`:                           "INVALID",
			`{countries(first:101){totalCount}}`:                          "INVALID",
			`{countries(first:1,last:1){totalCount}}`:                     "INVALID",
			`{countries(after:"x"){nodes{id}}}`:                           "INVALID",
			`{countries(after:""){nodes{id}}}`:                            "INVALID",
			`{country(id:"nonsense"){id}}`:                                "INVALID",
			`{country(id:"int_pEs9lEY7TD6NtDVI-0jFUQ"){id}}`:              "INVALID",
			`{node(id:"zzz_pEs9lEY7TD6NtDVI-0jFUQ"){id}}`:                 "INVALID",
			`{countries(where:{iso2:{eq:null}}){totalCount}}`:             "INVALID",
			`{activities(where:{startsOn:{eq:"yesterday"}}){totalCount}}`: "INVALID",
			`{nope}`:                "INVALID",
			`{countries{nodes{id}}`: "INVALID",
			`{children(where:{givenName:{eq:"x"}}){totalCount}}`:      "INVALID", // no such filter
			`{children(orderBy:[{field:GIVEN_NAME}]){totalCount}}`:    "INVALID", // no such order
			`mutation{createCountry(input:{iso2:"XX"}){country{id}}}`: "INVALID", // a required field is missing
			`mutation {
				createCountry(input: {iso2: "XX", name: [{language: "en", text: "X"}]}) { country { id } }
			}`: "FORBIDDEN",
			`mutation{createIntervention(input:{code:"` + strings.Repeat("x", 61) +
				`",title:[{language:"en",text:"X"}]}){intervention{id}}}`: "INVALID",
			`mutation {
				createIntervention(input: {code: "x", title: [{language: "sw", text: "X"}]}) { intervention { id } }
			}`: "INVALID",
			`{
				countries(first: 100) {
					nodes {
						interventionShares(first: 100) {
							nodes { intervention { partnerRoles(first: 100) { nodes { id } } } }
						}
					}
				}
			}`: "TOO_COMPLEX",
			`{` + strings.Repeat("a ", 5000) + `}`: "TOO_COMPLEX",
			`{countries(where:{` + strings.Repeat(`not:{`, 300) + strings.Repeat(`}`, 300) +
				`}){totalCount}}`: "TOO_COMPLEX",
			`{` + repeatWithAliases(60, `countries{totalCount}`) + `}`: "TOO_COMPLEX",
			// each of these fields is allowed alone
			`{` + repeatWithAliases(11, `countries(first:100){nodes{offices{nodes{id}}}}`) + `}`: "TOO_COMPLEX",
			doublingDocument(20): "TOO_COMPLEX",
			`query($w:[InterventionOrder!]){interventions(orderBy:$w){totalCount}}`: "",
			`{interventions(where:{code:{in:[]}}){totalCount}}`:                     "",
		} {
			a := who.Ask(doc, nil)
			if a.Code() != want {
				t.Errorf("%.120s: %.500s, want %q", doc, a.Body, want)
			}
			message := strings.ToLower(fmt.Sprint(a.Errors))
			if strings.Contains(message, "sql") || strings.Contains(message, "goroutine") {
				t.Errorf("%.120s: the error shows the hub's inner workings: %s", doc, message)
			}
		}
		for body, status := range map[string]int{
			"":                                400,
			"{":                               400,
			"[]":                              400,
			`"x"`:                             400,
			`{"query":1}`:                     400,
			`{"variables":{}}`:                400,
			`{"query":"{viewer{purpose}}"} x`: 400,
			`{"query":"{viewer{purpose}}","variables":[]}`: 400,
			strings.Repeat(" ", 1<<20+1):                   413,
		} {
			if w := who.Send(t.Context(), body); w.Code != status || strings.Contains(w.Body.String(), `"data"`) {
				t.Errorf("%.40q: %d %s", body, w.Code, w.Body)
			}
		}
		for lang, want := range map[string]string{
			"fr-CA": "first: doit être de 0 à 100.", "es": "first: debe ser de 0 a 100.",
			"de": "first: must be from 0 to 100.",
		} {
			who.Headers["Accept-Language"] = lang
			if a := who.Ask(`{countries(first:101){totalCount}}`, nil); a.Errors[0].Message != want ||
				!strings.HasSuffix(want, a.Errors[0].Extensions.Fields[0].Reason) {
				t.Errorf("%s: %s", lang, a.Body)
			}
		}
		who.Headers["Content-Type"] = "text/plain"
		if w := who.Send(t.Context(), `{"query":"{viewer{purpose}}"}`); w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("text/plain: %d", w.Code)
		}
	})
}

// Lists behave as the GraphQL connection specification demands.
func TestLists(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("manager@demo", "")
		a := who.Ask(`{
			empty: interventions(where: {code: {in: []}}) { totalCount nodes { id } }
			none: interventions(where: {or: []}) { totalCount }
			all: interventions(where: {and: []}) { totalCount }
			notEmpty: interventions(where: {code: {notIn: []}}) { totalCount }
			bare: interventions(first: 1) { pageInfo { hasNextPage hasPreviousPage } }
			zero: interventions(first: 0) { nodes { id } pageInfo { hasNextPage } }
			standard: interventions { nodes { id } }
			not: interventions(where: {not: {country: {iso2: {eq: "BF"}}}}) { totalCount }
			lone: interventions(where: {not: {country: {}}}) { totalCount }
			fr: interventions(where: {title: {contains: "JUSTICE"}}) { totalCount }
			many: countries(where: {offices: {count: {gte: 1}}}) { totalCount }
			crc: interventions(where: {crcArticles: {contains: "19"}}) { totalCount }
			year: interventions(where: {startYear: {gte: 2015, lt: 2016}}) { totalCount }
		}`, nil).RequireOK()
		for path, want := range map[string]int{
			"empty.totalCount": 0, "none.totalCount": 0, "all.totalCount": 45, "notEmpty.totalCount": 45,
			"not.totalCount": 43, "many.totalCount": 7,
		} {
			if got := a.Int(path); got != want {
				t.Errorf("%s is %d, want %d", path, got, want)
			}
		}
		if a.At("bare.pageInfo.hasNextPage") != true || a.At("bare.pageInfo.hasPreviousPage") != false ||
			a.At("zero.pageInfo.hasNextPage") != true || a.Len("zero.nodes") != 0 ||
			a.Len("standard.nodes") != query.DefaultPage {
			t.Errorf("pages: %s", a.Body)
		}
		for _, path := range []string{"fr.totalCount", "crc.totalCount", "year.totalCount", "lone.totalCount"} {
			if a.Int(path) < 2 {
				t.Errorf("%s: %d", path, a.Int(path))
			}
		}
		// aliases, fragments, directives and typenames
		a = who.Ask(`query($yes: Boolean!) {
			one: countries(first: 1) { ...page }
			two: countries(first: 2) { ...page totalCount @skip(if: $yes) }
			__typename
		}
		fragment page on CountryConnection {
			__typename
			edges { __typename node { __typename ... on Node { id } iso: iso2 } }
		}`, map[string]any{"yes": true}).RequireOK()
		if a.Text("one.__typename") != "CountryConnection" || a.Text("two.edges.1.node.__typename") != "Country" ||
			a.Text("one.edges.0.__typename") != "CountryEdge" || a.At("two.totalCount") != nil ||
			a.Text("__typename") != "Query" || len(a.Text("one.edges.0.node.iso")) != 2 {
			t.Error(a.Body)
		}
		// languages
		for lang, want := range map[string]string{
			"fr": "Maroc", "es": "Marruecos", "en": "Morocco", "de": "Morocco", "de;q=0.9, fr-CA;q=0.5": "Maroc",
		} {
			who.Headers["Accept-Language"] = lang
			b := who.Ask(`{countries(where:{iso2:{eq:"MA"}}){nodes{name}}}`, nil).RequireOK()
			if b.Text("countries.nodes.0.name") != want {
				t.Errorf("%s: %s", lang, b.Body)
			}
		}
	})
}

// node and nodes answer an id of any type. A hidden row and an absent row give the same bytes.
func TestNodes(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		hidden := api.As("coordinator.cd@demo", "").
			Ask(`{children(first:1){nodes{id}}}`, nil).RequireOK().Text("children.nodes.0.id")
		visible := api.As("coordinator.bf@demo", "").
			Ask(`{children(first:1){nodes{id}} countries(first:1){nodes{id}}}`, nil).RequireOK()
		absent := hidden[:len(hidden)-4] + "AAAA"
		who := api.As("coordinator.bf@demo", "")
		doc := `query($id:ID!){node(id:$id){id ...on Child{caseCode}} child(id:$id){id}}`
		a := who.Ask(doc, map[string]any{"id": hidden}).RequireOK()
		b := who.Ask(doc, map[string]any{"id": absent}).RequireOK()
		if a.Body != b.Body || a.At("node") != nil || a.At("child") != nil {
			t.Errorf("hidden %s, absent %s", a.Body, b.Body)
		}
		ids := []string{visible.Text("children.nodes.0.id"), hidden, visible.Text("countries.nodes.0.id")}
		c := who.Ask(`query($ids: [ID!]!) {
			nodes(ids: $ids) { __typename id ... on Country { iso2 } }
		}`, map[string]any{"ids": ids}).RequireOK()
		if c.Text("nodes.0.__typename") != "Child" || c.At("nodes.1") != nil ||
			c.Text("nodes.2.__typename") != "Country" || len(c.Text("nodes.2.iso2")) != 2 {
			t.Error(c.Body)
		}
		for _, m := range []string{
			`mutation($id:ID!){updateChild(input:{id:$id,version:1,sex:MALE}){child{id}}}`,
			`mutation($id:ID!){archiveChild(input:{id:$id,version:1}){id}}`,
		} {
			a, b := who.Ask(m, map[string]any{"id": hidden}), who.Ask(m, map[string]any{"id": absent})
			if a.Body != b.Body || a.Code() != "NOT_FOUND" {
				t.Errorf("hidden %s, absent %s", a.Body, b.Body)
			}
		}
	})
}

// A field that identifies a child is clear only with the right row, the right role and a purpose. Otherwise it is
// masked, and the field masked names it.
func TestMasks(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		// This child has a valid consent.
		doc := `{
			children(where: {caseCode: {eq: "BF-00007"}}) { nodes { caseCode givenName birthDate sex ageBand masked } }
		}`
		clear := api.As("protection.bf@demo", "services").Ask(doc, nil).RequireOK()
		if clear.Text("children.nodes.0.givenName") == "" || clear.Len("children.nodes.0.masked") != 0 {
			t.Error(clear.Body)
		}
		for _, who := range []*apitest.Caller{
			api.As("protection.bf@demo", ""), api.As("coordinator.bf@demo", "services"),
		} {
			a := who.Ask(doc, nil).RequireOK()
			if a.At("children.nodes.0.givenName") != nil || a.At("children.nodes.0.birthDate") != nil ||
				a.At("children.nodes.0.sex") != nil || a.Text("children.nodes.0.caseCode") == "" ||
				a.Text("children.nodes.0.ageBand") == "" || a.Len("children.nodes.0.masked") != 13 {
				t.Error(a.Body)
			}
		}
	})
}

// The viewer's purposes are those that the caller's roles and grants allow.
func TestPurposes(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for email, want := range map[string]string{
			"protection.bf@demo": `["services","case_sharing","referral","tracing"]`,
			"agent.bf@demo":      `["services"]`,
			"auditor@demo":       `["audit"]`,
			"donor@demo":         `[]`,
		} {
			a := api.As(email, "").Ask(`{viewer{purposes}}`, nil)
			if a.Body != `{"data":{"viewer":{"purposes":`+want+`}}}`+"\n" {
				t.Errorf("%s: %s", email, a.Body)
			}
		}
	})
}
