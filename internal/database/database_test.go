package database_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// A database that is behind, ahead, or was migrated with another text is refused with what to do. Several processes
// that migrate at once apply each version once.
func TestSchemaState(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		says := func(part string) {
			t.Helper()
			if err := db.CheckSchema(ctx); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), part) {
				t.Errorf("%v, want %q", err, part)
			}
		}
		says("behind")
		var wait sync.WaitGroup
		total := make([]int, 4)
		for i := range total {
			wait.Go(func() {
				n, err := db.Migrate(ctx)
				if total[i] = n; err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		list, err := db.Migrations(ctx)
		if err != nil {
			t.Error(err)
		}
		if sum := total[0] + total[1] + total[2] + total[3]; sum != len(list) {
			t.Errorf("four at once applied %d versions", sum)
		}
		if err := db.CheckSchema(ctx); err != nil {
			t.Error(err)
		}
		const newest = " WHERE version = (SELECT max(version) FROM hub_migrations)"
		dbtest.Exec(t, db, "UPDATE hub_migrations SET hash = 'other'"+newest)
		says("another text")
		dbtest.Exec(t, db, "UPDATE hub_migrations SET version = '99999999999999'"+newest)
		says("ahead")
	})
}

// A database that holds other tables, or in which the role may create none, is refused with what to do. It stays as it
// is.
func TestMigrateRefusesForeignTables(t *testing.T) {
	tablesQuery := map[string]string{
		"sqlite3": "SELECT count(*) FROM sqlite_master",
		"postgres": `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = 'public'`,
	}
	refuses := func(t *testing.T, db *database.DB, part string) {
		t.Helper()
		count := func() (n int) {
			t.Helper()
			if err := db.SQL().QueryRowContext(t.Context(), tablesQuery[db.Kind()]).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		n, err := db.Migrate(t.Context())
		if n != 0 || !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), part) {
			t.Errorf("%d versions, %v, want %q", n, err, part)
		}
		if after := count(); after != before {
			t.Errorf("%d tables and indexes, then %d", before, after)
		}
	}
	const empty = `CREATE TABLE hub_migrations (
		version varchar(40) PRIMARY KEY, hash varchar(100) NOT NULL, applied_at varchar(40) NOT NULL
	)` // as earlier programs left it
	dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
		dbtest.Exec(t, db, empty)
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Error(err)
		}
	})
	for _, made := range []string{
		"CREATE TABLE countries (a integer)", "CREATE TABLE x (a integer)", "CREATE VIEW x AS SELECT 1 AS a",
	} {
		dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
			dbtest.Exec(t, db, made)
			refuses(t, db, "holds other tables")
			dbtest.Exec(t, db, empty)
			refuses(t, db, "holds other tables")
		})
	}
	t.Run("a role", func(t *testing.T) {
		owner := (&dbtest.Fixture{NoTables: true}).PostgresAsOwner(t)
		dbtest.Exec(t, owner, `DO $$ BEGIN
			CREATE ROLE rightshub_reading LOGIN PASSWORD 'test';
		EXCEPTION
			WHEN duplicate_object OR unique_violation THEN NULL;
		END $$`)
		dbtest.Exec(t, owner, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
		u, err := url.Parse(owner.URL())
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword("rightshub_reading", "test")
		db, err := database.Open(t.Context(), database.Options{URL: u.String()})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		refuses(t, db, "grant the role CREATE")
	})
	t.Run("an extension's tables", func(t *testing.T) {
		db := (&dbtest.Fixture{NoTables: true}).PostgresAsOwner(t)
		dbtest.Exec(t, db, "CREATE VIEW x AS SELECT 1 AS a")
		dbtest.Exec(t, db, "ALTER EXTENSION plpgsql ADD VIEW x")
		if _, err := db.Migrate(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A file that is not a SQLite database stays as it is.
func TestOpenLeavesOtherFilesUnchanged(t *testing.T) {
	for name, text := range map[string]string{"short": "hello\n", "long": strings.Repeat("hello\n", 10_000)} {
		path := filepath.Join(t.TempDir(), "txt.db")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := database.Open(t.Context(), database.Options{URL: "sqlite://" + path})
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "not a SQLite database") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != text {
			t.Errorf("%s: %v, %d bytes", name, err, len(after))
		}
	}
}

// A prepared statement is used again and survives a change of its table. A stale plan is prepared again.
func TestPreparedStatementsAreCached(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		db.SQL().SetMaxOpenConns(1)
		dbtest.Exec(t, db, "CREATE TABLE x (a integer)")
		dbtest.Exec(t, db, "INSERT INTO x VALUES (1)")
		query := map[string]string{
			"sqlite3":  "SELECT * FROM x WHERE a >= ?",
			"postgres": "SELECT * FROM x WHERE a >= $1",
		}[db.Kind()]
		count := func() int {
			t.Helper()
			rows, err := db.SQL().QueryContext(ctx, query, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			names, err := rows.Columns()
			if err != nil {
				t.Fatal(err)
			}
			return len(names)
		}
		for range 2 {
			if n := count(); n != 1 {
				t.Errorf("%d columns, want 1", n)
			}
		}
		if db.Kind() == "postgres" {
			var cached int
			err := db.SQL().QueryRowContext(ctx,
				"SELECT count(*) FROM pg_prepared_statements WHERE statement = '"+query+"'").Scan(&cached)
			if err != nil || cached != 1 {
				t.Errorf("%d statements are cached for one that was sent twice: %v", cached, err)
			}
		}
		dbtest.Exec(t, db, "ALTER TABLE x ADD COLUMN b integer")
		if n := count(); n != 2 {
			t.Errorf("%d columns after the table got another", n)
		}
	})
}

// Open refuses a folder that is not writable and an unusable URL, and says what to do.
func TestOpenRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"":                              "--database-url",
		"sqlite://":                     "names no file",
		"sqlite:///":                    "names no file",
		"sqlite:///no/such/folder/x.db": "folder exists",
		"mysql://x":                     "begins with",
		"postgres://x/y":                "sslmode",
		"postgres://x/y?sslmode=disable&binary_parameters=yes": "binary_parameters",
	} {
		_, err := database.Open(t.Context(), database.Options{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
	}
}

// A SQLite file and the files beside it are readable by their owner alone, because they hold children's names.
func TestSQLiteFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder?", "hub#1.db")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), database.Options{URL: "sqlite://" + (&url.URL{Path: path}).EscapedPath()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dbtest.Exec(t, db, "CREATE TABLE x (a integer)")
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 3 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), info.Mode(), err)
		}
	}
}
