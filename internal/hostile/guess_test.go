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

// guesser writes what Clairvoyance asks to find out a schema that is not told, with the best list of words there is: all names
// of the schema, and each with a letter missing, for hubs that say what was meant. Each document has a mistake, so that none
// is answered with data: whoever writes a whole document without one knows the names in it.
type guesser struct {
	schema *ast.Schema
	words  []string
	bodies []string
}

// mistake is a name that no schema has.
const mistake = "lol"

// bucket is how many words are asked at once: fewer than Clairvoyance does, to stay below the most root fields.
const bucket = 40

// guesses are the bodies of all its requests.
func guesses(t *testing.T) *guesser {
	t.Helper()
	told, _, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	g := &guesser{schema: told.Schema()}
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
	g.fields()
	g.types()
	for kind, def := range map[string]*ast.Definition{"query": g.schema.Query, "mutation": g.schema.Mutation, "subscription": g.schema.Subscription} {
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				g.arguments(kind, f)
			}
		}
	}
	return g
}

// ask keeps a document.
func (g *guesser) ask(pattern string, args ...any) {
	g.bodies = append(g.bodies, written(fmt.Sprintf(pattern, args...)))
}

// fields guesses those of the roots and of what is found there, many at once, and what a field is of.
func (g *guesser) fields() {
	for words := range slices.Chunk(g.words, bucket) {
		for _, place := range []string{"{%s}", "mutation{%s}", "subscription{%s}", "{viewer{%s}}", "{countries{nodes{%s}}}"} {
			g.ask(place, strings.Join(words, " ")+" "+mistake)
		}
	}
}

// types guesses those of variables and fragments, directives, and values of enums.
func (g *guesser) types() {
	for _, w := range g.words {
		switch {
		case w[0] >= 'A' && w[0] <= 'Z' && strings.ToUpper(w) != w:
			g.ask("query($x:%s){%s}", w, mistake)
			g.ask("{viewer{...on %s{%s}}}", w, mistake)
		case w == strings.ToUpper(w):
			g.ask("{countries(orderBy:{field:%s}){%s}}", w, mistake)
		}
	}
	for _, directive := range []string{"include", "skip", "include(if:1)", "deprecated", "specifiedBy", "oneOf", "class", "clas"} {
		g.ask("{viewer @%s{%s}}", directive, mistake)
	}
	for _, variables := range []string{`{"lol":7}`, `{"iso2":7}`, `{"iso":7}`, `{"iso2":{"eqq":"x"}}`, `7`, `[7]`} { // of a document that fits
		body := written("query($w:CountryWhere){countries(where:$w){totalCount}}")
		g.bodies = append(g.bodies, strings.TrimSuffix(body, "}")+`,"variables":{"w":`+variables+`}}`)
	}
}

// arguments guesses the type of a root field, its arguments, theirs, and the fields of inputs.
func (g *guesser) arguments(kind string, f *ast.FieldDefinition) {
	g.ask("%s{%s %s}", kind, f.Name, mistake)
	g.ask("%s{%s{%s}}", kind, f.Name, mistake)
	g.ask("%s{%s}", kind, f.Name[:len(f.Name)-1])
	for _, arg := range f.Arguments {
		for _, value := range []string{"42", "{}", `"42"`, "false"} {
			g.ask("%s{%s(%s:%s){%s}}", kind, f.Name, arg.Name, value, mistake)
		}
		g.ask("%s{%s(%s:42){%s}}", kind, f.Name, arg.Name[:len(arg.Name)-1], mistake)
		var inside []string
		for _, in := range g.schema.Types[arg.Type.Name()].Fields {
			inside = append(inside, in.Name+":7", in.Name[:len(in.Name)-1]+":7")
		}
		g.ask("%s{%s(%s:{%s}){%s}}", kind, f.Name, arg.Name, strings.Join(inside, " "), mistake)
	}
}

// oracle reads names out of the messages in which GraphQL's own implementations say them: what is quoted beside words of
// theirs, and the type that was expected.
var oracle = regexp.MustCompile(`(?:[Ff]ield|[Aa]rgument|[Tt]ype|[Dd]irective|[Ee]num|[Vv]alue|mean|or|,) (?:of type |the )?["'\x60]([\w.\[\]!]+)(?: \{ \.\.\. \})?["'\x60]|Expected type ([\w\[\]!]+), found`)

// learned are the names that messages tell and a request did not send.
func learned(a *answer, sent string) (names []string) {
	for _, m := range a.messages() {
		for _, found := range oracle.FindAllStringSubmatch(m, -1) {
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
		if got := fmt.Sprint(learned(answered(200, string(text), 0), "{lol}")); got != want {
			t.Errorf("%s: %s, want %s", message, got, want)
		}
	}
}

// Whoever guesses at a hub that does not tell its schema learns no name: all guesses have one answer, by POST, as a stream and
// over a socket, of somebody who is signed in, of nobody, and of the public where it may ask.
func TestGuessing(t *testing.T) {
	g := guesses(t)
	if len(g.bodies) < 3_000 {
		t.Fatalf("only %d guesses", len(g.bodies))
	}
	private, public := hub(t, untold), hub(t, untold, "--public")
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
			a := c.hub.ask(postBody(g.bodies[i]), c.token, "Accept", c.kind)
			text := strings.TrimSpace(a.text)
			answers[text]++
			if names := learned(a, g.bodies[i]); text != c.want || len(names) > 0 {
				t.Errorf("%s is told %.300s and learns %v by %.300s", c.name, text, names, g.bodies[i])
				break // one is enough
			}
		}
		t.Logf("%s: %d guesses, %d answers", c.name, (len(g.bodies)+c.every-1)/c.every, len(answers))
	}
	private.unread(unsigned)
	private.overSocket(g, list)
}

// overSocket guesses over a socket; without a token, the socket closes before it reads a guess.
func (h *target) overSocket(g *guesser, want string) {
	h.Helper()
	guess := func(token string, i int) string {
		c, err := h.socket(h.Context(), token)
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

// unread fails where somebody without a token is answered only after the body of the request has come: nothing of it is to be
// read before.
func (h *target) unread(want string) {
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
