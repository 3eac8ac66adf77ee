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

const createCountryMutation = `mutation($iso: String!) {
	createCountry(input: {iso2: $iso, name: [{language: "en", text: "Somewhere"}]}) { country { id iso2 } }
}`

// createCountryVariables returns the variables of createCountryMutation.
func createCountryVariables(iso2 string) map[string]any { return map[string]any{"iso": iso2} }

// sendWithKey sends a document with an Idempotency-Key, and returns the status, the body and the headers of the
// response.
func sendWithKey(caller *apitest.Caller, key, document string, variables map[string]any) (int, string, http.Header) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		caller.Fatal(err)
	}
	caller.Headers["Idempotency-Key"] = key
	w := caller.Send(caller.Context(), string(body))
	delete(caller.Headers, "Idempotency-Key")
	return w.Code, w.Body.String(), w.Header()
}

// isReplayed reports whether the headers mark a response as a replay.
func isReplayed(headers http.Header) bool { return headers.Get("Idempotency-Replayed") == "true" }

// TestIdempotency checks that a mutation with a key happens once, even if two processes share the database, and that
// only its caller gets the response again.
func TestIdempotency(t *testing.T) {
	dbtest.OnEachDatabase(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		first, second := apitest.New(t, db), apitest.New(t, db) // two processes
		admin, adminElsewhere := first.As("admin@demo", ""), second.As("admin@demo", "")
		checkReplays(t, admin, adminElsewhere, first.As("manager@demo", ""))
		checkChildData(t, first.As("protection.bf@demo", ""))
		checkLinksToChildren(t, admin, adminElsewhere)
		checkRefusals(t, admin, adminElsewhere)
		checkStoredAnswers(t, db)
	})
}

// checkReplays sends a mutation twice with the same key.
func checkReplays(t *testing.T, admin, adminElsewhere, manager *apitest.Caller) {
	t.Helper()
	const key = "key-number-1"
	status, created, _ := sendWithKey(admin, key, createCountryMutation, createCountryVariables("ZZ"))
	if status != 200 || !strings.Contains(created, `"iso2":"ZZ"`) {
		t.Fatalf("%d %s", status, created)
	}
	status, body, headers := sendWithKey(adminElsewhere, key, createCountryMutation, createCountryVariables("ZZ"))
	if status != 200 || body != created || !isReplayed(headers) {
		t.Errorf("the same request again: %d %s", status, body)
	}
	const count = `{countries(where:{iso2:{eq:"ZZ"}}){totalCount}}`
	if n := admin.Ask(count, nil).RequireOK().Int("countries.totalCount"); n != 1 {
		t.Errorf("the mutation happened %d times, want once", n)
	}
	status, body, _ = sendWithKey(adminElsewhere, key, createCountryMutation, createCountryVariables("ZY"))
	if status != 422 || !strings.Contains(body, `"INVALID"`) {
		t.Errorf("another request with the same key: %d %s", status, body)
	}
	status, body, headers = sendWithKey(manager, key, createCountryMutation, createCountryVariables("ZZ"))
	if !strings.Contains(body, `"FORBIDDEN"`) || isReplayed(headers) {
		t.Errorf("another caller with the same key: %d %s", status, body)
	}
}

// checkChildData checks that a response with data about a child is not stored, because the data may be hidden when
// the caller repeats the request. The repeated request reports only the id of the row.
func checkChildData(t *testing.T, officer *apitest.Caller) {
	t.Helper()
	country := officer.Ask(`{countries(where:{iso2:{eq:"BF"}}){nodes{id}}}`, nil).RequireOK()
	variables := map[string]any{"c": country.Text("countries.nodes.0.id")}
	for key, selection := range map[string]string{
		"k4": "id version",
		"k5": "id ageBand",
		"k6": "...{...on Child{caseCode}}",
	} {
		isStored := key == "k4"
		for _, purpose := range []string{"", "services"} {
			officer.Headers["Purpose-Of-Use"] = purpose
			createChild := fmt.Sprintf(`mutation($c: ID!) {
				createChild(input: {countryId: $c, caseCode: "T-%s%s"}) { child { %s } }
			}`, key, purpose, selection)
			_, created, _ := sendWithKey(officer, key+purpose, createChild, variables)
			status, again, _ := sendWithKey(officer, key+purpose, createChild, variables)
			if strings.Contains(created, "errors") || isStored && again != created ||
				!isStored && (status != 409 || !strings.Contains(again, "CONFLICT")) {
				t.Errorf("%s: first %s, then %d %s", selection, created, status, again)
			}
			if key != "k5" {
				continue
			}
			var conflict struct {
				Errors []struct{ Extensions struct{ IDs []string } }
			}
			if err := json.Unmarshal([]byte(again), &conflict); err != nil || len(conflict.Errors) == 0 {
				t.Errorf("%v: %s", err, again)
			} else if ids := conflict.Errors[0].Extensions.IDs; len(ids) != 1 || !strings.Contains(created, ids[0]) {
				t.Errorf("the ids %q do not name the row of %s", ids, created)
			}
		}
	}
	delete(officer.Headers, "Purpose-Of-Use")
	// A refusal may reveal the state of a child's record, so it is not stored, and the mutation is tried again.
	const refused = `mutation($c: ID!) { createChild(input: {countryId: $c, caseCode: ""}) { child { id } } }`
	_, refusal, _ := sendWithKey(officer, "refused", refused, variables)
	_, again, headers := sendWithKey(officer, "refused", refused, variables)
	if again != refusal || !strings.Contains(refusal, `"INVALID"`) || isReplayed(headers) {
		t.Errorf("a refusal: first %s, then %s", refusal, again)
	}
}

// checkLinksToChildren checks that a purpose of use does not keep a response from being stored, but a link to
// children does, even if only their number is selected.
func checkLinksToChildren(t *testing.T, admin, adminElsewhere *apitest.Caller) {
	t.Helper()
	admin.Headers["Purpose-Of-Use"], adminElsewhere.Headers["Purpose-Of-Use"] = "services", "services"
	for key, selection := range map[string]string{
		"p1": "id iso2 name",
		"p2": "children{totalCount}",
		"p3": "interventions{nodes{children{nodes{id}}}}",
	} {
		isStored := key == "p1"
		document := strings.Replace(createCountryMutation, "id iso2", selection, 1)
		variables := createCountryVariables("Z" + strings.ToUpper(key[1:]))
		_, created, _ := sendWithKey(admin, key, document, variables)
		_, again, headers := sendWithKey(adminElsewhere, key, document, variables)
		namesRow := strings.Contains(again, `"ids":["cty_`)
		if strings.Contains(created, `"data":null`) || (again == created) != isStored ||
			isReplayed(headers) != isStored || namesRow == isStored {
			t.Errorf("%s with a purpose: first %s, then %s", selection, created, again)
		}
	}
	delete(admin.Headers, "Purpose-Of-Use")
	delete(adminElsewhere.Headers, "Purpose-Of-Use")
}

// checkRefusals checks that a refused mutation may be tried again with its key, and that bad keys are refused.
func checkRefusals(t *testing.T, admin, adminElsewhere *apitest.Caller) {
	t.Helper()
	variables := createCountryVariables("TOO LONG")
	_, refusal, _ := sendWithKey(admin, "k2", createCountryMutation, variables)
	_, again, headers := sendWithKey(adminElsewhere, "k2", createCountryMutation, variables)
	if again != refusal || !strings.Contains(refusal, `"INVALID"`) || isReplayed(headers) {
		t.Errorf("a refusal: first %s, then %s", refusal, again)
	}
	for _, key := range []string{strings.Repeat("k", 201), "a\tb", ""} {
		status, body, _ := sendWithKey(admin, key, createCountryMutation, createCountryVariables("ZX"))
		if status != 400 || !strings.Contains(body, `"INVALID"`) {
			t.Errorf("key %q: %d %s", key, status, body)
		}
	}
	const twoFields = `mutation {
		a: archiveCountry(input: {id: "x", version: 1}) { id }
		b: archiveCountry(input: {id: "x", version: 1}) { id }
	}`
	if _, body, _ := sendWithKey(admin, "k3", twoFields, nil); !strings.Contains(body, `"INVALID"`) {
		t.Errorf("two root fields: %s", body)
	}
}

// checkStoredAnswers checks the number of stored responses, and that the table shows no clear text.
func checkStoredAnswers(t *testing.T, db *database.DB) {
	t.Helper()
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
				t.Errorf("a stored response shows %q: %s", word, text)
			}
		}
	}
	if n != 10 {
		t.Errorf("%d responses are stored, want 10", n)
	}
}

// TestSecretsAreNotStored checks that createAccessToken refuses an Idempotency-Key and then creates no token, even if
// the field has an alias. Otherwise the secret of the token would be stored.
func TestSecretsAreNotStored(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		admin := api.As("admin@demo", "")
		variables := map[string]any{"in": map[string]any{"title": "machine", "expiresAt": time.Now().Add(time.Hour)}}
		const create = `mutation($in:CreateAccessTokenInput!){name:createAccessToken(input:$in){secret}}`
		for language, want := range map[string]string{
			"en": "takes no Idempotency-Key",
			"fr": "ne prend pas d'Idempotency-Key",
			"es": "no admite Idempotency-Key",
		} {
			admin.Headers["Accept-Language"] = language
			_, body, _ := sendWithKey(admin, "key", create, variables)
			if !strings.Contains(body, `"INVALID"`) || !strings.Contains(body, want) {
				t.Errorf("%s: %s", language, body)
			}
		}
		admin.Ask(create, variables).RequireOK()
		a := admin.Ask(`{accessTokens{totalCount}}`, nil).RequireOK()
		if n := a.Int("accessTokens.totalCount"); n != 1 {
			t.Errorf("there are %d tokens, want only the token that was created without a key", n)
		}
	})
}

// blockedSession is a session that signals running before a mutation with a key, and then waits for finish.
type blockedSession struct {
	store.Session
	running, finish chan bool
}

func (s blockedSession) Once(
	ctx context.Context, key string, payload []byte, do func(context.Context, store.Session) ([]byte, bool),
) ([]byte, bool, error) {
	return s.Session.Once(ctx, key, payload, func(ctx context.Context, tx store.Session) ([]byte, bool) {
		s.running <- true
		<-s.finish
		return do(ctx, tx)
	})
}

// TestIdempotencyOverHTTP checks that a second request with the key of a running request gets 409 with Retry-After,
// and after the end of the first request gets its response.
func TestIdempotencyOverHTTP(t *testing.T) {
	dbtest.OnEachDatabase(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		running, finish := make(chan bool), make(chan bool)
		api := apitest.New(t, db, func(o *server.Options) {
			openSession := o.OpenSession
			o.OpenSession = func(ctx context.Context, c store.Credentials) (store.Session, error) {
				session, err := openSession(ctx, c)
				return blockedSession{session, running, finish}, err
			}
		})
		h := httptest.NewServer(api.Handler)
		t.Cleanup(h.Close)
		admin := api.As("admin@demo", "")
		send := func() (int, string, http.Header) {
			body, err := json.Marshal(map[string]any{
				"query": createCountryMutation, "variables": createCountryVariables("ZZ"),
			})
			if err != nil {
				t.Error(err)
			}
			r, err := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/graphql", bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return 0, "", nil
			}
			for name, value := range admin.Headers {
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
			_, text, _ := send()
			first <- text
		}()
		<-running
		status, text, headers := send()
		if status != 409 || headers.Get("Retry-After") != "1" || !strings.Contains(text, `"CONFLICT"`) {
			t.Errorf("while the first request runs: %d %v %s", status, headers, text)
		}
		close(finish)
		created := <-first
		if status, text, headers := send(); status != 200 || text != created || !isReplayed(headers) {
			t.Errorf("after the first request: %d %s, want %s", status, text, created)
		}
	})
}

// TestIdempotencyInFlight checks Session.Once while another call with the same key runs, after the process of that
// call has died, and after the lifetime of a stored response.
func TestIdempotencyInFlight(t *testing.T) {
	dbtest.OnEachDatabase(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		api := apitest.New(t, db)
		admin := api.As("admin@demo", "")
		session := api.SessionOf(admin, "")
		running, finish := make(chan bool), make(chan bool)
		var wait sync.WaitGroup
		wait.Go(func() {
			execute := func(context.Context, store.Session) ([]byte, bool) {
				close(running)
				<-finish
				return []byte("answer"), true
			}
			if _, _, err := session.Once(t.Context(), "k", []byte("p"), execute); err != nil {
				t.Error(err)
			}
		})
		<-running
		mustNotRun := func(context.Context, store.Session) ([]byte, bool) {
			t.Error("the mutation ran twice")
			return nil, false
		}
		answerWith := func(text string) func(context.Context, store.Session) ([]byte, bool) {
			return func(context.Context, store.Session) ([]byte, bool) { return []byte(text), true }
		}
		_, _, err := session.Once(t.Context(), "k", []byte("p"), mustNotRun)
		if err == nil || !strings.Contains(err.Error(), "Idempotency-Key is running") {
			t.Errorf("while the first call runs: %v", err)
		}
		close(finish)
		wait.Wait()
		answer, replayed, err := session.Once(t.Context(), "k", []byte("p"), mustNotRun)
		if string(answer) != "answer" || !replayed || err != nil {
			t.Errorf("after the first call: %s, replayed %v, %v", answer, replayed, err)
		}

		// After a process has died, its claim remains until its time is over.
		const expireClaims = "UPDATE hub_answers SET answer = NULL, claimed_until = 1"
		if _, err := db.SQL().ExecContext(t.Context(), expireClaims); err != nil {
			t.Fatal(err)
		}
		answer, replayed, err = session.Once(t.Context(), "k", []byte("p"), answerWith("second"))
		if string(answer) != "second" || replayed || err != nil {
			t.Errorf("after the death of a process: %s, replayed %v, %v", answer, replayed, err)
		}

		// After its lifetime, a response no longer claims its key.
		if _, err := db.SQL().ExecContext(t.Context(), "UPDATE hub_answers SET kept_until = 1"); err != nil {
			t.Fatal(err)
		}
		_, replayed, err = session.Once(t.Context(), "k", []byte("another"), answerWith("third"))
		if replayed || err != nil {
			t.Errorf("after the lifetime of the response: replayed %v, %v", replayed, err)
		}
	})
}

// TestAnswersAreForgotten checks that a response is stored for at least three days and then deleted, even without
// further requests.
func TestAnswersAreForgotten(t *testing.T) {
	withFakeClock(t, func(t *testing.T, api *apitest.API, _ func() net.Conn) {
		ctx, stop := context.WithCancel(t.Context())
		var tidy sync.WaitGroup
		tidy.Go(func() { store.Tidy(ctx, api.Hub.DB()) })
		sendWithKey(api.As("admin@demo", ""), "key", createCountryMutation, createCountryVariables("ZZ"))
		for _, c := range []struct {
			wait   time.Duration
			stored int
		}{{72 * time.Hour, 1}, {9 * time.Hour, 0}} {
			time.Sleep(c.wait)
			synctest.Wait()
			n := -1
			row := api.Hub.DB().SQL().QueryRowContext(ctx, "SELECT count(*) FROM hub_answers")
			if err := row.Scan(&n); err != nil || n != c.stored {
				t.Errorf("after another %v, %d responses are stored, want %d; %v", c.wait, n, c.stored, err)
			}
		}
		stop()
		tidy.Wait()
	})
}
