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

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/query"
	"rightshub/internal/server"
	"rightshub/internal/store"
	"rightshub/policies"
)

// createCoordinators creates country coordinators in the database of the running hub and returns their tokens.
func (h *target) createCoordinators(n int) (tokens []string) {
	h.Helper()
	ctx := h.Context()
	db, err := database.Open(ctx, database.Options{URL: "sqlite://" + h.databaseFile})
	if err != nil {
		h.Fatal(err)
	}
	defer db.Close()
	hub, err := store.NewHub(db, theModel, h.secret)
	if err != nil {
		h.Fatal(err)
	}
	policy, err := access.Load(policies.Files, theModel)
	if err != nil {
		h.Fatal(err)
	}
	user, role := theModel.Entity("User"), theModel.Entity("RoleAssignment")
	country := theModel.Entity("Country")
	session := hub.Session(policy.View(access.SystemSubject("system_seed", time.Now())), nil)
	err = session.Atomic(ctx, func(ctx context.Context, s store.Session) error {
		page, err := s.List(ctx, &query.List{
			Selection: query.Selection{Entity: country},
			Rows:      true,
			Where: &query.Predicate{
				Op: query.PredicateField, Field: country.Field("iso2"), Values: []any{"BF"},
			},
		})
		for i := 0; i < n && err == nil; i++ {
			email := fmt.Sprintf("crowd.%d@demo", i)
			id, failed := s.Create(ctx, user, query.Input{
				"displayName": "Made up", "email": email, "state": "active", "synthetic": true,
			})
			if err = failed; err == nil {
				_, err = s.Create(ctx, role, query.Input{
					"user": id, "role": "country_coordinator", "state": "active",
					"countryIds": []string{page.Rows[0].ID.String()},
				})
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

// openSocket opens a WebSocket with a token, or without one for "".
func (h *target) openSocket(ctx context.Context, token string) (*websocket.Conn, error) {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	c, _, err := websocket.Dial(ctx, "ws://"+h.address+"/graphql", &websocket.DialOptions{
		Subprotocols:    []string{"graphql-transport-ws"},
		CompressionMode: websocket.CompressionDisabled,
		HTTPHeader:      header,
	})
	return c, err
}

// subscribeToChanges opens a socket that follows the changes of countries. It answers the hub's pings until the test
// ends, and counts the socket as lost when the hub closes it.
func (h *target) subscribeToChanges(ctx context.Context, token string, lost *atomic.Int64) error {
	c, err := h.openSocket(ctx, token)
	if err != nil {
		return err
	}
	h.Cleanup(func() { c.CloseNow() })
	for _, text := range []string{
		`{"type":"connection_init"}`,
		`{"type":"subscribe","id":"1","payload":{"query":"subscription{changed(types:[Country]){id}}"}}`,
		`{"type":"ping"}`,
	} {
		if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return err
		}
	}
	for _, want := range []string{`{"type":"connection_ack"}`, `{"type":"pong"}`} {
		if _, text, err := c.Read(ctx); err != nil || string(text) != want {
			return fmt.Errorf("the hub sent %q (%w), and must send %s", text, err, want)
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

// TestCrowd checks that 5,000 sockets with a subscription each (1,000 in the short form), as many as one caller may
// have, stay open through a flood. It logs how much memory they take. /healthz should answer within 200 ms here too, but
// the limit is two seconds, because each of these sockets makes work and a busy machine is slow with it.
func TestCrowd(t *testing.T) {
	sockets := socketCount
	if !dbtest.Long() {
		sockets /= 5
	}
	var files syscall.Rlimit // Go programs raise their soft limit to the hard limit, and so does the hub
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur < uint64(sockets)+500 {
		t.Fatalf("this test opens %d files and may open only %d: raise the hard limit (ulimit -Hn)",
			sockets, files.Cur)
	}
	h := startHub(t)
	before := h.residentMemory()
	tokens := h.createCoordinators(sockets / server.MaxPerCaller)
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
	for i := range sockets {
		next <- tokens[i%len(tokens)]
	}
	close(next)
	open.Wait()
	t.Logf("%d sockets are open after %v, in %d KiB each",
		sockets, time.Since(start).Round(time.Millisecond), (h.residentMemory()-before)/sockets)
	h.checkFlood(2 * time.Second)
	if n := lost.Load(); n > 0 {
		t.Errorf("the hub closed %d sockets during the flood", n)
	}
	t.Logf("the hub takes %d MiB, %d before", h.residentMemory()>>10, before>>10)
}
