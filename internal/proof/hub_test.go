package proof_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"rightshub/ent/inventory"
	"rightshub/graph"
	"rightshub/internal/access"
	"rightshub/internal/dbtest"
	"rightshub/internal/identity"
	"rightshub/internal/server"
	"rightshub/internal/store"
	"rightshub/policies"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// secret of every hub.
var secret = store.Secret{7}

// empty is a database with tables and nothing in them.
var empty = &dbtest.Fixture{}

// hub is the program itself, from the HTTP handler down, over one database.
type hub struct {
	db      *store.DB
	tables  *store.DB      // the same database, opened by the owner of its tables
	all     *access.Policy // with the guard off, by which statements are written; nil: by the caller's rights
	schema  graphql.ExecutableSchema
	handler http.Handler
	log     *bytes.Buffer
}

// open starts the hub anew, with nothing kept in memory, under these policies.
func (h *hub) open(rolesCSV string) error {
	policy, err := readPolicy(rolesCSV)
	if err != nil {
		return err
	}
	inner, err := store.NewHub(h.db, inventory.Model, secret)
	if err != nil {
		return err
	}
	door, err := identity.NewDoor(inner, policy, nil, issuer)
	if err != nil {
		return err
	}
	door.LetPublicIn()
	enter := door.Enter
	if h.all != nil {
		enter = unguarded(enter, h.all)
	}
	h.log = &bytes.Buffer{}
	h.handler = server.New(server.Options{Schema: h.schema, Enter: enter, Ready: h.db.CheckSchema, Log: slog.New(slog.NewTextHandler(h.log, nil)), Limits: unlimited}).Handler()
	return nil
}

// readPolicy reads policies beside the hub's own model.conf.
func readPolicy(rolesCSV string) (*access.Policy, error) {
	conf, err := policies.Files.ReadFile("model.conf")
	if err != nil {
		return nil, err
	}
	return access.Load(fstest.MapFS{"model.conf": {Data: conf}, "roles.csv": {Data: []byte(rolesCSV)}}, inventory.Model)
}

// unlimited lets documents through that ask for more than anybody may: the worlds are small.
var unlimited = server.Limits{Objects: 1 << 40, PerSecond: 1 << 40, Burst: 1 << 40, Concurrent: 1 << 20, Time: server.DefaultLimits.Time}

// exchange is what a caller gets, less what differs by nature.
type exchange struct {
	status int
	header string
	body   string
	record string // what the hub has written down of it in the record of access
}

// chancy reports whether the request asks for the record of access while it adds to it: root fields are answered side by side,
// so whether one shows what another has recorded is chance.
func (e exchange) chancy(body string) bool {
	return e.record != "" && strings.Contains(body, "ccessEvent")
}

// caller is who asks: by an e-mail address, by a personal access token, or, as "", without signing in.
type caller struct {
	name, purpose, languages, grant string
}

// request is a request of the caller's.
func (h *hub) request(ctx context.Context, c caller, body string) (*http.Request, error) {
	r := httptest.NewRequestWithContext(ctx, "POST", "/graphql", strings.NewReader(body))
	if c.name != "" {
		token, err := bearer(c.name)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	if c.purpose != "" {
		r.Header.Set("Purpose-Of-Use", c.purpose)
	}
	if c.languages != "" {
		r.Header.Set("Accept-Language", c.languages)
	}
	if c.grant != "" {
		r.Header.Set("Audit-Grant", c.grant)
	}
	return r, nil
}

// ask sends a request.
func (h *hub) ask(ctx context.Context, c caller, body string) exchange {
	r, err := h.request(ctx, c, body)
	if err != nil {
		return exchange{body: err.Error()}
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	w.Header().Del("X-Request-Id")
	w.Header().Del("Date")
	record, err := h.takeRecord(ctx)
	if err != nil {
		return exchange{body: err.Error()}
	}
	return exchange{w.Code, fmt.Sprint(w.Header()), w.Body.String(), record}
}

// takeRecord takes out of the record of access what a request has added: the world is as it was. The operations of
// random documents have prints that begin with "~".
func (h *hub) takeRecord(ctx context.Context) (string, error) {
	rows, err := h.tables.SQL().QueryContext(ctx, "DELETE FROM access_events WHERE operation_hash LIKE '~%' RETURNING entity, decision, actor, capacity, COALESCE(purpose, ''), policy_version, CAST(subjects AS text), rows, clear_cells")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var of [7]string
		var n [2]int
		if err := rows.Scan(&of[0], &of[1], &of[2], &of[3], &of[4], &of[5], &of[6], &n[0], &n[1]); err != nil {
			return "", err
		}
		of[6] = fmt.Sprint(strings.Count(of[6], `"`) / 2) // a new row has a key of its own in each world
		lines = append(lines, fmt.Sprint(of, n))
	}
	slices.Sort(lines) // root fields are answered side by side
	return strings.Join(lines, "\n"), rows.Err()
}

// issuer signs people in who have an e-mail address.
var issuer = identity.NewIssuer(secret)

func bearer(name string) (string, error) {
	if strings.HasPrefix(name, identity.TokenPrefix) {
		return name, nil
	}
	return issuer.Token(name, time.Now())
}

// hubs opens two hubs on databases of one kind.
func hubs(t testing.TB, fixture func(testing.TB) *store.DB) [2]*hub {
	t.Helper()
	schema, _, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var two [2]*hub
	for i := range two {
		db := fixture(t)
		two[i] = &hub{db: db, tables: db, schema: schema}
	}
	return two
}
