package graph_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// leakClass is one class of the catalogue of leaks. It has documents, a check, or the reason why it does not apply.
type leakClass struct {
	class, title  string
	documents     []string // their answers must be the same in two worlds
	check         func(*worldPair)
	notApplicable string
}

// TestLeakCatalogue tries each class of leaks that GraphQL APIs with rights on rows and fields have had, in this hub
// and in other systems. It does so for each role and on both databases.
func TestLeakCatalogue(t *testing.T) {
	inTwoWorlds(t, func(p *worldPair) {
		for _, l := range leakCatalogue {
			p.Run(l.class, func(t *testing.T) {
				if l.notApplicable != "" {
					t.Logf("%s %s: does not apply: %s", l.class, l.title, l.notApplicable)
					return
				}
				in := p.forSubtest(t)
				for _, d := range l.documents {
					in.askBothWorlds(d, nil)
				}
				if l.check != nil {
					l.check(in)
				}
			})
		}
	})
}

// The catalogue has every class, in order. Each class has a test, or a reason why it does not apply.
func TestLeakCatalogueIsComplete(t *testing.T) {
	for i, l := range leakCatalogue {
		if want := fmt.Sprintf("L%02d", i+1); l.class != want ||
			(len(l.documents) == 0 && l.check == nil) == (l.notApplicable == "") {
			t.Errorf("%s is out of order, or has neither a test nor a reason", l.class)
		}
	}
	if len(leakCatalogue) != 48 {
		t.Errorf("the catalogue has %d classes, want 48", len(leakCatalogue))
	}
}

// leakCatalogue lists the classes in the order of their numbers.
var leakCatalogue = []leakClass{
	{class: "L01", title: "filter on a masked field", documents: []string{
		`{
			children(where: {sex: {eq: FEMALE}}) { totalCount nodes { id } }
			n: children(where: {nationality: {eq: "ZZ"}}) { totalCount }
		}`,
		`{children(where:{givenName:{eq:"CNRY-given"}}){totalCount}}`,
		`{caseFiles(where:{concerns:{contains:FGM}}){totalCount}}`,
	}},
	{class: "L02", title: "oracle by prefix, range and lists", check: func(p *worldPair) {
		probes := 64
		// These roles see some children in clear. Each probe then reads the consents too, which is slow.
		if !p.masksEveryChild() || p.role == "partner_focal_point" {
			probes = 16
		}
		for i := range probes {
			day := fmt.Sprintf("20%02d-%02d-01", 8+i%16, 1+i%12)
			p.askBothWorlds(fmt.Sprintf(`{
				a: children(where: {birthDate: {gte: %[1]q}}) { totalCount }
				b: children(where: {birthDate: {in: [%[1]q]}}) { totalCount }
				c: children(where: {nationality: {hasPrefix: "%[2]c"}}) { totalCount }
				d: children(where: {language: {notIn: ["%[3]c"]}}) { totalCount }
			}`, day, 'A'+i%26, 'a'+i%26), nil)
		}
	}},
	{class: "L03", title: "edge condition on hidden rows", documents: []string{`{
		children(where: {caseFiles: {some: {risk: {eq: HIGH}}}}) { totalCount nodes { id } }
		countries(where: {children: {some: {}}}) { nodes { iso2 } }
	}`, `{offices(where:{caseFiles:{some:{status:{eq:CLOSED}}}}){nodes{code}}}`}},
	{class: "L04", title: "negation", documents: []string{`{
		children(where: {not: {caseFiles: {some: {risk: {eq: HIGH}}}}}) { totalCount }
		none: children(where: {caseFiles: {none: {}}}) { totalCount }
		not: children(where: {not: {sex: {eq: FEMALE}}}) { totalCount }
	}`, `{
		countries(where: {children: {none: {}}}, first: 100) { nodes { iso2 } }
		interventions(where: {not: {children: {count: {gte: 1}}}}, first: 100) { totalCount }
	}`}},
	{class: "L05", title: "null test", documents: []string{`{
		children(where: {sex: {isNull: false}}) { totalCount }
		b: children(where: {not: {birthDate: {isNull: true}}}) { totalCount }
		c: children(where: {nationality: {isNull: true}}) { totalCount }
	}`, `{children(where:{place:{}}){totalCount} d:children(where:{not:{place:{}}}){totalCount}}`}},
	{class: "L06", title: "deep predicate through a visible hub", documents: []string{`{
		partners(where: {interventions: {some: {children: {some: {sex: {neq: UNKNOWN}}}}}}, first: 100) { totalCount }
		places(where: {country: {offices: {some: {children: {some: {caseFiles: {some: {stage: {eq: REVIEW}}}}}}}}}) {
			totalCount
		}
	}`, `{regions(where:{countries:{some:{offices:{some:{caseFiles:{count:{gte:100}}}}}}},first:100){nodes{code}}}`}},
	{class: "L07", title: "filter on a derived field", documents: []string{
		`{children(where:{ageBand:{eq:U6}}){totalCount}}`, `{children(orderBy:[{field:AGE_BAND}]){totalCount}}`,
	}},
	{class: "L08", title: "a value that fails only where a hidden row is looked at", documents: []string{`{
		children(where: {birthDate: {lt: "9999-12-31"}, caseCode: {contains: "%_\\\\"}}) { totalCount }
	}`, `{
		fundingLines(where: {amount: {gt: "9999999999999.99"}}) { totalCount }
		v: volunteers(where: {code: {contains: "'"}}) { totalCount }
	}`, `{children(where:{version:{gt:2147483647}}){totalCount}}`}},
	{class: "L09", title: "order by a masked field", documents: []string{`{
		children(orderBy: [{field: SEX}], first: 100) { edges { cursor node { id } } }
		d: children(orderBy: [{field: BIRTH_DATE, direction: DESC}, {field: NATIONALITY}], first: 100) {
			edges { cursor node { id } }
		}
	}`}},
	{class: "L10", title: "order by the number of hidden rows, and by an edge", documents: []string{`{
		countries(orderBy: [{field: CHILDREN_COUNT, direction: DESC}], first: 100) { edges { cursor node { iso2 } } }
		interventions(orderBy: [{field: CASE_FILES_COUNT}], first: 100) { edges { cursor node { id } } }
	}`, `{
		children(orderBy: [{field: PLACE_CODE}, {field: CONSENTS_COUNT}], first: 100) { edges { cursor node { id } } }
		caseFiles(orderBy: [{field: OWNER_EMAIL}, {field: BEST_INTERESTS_COUNT}], first: 50) { nodes { id } }
	}`}},
	{class: "L11", title: "cursors that say something", check: checkOpaqueCursors},
	{class: "L12", title: "cursors of somebody else, of another list, of another policy", check: checkForeignCursors},
	{class: "L13", title: "pages with gaps", check: checkPages},
	{class: "L14", title: "ids that tell when and how many", check: checkRandomIDs},
	{class: "L15", title: "counts, at the root and nested", documents: []string{`{
		children { totalCount }
		caseFiles { totalCount }
		notes { totalCount }
		consents { totalCount }
		users { totalCount }
		volunteers { totalCount }
		bestInterestsProcedures { totalCount }
	}`, `{
		countries(first: 100) { nodes { children { totalCount } caseFiles { totalCount } users { totalCount } } }
		interventions(first: 100) {
			totalCount
			nodes { children { totalCount } caseFiles(where: {risk: {eq: HIGH}}) { totalCount } }
		}
	}`}},
	{
		class: "L16", title: "aggregates of a masked field",
		notApplicable: "the API has no aggregates but totalCount, which L15 holds",
	},
	{class: "L17", title: "groups that only hidden rows make", notApplicable: "the API does not group"},
	{class: "L18", title: "conditions on aggregates", documents: []string{`{
		countries(where: {children: {count: {gte: 1}}}, first: 100) { nodes { iso2 } }
		offices(where: {caseFiles: {count: {eq: 0}}}, first: 100) { nodes { code } }
		i: interventions(where: {children: {count: {in: [0]}}}, first: 100) { totalCount }
	}`}},
	{class: "L19", title: "small cells", check: checkSmallCells},
	{class: "L20", title: "differences of counts, and what joins two audits", check: checkCountDifferences},
	{class: "L21", title: "histograms and series of tiny bins", check: checkTinyBins},
	{class: "L22", title: "hidden and absent by id", check: checkHiddenLikeAbsent}, // BenchmarkTiming measures the time
	{class: "L23", title: "an id of another type", check: func(p *worldPair) {
		for _, id := range p.hiddenIDs() {
			one := p.askBothWorlds(fmt.Sprintf(`{country(id:%q){id}}`, id), nil)
			other := p.askBothWorlds(fmt.Sprintf(`{country(id:%q){id}}`, id[:4]+"AAAAAAAAAAAAAAAAAAAAAA"), nil)
			if one.Code() != "INVALID" || one.Body != other.Body {
				p.Errorf("%s %s", one.Body, other.Body)
			}
		}
	}},
	{class: "L24", title: "an edge from a visible row to a hidden one", documents: []string{`{
		caseFiles(first: 50) {
			nodes { id child { id caseCode givenName place { code } } owner { displayName } intervention { code } }
		}
		referrals(first: 50) { nodes { id caseFile { code child { caseCode } } consent { state } } }
		notes(first: 50) { nodes { id body author { displayName } caseFile { code } } }
	}`, `{
		deployments(first: 50) { nodes { id volunteer { givenName code } partner { code } intervention { code } } }
		activities(first: 50) { nodes { responsible { displayName } partner { code } } }
	}`}},
	{class: "L25", title: "the same list by edges, nodes and back", documents: []string{`{
		children(first: 20) {
			edges {
				node {
					id sex
					caseFiles { edges { node { id child { sex } } } nodes { id child { id sex givenName } } }
				}
			}
			nodes { id sex }
		}
	}`}, check: func(p *worldPair) {
		for _, id := range p.hiddenIDs() {
			if a := p.askBothWorlds(fmt.Sprintf(`{nodes(ids:[%q]){__typename id}}`, id), nil); a.At("nodes.0") != nil {
				p.Errorf("%s", a.Body)
			}
		}
	}},
	{class: "L26", title: "fragments, aliases and directives", documents: []string{`query Q($yes: Boolean = true) {
		children(first: 20) {
			nodes { ... on Node { id } ... on Child { x: givenName sex @include(if: $yes) } ...f @skip(if: false) }
		}
	}
	fragment f on Child { givenName y: sex masked }`}},
	{class: "L27", title: "holes in lists", documents: []string{`{
		countries(first: 100) {
			nodes {
				iso2
				children(first: 3) { nodes { id } pageInfo { hasNextPage } }
				offices { nodes { code caseFiles(last: 2) { nodes { id } } } }
			}
		}
	}`}},
	{class: "L28", title: "what the schema tells a role", check: func(p *worldPair) {
		admin := p.hubs[0].As("admin@demo", "").Ask(introspectionQuery, nil)
		if a := p.callerB.Ask(introspectionQuery, nil); a.Body != admin.Body {
			p.Error("the schema is not the same for every role")
		}
	}},
	{class: "L29", title: "what a mutation answers", check: checkMutationPayload},
	{class: "L30", title: "unique keys over hidden rows", check: checkHiddenCodesAreFree},
	{class: "L31", title: "references to hidden rows", check: checkReferences},
	{class: "L32", title: "writes to hidden and absent rows", check: checkHiddenWrites},
	{class: "L33", title: "stale versions of hidden rows", check: func(p *worldPair) {
		for _, v := range []int{1, 99} {
			id := p.hiddenIDs()[0]
			doc := fmt.Sprintf(`mutation{updateChild(input:{id:%q,version:%d,sex:MALE}){child{id}}}`, id, v)
			a := p.askBothWorlds(doc, nil)
			if a.Code() != p.hiddenRowCode() {
				p.Errorf("%s", a.Body)
			}
		}
	}},
	{class: "L34", title: "validation before authorisation", check: func(p *worldPair) {
		a := p.askBothWorlds(fmt.Sprintf(
			`mutation{updateChild(input:{id:%q,version:1,caseCode:%q}){child{id}}}`,
			p.hiddenIDs()[0], strings.Repeat("x", 999),
		), nil)
		if a.Code() != p.hiddenRowCode() {
			p.Errorf("%s", a.Body)
		}
		b := p.askBothWorlds(`mutation{createSetting(input:{name:"demonstration",value:"x"}){setting{id}}}`, nil)
		if b.Code() != "FORBIDDEN" && p.role != "platform_admin" { // this role may write settings
			p.Errorf("%s", b.Body)
		}
	}},
	{class: "L35", title: "rows moved out of, or into, one's scope", check: checkScopeMoves},
	{class: "L36", title: "somebody else's idempotency key", check: checkIdempotencyKeys},
	{class: "L37", title: "imports that tell what exists", check: checkImports},
	{class: "L38", title: "events of hidden changes", check: checkHiddenEvents},
	{class: "L39", title: "search and suggestions", check: func(p *worldPair) {
		// Suggestions come from the schema, which is the same in both worlds. Anonymous callers get none.
		a := p.askBothWorlds(`{childrn{totalCount}}`, nil)
		if suggests := strings.Contains(a.Body, "children"); suggests != (p.role != "public") {
			p.Errorf("suggests a name: %t, want the opposite: %s", suggests, a.Body)
		}
	}},
	{class: "L40", title: "exports", check: checkExports},
	{class: "L41", title: "attachments", notApplicable: "the hub keeps no files: a resource has a link or a hash"},
	{class: "L42", title: "errors of the database", check: checkDatabaseErrors},
	{class: "L43", title: "logs", check: func(p *worldPair) {
		for _, d := range []string{
			`{children(where:{caseCode:{eq:"CNRY-asked"}}){totalCount}}`, `{node(id:"CNRY-asked"){id}}`,
			`{nope(x:"CNRY-asked")}`, `mutation{updateChild(input:{id:"CNRY-asked",version:1}){child{id}}}`,
		} {
			p.callerA.Ask(d, nil)
		}
		for _, api := range p.hubs {
			if strings.Contains(api.Log.String(), canary) {
				p.Errorf("the log holds a value: %s", api.Log)
			}
		}
	}},
	// BenchmarkTiming measures the time. This check only compares the numbers of statements.
	{class: "L44", title: "time", check: func(p *worldPair) {
		hidden := countNodeStatements(p, p.hiddenIDs()[0])
		none := countNodeStatements(p, p.hiddenIDs()[0][:4]+"AAAAAAAAAAAAAAAAAAAAAA")
		if hidden != none {
			p.Errorf("%d statements for a hidden row, %d for none", hidden, none)
		}
	}},
	{class: "L45", title: "caches", check: checkCaches},
	{class: "L46", title: "costs and limits", documents: []string{`{
		children(first: 100) { nodes { caseFiles(first: 100) { nodes { notes(first: 100) { nodes { id } } } } } }
	}`, `{countries(first:100){nodes{children(first:100){nodes{id}}}}}`}},
	{class: "L47", title: "many ids in one request", check: func(p *worldPair) {
		ids := strings.Repeat(`"`+p.hiddenIDs()[0]+`",`, 101)
		if a := p.askBothWorlds(`{nodes(ids:[`+ids+`]){id}}`, nil); a.Code() != "INVALID" {
			p.Errorf("%.300s", a.Body)
		}
		fields := repeatWithAliases(51, fmt.Sprintf(`node(id:%q){id}`, p.hiddenIDs()[0]))
		if a := p.callerA.Ask(`{`+fields+`}`, nil); a.Code() != "TOO_COMPLEX" {
			p.Errorf("%.300s", a.Body)
		}
	}},
	{class: "L48", title: "times and versions that hidden rows move", documents: []string{`{
		countries(first: 100) { nodes { updatedAt version } }
		offices(first: 100) { nodes { updatedAt version } }
		interventions(first: 100, where: {not: {or: [{code: {hasPrefix: "T-"}}, {code: {hasPrefix: "CD-"}}]}}) {
			nodes { updatedAt version }
		}
		caseFiles(first: 50, where: {version: {eq: 1}}) { nodes { id updatedAt version } }
	}`}},
}

// internalTerms matches terms that occur in errors of a database or of the program only.
var internalTerms = regexp.MustCompile(
	`(?i)sql|constraint|pq:|postgres|column|relation|goroutine|\.go:|syntax error at|violates|panic`,
)

// checkDatabaseErrors sends texts that might cause an error of the database, and checks that no error comes from there.
func checkDatabaseErrors(p *worldPair) {
	errors := 0
	for i := range 500 {
		probe := []string{
			`'`, `"`, `\\`, `%`, `--`, `;`, `\u0000`, `\ud800`, `$1`, `?`, `1e309`, `{}`, `[]`, `\n`,
			strings.Repeat("x", 300),
		}[i%15]
		doc := []string{
			`{children(where:{caseCode:{%s:"%s"}}){totalCount}}`,
			`{offices(where:{name:{%s:"%s"}}){totalCount}}`,
			`{interventions(where:{crcArticles:{%s:"%s"}}){totalCount}}`,
			`{activities(where:{startsOn:{%s:"%s"}}){totalCount}}`,
			`{countries(where:{id:{%s:"%s"}}){totalCount}}`,
			`{fundingLines(where:{amount:{%s:"%s"}}){totalCount}}`,
		}[i%6]
		a := p.askBothWorlds(fmt.Sprintf(doc, []string{"eq", "contains", "hasPrefix", "gt", "in"}[i%5], probe), nil)
		for _, e := range a.Errors {
			errors++
			if internalTerms.MatchString(e.Message) || e.Extensions.Code != "INVALID" {
				p.Errorf("%s: %s", doc, a.Body)
			}
		}
	}
	if errors < 100 {
		p.Errorf("only %d errors were read", errors)
	}
}

// checkCaches sends a document as callers who see more than the watcher, and checks that the watcher's answer to the
// same document stays the same.
func checkCaches(p *worldPair) {
	doc := `{children(first:5,orderBy:[{field:CASE_CODE}]){totalCount nodes{id givenName caseCode}}}`
	before := p.askBothWorlds(doc, nil)
	api := p.hubs[0]
	api.As("supervisor.bf@demo", "services").Ask(doc, nil).RequireOK()
	api.As("coordinator.cd@demo", "services").Ask(doc, nil).RequireOK()
	if after := p.askBothWorlds(doc, nil); after.Body != before.Body {
		p.Errorf("%s became %s", before.Body, after.Body)
	}
	header := p.callerA.Send(p.Context(), `{"query":"{viewer{purpose}}"}`).Header()
	control := header.Get("Cache-Control")
	if !strings.Contains(control, "no-store") && !strings.Contains(control, "private") {
		p.Errorf("a shared cache may store the answer: %v", header)
	}
}
