// Package dbtest runs a test on SQLite and on PostgreSQL. It starts PostgreSQL from the programs of the machine, or
// uses the server of RIGHTSHUB_TEST_DATABASE_URL. Without either, it skips the PostgreSQL half and prints a line
// about it. With CI=true the test then fails.
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

// Fixture fills a migrated database once and gives each test its own copy.
type Fixture struct {
	Fill     func(context.Context, *database.DB) error // nil leaves the tables empty
	NoTables bool                                      // do not even create tables

	sqlite, postgres template
}

// template is a filled database that tests copy. name is a file of SQLite or a database of PostgreSQL.
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
	sqliteTemplates struct {
		once   sync.Once
		folder string
		err    error
	}
	databaseSerial atomic.Int64
)

// Main runs the tests of a package, stops the server and deletes the templates. Call it from TestMain.
func Main(m *testing.M) { os.Exit(Tests{m}.Run()) }

// Tests runs the tests of a package for a TestMain that does more than Main.
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

// OnEachDatabase runs the test on each database with a fresh copy of the fixture.
func OnEachDatabase(t *testing.T, f *Fixture, test func(*testing.T, *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, f.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, f.Postgres(t)) })
}

// SQLite opens a fresh copy of the fixture in a SQLite file.
func (f *Fixture) SQLite(t testing.TB) *database.DB {
	t.Helper()
	f.sqlite.once.Do(func() {
		sqliteTemplates.once.Do(func() {
			sqliteTemplates.folder, sqliteTemplates.err = os.MkdirTemp("", "rightshub-test-")
		})
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

// sqliteURL returns the URL of a SQLite file. It escapes characters of the path such as # and %.
func sqliteURL(path string) string { return (&url.URL{Scheme: "sqlite", Path: path}).String() }

// Postgres opens a fresh copy of the fixture on PostgreSQL. With RIGHTSHUB_TEST_ROW_SECURITY=true it opens the copy
// as a role under row-level security.
func (f *Fixture) Postgres(t testing.TB) *database.DB {
	t.Helper()
	owner := f.PostgresAsOwner(t)
	if os.Getenv("RIGHTSHUB_TEST_ROW_SECURITY") == "true" && !f.NoTables {
		return WithRowSecurity(t, owner)
	}
	return owner
}

// PostgresAsOwner opens a fresh copy of the fixture on PostgreSQL as the owner of its tables.
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

// rowSecurityRole is the role that tests put under row-level security.
const rowSecurityRole = "rightshub_walled"

// createRowSecurityRole creates the role unless it exists. Roles belong to the server, where another test may create
// it at the same time.
const createRowSecurityRole = `DO $$ BEGIN
	CREATE ROLE ` + rowSecurityRole + ` LOGIN PASSWORD 'test';
EXCEPTION
	WHEN duplicate_object OR unique_violation THEN NULL;
END $$`

// WithRowSecurity turns row-level security on in the database of owner, and opens the database as the role under it.
func WithRowSecurity(t testing.TB, owner *database.DB) *database.DB {
	t.Helper()
	_, err := owner.SQL().ExecContext(t.Context(), createRowSecurityRole)
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

// Reopen opens another pool of connections to the database of the test, as another process would.
func Reopen(t testing.TB, db *database.DB) *database.DB {
	t.Helper()
	return open(t, db.URL())
}

// ExecAsOwner executes statements as the owner of the tables. Under row-level security, the role of the test would
// change no rows and get no error.
func ExecAsOwner(t testing.TB, db *database.DB, statements ...string) {
	t.Helper()
	if hasRowSecurity(db.URL()) {
		u, err := url.Parse(db.URL())
		if err != nil {
			t.Fatal(err)
		}
		owner, err := database.Open(t.Context(),
			database.Options{URL: serverURL(strings.TrimPrefix(u.Path, "/")), MaxConnections: 1})
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

// hasRowSecurity reports whether the URL names the role under row-level security.
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

// serverURL returns the URL of a database on the test server.
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
	if db.Kind() == dialect.SQLite { // move the log into the file, which tests copy while a connection may be open
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
