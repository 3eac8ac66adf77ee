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
	"time"

	"entgo.io/ent/dialect"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
	"rightshub/internal/pgtemp"
)

// Fixture fills a migrated database once and gives each test its own copy.
type Fixture struct {
	Fill     func(context.Context, *database.DB) error // nil leaves the tables empty
	NoTables bool                                      // do not even create tables

	sqlite, postgres, restricted template
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

// Long reports whether tests run in their long form, which RIGHTSHUB_TEST_LONG=true selects and CI sets. The short form
// asks the same of fewer people, databases or samples, so that `go test ./...` stays within five minutes.
func Long() bool { return os.Getenv("RIGHTSHUB_TEST_LONG") == "true" }

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

// OnEachDatabaseWhenLong is OnEachDatabase, with PostgreSQL in the long form only.
func OnEachDatabaseWhenLong(t *testing.T, f *Fixture, test func(*testing.T, *database.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, f.SQLite(t)) })
	if Long() {
		t.Run("postgres", func(t *testing.T) { test(t, f.Postgres(t)) })
	}
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
	if os.Getenv("RIGHTSHUB_TEST_ROW_SECURITY") == "true" && !f.NoTables {
		_, restricted := f.PostgresWithRowSecurity(t)
		return restricted
	}
	return f.PostgresAsOwner(t)
}

// PostgresAsOwner opens a fresh copy of the fixture on PostgreSQL as the owner of its tables.
func (f *Fixture) PostgresAsOwner(t testing.TB) *database.DB {
	t.Helper()
	f.preparePostgresTemplate(t)
	return open(t, serverURL(copyTemplate(t, f.postgres.name)))
}

// PostgresWithRowSecurity opens a fresh copy of the fixture under row-level security, as the owner of its tables and as
// the role that row-level security restricts. Row-level security is made once for all copies.
func (f *Fixture) PostgresWithRowSecurity(t testing.TB) (owner, restricted *database.DB) {
	t.Helper()
	f.preparePostgresTemplate(t)
	f.restricted.once.Do(func() {
		f.restricted.name = f.postgres.name + "_restricted"
		if f.restricted.err = createDatabase(f.restricted.name, f.postgres.name); f.restricted.err == nil {
			f.restricted.err = enableRowSecurityIn(f.restricted.name)
		}
	})
	if f.restricted.err != nil {
		t.Fatal(f.restricted.err)
	}
	owner = open(t, serverURL(copyTemplate(t, f.restricted.name)))
	return owner, openRestricted(t, owner)
}

// preparePostgresTemplate starts the server and fills the template, each once. Without a server it skips the test.
func (f *Fixture) preparePostgresTemplate(t testing.TB) {
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
}

// copyTemplate creates a database for the test and returns its name.
func copyTemplate(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("hub_test_%d_%d", os.Getpid(), databaseSerial.Add(1))
	if err := createDatabase(name, template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := executeOnServer("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return name
}

// serverOptions opens a database to create and drop others, which a busy machine makes wait.
func serverOptions(url string) database.Options {
	return database.Options{URL: url, MaxConnections: 1, StatementTimeout: 2 * time.Minute}
}

// createDatabase copies a template. It copies files, which takes three quarters of the time of writing a log of each
// page, and which is all that PostgreSQL 14 can do.
func createDatabase(name, template string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, serverOptions(testServer.url))
	if err != nil {
		return err
	}
	defer db.Close()
	var version int
	row := db.SQL().QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int")
	if err := row.Scan(&version); err != nil {
		return err
	}
	statement := "CREATE DATABASE " + name + " TEMPLATE " + template
	if version >= 150000 {
		statement += " STRATEGY FILE_COPY"
	}
	_, err = db.SQL().ExecContext(ctx, statement)
	return err
}

// enableRowSecurityIn turns row-level security on in the database of that name, and leaves no connection to it, so that
// it can be copied.
func enableRowSecurityIn(name string) error {
	ctx := context.Background()
	owner, err := database.Open(ctx, serverOptions(serverURL(name)))
	if err != nil {
		return err
	}
	defer owner.Close()
	return enableRowSecurity(ctx, owner)
}

// rowSecurityRole is the role that tests put under row-level security.
const rowSecurityRole = "rightshub_restricted"

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
	if err := enableRowSecurity(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	return openRestricted(t, owner)
}

// enableRowSecurity creates the role and turns row-level security on for it.
func enableRowSecurity(ctx context.Context, owner *database.DB) error {
	if _, err := owner.SQL().ExecContext(ctx, createRowSecurityRole); err != nil {
		return err
	}
	return owner.EnableRowLevelSecurity(ctx, inventory.Load(), rowSecurityRole)
}

// openRestricted opens a database as the role that its row-level security restricts.
func openRestricted(t testing.TB, owner *database.DB) *database.DB {
	t.Helper()
	u, err := url.Parse(owner.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(rowSecurityRole, "test")
	db := open(t, u.String())
	if err := db.CheckRowLevelSecurity(t.Context(), inventory.Load()); err != nil {
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
	db, err := database.Open(ctx, serverOptions(testServer.url))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.SQL().ExecContext(ctx, statement)
	return err
}

func (f *Fixture) fillTemplate(url string) error {
	ctx := context.Background()
	db, err := database.Open(ctx, database.Options{URL: url, Volatile: true})
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
	db, err := database.Open(context.Background(),
		database.Options{URL: url, RowLevelSecurity: hasRowSecurity(url), Volatile: true})
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
