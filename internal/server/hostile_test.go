package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// readDocuments returns the documents of a folder of testdata by their names.
func readDocuments(t *testing.T, folder string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/" + folder + "/*.graphql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no documents in %s: %v", folder, err)
	}
	out := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(path), ".graphql")] = string(text)
	}
	return out
}

// processorTime returns the processor time that this process has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// hostileBody is a body that must be refused, with the code of its error and, if there is one, the rule.
type hostileBody struct {
	body string
	want []string
}

// hostileBodies returns bodies that try to overload the hub, by their names. The first line of a document in testdata
// says how it must be refused.
func hostileBodies(t *testing.T) map[string]hostileBody {
	t.Helper()
	const listQuery = `{"query":"query($w:CountryWhere){countries(where:$w){totalCount}}","variables":`
	bodies := map[string]hostileBody{
		"values": {
			listQuery + `{"w":{"iso2":{"in":["x"` + strings.Repeat(`,"x"`, 200_000) + `]}}}}`,
			[]string{"TOO_COMPLEX", "values"},
		},
		"values_in_depth": {
			listQuery + `{"w":` + strings.Repeat(`{"not":`, 4000) + "{}" + strings.Repeat("}", 4000) + `}}`,
			[]string{"TOO_COMPLEX", "valueDepth"},
		},
		"values_again": {
			`{"query":"{viewer{purpose}}","variables":{"a":[` + strings.Repeat(`{},`, 2400) + `{}]},` +
				`"VARIABLES":{"b":1}}`,
			[]string{"INVALID"},
		},
		"batch": {
			"[" + strings.Repeat(`{"query":"{viewer{purpose}}"},`, 10_000) + `{}]`,
			[]string{"INVALID"},
		},
	}
	// To find suggestions for these takes long, unless the names and their number are bounded.
	unknownFields := "{countries{nodes{" + strings.Repeat("unknownFieldOfACountry ", 2_900) + "}}}"
	bodies["unknown_fields"] = hostileBody{encodeBody(t, unknownFields, nil), []string{"INVALID"}}
	long := strings.Repeat("a", 900_000)
	bodies["long_name"] = hostileBody{encodeBody(t, "{"+long+"}", nil), []string{"INVALID"}}
	longEnum := `{countries(orderBy:{field:"` + long + `"}){totalCount}}`
	bodies["long_enum"] = hostileBody{encodeBody(t, longEnum, nil), []string{"INVALID"}}
	const order = `query($o:CountryOrder!){countries(orderBy:[$o]){totalCount}}`
	longVariable := map[string]any{"o": map[string]any{"field": long}}
	bodies["long_enum_variable"] = hostileBody{encodeBody(t, order, longVariable), []string{"INVALID"}}
	unknown := map[string]any{}
	for i := range 4_900 {
		unknown[fmt.Sprintf("unknownFieldOfAnOrder%d", i)] = 1
	}
	bodies["unknown_input_fields"] = hostileBody{
		encodeBody(t, order, map[string]any{"o": unknown}),
		[]string{"INVALID"},
	}
	for name, text := range readDocuments(t, "hostile") {
		firstLine, _, _ := strings.Cut(text, "\n")
		bodies[name] = hostileBody{encodeBody(t, text, nil), strings.Fields(strings.TrimPrefix(firstLine, "#"))}
	}
	return bodies
}

// encodeBody returns the body of a request.
func encodeBody(t *testing.T, document string, variables map[string]any) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// What a document may cost, in ordinary pages of a list.
const (
	maxHostileCost = 250
	maxHeavyCost   = 2000
)

// TestHostileDocuments checks that each hostile body is refused for the right reason, within maxHostileCost and 64 MiB
// of allocations, by a response of at most 8 KiB.
func TestHostileDocuments(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	volunteer := api.As("volunteer@demo", "")
	ordinary := ordinaryCost(t, volunteer)
	t.Logf("an ordinary page takes %v", ordinary)
	for name, h := range hostileBodies(t) {
		allocated := uint64(1 << 40)
		var response string
		took := quickestAttempt(t, maxHostileCost*ordinary, func() {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			response = volunteer.Send(t.Context(), h.body).Body.String()
			runtime.ReadMemStats(&after)
			allocated = min(allocated, after.TotalAlloc-before.TotalAlloc)
		})
		t.Logf("%-38s %8v %4.1f %6d KiB %s", name, took.Round(10*time.Microsecond), float64(took)/float64(ordinary),
			allocated>>10, h.want)
		var a struct {
			Data   any
			Errors []struct{ Extensions struct{ Code, Rule string } }
		}
		if err := json.Unmarshal([]byte(response), &a); err != nil || a.Data != nil || len(a.Errors) == 0 {
			t.Errorf("%s was not refused: %v %.300s", name, err, response)
			continue
		}
		got := a.Errors[0].Extensions
		if got.Code != h.want[0] || len(h.want) > 1 && got.Rule != h.want[1] {
			t.Errorf("%s: refused by %s %s, want %s", name, got.Code, got.Rule, h.want)
		}
		if took > maxHostileCost*ordinary || allocated > 64<<20 || len(response) > 8<<10 {
			t.Errorf("%s took %v, %d bytes of memory, and %d bytes of response", name, took, allocated, len(response))
		}
	}
}

// countingBody is a body that counts the bytes that were read of it.
type countingBody struct {
	io.Reader
	bytes int
}

func (c *countingBody) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.bytes += n
	return n, err
}

// TestHostileAnonymousCallers checks that callers without a valid token get the same response to every hostile body,
// and that the hub reads nothing of the body.
func TestHostileAnonymousCallers(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	ordinary := ordinaryCost(t, api.As("volunteer@demo", ""))
	for _, authorization := range []string{"", "Bearer nonsense"} {
		responses := map[string]bool{}
		for name, h := range hostileBodies(t) {
			body := &countingBody{Reader: strings.NewReader(h.body)}
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", body)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", authorization)
			w := httptest.NewRecorder()
			took := quickestAttempt(t, maxHostileCost*ordinary, func() {
				w = httptest.NewRecorder()
				api.Handler.ServeHTTP(w, r)
			})
			responses[w.Body.String()] = true
			if w.Code != 401 || body.bytes > 0 || took > maxHostileCost*ordinary {
				t.Errorf("%s: %d after %d bytes and %v: %.300s", name, w.Code, body.bytes, took, w.Body)
			}
		}
		if len(responses) != 1 {
			t.Errorf("%q: got different responses: %v", authorization, responses)
		}
	}
}

// ordinaryCost returns the processor time of an ordinary page of a list. What other documents may cost is a multiple of
// it, so that it holds on slow machines and under the race detector.
func ordinaryCost(t *testing.T, person *apitest.Caller) time.Duration {
	t.Helper()
	const repeats = 20
	return quickestAttempt(t, 0, func() {
		for range repeats {
			person.Ask(`{ interventions(first: 20) { nodes { id title status } totalCount } }`, nil).RequireOK()
		}
	}) / repeats
}

// quickestAttempt returns the processor time of the cheapest of up to ten attempts, because other processes and
// goroutines disturb the measurement. It stops after an attempt that took less than enough.
func quickestAttempt(t *testing.T, enough time.Duration, attempt func()) time.Duration {
	t.Helper()
	best := time.Hour
	for range 10 {
		runtime.GC()
		start := processorTime(t)
		attempt()
		if best = min(best, processorTime(t)-start); best < enough {
			break
		}
	}
	return best
}

// TestHeavyDocuments checks that the heaviest documents within the limits take less than a second of processor time.
func TestHeavyDocuments(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	coordinator := api.As("coordinator.bf@demo", "services")
	ordinary := ordinaryCost(t, coordinator)
	for name, text := range readDocuments(t, "heavy") {
		var a *apitest.Answer
		took := quickestAttempt(t, maxHeavyCost*ordinary, func() { a = coordinator.Ask(text, nil) })
		if len(a.Errors) > 0 {
			t.Errorf("%s: %.300s", name, a.Body)
		}
		t.Logf("%-38s %8v, %4.0f ordinary pages, %d bytes", name, took.Round(time.Millisecond),
			float64(took)/float64(ordinary), len(a.Body))
		if took > maxHeavyCost*ordinary {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// TestValuesAreNotEchoed checks that no answer and no log repeats a value of a bad document or of its variables. Names that
// are no part of the schema are repeated to signed-in callers, and never logged.
func TestValuesAreNotEchoed(t *testing.T) {
	api := apitest.New(t, apitest.Demo.SQLite(t))
	coordinator := api.As("coordinator.bf@demo", "")
	const word = "Nyamwezi"
	check := func(a *apitest.Answer, sent any) {
		t.Helper()
		if strings.Contains(a.Body+api.Log.String(), word) || a.Code() == "INTERNAL" {
			t.Errorf("%v\n%s\n%s", sent, a.Body, api.Log)
		}
	}
	for _, text := range []string{
		`{countries(where:{iso2:{eq:"%s`,
		`{countries(where:{iso2:{eq:"x" %s "y"}}){totalCount}}`,
		`{countries(where:{iso2:{eq:%s}}){totalCount}}`,
		`{countries(where:{iso2:"%s"}){totalCount}}`,
		`{countries(where:{iso2:["%s",{a:"%[1]s"}]}){totalCount}}`,
		`{countries(where:{iso2:{eq:{a:"%s"}}}){totalCount}}`,
		`{countries(first:"%s"){totalCount}}`,
		`{countries(first:["%s"]){totalCount}}`,
		`{countries(first:%s){totalCount}}`,
		`{countries(orderBy:[{field:"%s"}]){totalCount}}`,
		`{country(id:"%s"){id}}`,
		`{countries(after:"%s"){nodes{id}}}`,
		`{activities(where:{startsOn:{eq:"%s"}}){totalCount}}`,
		`{viewer{purpose @skip(if:"%s")}}`,
		`query($a:Int="%s"){countries(first:$a){totalCount}}`,
		`query($a:CountryWhere={iso2:{eq:["%s"]}}){countries(where:$a){totalCount}}`,
		`mutation{createCountry(input:{iso2:"%s",name:[{language:"%[1]s",text:"x"}]}){country{id}}}`,
		`{viewer{purpose}} # %s }`,
		`"%s"`,
		`{viewer(x:"""%s"""){purpose}}`,
		`{viewer{purpose}} \%s`,
		`{viewer(x:"\u00%s"){purpose}}`,
	} {
		document := fmt.Sprintf(text, word)
		check(coordinator.Ask(document, nil), document)
	}
	const list = `query($w:CountryWhere,$n:Int,$o:[CountryOrder!]){
		countries(where:$w,first:$n,orderBy:$o){totalCount}
	}`
	for _, variables := range []map[string]any{
		{"w": map[string]any{"iso2": word}},
		{"w": map[string]any{"iso2": map[string]any{"eq": map[string]any{"x": word}}}},
		{"w": map[string]any{"iso2": map[string]any{"in": []any{true, word}}}},
		{"w": map[string]any{word + " and more": 1}},
		{"w": map[string]any{"and": []any{map[string]any{"of " + word: 1}}}},
		{"w": word},
		{"n": word},
		{"n": []any{word}},
		{"o": word},
		{"o": map[string]any{"field": word}},
		{word: word},
	} {
		check(coordinator.Ask(list, variables), variables)
	}
	for _, body := range []string{
		word,
		`{"query":"{viewer{purpose}}","variables":"` + word + `"}`,
		`{"` + word + `":1}`,
		`{"query":"{viewer{purpose}}","operationName":"` + word + `"}`,
		`{"query":"{viewer{purpose}}"} ` + word,
	} {
		if w := coordinator.Send(t.Context(), body); strings.Contains(w.Body.String()+api.Log.String(), word) {
			t.Errorf("%s: %s", body, w.Body)
		}
	}
	for _, text := range []string{
		"{%s}",
		"{countries(%s:1){totalCount}}",
		"{countries{nodes{...%s}}}",
		"{viewer{purpose @%s}}",
		"query($a:%s){viewer{purpose}}",
		"{viewer{purpose(a:$%s)}}",
		"{countries(where:{%s:1}){totalCount}}",
		"{countries(orderBy:[{field:%s}]){totalCount}}",
		"query %[1]s{viewer{purpose}} query %[1]s{viewer{purpose}}",
	} {
		a := coordinator.Ask(fmt.Sprintf(text, word), nil)
		if !strings.Contains(a.Body, word) || strings.Contains(api.Log.String(), word) {
			t.Errorf("%s\n%s\n%s", text, a.Body, api.Log)
		}
	}
}
