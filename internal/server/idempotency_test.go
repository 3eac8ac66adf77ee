package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/server"
	"rightshub/internal/store"
)

const createCountryMutation = `mutation($iso:String!){createCountry(input:{iso2:$iso,name:[{language:"en",text:"Somewhere"}]}){country{id iso2}}}`

func sendWithKey(who *apitest.Caller, key, document string, variables map[string]any) (int, string, http.Header) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		who.Fatal(err)
	}
	who.Headers["Idempotency-Key"] = key
	w := who.Send(who.Context(), string(body))
	delete(who.Headers, "Idempotency-Key")
	return w.Code, w.Body.String(), w.Header()
}

// A mutation with a key happens once, in every process on the database; its answer is its caller's alone.
func TestIdempotency(t *testing.T) {
	dbtest.OnEachDatabase(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		first, second := apitest.New(t, db), apitest.New(t, db) // two processes
		admin, other := first.As("admin@demo", ""), second.As("admin@demo", "")
		status, body, _ := sendWithKey(admin, "key-number-1", createCountryMutation, map[string]any{"iso": "ZZ"})
		if status != 200 || !strings.Contains(body, `"iso2":"ZZ"`) {
			t.Fatalf("%d %s", status, body)
		}
		again, same, headers := sendWithKey(other, "key-number-1", createCountryMutation, map[string]any{"iso": "ZZ"})
		if again != 200 || same != body || headers.Get("Idempotency-Replayed") != "true" {
			t.Errorf("again: %d %s", again, same)
		}
		if n := admin.Ask(`{countries(where:{iso2:{eq:"ZZ"}}){totalCount}}`, nil).RequireOK().Int("countries.totalCount"); n != 1 {
			t.Errorf("it happened %d times", n)
		}
		if status, body, _ := sendWithKey(other, "key-number-1", createCountryMutation, map[string]any{"iso": "ZY"}); status != 422 || !strings.Contains(body, `"INVALID"`) {
			t.Errorf("another payload: %d %s", status, body)
		}
		if status, body, headers := sendWithKey(first.As("manager@demo", ""), "key-number-1", createCountryMutation, map[string]any{"iso": "ZZ"}); !strings.Contains(body, `"FORBIDDEN"`) || headers.Get("Idempotency-Replayed") != "" {
			t.Errorf("somebody else with the key: %d %s", status, body)
		}
		// what it tells of a child is not kept: it may be hidden by then; which row it is, is
		officer := first.As("protection.bf@demo", "")
		home := officer.Ask(`{countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).RequireOK().Text("countries.nodes.0.id")
		for key, selected := range map[string]string{"k4": "id version", "k5": "id ageBand", "k6": "...{...on Child{caseCode}}"} {
			for _, purpose := range []string{"", "services"} {
				officer.Headers["Purpose-Of-Use"] = purpose
				doc := fmt.Sprintf(`mutation($c:ID!){createChild(input:{countryId:$c,caseCode:"T-%s%s"}){child{%s}}}`, key, purpose, selected)
				_, made, _ := sendWithKey(officer, key+purpose, doc, map[string]any{"c": home})
				status, again, _ := sendWithKey(officer, key+purpose, doc, map[string]any{"c": home})
				if strings.Contains(made, "errors") || (made == again) != (key == "k4") || (key != "k4") != strings.Contains(again, "CONFLICT") || (key != "k4") != (status == 409) {
					t.Errorf("%s: %s, then %s", selected, made, again)
				}
				var told struct {
					Errors []struct{ Extensions struct{ IDs []string } }
				}
				if err := json.Unmarshal([]byte(again), &told); err != nil || key == "k5" && (len(told.Errors[0].Extensions.IDs) != 1 || !strings.Contains(made, told.Errors[0].Extensions.IDs[0])) {
					t.Errorf("which row it is: %s, then %s", made, again)
				}
			}
		}
		delete(officer.Headers, "Purpose-Of-Use")
		// what was refused on a child's record may tell its state: it is not kept, and tried again
		refusedChild := `mutation($c:ID!){createChild(input:{countryId:$c,caseCode:""}){child{id}}}`
		_, no, _ := sendWithKey(officer, "refused", refusedChild, map[string]any{"c": home})
		if _, again, headers := sendWithKey(officer, "refused", refusedChild, map[string]any{"c": home}); again != no || !strings.Contains(no, `"INVALID"`) || headers.Get("Idempotency-Replayed") != "" {
			t.Errorf("refused: %s, then %s", no, again)
		}
		// what has no word about children is kept with a purpose too; what is linked with a child, or how many are, is not
		for key, selected := range map[string]string{"p1": "id iso2 name", "p2": "children{totalCount}", "p3": "interventions{nodes{children{nodes{id}}}}"} {
			admin.Headers["Purpose-Of-Use"], other.Headers["Purpose-Of-Use"] = "services", "services"
			doc := strings.Replace(createCountryMutation, "id iso2", selected, 1)
			_, made, _ := sendWithKey(admin, key, doc, map[string]any{"iso": "Z" + strings.ToUpper(key[1:])})
			_, again, headers := sendWithKey(other, key, doc, map[string]any{"iso": "Z" + strings.ToUpper(key[1:])})
			if strings.Contains(made, `"data":null`) || (made == again) != (key == "p1") || (key == "p1") != (headers.Get("Idempotency-Replayed") == "true") || (key != "p1") != strings.Contains(again, `"ids":["cty_`) {
				t.Errorf("%s with a purpose: %s, then %s", selected, made, again)
			}
		}
		delete(admin.Headers, "Purpose-Of-Use")
		delete(other.Headers, "Purpose-Of-Use")
		// what was refused, or could not be done, may be tried again
		refused := map[string]any{"iso": "TOO LONG"}
		_, no, _ = sendWithKey(admin, "k2", createCountryMutation, refused)
		if _, body, headers := sendWithKey(other, "k2", createCountryMutation, refused); body != no || !strings.Contains(no, `"INVALID"`) || headers.Get("Idempotency-Replayed") != "" {
			t.Errorf("refused: %s, then %s", no, body)
		}
		for _, bad := range []string{strings.Repeat("k", 201), "a\tb", ""} {
			if status, body, _ := sendWithKey(admin, bad, createCountryMutation, map[string]any{"iso": "ZX"}); status != 400 || !strings.Contains(body, `"INVALID"`) {
				t.Errorf("key %q: %d %s", bad, status, body)
			}
		}
		if _, body, _ := sendWithKey(admin, "k3", `mutation{a:archiveCountry(input:{id:"x",version:1}){id} b:archiveCountry(input:{id:"x",version:1}){id}}`, nil); !strings.Contains(body, `"INVALID"`) {
			t.Errorf("two root fields: %s", body)
		}
		rows, err := db.SQL().QueryContext(t.Context(), "SELECT id || payload || claim || answer FROM hub_answers")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		n := 0
		for ; rows.Next(); n++ {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"iso2", "Somewhere", "key-number-1", "country"} {
				if strings.Contains(text, word) {
					t.Errorf("what is stored shows %q: %s", word, text)
				}
			}
		}
		if n != 10 {
			t.Errorf("%d answers are stored", n)
		}
	})
}

// The secret of a token is shown once: a mutation that makes one has no key, by whatever name, and makes nothing with one.
func TestSecretsAreNotStored(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin := api.As("admin@demo", "")
		vars := map[string]any{"in": map[string]any{"title": "machine", "expiresAt": time.Now().Add(time.Hour)}}
		const create = `mutation($in:CreateAccessTokenInput!){name:createAccessToken(input:$in){secret}}`
		for lang, want := range map[string]string{"en": "takes no Idempotency-Key", "fr": "ne prend pas d'Idempotency-Key", "es": "no admite Idempotency-Key"} {
			admin.Headers["Accept-Language"] = lang
			if _, body, _ := sendWithKey(admin, "key", create, vars); !strings.Contains(body, `"INVALID"`) || !strings.Contains(body, want) {
				t.Errorf("%s: %s", lang, body)
			}
		}
		admin.Ask(create, vars).RequireOK()
		if a := admin.Ask(`{accessTokens{totalCount}}`, nil).RequireOK(); a.Int("accessTokens.totalCount") != 1 {
			t.Errorf("one was made, without a key: %s", a.Body)
		}
	})
}

// blockedSession is a session whose mutations wait to be let go.
type blockedSession struct {
	store.Session
	running, finish chan bool
}

func (s blockedSession) Once(ctx context.Context, key string, payload []byte, do func(context.Context, store.Session) ([]byte, bool)) ([]byte, bool, error) {
	return s.Session.Once(ctx, key, payload, func(ctx context.Context, tx store.Session) ([]byte, bool) {
		s.running <- true
		<-s.finish
		return do(ctx, tx)
	})
}

// While a request with a key is in flight, another with it gets 409 and when to come back, and then the first one's answer.
func TestIdempotencyOverHTTP(t *testing.T) {
	dbtest.OnEachDatabase(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		running, finish := make(chan bool), make(chan bool)
		api := apitest.New(t, db, func(o *server.Options) {
			enter := o.OpenSession
			o.OpenSession = func(ctx context.Context, e store.Credentials) (store.Session, error) {
				session, err := enter(ctx, e)
				return blockedSession{session, running, finish}, err
			}
		})
		h := httptest.NewServer(api.Handler)
		t.Cleanup(h.Close)
		headers := api.As("admin@demo", "").Headers
		ask := func() (int, string, http.Header) {
			body, err := json.Marshal(map[string]any{"query": createCountryMutation, "variables": map[string]any{"iso": "ZZ"}})
			if err != nil {
				t.Error(err)
			}
			r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/graphql", bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return 0, "", nil
			}
			for name, value := range headers {
				r.Header.Set(name, value)
			}
			r.Header.Set("Idempotency-Key", "one")
			w, err := h.Client().Do(r)
			if err != nil {
				t.Error(err)
				return 0, "", nil
			}
			defer w.Body.Close()
			text, err := io.ReadAll(w.Body)
			if err != nil {
				t.Error(err)
			}
			return w.StatusCode, string(text), w.Header
		}
		first := make(chan string)
		go func() {
			_, text, _ := ask()
			first <- text
		}()
		<-running
		if status, text, headers := ask(); status != 409 || headers.Get("Retry-After") != "1" || !strings.Contains(text, `"CONFLICT"`) {
			t.Errorf("in flight: %d %s", status, text)
		}
		close(finish)
		made := <-first
		if status, text, headers := ask(); status != 200 || text != made || headers.Get("Idempotency-Replayed") != "true" {
			t.Errorf("after: %d %s, not %s", status, text, made)
		}
	})
}

// While the first runs, others with its key are told so; when its process died, the next one carries the mutation out.
func TestIdempotencyInFlight(t *testing.T) {
	dbtest.OnEachDatabase(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		api := apitest.New(t, db)
		admin := api.As("admin@demo", "")
		session := api.SessionOf(admin, "")
		running, finish := make(chan bool), make(chan bool)
		var wait sync.WaitGroup
		wait.Go(func() {
			_, _, err := session.Once(t.Context(), "k", []byte("p"), func(context.Context, store.Session) ([]byte, bool) {
				close(running)
				<-finish
				return []byte("answer"), true
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-running
		never := func(context.Context, store.Session) ([]byte, bool) {
			t.Error("it ran twice")
			return nil, false
		}
		if _, _, err := session.Once(t.Context(), "k", []byte("p"), never); err == nil || !strings.Contains(err.Error(), "Idempotency-Key is running") {
			t.Errorf("in flight: %v", err)
		}
		close(finish)
		wait.Wait()
		if answer, replayed, err := session.Once(t.Context(), "k", []byte("p"), never); string(answer) != "answer" || !replayed || err != nil {
			t.Errorf("after: %s %v", answer, err)
		}
		// a process died: its claim is there, and its time is over
		if _, err := db.SQL().ExecContext(t.Context(), "UPDATE hub_answers SET answer = NULL, claimed_until = 1"); err != nil {
			t.Fatal(err)
		}
		if answer, replayed, err := session.Once(t.Context(), "k", []byte("p"), func(context.Context, store.Session) ([]byte, bool) { return []byte("second"), true }); string(answer) != "second" || replayed || err != nil {
			t.Errorf("after a death: %s %v", answer, err)
		}
		// an answer goes when its time is over
		if _, err := db.SQL().ExecContext(t.Context(), "UPDATE hub_answers SET kept_until = 1"); err != nil {
			t.Fatal(err)
		}
		if _, replayed, err := session.Once(t.Context(), "k", []byte("another"), func(context.Context, store.Session) ([]byte, bool) { return []byte("third"), true }); replayed || err != nil {
			t.Errorf("after its time: %v", err)
		}
	})
}

// An answer is kept three days and more, and then forgotten, whether or not anybody asks.
func TestAnswersAreForgotten(t *testing.T) {
	withFakeClock(t, func(t *testing.T, api *apitest.API, _ func() net.Conn) {
		ctx, stop := context.WithCancel(t.Context())
		var tidy sync.WaitGroup
		tidy.Go(func() { store.Tidy(ctx, api.Hub.DB()) })
		sendWithKey(api.As("admin@demo", ""), "key", createCountryMutation, map[string]any{"iso": "ZZ"})
		for _, c := range []struct {
			after time.Duration
			kept  int
		}{{72 * time.Hour, 1}, {9 * time.Hour, 0}} {
			time.Sleep(c.after)
			synctest.Wait()
			n := -1
			if err := api.Hub.DB().SQL().QueryRowContext(ctx, "SELECT count(*) FROM hub_answers").Scan(&n); err != nil || n != c.kept {
				t.Errorf("%v later, %d answers are kept, %v", c.after, n, err)
			}
		}
		stop()
		tidy.Wait()
	})
}
