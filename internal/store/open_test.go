package store_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"rightshub/ent/migrate"
	"rightshub/internal/dbtest"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// The migrations make exactly the tables of the model, on both databases.
func TestMigrationsHoldTheModel(t *testing.T) {
	dbtest.Databases(t, &dbtest.Fixture{Blank: true}, func(t *testing.T, db *store.DB) {
		kind := map[string]string{"sqlite3": "sqlite", "postgres": "postgres"}[db.Kind()]
		folder := t.TempDir()
		if err := os.CopyFS(folder, os.DirFS(filepath.Join("../../migrations", kind))); err != nil {
			t.Fatal(err)
		}
		if err := db.MigrateDiff(t.Context(), folder, "change", migrate.Tables); !errors.Is(err, store.ErrNoChange) {
			t.Errorf("the model has changed, or: %v. Run go run ./cmd/rightshub migrate diff what_changed", err)
		}
	})
}

// A database that is behind, ahead, or was migrated with another text is refused with what to do; and several
// processes that migrate at once do it once.
func TestSchemaState(t *testing.T) {
	dbtest.Databases(t, &dbtest.Fixture{Blank: true}, func(t *testing.T, db *store.DB) {
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
		exec(t, db, "UPDATE hub_migrations SET hash = 'other' WHERE version = (SELECT max(version) FROM hub_migrations)")
		says("another text")
		exec(t, db, "UPDATE hub_migrations SET version = '99999999999999' WHERE version = (SELECT max(version) FROM hub_migrations)")
		says("ahead")
	})
}

func exec(t *testing.T, db *store.DB, statement string) {
	t.Helper()
	if _, err := db.SQL().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// A kept statement is used again and survives a change of its table; a stale plan is made anew.
func TestStatementsAreKept(t *testing.T) {
	dbtest.Databases(t, &dbtest.Fixture{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		db.SQL().SetMaxOpenConns(1)
		exec(t, db, "CREATE TABLE x (a integer)")
		exec(t, db, "INSERT INTO x VALUES (1)")
		query := map[string]string{"sqlite3": "SELECT * FROM x WHERE a >= ?", "postgres": "SELECT * FROM x WHERE a >= $1"}[db.Kind()]
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
			var kept int
			if err := db.SQL().QueryRowContext(ctx, "SELECT count(*) FROM pg_prepared_statements WHERE statement = '"+query+"'").Scan(&kept); err != nil || kept != 1 {
				t.Errorf("%d statements are kept for one that was sent twice: %v", kept, err)
			}
		}
		exec(t, db, "ALTER TABLE x ADD COLUMN b integer")
		if n := count(); n != 2 {
			t.Errorf("%d columns after the table got another", n)
		}
	})
}

// The database's own words do not leave the store.
func TestErrorsSayNothing(t *testing.T) {
	both(t, func(w *world) {
		seed := w.person("user.BF", "programme_manager", "", "BF")
		_, err := seed.Create(w.Context(), entity("Intervention"), store.Input{"code": "I-BF", "title": map[string]string{"en": "Twice"}, "country": w.ids["BF"]})
		if !fault.Is(err, fault.Conflict) {
			w.Errorf("the same code twice: %v", err)
		}
		for _, word := range []string{"I-BF", "interventions", "constraint", "UNIQUE", "key value"} {
			if strings.Contains(err.Error(), word) {
				w.Errorf("%v holds %q", err, word)
			}
		}
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		if _, err := seed.List(ctx, &store.List{Ask: ask(entity("Country")), Rows: true}); !fault.Is(err, fault.Unavailable) {
			w.Errorf("given up: %v", err)
		}
	})
}

// A folder that cannot be written to, and a name that is none, are refused with what to do.
func TestOpenRefuses(t *testing.T) {
	for url, want := range map[string]string{"": "--database-url", "sqlite://": "names no file", "sqlite:///": "names no file", "sqlite:///no/such/folder/x.db": "folder exists",
		"mysql://x": "begins with", "postgres://x/y": "sslmode", "postgres://x/y?sslmode=disable&binary_parameters=yes": "binary_parameters"} {
		if _, err := store.Open(t.Context(), store.Options{URL: url}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
	}
}

// A SQLite file, and what SQLite keeps beside it, is for its owner alone: it holds children's names.
func TestFileIsItsOwners(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder?", "hub#1.db")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite://" + (&url.URL{Path: path}).EscapedPath()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec(t, db, "CREATE TABLE x (a integer)")
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
