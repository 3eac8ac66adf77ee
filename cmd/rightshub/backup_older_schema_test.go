package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"ariga.io/atlas/sql/migrate"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/migrations"
)

// firstVersion returns the first version of the schema alone, as an earlier program had it.
func firstVersion(t *testing.T, folder string) fs.FS {
	t.Helper()
	names, err := fs.Glob(migrations.Files, folder+"/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(migrations.Files, names[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := &migrate.MemDir{}
	if err := dir.WriteFile(filepath.Base(names[0]), text); err != nil {
		t.Fatal(err)
	}
	sum, err := dir.Checksum()
	if err != nil {
		t.Fatal(err)
	}
	list, err := sum.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{names[0]: {Data: text}, folder + "/atlas.sum": {Data: list}}
}

// A backup of an older schema is restored as it is. The command says that `migrate up` comes next.
func TestRestoreOfAnOlderSchema(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, db *database.DB) {
		folder := "sqlite"
		if db.IsPostgres() {
			folder = "postgres"
		}
		older, err := database.Open(t.Context(), database.Options{URL: db.URL(), Migrations: firstVersion(t, folder)})
		if err != nil {
			t.Fatal(err)
		}
		defer older.Close()
		if _, err := older.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		d := &backupDrill{T: t, file: filepath.Join(t.TempDir(), "hub.backup")}
		d.mustRun("backup", d.file, "--database-url", db.URL())
		into := elsewhere(t, db)
		code, said := d.command("restore", d.file, "--database-url", into)
		if code != 0 || !strings.Contains(said, "is behind this program") {
			t.Errorf("%d %s", code, said)
		}
		d.mustRun("migrate", "up", "--database-url", into)
		d.mustRun("admin", "someone@example.org", "--database-url", into)
	})
}
