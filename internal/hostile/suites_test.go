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

// suiteCheck is one of a public suite, asked in words of our own, with the suite's rule for what is a finding.
type suiteCheck struct {
	suite, name    string
	request        request
	wantRefusal    string             // code and rule, for somebody who is signed in; "" where an answer is right
	finds          func(*answer) bool // the suite's rule
	weakAnswer     string             // an answer of a weak hub, in which the rule finds something
	acceptedReason string             // why the suite finds something on purpose; it does not with --no-introspection
}

// noIntrospection is what ends findings that are meant.
const noIntrospection = "--no-introspection"

// suiteChecks are those of the suites, in the suites' order.
var suiteChecks = []suiteCheck{
	{"graphql-cop", "field suggestions", postDocument(`{__schema{directive}}`), "INVALID", findsMessage("Did you mean"), `{"errors":[{"message":"Did you mean \"directives\"?"}]}`, ""},
	{"graphql-cop", "introspection", postDocument(`{__schema{types{name fields{name}}}}`), "FORBIDDEN", findsField("__schema"), `{"data":{"__schema":{}}}`, "whoever signs in writes clients by it"},
	{"graphql-cop", "GraphQL IDE at /graphiql", getPath("/graphiql"), "", findsIDE, `<title>GraphiQL</title>`, "people look at a demonstration by it; it asks for a token, and holds no data"},
	{"graphql-cop", "GraphQL IDE at /playground", getPath("/playground"), "", findsIDE, `GraphQL Playground`, ""},
	{"graphql-cop", "GraphQL IDE at /console", getPath("/console"), "", findsIDE, `graphiql.min.css`, ""},
	{"graphql-cop", "GraphQL IDE at /graphql", getPath("/graphql"), "INVALID", findsIDE, `graphql-playground`, ""},
	{"graphql-cop", "GET method query", getPath("/graphql?query=%7B__typename%7D"), "INVALID", findsField("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"graphql-cop", "GET based mutation", getPath("/graphql?query=mutation%7B__typename%7D"), "INVALID", findsField("__typename"), `{"data":{"__typename":"Mutation"}}`, ""},
	{"graphql-cop", "POST with the query in the URL", request{"POST", "/graphql?query=%7B__typename%7D", "", ""}, "INVALID", findsField("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"graphql-cop", "POST url-encoded", request{"POST", "/graphql", "application/x-www-form-urlencoded", "query=%7B__typename%7D"}, "INVALID", findsField("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"graphql-cop", "alias overloading", postDocument("{" + repeatNumbered(101, "alias%d:__typename ") + "}"), "TOO_COMPLEX aliases", findsField("alias100"), `{"data":{"alias100":"Query"}}`, ""},
	{"graphql-cop", "array-based batching", postBody("[" + strings.Repeat(encodeDocument("{__typename}")+",", 10) + encodeDocument("{__typename}") + "]"), "INVALID", findsBatch, `[{},{},{},{},{},{},{},{},{},{}]`, ""},
	{"graphql-cop", "directive overloading", postDocument("{__typename" + strings.Repeat(" @aa", 10) + "}"), "TOO_COMPLEX directivesHere", func(a *answer) bool { return len(a.Errors) == 10 }, `{"errors":[` + strings.Repeat(`{},`, 9) + `{}]}`, ""},
	{"graphql-cop", "field duplication", postDocument("{" + strings.Repeat("__typename ", 500) + "}"), "TOO_COMPLEX rootFields", findsField("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"graphql-cop", "circular introspection", postDocument("{__schema{types{fields{type{" + strings.Repeat("fields{type{", 3) + "name" + strings.Repeat("}", 11)), "TOO_COMPLEX introspectionDepth", findsField("__schema"), `{"data":{"__schema":{}}}`, ""},
	{"graphql-cop", "circular fragment", postDocument("{__schema{...a}} fragment a on __Schema{__typename ...b} fragment b on __Schema{...a}"), "INVALID", func(a *answer) bool { return len(a.Errors) == 0 }, `{"data":{}}`, ""},
	{"graphql-cop", "trace mode", postDocument(`{__typename}`), "", findsTrace, `{"data":{},"extensions":{"tracing":{}}}`, ""},
	{"graphql-cop", "unhandled error", postDocument(`neither query nor{mutation}`), "INVALID", findsTrace, `{"errors":[{"extensions":{"exception":{"stacktrace":[]}}}]}`, ""},

	{"BatchQL", "introspection", postDocument(`{__schema{queryType{name} types{...t}}} fragment t on __Type{kind name fields{name args{name}}}`), "FORBIDDEN", findsField("__schema"), `{"data":{"__schema":{}}}`, "as above"},
	{"BatchQL", "suggestions", postDocument("{" + repeatNumbered(1000, "word%d ") + "}"), "TOO_COMPLEX rootFields", findsMessage("Did you mean", "Cannot query field"), `{"errors":[{"message":"Cannot query field \"word1\" on type \"Query\"."}]}`, ""},
	{"BatchQL", "CSRF by GET", getPath("/graphql?query=%7Ba%7D"), "INVALID", findsMessage("Cannot query field"), `{"errors":[{"message":"Cannot query field \"a\" on type \"Query\"."}]}`, ""},
	{"BatchQL", "CSRF by POST", request{"POST", "/graphql", "application/x-www-form-urlencoded", "query=%7Ba%7D"}, "INVALID", findsMessage("Cannot query field"), `{"errors":[{"message":"Cannot query field \"a\" on type \"Query\"."}]}`, ""},
	{"BatchQL", "batching by name", postDocument(`{a:Query{x} b:Query{x}}`), "INVALID", func(a *answer) bool { return len(a.Errors) > 1 }, `{"errors":[{},{}]}`, "a document is told all its mistakes, up to ten; 50 root fields may be asked, and each costs what it asks"},
	{"BatchQL", "batching by a list", postBody("[" + encodeDocument("{a:Query{x}}") + "," + encodeDocument("{a:Query{x}}") + "]"), "INVALID", findsBatch, `[{},{}]`, ""},

	{"CrackQL", "a hundred guesses under aliases", postDocument("{" + repeatNumbered(100, `guess%d:country(id:"%[1]d"){id}`) + "}"), "TOO_COMPLEX rootFields", findsField("guess0"), `{"data":{"guess0":null}}`, ""},
	{"CrackQL", "a hundred mutations under aliases", postDocument("mutation{" + repeatNumbered(100, `guess%d:openEmergencyAccess(input:{countryId:"x" caseCode:"%[1]d" reason:"x"}){__typename}`) + "}"), "TOO_COMPLEX rootFields", findsField("guess0"), `{"data":{"guess0":null}}`, ""},

	{"ours", "text/plain, which pages send anywhere", request{"POST", "/graphql", "text/plain", encodeDocument("{__typename}")}, "INVALID", findsField("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"ours", "ten thousand in a list", postBody("[" + strings.Repeat(encodeDocument("{__typename}")+",", 9_999) + encodeDocument("{__typename}") + "]"), "INVALID", findsBatch, `[{},{}]`, ""},
}

// repeatNumbered writes a pattern a number of times, each time with its number.
func repeatNumbered(n int, pattern string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, pattern, i)
	}
	return b.String()
}

// findsField finds a field of the data.
func findsField(name string) func(*answer) bool {
	return func(a *answer) bool { _, ok := a.Data[name]; return ok }
}

// findsMessage finds words in an error.
func findsMessage(words ...string) func(*answer) bool {
	return func(a *answer) bool {
		return slices.ContainsFunc(a.errorMessages(), func(m string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(m, w) })
		})
	}
}

// findsIDE finds an IDE for people.
func findsIDE(a *answer) bool {
	text := strings.ToLower(a.text)
	return a.status < 400 && (strings.Contains(text, "graphiql") || strings.Contains(text, "playground"))
}

// findsBatch finds several answers to several requests in one.
func findsBatch(a *answer) bool { return strings.HasPrefix(strings.TrimSpace(a.text), "[") }

// findsTrace finds what only those who run a hub should read.
func findsTrace(a *answer) bool {
	return slices.ContainsFunc([]string{`"tracing"`, `"exception"`, "stacktrace", "goroutine", ".go:"}, func(w string) bool { return strings.Contains(a.text, w) })
}

// overloadChecks are the documents that the server's own tests refuse. The first line of each says why.
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
		out = append(out, suiteCheck{"ours", filepath.Base(path), postDocument(string(text)), strings.TrimPrefix(head, "# "), func(a *answer) bool { return a.Data != nil }, `{"data":{}}`, ""})
	}
	return out
}

// refusalDeadline is how long a refusal may take, as who asks feels it. The machine has other things to do: one of some attempts counts.
const refusalDeadline = 50 * time.Millisecond

// fastestAnswer asks until the answer comes soon.
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

// The public suites find nothing with a token of little power and with none, but for what is meant, and that has a setting
// that turns it off. What they overload with is refused soon, in little memory, and for the right reason.
func TestSuites(t *testing.T) {
	all := append(slices.Clone(suiteChecks), overloadChecks(t)...)
	for _, c := range all {
		if !c.finds(parseAnswer(200, c.weakAnswer, 0)) {
			t.Errorf("%s, %s: finds nothing in %s", c.suite, c.name, c.weakAnswer)
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

// checkAsStranger makes a check without a token: whatever is sent to /graphql, one answer comes, and soon.
func (h *target) checkAsStranger(c suiteCheck, constant string, told bool) {
	h.Helper()
	a := h.fastestAnswer(c.request, "")
	graphql := strings.HasPrefix(c.request.path, "/graphql")
	if graphql && (a.status != 401 || a.text != constant || a.duration > refusalDeadline) {
		h.Errorf("%s, %s, of nobody: %d after %v: %.300s", c.suite, c.name, a.status, a.duration, a.text)
	}
	if c.finds(a) != (!graphql && told && c.acceptedReason != "") {
		h.Errorf("%s, %s: of nobody, found is %v: %.300s", c.suite, c.name, c.finds(a), a.text)
	}
}

// checkAsVolunteer makes a check with a token of little power.
func (h *target) checkAsVolunteer(c suiteCheck, told bool) {
	h.Helper()
	a := h.fastestAnswer(c.request, h.token)
	meant := told && c.acceptedReason != ""
	if c.finds(a) != meant {
		h.Errorf("%s, %s: found is %v: %.300s", c.suite, c.name, c.finds(a), a.text)
	}
	if !meant && (a.refusalCode() != c.wantRefusal || a.duration > refusalDeadline || len(a.text) > 8<<10) {
		h.Errorf("%s, %s: %q after %v: %.300s", c.suite, c.name, a.refusalCode(), a.duration, a.text)
	}
}
