// Package apitest starts a whole hub on the database of a test and sends it requests as the people of the
// demonstration.
package apitest

import (
	"bytes"
	"context"
	"crypto/aes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"rightshub/ent/inventory"
	"rightshub/graph"
	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/demo"
	"rightshub/internal/identity"
	"rightshub/internal/query"
	"rightshub/internal/server"
	"rightshub/internal/store"
	"rightshub/policies"
)

// Secret is the secret of every hub under test.
var Secret = database.Secret{7}

// Demo is a database with the demonstration in it.
var Demo = &dbtest.Fixture{Fill: func(ctx context.Context, db *database.DB) error {
	policy, err := access.Load(policies.Files, inventory.Load())
	if err != nil {
		return err
	}
	hub, err := store.NewHub(db, inventory.Load(), Secret)
	if err != nil {
		return err
	}
	if err := demo.Seed(ctx, inventory.Load(), hub, policy); err != nil || db.Kind() != "postgres" {
		return err
	}
	_, err = db.SQL().ExecContext(ctx, "ANALYZE") // without statistics, some lists have plans that are 100 times slower
	return err
}}

// API is a hub under test.
type API struct {
	testing.TB
	Handler       http.Handler
	Metrics       http.Handler
	Hub           *store.Hub
	Log           *bytes.Buffer
	issuer        *identity.DemoIssuer
	openSession   func(context.Context, store.Credentials) (store.Session, error)
	peopleCreated int
}

// UnreachedLimits are limits that no test reaches.
var UnreachedLimits = server.Limits{
	Objects:    server.DefaultLimits.Objects,
	PerSecond:  1 << 40,
	Burst:      1 << 40,
	Concurrent: 1 << 20,
	Timeout:    server.DefaultLimits.Timeout,
}

// New starts a hub on the database. The change functions adjust its options.
func New(t testing.TB, db *database.DB, change ...func(*server.Options)) *API {
	t.Helper()
	return NewUnderPolicies(t, db, policies.Files, change...)
}

// PoliciesWithLines returns the built-in policies with further lines in roles.csv.
func PoliciesWithLines(t testing.TB, lines string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"model.conf", "roles.csv"} {
		text, err := fs.ReadFile(policies.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	files["roles.csv"].Data = append(files["roles.csv"].Data, "\n"+lines...)
	return files
}

// UnrestrictedPolicies returns policies under which the platform administrator may read and write every row and field.
func UnrestrictedPolicies(t testing.TB) fs.FS {
	t.Helper()
	conf, err := fs.ReadFile(policies.Files, "model.conf")
	if err != nil {
		t.Fatal(err)
	}
	lines := ""
	for _, e := range inventory.Load().Entities() {
		lines += "p, platform_admin, " + e.Name + ", read+create+update+approve+delete, global, C3, -, allow\n"
	}
	return fstest.MapFS{"model.conf": {Data: conf}, "roles.csv": {Data: []byte(lines)}}
}

// NewUnderPolicies is New with other policies.
func NewUnderPolicies(t testing.TB, db *database.DB, files fs.FS, change ...func(*server.Options)) *API {
	t.Helper()
	policy, err := access.Load(files, inventory.Load())
	if err != nil {
		t.Fatal(err)
	}
	hub, err := store.NewHub(db, inventory.Load(), Secret)
	if err != nil {
		t.Fatal(err)
	}
	issuer := identity.NewDemoIssuer(Secret)
	authenticator, err := identity.NewAuthenticator(hub, policy, nil, issuer)
	if err != nil {
		t.Fatal(err)
	}
	schema, sdl, err := graph.Schema(inventory.Load())
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	documents := hub.Session(policy.View(access.SystemSubject("system_documents", time.Now())), nil)
	o := server.Options{
		Schema:       schema,
		SDL:          sdl,
		Model:        inventory.Load(),
		OpenSession:  authenticator.OpenSession,
		Ready:        db.CheckSchema,
		Log:          slog.New(slog.NewTextHandler(log, nil)),
		Limits:       UnreachedLimits,
		FindDocument: graph.DocumentLookup(inventory.Load(), documents),
	}
	for _, c := range change {
		c(&o)
	}
	s := server.New(o)
	return &API{t, s.Handler(), s.Metrics(), hub, log, issuer, authenticator.OpenSession, 0}
}

// Caller sends requests as one person.
type Caller struct {
	*API
	Email   string
	Headers map[string]string
}

// As returns a caller for a person of the demonstration. purpose is the Purpose-Of-Use header, or "".
func (a *API) As(email, purpose string) *Caller {
	a.Helper()
	c := a.AsWithTokenUntil(email, time.Now().Add(tokenLifetime))
	if purpose != "" {
		c.Headers["Purpose-Of-Use"] = purpose
	}
	return c
}

// AsWithTokenMadeAt returns a caller with a token that was issued at the time.
func (a *API) AsWithTokenMadeAt(email string, at time.Time) *Caller {
	a.Helper()
	return a.AsWithTokenUntil(email, at.Add(tokenLifetime))
}

// tokenLifetime is the lifetime of a token of the demonstration.
const tokenLifetime = 12 * time.Hour

// AsWithTokenUntil returns a caller with a token that expires at the time.
func (a *API) AsWithTokenUntil(email string, expires time.Time) *Caller {
	a.Helper()
	token, err := a.issuer.SignToken(email, expires.Add(-tokenLifetime))
	if err != nil {
		a.Fatal(err)
	}
	return &Caller{a, email, map[string]string{
		"Authorization":   "Bearer " + token,
		"Content-Type":    "application/json",
		"Accept-Language": "en",
	}}
}

// Send posts a raw body to /graphql.
func (c *Caller) Send(ctx context.Context, body string) *httptest.ResponseRecorder {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Host, r.RequestURI, r.RemoteAddr = "example.com", "/graphql", "192.0.2.1:1234"
	for name, value := range c.Headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	return w
}

// Answer is a decoded GraphQL response.
type Answer struct {
	t      testing.TB
	Status int
	Body   string
	Data   any
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct {
			Code    string
			Version int
			Rule    string
			Limit   int
			Fields  []struct{ Field, Code, Reason string }
		}
	}
}

// Ask sends a document with variables and decodes the response.
func (c *Caller) Ask(document string, variables map[string]any) *Answer {
	c.Helper()
	return c.AskWithContext(c.Context(), document, variables)
}

// AskWithContext is Ask with a context.
func (c *Caller) AskWithContext(ctx context.Context, document string, variables map[string]any) *Answer {
	c.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		c.Fatal(err)
	}
	return decodeAnswer(c.TB, c.Send(ctx, string(body)))
}

func decodeAnswer(t testing.TB, w *httptest.ResponseRecorder) *Answer {
	t.Helper()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := &Answer{t: t, Status: w.Code, Body: string(text)}
	if err := json.Unmarshal(text, a); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return a
}

// RequireOK fails the test when the response has an error. It returns the response.
func (a *Answer) RequireOK() *Answer {
	a.t.Helper()
	if len(a.Errors) > 0 || a.Status != http.StatusOK {
		a.t.Fatalf("%d %s", a.Status, a.Body)
	}
	return a
}

// Code returns the code of the first error, or "" when there is none.
func (a *Answer) Code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	return a.Errors[0].Extensions.Code
}

// At returns the value at a path such as "countries.nodes.0.iso2", or nil when there is none.
func (a *Answer) At(path string) any {
	at := a.Data
	for _, step := range strings.Split(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return nil
			}
			at = v[i]
		default:
			return nil
		}
	}
	return at
}

// Text returns the text at a path, or "" when there is none.
func (a *Answer) Text(path string) string { s, _ := a.At(path).(string); return s }

// Int returns the number at a path, or -1 when there is none.
func (a *Answer) Int(path string) int {
	n, ok := a.At(path).(float64)
	if !ok {
		return -1
	}
	return int(n)
}

// Len returns the length of the list at a path, or 0 when there is none.
func (a *Answer) Len(path string) int { list, _ := a.At(path).([]any); return len(list) }

// OnEachDatabase runs the test on a fresh hub on each database.
func OnEachDatabase(t *testing.T, test func(t *testing.T, api *API)) {
	t.Helper()
	dbtest.OnEachDatabase(t, Demo, func(t *testing.T, db *database.DB) { test(t, New(t, db)) })
}

// SeedSession returns a session of the task that fills a demonstration. It may read and write almost everything.
func (a *API) SeedSession() store.Session {
	a.Helper()
	return a.SystemSession("system_seed")
}

// RowKey returns the key of the one row that has the value in the field.
func (a *API) RowKey(entity, field, value string) uuid.UUID {
	a.Helper()
	e := inventory.Load().Entity(entity)
	page, err := a.SeedSession().List(a.Context(), &query.List{
		Selection: query.Selection{Entity: e},
		Rows:      true,
		Where:     &query.Predicate{Op: query.PredicateField, Field: e.Field(field), Values: []any{value}},
	})
	if err != nil || len(page.Rows) != 1 {
		a.Fatalf("%s %s: %d rows, %v", entity, value, len(page.Rows), err)
	}
	return page.Rows[0].ID
}

// RowID returns the id of RowKey's row in the API.
func (a *API) RowID(entity, field, value string) string {
	a.Helper()
	return inventory.Load().Entity(entity).ID(a.RowKey(entity, field, value))
}

// RealKey returns the key of the row with the pseudonym under an audit grant.
func (a *API) RealKey(grant uuid.UUID, entity string, pseudonym uuid.UUID) (key uuid.UUID) {
	a.Helper()
	block, err := aes.NewCipher(Secret.Derive("pseudonym id " + grant.String() + " " + entity))
	if err != nil {
		a.Fatal(err)
	}
	block.Decrypt(key[:], pseudonym[:])
	return key
}

// AsNewPerson creates a person with a role in countries and returns a caller for that person.
func (a *API) AsNewPerson(role string, countries ...string) *Caller {
	a.Helper()
	a.peopleCreated++
	email := fmt.Sprintf("%s.%d@demo", role, a.peopleCreated)
	seed, ids := a.SeedSession(), []string{}
	for _, iso := range countries {
		ids = append(ids, a.RowKey("Country", "iso2", iso).String())
	}
	user, err := seed.Create(a.Context(), inventory.Load().Entity("User"),
		query.Input{"displayName": "Made up", "email": email, "state": "active", "synthetic": true})
	if err == nil {
		_, err = seed.Create(a.Context(), inventory.Load().Entity("RoleAssignment"),
			query.Input{"user": user, "role": role, "state": "active", "countryIds": ids})
	}
	if err != nil {
		a.Fatal(err)
	}
	return a.As(email, "")
}

// SystemSession returns a session of a task of the hub, with the system role of that name.
func (a *API) SystemSession(role string) store.Session {
	a.Helper()
	policy, err := access.Load(policies.Files, inventory.Load())
	if err != nil {
		a.Fatal(err)
	}
	return a.Hub.Session(policy.View(access.SystemSubject(role, time.Now())), nil)
}

// SessionOf opens a session of the caller.
func (a *API) SessionOf(c *Caller, purpose string) store.Session {
	a.Helper()
	s, err := a.openSession(a.Context(), store.Credentials{Authorization: c.Headers["Authorization"], Purpose: purpose})
	if err != nil {
		a.Fatal(err)
	}
	return s
}
