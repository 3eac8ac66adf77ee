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

// hubSecret is the secret of every hub of the proof.
var hubSecret = database.Secret{7}

// emptyFixture is a database with all tables and no rows.
var emptyFixture = &dbtest.Fixture{}

// hub is the whole program over one database, from the HTTP handler down.
type hub struct {
	db         *database.DB
	ownerDB    *database.DB   // the same database, opened by the owner of its tables
	openPolicy *access.Policy // without the guard: the policies by which statements are written; nil: the caller's own
	schema     graphql.ExecutableSchema
	handler    http.Handler
	log        *bytes.Buffer
}

// open starts the hub again under these policies, with empty caches.
func (h *hub) open(rolesCSV string) error {
	policy, err := readPolicy(rolesCSV)
	if err != nil {
		return err
	}
	inner, err := store.NewHub(h.db, theModel, hubSecret)
	if err != nil {
		return err
	}
	authenticator, err := identity.NewAuthenticator(inner, policy, nil, tokenIssuer)
	if err != nil {
		return err
	}
	authenticator.AllowPublic()
	openSession := authenticator.OpenSession
	if h.openPolicy != nil {
		openSession = withoutGuard(openSession, h.openPolicy)
	}
	h.log = &bytes.Buffer{}
	h.handler = server.New(server.Options{
		Schema:      h.schema,
		Model:       theModel,
		OpenSession: openSession,
		Ready:       h.db.CheckSchema,
		Log:         slog.New(slog.NewTextHandler(h.log, nil)),
		Limits:      noLimits,
	}).Handler()
	return nil
}

// readPolicy loads policies together with the hub's own model.conf.
func readPolicy(rolesCSV string) (*access.Policy, error) {
	conf, err := policies.Files.ReadFile("model.conf")
	if err != nil {
		return nil, err
	}
	return access.Load(fstest.MapFS{"model.conf": {Data: conf}, "roles.csv": {Data: []byte(rolesCSV)}}, theModel)
}

// noLimits allows documents that are too complex for any real caller. The worlds are small, so this costs little.
var noLimits = server.Limits{
	Objects: 1 << 40, PerSecond: 1 << 40, Burst: 1 << 40, Concurrent: 1 << 20, Timeout: server.DefaultLimits.Timeout,
}

// exchange is the answer to one request, without what differs between any two answers (request id, date).
type exchange struct {
	status int
	header string
	body   string
	record string // what the hub added to the record of access for this request
}

// isNondeterministic reports whether the request reads the record of access and also adds to it. The hub answers root
// fields side by side, so it is chance whether one of them shows what another has recorded.
func (e exchange) isNondeterministic(body string) bool {
	return e.record != "" && strings.Contains(body, "ccessEvent")
}

// caller identifies the sender of a request by an e-mail address or by a personal access token. The empty name sends no
// token.
type caller struct {
	name, purpose, languages, grant string
}

// newRequest builds a request of the caller with this body.
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

// sendRequest sends a request of the caller and returns the answer. An error becomes the body of the answer.
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

// takeAccessRecord removes what a request added to the record of access and returns it as text, so that the world is as
// it was before. The operations of random documents have hashes that begin with "~".
func (h *hub) takeAccessRecord(ctx context.Context) (string, error) {
	rows, err := h.ownerDB.SQL().QueryContext(ctx, `
		DELETE FROM access_events
		WHERE operation_hash LIKE '~%'
		RETURNING entity, decision, actor, capacity, COALESCE(purpose, ''), policy_version,
			CAST(subjects AS text), rows, clear_cells`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var columns [7]string
		var n [2]int
		if err := rows.Scan(
			&columns[0], &columns[1], &columns[2], &columns[3], &columns[4], &columns[5], &columns[6], &n[0], &n[1],
		); err != nil {
			return "", err
		}
		// a new row has another key in each world, so only the number of subjects is compared
		columns[6] = fmt.Sprint(strings.Count(columns[6], `"`) / 2)
		lines = append(lines, fmt.Sprint(columns, n))
	}
	slices.Sort(lines) // root fields are answered side by side, in any order
	return strings.Join(lines, "\n"), rows.Err()
}

// tokenIssuer signs in any user that has an e-mail address.
var tokenIssuer = identity.NewDemoIssuer(hubSecret)

// bearerToken is the token to send for a caller. A personal access token is sent as it is.
func bearerToken(name string) (string, error) {
	if strings.HasPrefix(name, identity.TokenPrefix) {
		return name, nil
	}
	return tokenIssuer.SignToken(name, time.Now())
}

// openHubs opens two hubs, each on a database of its own from the fixture. They serve nothing until open is called.
func openHubs(t testing.TB, fixture func(testing.TB) *database.DB) [2]*hub {
	t.Helper()
	var two [2]*hub
	for i := range two {
		db := fixture(t)
		two[i] = &hub{db: db, ownerDB: db, schema: readSchema(t)}
	}
	return two
}

func readSchema(t testing.TB) graphql.ExecutableSchema {
	t.Helper()
	schema, _, err := graph.Schema(theModel)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
