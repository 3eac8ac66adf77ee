package hostile

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/server"
	"rightshub/internal/store"
	"rightshub/policies"
)

// createCoordinators makes people who coordinate the work in a country, beside the running hub, and returns their tokens.
func (h *target) createCoordinators(n int) (tokens []string) {
	h.Helper()
	ctx := h.Context()
	db, err := database.Open(ctx, database.Options{URL: "sqlite://" + h.databaseFile})
	if err != nil {
		h.Fatal(err)
	}
	defer db.Close()
	there, err := store.NewHub(db, inventory.Model, h.secret)
	if err != nil {
		h.Fatal(err)
	}
	policy, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		h.Fatal(err)
	}
	user, role, country := inventory.Model.Entity("User"), inventory.Model.Entity("RoleAssignment"), inventory.Model.Entity("Country")
	err = there.Session(policy.View(access.SystemSubject("system_seed", time.Now())), nil).Atomic(ctx, func(ctx context.Context, s store.Session) error {
		page, err := s.List(ctx, &store.List{Selection: store.Selection{Entity: country}, Rows: true, Where: &store.Predicate{Op: store.PredicateField, Field: country.Field("iso2"), Values: []any{"BF"}}})
		for i := 0; i < n && err == nil; i++ {
			email := fmt.Sprintf("crowd.%d@demo", i)
			id, failed := s.Create(ctx, user, store.Input{"displayName": "Made up", "email": email, "state": "active", "synthetic": true})
			if err = failed; err == nil {
				_, err = s.Create(ctx, role, store.Input{"user": id, "role": "country_coordinator", "state": "active", "countryIds": []string{page.Rows[0].ID.String()}})
			}
			tokens = append(tokens, h.signedToken(email))
		}
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	return tokens
}

// openSocket opens one, with a token or with none.
func (h *target) openSocket(ctx context.Context, token string) (*websocket.Conn, error) {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	c, _, err := websocket.Dial(ctx, "ws://"+h.address+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, CompressionMode: websocket.CompressionDisabled, HTTPHeader: header})
	return c, err
}

// subscribeToChanges opens a socket that follows what changes in the interventions, and answers its pings until the test ends.
func (h *target) subscribeToChanges(ctx context.Context, token string, lost *atomic.Int64) error {
	c, err := h.openSocket(ctx, token)
	if err != nil {
		return err
	}
	h.Cleanup(func() { c.CloseNow() })
	for _, text := range []string{`{"type":"connection_init"}`, `{"type":"subscribe","id":"1","payload":{"query":"subscription{changed(types:[Country]){id}}"}}`, `{"type":"ping"}`} {
		if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return err
		}
	}
	for _, want := range []string{`{"type":"connection_ack"}`, `{"type":"pong"}`} {
		if _, text, err := c.Read(ctx); err != nil || string(text) != want {
			return fmt.Errorf("%s, %w", text, err)
		}
	}
	context.AfterFunc(c.CloseRead(ctx), func() { lost.Add(1) })
	return nil
}

// residentMemory is the memory of the hub's process in KiB.
func (h *target) residentMemory() int {
	h.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.processID))
	if err != nil {
		h.Fatal(err)
	}
	n, err := strconv.Atoi(string(regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)[1]))
	if err != nil {
		h.Fatal(err)
	}
	return n
}

// Five thousand sockets with a subscription each, as many as a person may have, stay open through a flood. What it comes to
// is printed: 200 ms at most are wanted here too, but each of these sockets is work, and a busy machine has less for it.
func TestCrowd(t *testing.T) {
	var files syscall.Rlimit // Go's programs take all they may; so does the hub
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur < socketCount+500 {
		t.Fatalf("this test opens %d files, and may open %d: raise the hard limit (ulimit -Hn)", socketCount, files.Cur)
	}
	h := startHub(t)
	before := h.residentMemory()
	tokens := h.createCoordinators(socketCount / server.MaxPerCaller)
	var open sync.WaitGroup
	var lost atomic.Int64
	next := make(chan string)
	for range 16 {
		open.Go(func() {
			for token := range next {
				if err := h.subscribeToChanges(t.Context(), token, &lost); err != nil {
					t.Error(err)
				}
			}
		})
	}
	start := time.Now()
	for i := range socketCount {
		next <- tokens[i%len(tokens)]
	}
	close(next)
	open.Wait()
	t.Logf("%d sockets are open after %v, in %d KiB each", socketCount, time.Since(start).Round(time.Millisecond), (h.residentMemory()-before)/socketCount)
	h.checkFlood(2 * time.Second)
	if n := lost.Load(); n > 0 {
		t.Errorf("%d sockets were closed", n)
	}
	t.Logf("the hub takes %d MiB, %d before", h.residentMemory()>>10, before>>10)
}
