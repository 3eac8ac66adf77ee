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
	"rightshub/internal/pgtemp"
	"rightshub/internal/store"
)

// Fixture fills a migrated database once; each test gets a copy of its own.
type Fixture struct {
	Fill  func(context.Context, *store.DB) error // nil: tables only
	Blank bool                                   // not even tables

	sqlite, postgres template
}

type template struct {
	once sync.Once
	name string
	err  error
}

var (
	server struct {
		once sync.Once
		url  string
		stop func()
		err  error
	}
	templates struct { // of SQLite
		once   sync.Once
		folder string
		err    error
	}
	serial atomic.Int64
)

// Main runs the package's tests, stops what they started and removes what they left. Call it from TestMain.
func Main(m *testing.M) { os.Exit(Tests{m}.Run()) }

// Tests are a package's, for a TestMain that does more than Main.
type Tests struct{ *testing.M }

// Run is Main without the exit.
func (t Tests) Run() int {
	code := t.M.Run()
	if server.stop != nil {
		server.stop()
	}
	os.RemoveAll(templates.folder)
	return code
}

// Databases runs the test on each database, each time on a fresh copy of the fixture.
func Databases(t *testing.T, f *Fixture, test func(*testing.T, *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, f.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, f.Postgres(t)) })
}

// SQLite is a fresh copy of the fixture in a file.
func (f *Fixture) SQLite(t testing.TB) *store.DB {
	t.Helper()
	f.sqlite.once.Do(func() {
		templates.once.Do(func() { templates.folder, templates.err = os.MkdirTemp("", "rightshub-test-") })
		if f.sqlite.err = templates.err; f.sqlite.err == nil {
			f.sqlite.name = filepath.Join(templates.folder, fmt.Sprintf("template%d.db", serial.Add(1)))
			f.sqlite.err = f.fill(sqlite(f.sqlite.name))
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
	return open(t, sqlite(path))
}

// sqlite is the URL of a file, whatever its path is written with.
func sqlite(path string) string { return (&url.URL{Scheme: "sqlite", Path: path}).String() }

// Postgres is a fresh copy of the fixture on a server; with RIGHTSHUB_TEST_ROW_SECURITY=true, behind row-level security.
func (f *Fixture) Postgres(t testing.TB) *store.DB {
	t.Helper()
	owner := f.Owner(t)
	if os.Getenv("RIGHTSHUB_TEST_ROW_SECURITY") == "true" && !f.Blank {
		return Wall(t, owner)
	}
	return owner
}

// Owner is a fresh copy of the fixture on a server, opened by the owner of its tables.
func (f *Fixture) Owner(t testing.TB) *store.DB {
	t.Helper()
	server.once.Do(start)
	if server.err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(server.err)
		}
		fmt.Fprintln(os.Stderr, "SKIPPED the PostgreSQL half of", t.Name()+":", server.err)
		t.SkipNow()
	}
	f.postgres.once.Do(func() {
		f.postgres.name = fmt.Sprintf("hub_template_%d_%d", os.Getpid(), serial.Add(1))
		if f.postgres.err = admin("CREATE DATABASE " + f.postgres.name); f.postgres.err == nil {
			f.postgres.err = f.fill(named(f.postgres.name))
		}
	})
	if f.postgres.err != nil {
		t.Fatal(f.postgres.err)
	}
	name := fmt.Sprintf("hub_test_%d_%d", os.Getpid(), serial.Add(1))
	if err := admin("CREATE DATABASE " + name + " TEMPLATE " + f.postgres.name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return open(t, named(name))
}

// wallRole is whom row-level security holds in tests.
const wallRole = "rightshub_walled"

// Wall raises row-level security in the database, and opens it by a role that it holds.
func Wall(t testing.TB, owner *store.DB) *store.DB {
	t.Helper()
	// roles belong to the server, and other tests may be making it
	_, err := owner.SQL().ExecContext(t.Context(), "DO $$ BEGIN CREATE ROLE "+wallRole+" LOGIN PASSWORD 'test'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$")
	if err == nil {
		err = owner.RaiseWall(t.Context(), inventory.Model, wallRole)
	}
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(owner.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(wallRole, "test")
	db := open(t, u.String())
	if err := db.CheckWall(t.Context(), inventory.Model); err != nil {
		t.Fatal(err)
	}
	return db
}

// Again is another pool on the test's database, as another process would open it.
func Again(t testing.TB, db *store.DB) *store.DB {
	t.Helper()
	return open(t, db.URL())
}

// Exec sends statements as the owner of the tables: row-level security, where the test runs behind it, would let them
// change nothing, and say nothing.
func Exec(t testing.TB, db *store.DB, statements ...string) {
	t.Helper()
	if walled(db.URL()) {
		u, err := url.Parse(db.URL())
		if err != nil {
			t.Fatal(err)
		}
		owner, err := store.Open(t.Context(), store.Options{URL: named(strings.TrimPrefix(u.Path, "/")), MaxOpen: 1})
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

// walled says whether row-level security holds whom the URL names.
func walled(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.User.Username() == wallRole
}

func start() {
	if server.url = os.Getenv("RIGHTSHUB_TEST_DATABASE_URL"); server.url != "" {
		return
	}
	s, err := pgtemp.Start(context.Background())
	if server.err = err; err == nil {
		server.url, server.stop = s.URL, s.Stop
	}
}

// named is the server's URL with another database.
func named(database string) string {
	u, err := url.Parse(server.url)
	if err != nil {
		return server.url
	}
	u.Path = "/" + database
	return u.String()
}

func admin(statement string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{URL: server.url, MaxOpen: 1})
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.SQL().ExecContext(ctx, statement)
	return err
}

func (f *Fixture) fill(url string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		return err
	}
	defer db.Close()
	if f.Blank {
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

func open(t testing.TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), store.Options{URL: url, RowLevelSecurity: walled(url)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
