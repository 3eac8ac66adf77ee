package main

import (
	"errors"
	"os"
	"testing"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"

	"entgo.io/ent/dialect"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestNextVersionIsNumbered writes a version from the model alone, and checks that it has the given number.
func TestNextVersionIsNumbered(t *testing.T) {
	t.Chdir("../..")
	folder := t.TempDir()
	err := writeVersion(t.Context(), dialect.SQLite, scratchSQLite(t.TempDir()), folder, "20270102030405", "all")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"20270102030405_all.sql", "atlas.sum"} {
		if _, err := os.Stat(folder + "/" + name); err != nil {
			t.Error(err)
		}
	}
}

// The migrations make exactly the tables of the model, on both databases.
func TestMigrationsHoldTheModel(t *testing.T) {
	t.Chdir("../..")
	dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
		source, address := "migrations/postgres", db.URL()
		if db.Kind() == dialect.SQLite {
			source, address = "migrations/sqlite", scratchSQLite(t.TempDir())
		}
		folder := t.TempDir()
		if err := os.CopyFS(folder, os.DirFS(source)); err != nil {
			t.Fatal(err)
		}
		if err := writeVersion(t.Context(), db.Kind(), address, folder, "99990101000000", "change"); !errors.Is(err, errNoChange) {
			t.Errorf("the model has changed, or: %v. Run go run ./internal/codegen diff what_changed", err)
		}
	})
}
