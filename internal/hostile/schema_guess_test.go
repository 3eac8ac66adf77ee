package hostile

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/ast"

	"rightshub/graph"
	"rightshub/internal/dbtest"
)

// schemaGuesser writes the requests with which Clairvoyance would reconstruct a schema that is not disclosed. Its word
// list is the best possible one, with all names of the schema, and each name with a letter missing, for hubs that
// suggest the right name. Each document has a mistake, so that none is answered with data. A caller that can write a
// document without mistakes knows the names in it already.
type schemaGuesser struct {
	schema *ast.Schema
	words  []string
	bodies []string
}

// unknownName is a name that is not in the schema.
const unknownName = "lol"

// namesPerGuess is the number of words per request. Clairvoyance sends more, but the hub limits the root fields of a
// document.
const namesPerGuess = 40

// buildGuesses writes all requests of the guesser.
func buildGuesses(t *testing.T) *schemaGuesser {
	t.Helper()
	executable, _, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	g := &schemaGuesser{schema: executable.Schema()}
	for name, def := range g.schema.Types {
		g.words = append(g.words, name)
		for _, f := range def.Fields {
			g.words = append(g.words, f.Name)
			for _, arg := range f.Arguments {
				g.words = append(g.words, arg.Name)
			}
		}
		for _, v := range def.EnumValues {
			g.words = append(g.words, v.Name)
		}
	}
	for _, w := range slices.Clone(g.words) {
		g.words = append(g.words, w[:len(w)-1])
	}
	slices.Sort(g.words)
	g.words = slices.DeleteFunc(slices.Compact(g.words), func(w string) bool { return strings.Trim(w, "_") == "" })
	g.guessFields()
	g.guessTypes()
	roots := map[string]*ast.Definition{
		"query": g.schema.Query, "mutation": g.schema.Mutation, "subscription": g.schema.Subscription,
	}
	for kind, def := range roots {
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				g.guessArguments(kind, f)
			}
		}
	}
	return g
}

// addGuess adds a request for a document.
func (g *schemaGuesser) addGuess(pattern string, args ...any) {
	g.bodies = append(g.bodies, encodeDocument(fmt.Sprintf(pattern, args...)))
}

// guessFields guesses fields of the root types and of two object types, many names per document.
func (g *schemaGuesser) guessFields() {
	for words := range slices.Chunk(g.words, namesPerGuess) {
		for _, place := range []string{
			"{%s}", "mutation{%s}", "subscription{%s}", "{viewer{%s}}", "{countries{nodes{%s}}}",
		} {
			g.addGuess(place, strings.Join(words, " ")+" "+unknownName)
		}
	}
}

// guessTypes guesses types of variables and fragments, directives, and enum values.
func (g *schemaGuesser) guessTypes() {
	for _, w := range g.words {
		switch {
		case w[0] >= 'A' && w[0] <= 'Z' && strings.ToUpper(w) != w:
			g.addGuess("query($x:%s){%s}", w, unknownName)
			g.addGuess("{viewer{...on %s{%s}}}", w, unknownName)
		case w == strings.ToUpper(w):
			g.addGuess("{countries(orderBy:{field:%s}){%s}}", w, unknownName)
		}
	}
	directives := []string{
		"include", "skip", "include(if:1)", "deprecated", "specifiedBy", "oneOf", "class", "clas",
	}
	for _, directive := range directives {
		g.addGuess("{viewer @%s{%s}}", directive, unknownName)
	}
	// variables that do not fit, for a document that does
	for _, variables := range []string{`{"lol":7}`, `{"iso2":7}`, `{"iso":7}`, `{"iso2":{"eqq":"x"}}`, `7`, `[7]`} {
		body := encodeDocument("query($w:CountryWhere){countries(where:$w){totalCount}}")
		g.bodies = append(g.bodies, strings.TrimSuffix(body, "}")+`,"variables":{"w":`+variables+`}}`)
	}
}

// guessArguments guesses the type of a root field, its arguments, their types, and the fields of input objects.
func (g *schemaGuesser) guessArguments(kind string, f *ast.FieldDefinition) {
	g.addGuess("%s{%s %s}", kind, f.Name, unknownName)
	g.addGuess("%s{%s{%s}}", kind, f.Name, unknownName)
	g.addGuess("%s{%s}", kind, f.Name[:len(f.Name)-1])
	for _, arg := range f.Arguments {
		for _, value := range []string{"42", "{}", `"42"`, "false"} {
			g.addGuess("%s{%s(%s:%s){%s}}", kind, f.Name, arg.Name, value, unknownName)
		}
		g.addGuess("%s{%s(%s:42){%s}}", kind, f.Name, arg.Name[:len(arg.Name)-1], unknownName)
		var inside []string
		for _, in := range g.schema.Types[arg.Type.Name()].Fields {
			inside = append(inside, in.Name+":7", in.Name[:len(in.Name)-1]+":7")
		}
		g.addGuess("%s{%s(%s:{%s}){%s}}", kind, f.Name, arg.Name, strings.Join(inside, " "), unknownName)
	}
}

// quotedName finds names in the messages of common GraphQL implementations. They quote a name beside certain words, or
// say which type they expected.
var quotedName = regexp.MustCompile(
	`(?:[Ff]ield|[Aa]rgument|[Tt]ype|[Dd]irective|[Ee]num|[Vv]alue|mean|or|,) (?:of type |the )?` +
		`["'\x60]([\w.\[\]!]+)(?: \{ \.\.\. \})?["'\x60]|Expected type ([\w\[\]!]+), found`)

// disclosedNames are the names that an answer's messages disclose, without those that the request sent.
func disclosedNames(a *answer, sent string) (names []string) {
	for _, m := range a.errorMessages() {
		for _, found := range quotedName.FindAllStringSubmatch(m, -1) {
			for _, word := range regexp.MustCompile(`\w+`).FindAllString(found[1]+" "+found[2], -1) {
				if !regexp.MustCompile(`\b` + word + `\b`).MatchString(sent) {
					names = append(names, word)
				}
			}
		}
	}
	return names
}

// TestOracle checks that disclosedNames finds the names in messages of common implementations, and none in those of the
// hub.
func TestOracle(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{
			`Cannot query field "lol" on type "Country". Did you mean "iso2", "iso3", or "name"?`,
			"[Country iso2 iso3 name]",
		},
		{
			`Cannot query field 'lol' on type 'Country'. Did you mean 'iso2' or 'name'?`,
			"[Country iso2 name]",
		},
		{
			`Field "lol" of type "[Office!]!" must have a selection of subfields. Did you mean "lol { ... }"?`,
			"[Office]",
		},
		{`Field "lol" must not have a selection since type "String" has no subfields.`, "[String]"},
		{
			`Unknown argument "lol" on field "Query.country" of type "Country". Did you mean "id"?`,
			"[Query country Country id]",
		},
		{
			`Field "lol" argument "where" of type "CountryWhere!" is required, but it was not provided.`,
			"[where CountryWhere]",
		},
		{`Expected type CountryWhere, found 42.`, "[CountryWhere]"},
		{`Unknown type "lol". Did you mean "Country"?`, "[Country]"},
		{
			`Value "lol" does not exist in "CountryOrderField" enum. Did you mean the enum value "ISO2"?`,
			"[ISO2]",
		},
		{`The document or its variables do not fit the schema of this hub, which it does not tell.`, "[]"},
		{`Sign in: send an Authorization header with a valid bearer token.`, "[]"},
	} {
		text, err := json.Marshal(map[string]any{"errors": []any{map[string]any{"message": c.message}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(disclosedNames(parseAnswer(200, string(text), 0), "{lol}")); got != c.want {
			t.Errorf("%s: found the names %s, want %s", c.message, got, c.want)
		}
	}
}

// TestGuessing checks that guesses disclose no name of the schema where introspection is off, and to callers who are
// not signed in. All guesses get the same answer. It guesses by POST, over an event stream and over a socket.
func TestGuessing(t *testing.T) {
	g := buildGuesses(t)
	if len(g.bodies) < 3_000 {
		t.Fatalf("only %d guesses", len(g.bodies))
	}
	every := 5 // the short form sends a fifth of the guesses
	if dbtest.Long() {
		every = 1
	}
	private, public := startHub(t, noIntrospection), startHub(t, noIntrospection, "--public")
	open := startHub(t, "--public")
	const errorList = `[{"message":` +
		`"The document or its variables do not fit the schema of this hub, which it does not tell.",` +
		`"extensions":{"code":"INVALID"}}]`
	const refusal = `{"errors":` + errorList + `}`
	const unsigned = `{"errors":[{"message":"Sign in: send an Authorization header with a valid bearer token.",` +
		`"extensions":{"code":"UNAUTHENTICATED"}}]}`
	const refusalEvents = "event: next\ndata: " + refusal + "\n\nevent: complete\ndata:"
	for _, c := range []struct {
		name  string
		hub   *target
		token string
		kind  string
		every int
		want  string
	}{
		{"a volunteer", private, private.token, "*/*", 1, refusal},
		{"a volunteer, as a stream", private, private.token, "text/event-stream", 20, refusalEvents},
		{"without a token", private, "", "*/*", 5, unsigned},
		{"the public", public, "", "*/*", 5, refusal},
		{"the public, with introspection", open, "", "*/*", 5, refusal},
		{"the public, with introspection, as a stream", open, "", "text/event-stream", 20, refusalEvents},
	} {
		answers := map[string]int{}
		for i := 0; i < len(g.bodies); i += c.every * every {
			a := c.hub.sendRequest(postBody(g.bodies[i]), c.token, "Accept", c.kind)
			text := strings.TrimSpace(a.text)
			answers[text]++
			if names := disclosedNames(a, g.bodies[i]); text != c.want || len(names) > 0 {
				t.Errorf("%s: answer %.300s discloses %v, to %.300s", c.name, text, names, g.bodies[i])
				break // the first one is enough to see
			}
		}
		t.Logf("%s: %d guesses, %d answers", c.name, (len(g.bodies)+c.every*every-1)/(c.every*every), len(answers))
	}
	private.checkBodyUnread(unsigned)
	private.guessOverSocket(g, errorList)
	open.checkSuggestions(g)
}

// checkSuggestions checks that signed-in callers get suggestions where introspection is on, which also shows that the
// other checks would find a disclosed name. A user with few rights must get the same answers as an administrator.
func (h *target) checkSuggestions(g *schemaGuesser) {
	h.Helper()
	administrator := h.signedToken("admin@demo")
	disclosed := map[string]bool{}
	guesses := 0
	for i := 0; i < len(g.bodies); i += 20 {
		a := h.sendRequest(postBody(g.bodies[i]), h.token)
		for _, name := range disclosedNames(a, g.bodies[i]) {
			disclosed[name] = true
		}
		if other := h.sendRequest(postBody(g.bodies[i]), administrator); other.text != a.text {
			h.Errorf("a volunteer gets %.300s\nan administrator gets %.300s\nby %.300s", a.text, other.text, g.bodies[i])
			return
		}
		guesses++
	}
	h.Logf("a signed-in caller, with introspection: %d guesses disclose %d names", guesses, len(disclosed))
	if len(disclosed) < 200 {
		h.Errorf("%d guesses disclose only %d names where introspection is on", guesses, len(disclosed))
	}
}

// guessOverSocket guesses over a socket. Without a token, the hub must close the socket before it reads a guess.
func (h *target) guessOverSocket(g *schemaGuesser, want string) {
	h.Helper()
	guess := func(token string, i int) string {
		c, err := h.openSocket(h.Context(), token)
		if err != nil {
			h.Fatal(err)
		}
		defer c.CloseNow()
		for _, text := range []string{
			`{"type":"connection_init"}`,
			`{"type":"subscribe","id":"1","payload":` + g.bodies[i] + `}`,
		} {
			// if the socket is closed, the read below reports it
			c.Write(h.Context(), websocket.MessageText, []byte(text))
		}
		var frames []string
		for range 2 {
			_, text, err := c.Read(h.Context())
			if err != nil {
				return fmt.Sprint(websocket.CloseStatus(err))
			}
			frames = append(frames, string(text))
		}
		return strings.Join(frames, "\n")
	}
	refused := `{"type":"connection_ack"}` + "\n" + `{"id":"1","type":"error","payload":` + want + `}`
	for i := 0; i < len(g.bodies); i += 50 {
		if got := guess(h.token, i); got != refused {
			h.Errorf("over a socket: answer %.300s to %.300s", got, g.bodies[i])
		}
		if got := guess("", i); got != "StatusCode(4403)" {
			h.Errorf("over a socket without a token: %s to %.300s", got, g.bodies[i])
		}
	}
}

// checkBodyUnread checks that a request without a token is answered before its body has arrived. The hub must not read
// any of it.
func (h *target) checkBodyUnread(want string) {
	h.Helper()
	c, err := net.DialTimeout("tcp", h.address, 5*time.Second)
	if err != nil {
		h.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	// net/http does not wait for the rest of a body of this size by itself.
	fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: 1000000\r\n\r\n", h.address)
	w, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		h.Fatalf("without a token, no answer comes before the body: %v", err)
	}
	defer w.Body.Close()
	if text, err := io.ReadAll(w.Body); err != nil || w.StatusCode != 401 || strings.TrimSpace(string(text)) != want {
		h.Errorf("without a token: status %d, body %s (%v), and must be 401 with %s", w.StatusCode, text, err, want)
	}
}
