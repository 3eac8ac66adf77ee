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
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/identity"
	"rightshub/internal/server"
	"rightshub/internal/store"
	"rightshub/policies"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// hubSecret of every hub.
var hubSecret = database.Secret{7}

// emptyFixture is a database with tables and nothing in them.
var emptyFixture = &dbtest.Fixture{}

// hub is the program itself, from the HTTP handler down, over one database.
type hub struct {
	db         *database.DB
	ownerDB    *database.DB   // the same database, opened by the owner of its tables
	openPolicy *access.Policy // with the guard off, by which statements are written; nil: by the caller's rights
	schema     graphql.ExecutableSchema
	handler    http.Handler
	log        *bytes.Buffer
}

// open starts the hub anew, with nothing kept in memory, under these policies.
func (h *hub) open(rolesCSV string) error {
	policy, err := readPolicy(rolesCSV)
	if err != nil {
		return err
	}
	inner, err := store.NewHub(h.db, inventory.Model, hubSecret)
	if err != nil {
		return err
	}
	door, err := identity.NewAuthenticator(inner, policy, nil, tokenIssuer)
	if err != nil {
		return err
	}
	door.AllowPublic()
	enter := door.OpenSession
	if h.openPolicy != nil {
		enter = withoutGuard(enter, h.openPolicy)
	}
	h.log = &bytes.Buffer{}
	h.handler = server.New(server.Options{Schema: h.schema, OpenSession: enter, Ready: h.db.CheckSchema, Log: slog.New(slog.NewTextHandler(h.log, nil)), Limits: noLimits}).Handler()
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

// noLimits lets documents through that ask for more than anybody may: the worlds are small.
var noLimits = server.Limits{Objects: 1 << 40, PerSecond: 1 << 40, Burst: 1 << 40, Concurrent: 1 << 20, Timeout: server.DefaultLimits.Timeout}

// exchange is what a caller gets, less what differs by nature.
type exchange struct {
	status int
	header string
	body   string
	record string // what the hub has written down of it in the record of access
}

// isNondeterministic reports whether the request asks for the record of access while it adds to it: root fields are answered side by side,
// so whether one shows what another has recorded is chance.
func (e exchange) isNondeterministic(body string) bool {
	return e.record != "" && strings.Contains(body, "ccessEvent")
}

// caller is who asks: by an e-mail address, by a personal access token, or, as "", without signing in.
type caller struct {
	name, purpose, languages, grant string
}

// newRequest is a request of the caller's.
func (h *hub) newRequest(ctx context.Context, c caller, body string) (*http.Request, error) {
	r := httptest.NewRequestWithContext(ctx, "POST", "/graphql", strings.NewReader(body))
	if c.name != "" {
		token, err := bearerToken(c.name)
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

// sendRequest sends a request.
func (h *hub) sendRequest(ctx context.Context, c caller, body string) exchange {
	r, err := h.newRequest(ctx, c, body)
	if err != nil {
		return exchange{body: err.Error()}
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	w.Header().Del("X-Request-Id")
	w.Header().Del("Date")
	record, err := h.takeAccessRecord(ctx)
	if err != nil {
		return exchange{body: err.Error()}
	}
	return exchange{w.Code, fmt.Sprint(w.Header()), w.Body.String(), record}
}

// takeAccessRecord takes out of the record of access what a request has added: the world is as it was. The operations of
// random documents have prints that begin with "~".
func (h *hub) takeAccessRecord(ctx context.Context) (string, error) {
	rows, err := h.ownerDB.SQL().QueryContext(ctx, "DELETE FROM access_events WHERE operation_hash LIKE '~%' RETURNING entity, decision, actor, capacity, COALESCE(purpose, ''), policy_version, CAST(subjects AS text), rows, clear_cells")
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

// tokenIssuer signs people in who have an e-mail address.
var tokenIssuer = identity.NewDemoIssuer(hubSecret)

func bearerToken(name string) (string, error) {
	if strings.HasPrefix(name, identity.TokenPrefix) {
		return name, nil
	}
	return tokenIssuer.SignToken(name, time.Now())
}

// openHubs opens two hubs on databases of one kind.
func openHubs(t testing.TB, fixture func(testing.TB) *database.DB) [2]*hub {
	t.Helper()
	schema, _, err := graph.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var two [2]*hub
	for i := range two {
		db := fixture(t)
		two[i] = &hub{db: db, ownerDB: db, schema: schema}
	}
	return two
}
