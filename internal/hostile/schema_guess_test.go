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
)

// schemaGuesser writes what Clairvoyance asks to find out a schema that is not told, with the best list of words there is: all names
// of the schema, and each with a letter missing, for hubs that say what was meant. Each document has a mistake, so that none
// is answered with data: whoever writes a whole document without one knows the names in it.
type schemaGuesser struct {
	schema *ast.Schema
	words  []string
	bodies []string
}

// unknownName is a name that no schema has.
const unknownName = "lol"

// namesPerGuess is how many words are asked at once: fewer than Clairvoyance does, to stay below the most root fields.
const namesPerGuess = 40

// buildGuesses are the bodies of all its requests.
func buildGuesses(t *testing.T) *schemaGuesser {
	t.Helper()
	told, _, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	g := &schemaGuesser{schema: told.Schema()}
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
	g.words = slices.DeleteFunc(slices.Compact(g.words), func(w string) bool { return strings.Trim(w, "_") == "" || w == "_" })
	g.guessFields()
	g.guessTypes()
	for kind, def := range map[string]*ast.Definition{"query": g.schema.Query, "mutation": g.schema.Mutation, "subscription": g.schema.Subscription} {
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				g.guessArguments(kind, f)
			}
		}
	}
	return g
}

// addGuess keeps a document.
func (g *schemaGuesser) addGuess(pattern string, args ...any) {
	g.bodies = append(g.bodies, encodeDocument(fmt.Sprintf(pattern, args...)))
}

// guessFields guesses those of the roots and of what is found there, many at once, and what a field is of.
func (g *schemaGuesser) guessFields() {
	for words := range slices.Chunk(g.words, namesPerGuess) {
		for _, place := range []string{"{%s}", "mutation{%s}", "subscription{%s}", "{viewer{%s}}", "{countries{nodes{%s}}}"} {
			g.addGuess(place, strings.Join(words, " ")+" "+unknownName)
		}
	}
}

// guessTypes guesses those of variables and fragments, directives, and values of enums.
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
	for _, directive := range []string{"include", "skip", "include(if:1)", "deprecated", "specifiedBy", "oneOf", "class", "clas"} {
		g.addGuess("{viewer @%s{%s}}", directive, unknownName)
	}
	for _, variables := range []string{`{"lol":7}`, `{"iso2":7}`, `{"iso":7}`, `{"iso2":{"eqq":"x"}}`, `7`, `[7]`} { // of a document that fits
		body := encodeDocument("query($w:CountryWhere){countries(where:$w){totalCount}}")
		g.bodies = append(g.bodies, strings.TrimSuffix(body, "}")+`,"variables":{"w":`+variables+`}}`)
	}
}

// guessArguments guesses the type of a root field, its arguments, theirs, and the fields of inputs.
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

// quotedName reads names out of the messages in which GraphQL's own implementations say them: what is quoted beside words of
// theirs, and the type that was expected.
var quotedName = regexp.MustCompile(`(?:[Ff]ield|[Aa]rgument|[Tt]ype|[Dd]irective|[Ee]num|[Vv]alue|mean|or|,) (?:of type |the )?["'\x60]([\w.\[\]!]+)(?: \{ \.\.\. \})?["'\x60]|Expected type ([\w\[\]!]+), found`)

// disclosedNames are the names that messages tell and a request did not send.
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

// The oracle learns from what implementations say that tell.
func TestOracle(t *testing.T) {
	for message, want := range map[string]string{
		`Cannot query field "lol" on type "Country". Did you mean "iso2", "iso3", or "name"?`:              "[Country iso2 iso3 name]",
		`Cannot query field 'lol' on type 'Country'. Did you mean 'iso2' or 'name'?`:                       "[Country iso2 name]",
		`Field "lol" of type "[Office!]!" must have a selection of subfields. Did you mean "lol { ... }"?`: "[Office]",
		`Field "lol" must not have a selection since type "String" has no subfields.`:                      "[String]",
		`Unknown argument "lol" on field "Query.country" of type "Country". Did you mean "id"?`:            "[Query country Country id]",
		`Field "lol" argument "where" of type "CountryWhere!" is required, but it was not provided.`:       "[where CountryWhere]",
		`Expected type CountryWhere, found 42.`:                                                            "[CountryWhere]",
		`Unknown type "lol". Did you mean "Country"?`:                                                      "[Country]",
		`Value "lol" does not exist in "CountryOrderField" enum. Did you mean the enum value "ISO2"?`:      "[ISO2]",
		`The document or its variables do not fit the schema of this hub, which it does not tell.`:         "[]",
		`Sign in: send an Authorization header with a valid bearer token.`:                                 "[]",
	} {
		text, err := json.Marshal(map[string]any{"errors": []any{map[string]any{"message": message}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(disclosedNames(parseAnswer(200, string(text), 0), "{lol}")); got != want {
			t.Errorf("%s: %s, want %s", message, got, want)
		}
	}
}

// Whoever guesses at a hub that does not tell its schema learns no name: all guesses have one answer, by POST, as a stream and
// over a socket, of somebody who is signed in, of nobody, and of the public where it may ask.
func TestGuessing(t *testing.T) {
	g := buildGuesses(t)
	if len(g.bodies) < 3_000 {
		t.Fatalf("only %d guesses", len(g.bodies))
	}
	private, public := startHub(t, noIntrospection), startHub(t, noIntrospection, "--public")
	const list = `[{"message":"The document or its variables do not fit the schema of this hub, which it does not tell.","extensions":{"code":"INVALID"}}]`
	const told = `{"errors":` + list + `}`
	const unsigned = `{"errors":[{"message":"Sign in: send an Authorization header with a valid bearer token.","extensions":{"code":"UNAUTHENTICATED"}}]}`
	for _, c := range []struct {
		name  string
		hub   *target
		token string
		kind  string
		every int
		want  string
	}{
		{"a volunteer", private, private.token, "*/*", 1, told},
		{"a volunteer, as a stream", private, private.token, "text/event-stream", 20, "event: next\ndata: " + told + "\n\nevent: complete\ndata:"},
		{"nobody", private, "", "*/*", 5, unsigned},
		{"the public", public, "", "*/*", 5, told},
	} {
		answers := map[string]int{}
		for i := 0; i < len(g.bodies); i += c.every {
			a := c.hub.sendRequest(postBody(g.bodies[i]), c.token, "Accept", c.kind)
			text := strings.TrimSpace(a.text)
			answers[text]++
			if names := disclosedNames(a, g.bodies[i]); text != c.want || len(names) > 0 {
				t.Errorf("%s is told %.300s and learns %v by %.300s", c.name, text, names, g.bodies[i])
				break // one is enough
			}
		}
		t.Logf("%s: %d guesses, %d answers", c.name, (len(g.bodies)+c.every-1)/c.every, len(answers))
	}
	private.checkBodyUnread(unsigned)
	private.guessOverSocket(g, list)
}

// guessOverSocket guesses over a socket; without a token, the socket closes before it reads a guess.
func (h *target) guessOverSocket(g *schemaGuesser, want string) {
	h.Helper()
	guess := func(token string, i int) string {
		c, err := h.openSocket(h.Context(), token)
		if err != nil {
			h.Fatal(err)
		}
		defer c.CloseNow()
		for _, text := range []string{`{"type":"connection_init"}`, `{"type":"subscribe","id":"1","payload":` + g.bodies[i] + `}`} {
			c.Write(h.Context(), websocket.MessageText, []byte(text)) // a socket that has closed says so when it is read
		}
		var said []string
		for range 2 {
			_, text, err := c.Read(h.Context())
			if err != nil {
				return fmt.Sprint(websocket.CloseStatus(err))
			}
			said = append(said, string(text))
		}
		return strings.Join(said, "\n")
	}
	for i := 0; i < len(g.bodies); i += 50 {
		if got := guess(h.token, i); got != `{"type":"connection_ack"}`+"\n"+`{"id":"1","type":"error","payload":`+want+`}` {
			h.Errorf("over a socket, %.300s is told by %.300s", got, g.bodies[i])
		}
		if got := guess("", i); got != "StatusCode(4403)" {
			h.Errorf("nobody, over a socket: %s by %.300s", got, g.bodies[i])
		}
	}
}

// checkBodyUnread fails where somebody without a token is answered only after the body of the request has come: nothing of it is to be
// read before.
func (h *target) checkBodyUnread(want string) {
	h.Helper()
	c, err := net.DialTimeout("tcp", h.address, 5*time.Second)
	if err != nil {
		h.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	// Of a body of this size, net/http does not wait for the rest itself.
	fmt.Fprintf(c, "POST /graphql HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n", h.address)
	w, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		h.Fatalf("nobody waits for an answer: %v", err)
	}
	defer w.Body.Close()
	if text, err := io.ReadAll(w.Body); err != nil || w.StatusCode != 401 || strings.TrimSpace(string(text)) != want {
		h.Errorf("%d %s %v", w.StatusCode, text, err)
	}
}
