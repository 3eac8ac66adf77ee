// Package dbtest runs a test on both databases: SQLite always, PostgreSQL from the machine's own programs or from
// RIGHTSHUB_TEST_DATABASE_URL. Without either, the PostgreSQL half is skipped with a line that says so, and fails
// where CI=true.
package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
	"rightshub/internal/pgtemp"
)

// Fixture fills a migrated database once; each test gets a copy of its own.
type Fixture struct {
	Fill     func(context.Context, *database.DB) error // nil: tables only
	NoTables bool                                      // not even tables

	sqlite, postgres template
}

type template struct {
	once sync.Once
	name string
	err  error
}

var (
	testServer struct {
		once sync.Once
		url  string
		stop func()
		err  error
	}
	sqliteTemplates struct { // of SQLite
		once   sync.Once
		folder string
		err    error
	}
	databaseSerial atomic.Int64
)

// Main runs the package's tests, stops what they started and removes what they left. Call it from TestMain.
func Main(m *testing.M) { os.Exit(Tests{m}.Run()) }

// Tests are a package's, for a TestMain that does more than Main.
type Tests struct{ *testing.M }

// Run is Main without the exit.
func (t Tests) Run() int {
	code := t.M.Run()
	if testServer.stop != nil {
		testServer.stop()
	}
	os.RemoveAll(sqliteTemplates.folder)
	return code
}

// OnEachDatabase runs the test on each database, each time on a fresh copy of the fixture.
func OnEachDatabase(t *testing.T, f *Fixture, test func(*testing.T, *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, f.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, f.Postgres(t)) })
}

// SQLite is a fresh copy of the fixture in a file.
func (f *Fixture) SQLite(t testing.TB) *database.DB {
	t.Helper()
	f.sqlite.once.Do(func() {
		sqliteTemplates.once.Do(func() { sqliteTemplates.folder, sqliteTemplates.err = os.MkdirTemp("", "rightshub-test-") })
		if f.sqlite.err = sqliteTemplates.err; f.sqlite.err == nil {
			f.sqlite.name = filepath.Join(sqliteTemplates.folder, fmt.Sprintf("template%d.db", databaseSerial.Add(1)))
			f.sqlite.err = f.fillTemplate(sqliteURL(f.sqlite.name))
		}
	})
	if f.sqlite.err != nil {
		t.Fatal(f.sqlite.err)
	}
	text, err := os.ReadFile(f.sqlite.name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "hub.db")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, sqliteURL(path))
}

// sqliteURL is the URL of a file, whatever its path is written with.
func sqliteURL(path string) string { return (&url.URL{Scheme: "sqlite", Path: path}).String() }

// Postgres is a fresh copy of the fixture on a server; with RIGHTSHUB_TEST_ROW_SECURITY=true, behind row-level security.
func (f *Fixture) Postgres(t testing.TB) *database.DB {
	t.Helper()
	owner := f.PostgresAsOwner(t)
	if os.Getenv("RIGHTSHUB_TEST_ROW_SECURITY") == "true" && !f.NoTables {
		return WithRowSecurity(t, owner)
	}
	return owner
}

// PostgresAsOwner is a fresh copy of the fixture on a server, opened by the owner of its tables.
func (f *Fixture) PostgresAsOwner(t testing.TB) *database.DB {
	t.Helper()
	testServer.once.Do(startServer)
	if testServer.err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(testServer.err)
		}
		fmt.Fprintln(os.Stderr, "SKIPPED the PostgreSQL half of", t.Name()+":", testServer.err)
		t.SkipNow()
	}
	f.postgres.once.Do(func() {
		f.postgres.name = fmt.Sprintf("hub_template_%d_%d", os.Getpid(), databaseSerial.Add(1))
		if f.postgres.err = executeOnServer("CREATE DATABASE " + f.postgres.name); f.postgres.err == nil {
			f.postgres.err = f.fillTemplate(serverURL(f.postgres.name))
		}
	})
	if f.postgres.err != nil {
		t.Fatal(f.postgres.err)
	}
	name := fmt.Sprintf("hub_test_%d_%d", os.Getpid(), databaseSerial.Add(1))
	if err := executeOnServer("CREATE DATABASE " + name + " TEMPLATE " + f.postgres.name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := executeOnServer("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return open(t, serverURL(name))
}

// rowSecurityRole is whom row-level security holds in tests.
const rowSecurityRole = "rightshub_walled"

// WithRowSecurity raises row-level security in the database, and opens it by a role that it holds.
func WithRowSecurity(t testing.TB, owner *database.DB) *database.DB {
	t.Helper()
	// roles belong to the server, and other tests may be making it
	_, err := owner.SQL().ExecContext(t.Context(), "DO $$ BEGIN CREATE ROLE "+rowSecurityRole+" LOGIN PASSWORD 'test'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$")
	if err == nil {
		err = owner.EnableRowLevelSecurity(t.Context(), inventory.Model, rowSecurityRole)
	}
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(owner.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(rowSecurityRole, "test")
	db := open(t, u.String())
	if err := db.CheckRowLevelSecurity(t.Context(), inventory.Model); err != nil {
		t.Fatal(err)
	}
	return db
}

// Reopen is another pool on the test's database, as another process would open it.
func Reopen(t testing.TB, db *database.DB) *database.DB {
	t.Helper()
	return open(t, db.URL())
}

// ExecAsOwner sends statements as the owner of the tables: row-level security, where the test runs behind it, would let them
// change nothing, and say nothing.
func ExecAsOwner(t testing.TB, db *database.DB, statements ...string) {
	t.Helper()
	if hasRowSecurity(db.URL()) {
		u, err := url.Parse(db.URL())
		if err != nil {
			t.Fatal(err)
		}
		owner, err := database.Open(t.Context(), database.Options{URL: serverURL(strings.TrimPrefix(u.Path, "/")), MaxConnections: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer owner.Close()
		db = owner
	}
	for _, s := range statements {
		if _, err := db.SQL().ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// hasRowSecurity says whether row-level security holds whom the URL names.
func hasRowSecurity(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.User.Username() == rowSecurityRole
}

func startServer() {
	if testServer.url = os.Getenv("RIGHTSHUB_TEST_DATABASE_URL"); testServer.url != "" {
		return
	}
	s, err := pgtemp.Start(context.Background())
	if testServer.err = err; err == nil {
		testServer.url, testServer.stop = s.URL, s.Stop
	}
}

// serverURL is the server's URL with another database.
func serverURL(database string) string {
	u, err := url.Parse(testServer.url)
	if err != nil {
		return testServer.url
	}
	u.Path = "/" + database
	return u.String()
}

func executeOnServer(statement string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, database.Options{URL: testServer.url, MaxConnections: 1})
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.SQL().ExecContext(ctx, statement)
	return err
}

func (f *Fixture) fillTemplate(url string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, database.Options{URL: url})
	if err != nil {
		return err
	}
	defer db.Close()
	if f.NoTables {
		_, err := db.SQL().ExecContext(ctx, "SELECT 1")
		return err
	}
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	if f.Fill != nil {
		if err := f.Fill(ctx, db); err != nil {
			return err
		}
	}
	if db.Kind() == dialect.SQLite { // the file is copied: its log must be in it, whoever still holds a connection
		_, err = db.SQL().ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return err
}

func open(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(context.Background(), database.Options{URL: url, RowLevelSecurity: hasRowSecurity(url)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Exec runs a statement on the database, past the hub, and fails the test if the database refuses it.
func Exec(t *testing.T, db *database.DB, statement string) {
	t.Helper()
	if _, err := db.SQL().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
