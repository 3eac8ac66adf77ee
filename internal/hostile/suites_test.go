package hostile

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// suiteCheck is one check of a public test suite, rewritten here, with the suite's rule for a finding.
type suiteCheck struct {
	suite, name    string
	request        request
	wantRefusal    string             // code and rule that a signed-in user gets; "" where an answer is right
	finds          func(*answer) bool // the suite's rule: reports whether an answer is a finding
	weakAnswer     string             // answer of a weak hub, in which the rule must find something
	acceptedReason string             // why the finding is accepted, unless --no-introspection removes it
}

// noIntrospection is the setting that removes the accepted findings.
const noIntrospection = "--no-introspection"

// suiteChecks are the checks of the suites, in the order of the suites, and some of our own.
var suiteChecks = []suiteCheck{
	{
		"graphql-cop", "field suggestions",
		postDocument(`{__schema{directive}}`), "INVALID",
		findsMessage("Did you mean"), `{"errors":[{"message":"Did you mean \"directives\"?"}]}`,
		"signed-in users find their mistakes with it; introspection shows them the same names",
	},
	{
		"graphql-cop", "introspection",
		postDocument(`{__schema{types{name fields{name}}}}`), "FORBIDDEN",
		findsField("__schema"), `{"data":{"__schema":{}}}`, "signed-in users write clients with it",
	},
	{
		"graphql-cop", "GraphQL IDE at /graphiql",
		getPath("/graphiql"), "",
		findsIDE, `<title>GraphiQL</title>`,
		"people explore the demonstration with it; it asks for a token and holds no data",
	},
	{"graphql-cop", "GraphQL IDE at /playground", getPath("/playground"), "", findsIDE, `GraphQL Playground`, ""},
	{"graphql-cop", "GraphQL IDE at /console", getPath("/console"), "", findsIDE, `graphiql.min.css`, ""},
	{"graphql-cop", "GraphQL IDE at /graphql", getPath("/graphql"), "INVALID", findsIDE, `graphql-playground`, ""},
	{
		"graphql-cop", "GET method query",
		getPath("/graphql?query=%7B__typename%7D"), "INVALID",
		findsField("__typename"), `{"data":{"__typename":"Query"}}`, "",
	},
	{
		"graphql-cop", "GET based mutation",
		getPath("/graphql?query=mutation%7B__typename%7D"), "INVALID",
		findsField("__typename"), `{"data":{"__typename":"Mutation"}}`, "",
	},
	{
		"graphql-cop", "POST with the query in the URL",
		request{"POST", "/graphql?query=%7B__typename%7D", "", ""}, "INVALID",
		findsField("__typename"), `{"data":{"__typename":"Query"}}`, "",
	},
	{
		"graphql-cop", "POST url-encoded",
		request{"POST", "/graphql", "application/x-www-form-urlencoded", "query=%7B__typename%7D"}, "INVALID",
		findsField("__typename"), `{"data":{"__typename":"Query"}}`, "",
	},
	{
		"graphql-cop", "alias overloading",
		postDocument("{" + repeatNumbered(101, "alias%d:__typename ") + "}"), "TOO_COMPLEX aliases",
		findsField("alias100"), `{"data":{"alias100":"Query"}}`, "",
	},
	{
		"graphql-cop", "array-based batching",
		postBody(repeatInList(11, "{__typename}")),
		"INVALID",
		findsBatch, `[{},{},{},{},{},{},{},{},{},{}]`, "",
	},
	{
		"graphql-cop", "directive overloading",
		postDocument("{__typename" + strings.Repeat(" @aa", 10) + "}"), "TOO_COMPLEX directivesHere",
		func(a *answer) bool { return len(a.Errors) == 10 }, `{"errors":[` + strings.Repeat(`{},`, 9) + `{}]}`, "",
	},
	{
		"graphql-cop", "field duplication",
		postDocument("{" + strings.Repeat("__typename ", 500) + "}"), "TOO_COMPLEX rootFields",
		findsField("__typename"), `{"data":{"__typename":"Query"}}`, "",
	},
	{
		"graphql-cop", "circular introspection",
		postDocument("{__schema{types{fields{type{" + strings.Repeat("fields{type{", 3) + "name" +
			strings.Repeat("}", 11)),
		"TOO_COMPLEX introspectionDepth",
		findsField("__schema"), `{"data":{"__schema":{}}}`, "",
	},
	{
		"graphql-cop", "circular fragment",
		postDocument("{__schema{...a}} fragment a on __Schema{__typename ...b} fragment b on __Schema{...a}"),
		"INVALID",
		func(a *answer) bool { return len(a.Errors) == 0 }, `{"data":{}}`, "",
	},
	{
		"graphql-cop", "trace mode",
		postDocument(`{__typename}`), "",
		findsTrace, `{"data":{},"extensions":{"tracing":{}}}`, "",
	},
	{
		"graphql-cop", "unhandled error",
		postDocument(`neither query nor{mutation}`), "INVALID",
		findsTrace, `{"errors":[{"extensions":{"exception":{"stacktrace":[]}}}]}`, "",
	},

	{
		"BatchQL", "introspection",
		postDocument(`{__schema{queryType{name} types{...t}}} fragment t on __Type{kind name fields{name args{name}}}`),
		"FORBIDDEN",
		findsField("__schema"), `{"data":{"__schema":{}}}`, "as for introspection by graphql-cop",
	},
	{
		"BatchQL", "suggestions",
		postDocument("{" + repeatNumbered(1000, "word%d ") + "}"), "TOO_COMPLEX rootFields",
		findsMessage("Did you mean", "Cannot query field"),
		`{"errors":[{"message":"Cannot query field \"word1\" on type \"Query\"."}]}`, "",
	},
	{
		"BatchQL", "CSRF by GET",
		getPath("/graphql?query=%7Ba%7D"), "INVALID",
		findsMessage("Cannot query field"),
		`{"errors":[{"message":"Cannot query field \"a\" on type \"Query\"."}]}`, "",
	},
	{
		"BatchQL", "CSRF by POST",
		request{"POST", "/graphql", "application/x-www-form-urlencoded", "query=%7Ba%7D"}, "INVALID",
		findsMessage("Cannot query field"),
		`{"errors":[{"message":"Cannot query field \"a\" on type \"Query\"."}]}`, "",
	},
	{
		"BatchQL", "batching by name",
		postDocument(`{a:Query{x} b:Query{x}}`), "INVALID",
		func(a *answer) bool { return len(a.Errors) > 1 }, `{"errors":[{},{}]}`,
		"the hub reports up to ten mistakes per document; it allows 50 root fields, and charges for each",
	},
	{
		"BatchQL", "batching by a list",
		postBody("[" + encodeDocument("{a:Query{x}}") + "," + encodeDocument("{a:Query{x}}") + "]"), "INVALID",
		findsBatch, `[{},{}]`, "",
	},

	{
		"CrackQL", "a hundred guesses under aliases",
		postDocument("{" + repeatNumbered(100, `guess%d:country(id:"%[1]d"){id}`) + "}"), "TOO_COMPLEX rootFields",
		findsField("guess0"), `{"data":{"guess0":null}}`, "",
	},
	{
		"CrackQL", "a hundred mutations under aliases",
		postDocument("mutation{" + repeatNumbered(100,
			`guess%d:openEmergencyAccess(input:{countryId:"x" caseCode:"%[1]d" reason:"x"}){__typename}`) + "}"),
		"TOO_COMPLEX rootFields",
		findsField("guess0"), `{"data":{"guess0":null}}`, "",
	},

	{
		"ours", "text/plain, which web pages may send to any host",
		request{"POST", "/graphql", "text/plain", encodeDocument("{__typename}")}, "INVALID",
		findsField("__typename"), `{"data":{"__typename":"Query"}}`, "",
	},
	{
		"ours", "ten thousand requests in a list",
		postBody(repeatInList(10_000, "{__typename}")),
		"INVALID",
		findsBatch, `[{},{}]`, "",
	},
}

// repeatNumbered writes a pattern n times, each time with its number from 0.
func repeatNumbered(n int, pattern string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, pattern, i)
	}
	return b.String()
}

// repeatInList is the body of a batch that asks n times for a document.
func repeatInList(n int, document string) string {
	body := encodeDocument(document)
	return "[" + strings.Repeat(body+",", n-1) + body + "]"
}

// findsField finds an answer with this field in its data.
func findsField(name string) func(*answer) bool {
	return func(a *answer) bool { _, ok := a.Data[name]; return ok }
}

// findsMessage finds an answer with one of these texts in an error.
func findsMessage(words ...string) func(*answer) bool {
	return func(a *answer) bool {
		return slices.ContainsFunc(a.errorMessages(), func(m string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(m, w) })
		})
	}
}

// findsIDE finds a page with a GraphQL IDE.
func findsIDE(a *answer) bool {
	text := strings.ToLower(a.text)
	return a.status < 400 && (strings.Contains(text, "graphiql") || strings.Contains(text, "playground"))
}

// findsBatch finds an answer that holds several answers.
func findsBatch(a *answer) bool { return strings.HasPrefix(strings.TrimSpace(a.text), "[") }

// findsTrace finds details of the running program, which only its operators should read.
func findsTrace(a *answer) bool {
	traces := []string{`"tracing"`, `"exception"`, "stacktrace", "goroutine", ".go:"}
	return slices.ContainsFunc(traces, func(w string) bool { return strings.Contains(a.text, w) })
}

// overloadChecks are the documents that the server's own tests refuse. The first line of each is the expected refusal.
func overloadChecks(t *testing.T) (out []suiteCheck) {
	t.Helper()
	paths, err := filepath.Glob("../server/testdata/hostile/*.graphql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(text), "\n")
		out = append(out, suiteCheck{
			suite: "ours", name: filepath.Base(path), request: postDocument(string(text)),
			wantRefusal: strings.TrimPrefix(head, "# "),
			finds:       func(a *answer) bool { return a.Data != nil },
			weakAnswer:  `{"data":{}}`,
		})
	}
	return out
}

// refusalDeadline is the longest time that a refusal may take, as the client measures it. A busy machine can be slower,
// so one of several attempts must meet it.
const refusalDeadline = 50 * time.Millisecond

// fastestAnswer sends a request up to ten times, until an answer meets refusalDeadline. It returns the fastest answer.
func (h *target) fastestAnswer(q request, token string) *answer {
	h.Helper()
	best := h.sendRequest(q, token)
	for range 9 {
		if best.duration <= refusalDeadline {
			break
		}
		if a := h.sendRequest(q, token); a.duration < best.duration {
			best = a
		}
	}
	return best
}

// TestSuites runs the checks with a volunteer's token and without a token. The suites must find nothing except what is
// accepted, and with --no-introspection nothing at all. The hub must refuse attempts to overload it soon, with little
// memory and for the right reason.
func TestSuites(t *testing.T) {
	all := append(slices.Clone(suiteChecks), overloadChecks(t)...)
	for _, c := range all {
		if !c.finds(parseAnswer(200, c.weakAnswer, 0)) {
			t.Errorf("%s, %s: the rule finds nothing in the weak answer %s", c.suite, c.name, c.weakAnswer)
		}
	}
	for _, settings := range [][]string{nil, {noIntrospection}} {
		h := startHub(t, settings...)
		h.sendRequest(postDocument("{viewer{purpose}}"), h.token)
		before := h.residentMemory()
		constant := h.sendRequest(postBody(""), "").text
		for _, c := range all {
			h.checkAsStranger(c, constant, settings == nil)
			h.checkAsVolunteer(c, settings == nil)
		}
		grown := h.residentMemory() - before
		if t.Logf("%v: the hub has grown by %d KiB", settings, grown); grown > 64<<10 {
			t.Errorf("%v: all of it takes %d KiB", settings, grown)
		}
	}
}

// checkAsStranger makes a check without a token. Every request to /graphql must get the same answer within
// refusalDeadline. Findings elsewhere are allowed where they are accepted.
func (h *target) checkAsStranger(c suiteCheck, constant string, acceptFindings bool) {
	h.Helper()
	a := h.fastestAnswer(c.request, "")
	graphql := strings.HasPrefix(c.request.path, "/graphql")
	if graphql && (a.status != 401 || a.text != constant || a.duration > refusalDeadline) {
		h.Errorf("%s, %s, without a token: status %d after %v: %.300s", c.suite, c.name, a.status, a.duration, a.text)
	}
	if want := !graphql && acceptFindings && c.acceptedReason != ""; c.finds(a) != want {
		h.Errorf("%s, %s, without a token: found is %v, want %v: %.300s", c.suite, c.name, !want, want, a.text)
	}
}

// checkAsVolunteer makes a check with a volunteer's token.
func (h *target) checkAsVolunteer(c suiteCheck, acceptFindings bool) {
	h.Helper()
	a := h.fastestAnswer(c.request, h.token)
	accepted := acceptFindings && c.acceptedReason != ""
	if c.finds(a) != accepted {
		h.Errorf("%s, %s: found is %v, want %v: %.300s", c.suite, c.name, !accepted, accepted, a.text)
	}
	if !accepted && (a.refusalCode() != c.wantRefusal || a.duration > refusalDeadline || len(a.text) > 8<<10) {
		h.Errorf("%s, %s: refused with %q, want %q, after %v: %.300s",
			c.suite, c.name, a.refusalCode(), c.wantRefusal, a.duration, a.text)
	}
}
