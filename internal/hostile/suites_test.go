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

// check is one of a public suite, asked in words of our own, with the suite's rule for what is a finding.
type check struct {
	suite, name string
	request     request
	refusal     string             // code and rule, for somebody who is signed in; "" where an answer is right
	found       func(*answer) bool // the suite's rule
	weak        string             // an answer of a weak hub, in which the rule finds something
	meant       string             // why the suite finds something on purpose; it does not with --no-introspection
}

// untold is what ends findings that are meant.
const untold = "--no-introspection"

// checks are those of the suites, in the suites' order.
var checks = []check{
	{"graphql-cop", "field suggestions", post(`{__schema{directive}}`), "INVALID", says("Did you mean"), `{"errors":[{"message":"Did you mean \"directives\"?"}]}`, ""},
	{"graphql-cop", "introspection", post(`{__schema{types{name fields{name}}}}`), "FORBIDDEN", has("__schema"), `{"data":{"__schema":{}}}`, "whoever signs in writes clients by it"},
	{"graphql-cop", "GraphQL IDE at /graphiql", get("/graphiql"), "", page, `<title>GraphiQL</title>`, "people look at a demonstration by it; it asks for a token, and holds no data"},
	{"graphql-cop", "GraphQL IDE at /playground", get("/playground"), "", page, `GraphQL Playground`, ""},
	{"graphql-cop", "GraphQL IDE at /console", get("/console"), "", page, `graphiql.min.css`, ""},
	{"graphql-cop", "GraphQL IDE at /graphql", get("/graphql"), "INVALID", page, `graphql-playground`, ""},
	{"graphql-cop", "GET method query", get("/graphql?query=%7B__typename%7D"), "INVALID", has("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"graphql-cop", "GET based mutation", get("/graphql?query=mutation%7B__typename%7D"), "INVALID", has("__typename"), `{"data":{"__typename":"Mutation"}}`, ""},
	{"graphql-cop", "POST with the query in the URL", request{"POST", "/graphql?query=%7B__typename%7D", "", ""}, "INVALID", has("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"graphql-cop", "POST url-encoded", request{"POST", "/graphql", "application/x-www-form-urlencoded", "query=%7B__typename%7D"}, "INVALID", has("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"graphql-cop", "alias overloading", post("{" + many(101, "alias%d:__typename ") + "}"), "TOO_COMPLEX aliases", has("alias100"), `{"data":{"alias100":"Query"}}`, ""},
	{"graphql-cop", "array-based batching", postBody("[" + strings.Repeat(written("{__typename}")+",", 10) + written("{__typename}") + "]"), "INVALID", list, `[{},{},{},{},{},{},{},{},{},{}]`, ""},
	{"graphql-cop", "directive overloading", post("{__typename" + strings.Repeat(" @aa", 10) + "}"), "TOO_COMPLEX directivesHere", func(a *answer) bool { return len(a.Errors) == 10 }, `{"errors":[` + strings.Repeat(`{},`, 9) + `{}]}`, ""},
	{"graphql-cop", "field duplication", post("{" + strings.Repeat("__typename ", 500) + "}"), "TOO_COMPLEX rootFields", has("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"graphql-cop", "circular introspection", post("{__schema{types{fields{type{" + strings.Repeat("fields{type{", 3) + "name" + strings.Repeat("}", 11)), "TOO_COMPLEX introspectionDepth", has("__schema"), `{"data":{"__schema":{}}}`, ""},
	{"graphql-cop", "circular fragment", post("{__schema{...a}} fragment a on __Schema{__typename ...b} fragment b on __Schema{...a}"), "INVALID", func(a *answer) bool { return len(a.Errors) == 0 }, `{"data":{}}`, ""},
	{"graphql-cop", "trace mode", post(`{__typename}`), "", traced, `{"data":{},"extensions":{"tracing":{}}}`, ""},
	{"graphql-cop", "unhandled error", post(`neither query nor{mutation}`), "INVALID", traced, `{"errors":[{"extensions":{"exception":{"stacktrace":[]}}}]}`, ""},

	{"BatchQL", "introspection", post(`{__schema{queryType{name} types{...t}}} fragment t on __Type{kind name fields{name args{name}}}`), "FORBIDDEN", has("__schema"), `{"data":{"__schema":{}}}`, "as above"},
	{"BatchQL", "suggestions", post("{" + many(1000, "word%d ") + "}"), "TOO_COMPLEX rootFields", says("Did you mean", "Cannot query field"), `{"errors":[{"message":"Cannot query field \"word1\" on type \"Query\"."}]}`, ""},
	{"BatchQL", "CSRF by GET", get("/graphql?query=%7Ba%7D"), "INVALID", says("Cannot query field"), `{"errors":[{"message":"Cannot query field \"a\" on type \"Query\"."}]}`, ""},
	{"BatchQL", "CSRF by POST", request{"POST", "/graphql", "application/x-www-form-urlencoded", "query=%7Ba%7D"}, "INVALID", says("Cannot query field"), `{"errors":[{"message":"Cannot query field \"a\" on type \"Query\"."}]}`, ""},
	{"BatchQL", "batching by name", post(`{a:Query{x} b:Query{x}}`), "INVALID", func(a *answer) bool { return len(a.Errors) > 1 }, `{"errors":[{},{}]}`, "a document is told all its mistakes, up to ten; 50 root fields may be asked, and each costs what it asks"},
	{"BatchQL", "batching by a list", postBody("[" + written("{a:Query{x}}") + "," + written("{a:Query{x}}") + "]"), "INVALID", list, `[{},{}]`, ""},

	{"CrackQL", "a hundred guesses under aliases", post("{" + many(100, `guess%d:country(id:"%[1]d"){id}`) + "}"), "TOO_COMPLEX rootFields", has("guess0"), `{"data":{"guess0":null}}`, ""},
	{"CrackQL", "a hundred mutations under aliases", post("mutation{" + many(100, `guess%d:openEmergencyAccess(input:{countryId:"x" caseCode:"%[1]d" reason:"x"}){__typename}`) + "}"), "TOO_COMPLEX rootFields", has("guess0"), `{"data":{"guess0":null}}`, ""},

	{"ours", "text/plain, which pages send anywhere", request{"POST", "/graphql", "text/plain", written("{__typename}")}, "INVALID", has("__typename"), `{"data":{"__typename":"Query"}}`, ""},
	{"ours", "ten thousand in a list", postBody("[" + strings.Repeat(written("{__typename}")+",", 9_999) + written("{__typename}") + "]"), "INVALID", list, `[{},{}]`, ""},
}

// many writes a pattern a number of times, each time with its number.
func many(n int, pattern string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, pattern, i)
	}
	return b.String()
}

// has finds a field of the data.
func has(name string) func(*answer) bool {
	return func(a *answer) bool { _, ok := a.Data[name]; return ok }
}

// says finds words in an error.
func says(words ...string) func(*answer) bool {
	return func(a *answer) bool {
		return slices.ContainsFunc(a.messages(), func(m string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(m, w) })
		})
	}
}

// page finds an IDE for people.
func page(a *answer) bool {
	text := strings.ToLower(a.text)
	return a.status < 400 && (strings.Contains(text, "graphiql") || strings.Contains(text, "playground"))
}

// list finds several answers to several requests in one.
func list(a *answer) bool { return strings.HasPrefix(strings.TrimSpace(a.text), "[") }

// traced finds what only those who run a hub should read.
func traced(a *answer) bool {
	return slices.ContainsFunc([]string{`"tracing"`, `"exception"`, "stacktrace", "goroutine", ".go:"}, func(w string) bool { return strings.Contains(a.text, w) })
}

// overloads are the documents that the server's own tests refuse. The first line of each says why.
func overloads(t *testing.T) (out []check) {
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
		out = append(out, check{"ours", filepath.Base(path), post(string(text)), strings.TrimPrefix(head, "# "), func(a *answer) bool { return a.Data != nil }, `{"data":{}}`, ""})
	}
	return out
}

// soon is how long a refusal may take, as who asks feels it. The machine has other things to do: one of some attempts counts.
const soon = 50 * time.Millisecond

// soonest asks until the answer comes soon.
func (h *target) soonest(q request, token string) *answer {
	h.Helper()
	best := h.ask(q, token)
	for range 9 {
		if best.took <= soon {
			break
		}
		if a := h.ask(q, token); a.took < best.took {
			best = a
		}
	}
	return best
}

// The public suites find nothing with a token of little power and with none, but for what is meant, and that has a setting
// that turns it off. What they overload with is refused soon, in little memory, and for the right reason.
func TestSuites(t *testing.T) {
	all := append(slices.Clone(checks), overloads(t)...)
	for _, c := range all {
		if !c.found(answered(200, c.weak, 0)) {
			t.Errorf("%s, %s: finds nothing in %s", c.suite, c.name, c.weak)
		}
	}
	for _, settings := range [][]string{nil, {untold}} {
		h := hub(t, settings...)
		h.ask(post("{viewer{purpose}}"), h.token)
		before := h.resident()
		constant := h.ask(postBody(""), "").text
		for _, c := range all {
			h.stranger(c, constant, settings == nil)
			h.volunteer(c, settings == nil)
		}
		grown := h.resident() - before
		if t.Logf("%v: the hub has grown by %d KiB", settings, grown); grown > 64<<10 {
			t.Errorf("%v: all of it takes %d KiB", settings, grown)
		}
	}
}

// stranger makes a check without a token: whatever is sent to /graphql, one answer comes, and soon.
func (h *target) stranger(c check, constant string, told bool) {
	h.Helper()
	a := h.soonest(c.request, "")
	graphql := strings.HasPrefix(c.request.path, "/graphql")
	if graphql && (a.status != 401 || a.text != constant || a.took > soon) {
		h.Errorf("%s, %s, of nobody: %d after %v: %.300s", c.suite, c.name, a.status, a.took, a.text)
	}
	if c.found(a) != (!graphql && told && c.meant != "") {
		h.Errorf("%s, %s: of nobody, found is %v: %.300s", c.suite, c.name, c.found(a), a.text)
	}
}

// volunteer makes a check with a token of little power.
func (h *target) volunteer(c check, told bool) {
	h.Helper()
	a := h.soonest(c.request, h.token)
	meant := told && c.meant != ""
	if c.found(a) != meant {
		h.Errorf("%s, %s: found is %v: %.300s", c.suite, c.name, c.found(a), a.text)
	}
	if !meant && (a.refusal() != c.refusal || a.took > soon || len(a.text) > 8<<10) {
		h.Errorf("%s, %s: %q after %v: %.300s", c.suite, c.name, a.refusal(), a.took, a.text)
	}
}
