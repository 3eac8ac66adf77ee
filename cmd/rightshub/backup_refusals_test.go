package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/apitest"
	"rightshub/internal/backup"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
)

// A backup is readable by its owner alone, replaces no file unasked, and leaves no other file.
func TestBackupFile(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		d := newBackupDrill(t, db)
		d.backUp()
		info, err := os.Stat(d.file)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		d.mustRefuse("exists already", "backup", d.file, "--database-url", db.URL())
		d.mustRefuse("not a regular file", "backup", filepath.Dir(d.file), "--overwrite", "--database-url", db.URL())
		d.mustRefuse("cannot be written", "backup", filepath.Join(d.file, "no", "folder"), "--database-url", db.URL())
		list, err := os.ReadDir(filepath.Dir(d.file))
		if err != nil || len(list) != 2 { // the backup and the secret
			t.Errorf("%v %v", list, err)
		}
	})
}

// changeArchive rewrites a backup with another manifest and another copy.
func (d *backupDrill) changeArchive(change func(*backup.Manifest, []byte)) string {
	d.Helper()
	text, err := os.ReadFile(d.file)
	if err != nil {
		d.Fatal(err)
	}
	r, parts := tar.NewReader(bytes.NewReader(text)), [][]byte{}
	for range 2 {
		if _, err := r.Next(); err != nil {
			d.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			d.Fatal(err)
		}
		parts = append(parts, part)
	}
	var m backup.Manifest
	if err := json.Unmarshal(parts[0], &m); err != nil {
		d.Fatal(err)
	}
	change(&m, parts[1])
	if parts[0], err = json.Marshal(m); err != nil {
		d.Fatal(err)
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i, name := range []string{"manifest.json", "database"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(parts[i]))}); err != nil {
			d.Fatal(err)
		}
		w.Write(parts[i])
	}
	w.Close()
	path := filepath.Join(d.TempDir(), "changed.backup")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		d.Fatal(err)
	}
	return path
}

// Each check of a restore refuses what it is for, and the database stays empty.
func TestRefusedRestores(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		d := newBackupDrill(t, db)
		d.backUp()
		into := elsewhere(t, db)
		otherSecret, noBackup := filepath.Join(t.TempDir(), "other"), filepath.Join(t.TempDir(), "none.backup")
		for path, text := range map[string]string{otherSecret: "00000000000000000000000000000000" +
			"00000000000000000000000000000001", noBackup: "not a backup"} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		otherKind := "sqlite:///nowhere.db"
		if !db.IsPostgres() {
			otherKind = "postgres://hub@127.0.0.1:1/hub?sslmode=disable"
		}
		changed := func(change func(*backup.Manifest, []byte)) string { return d.changeArchive(change) }
		for _, c := range []struct{ message, file, secret, url string }{
			{"cannot be read", d.file + "x", d.secret, into},
			{"not a backup", noBackup, d.secret, into},
			{"another secret", d.file, otherSecret, into},
			{"The secret of the hub is missing", d.file, "", into},
			{"a database of", d.file, d.secret, otherKind},
			{"does not have the checksum", changed(func(_ *backup.Manifest, b []byte) { b[len(b)/2] ^= 1 }), d.secret, into},
			{"in another form", changed(func(m *backup.Manifest, _ []byte) { m.Format++ }), d.secret, into},
			{"ahead of this program",
				changed(func(m *backup.Manifest, _ []byte) { m.Contents.Versions["99990101000000"] = "x" }), d.secret, into},
		} {
			args := []string{"restore", c.file, "--database-url", c.url}
			if c.secret != "" {
				args = append(args, "--secret-file", c.secret)
			}
			d.mustRefuse(c.message, args...)
		}
		d.restoreInto(into)
		wrong := changed(func(m *backup.Manifest, _ []byte) { m.Contents.Rows["children"] = 7 })
		message := "children has 0 rows, and the backup states 7"
		if db.IsPostgres() {
			message = "do not have the rows"
		}
		d.mustRefuse(message, "restore", wrong, "--secret-file", d.secret, "--database-url", elsewhere(t, db))
		d.mustRun("admin", "someone@example.org", "--database-url", into)
		args := []string{"restore", wrong, "--secret-file", d.secret, "--database-url", into}
		d.mustRefuse(message, append(args, "--replace")...)
		d.mustRefuse("holds 2 rows already", args...) // so it is as it was
	})
}

// What SQLite has left of another database does not get into a restored one.
func TestRestoreBesideALog(t *testing.T) {
	d := newBackupDrill(t, (&dbtest.Fixture{}).SQLite(t))
	d.backUp()
	folder := t.TempDir()
	for _, log := range []string{"hub.db-wal", "hub.db-journal"} {
		path := filepath.Join(folder, log)
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		d.mustRefuse(log+" is left", "restore", d.file, "--secret-file", d.secret, "--database-url",
			sqliteURL(filepath.Join(folder, "hub.db")))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	d.restoreInto(sqliteURL(filepath.Join(folder, "hub.db")))
}

// A database with rows, or with tables of others, is not replaced unasked. When a restore fails, it stays as it was.
func TestRestoreKeepsTheDatabase(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		d := newBackupDrill(t, db)
		d.backUp()
		into := elsewhere(t, db)
		d.restoreInto(into)
		d.mustRun("admin", "someone@example.org", "--database-url", into)
		args := []string{"restore", d.file, "--secret-file", d.secret, "--database-url", into}
		d.mustRefuse("holds 2 rows already", args...)
		restored := d.serveRestored(into)
		if db.IsPostgres() {
			// It stands where the dump has a table, which is found after the tables are gone.
			dbtest.Exec(t, restored.api.Hub.DB(), "DROP TABLE record_numbers; CREATE VIEW record_numbers AS SELECT 1 AS id")
			restored.api.Hub.DB().Close()
			d.mustRefuse("psql failed", append(args, "--replace")...)
			restored = d.serveRestored(into)
		}
		if n := restored.count("SELECT count(*) FROM users"); n != 1 {
			t.Errorf("%d accounts are left of 1", n)
		}
		if db.IsPostgres() {
			dbtest.Exec(t, restored.api.Hub.DB(), "DROP VIEW record_numbers")
		}
		restored.api.Hub.DB().Close()
		d.restoreInto(into, "--replace")
		if n := d.serveRestored(into).count("SELECT count(*) FROM users"); n != 0 {
			t.Errorf("%d accounts are left of those that were replaced", n)
		}
	})
	dbtest.OnEachDatabaseWhenLong(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, other *database.DB) {
		dbtest.Exec(t, other, "CREATE TABLE theirs (id int)")
		fixture := &dbtest.Fixture{}
		db := fixture.SQLite
		if other.IsPostgres() {
			db = fixture.PostgresAsOwner
		}
		d := newBackupDrill(t, db(t))
		d.backUp()
		d.mustRefuse("holds other tables", "restore", d.file, "--secret-file", d.secret, "--replace",
			"--database-url", other.URL())
	})
}

// A record of access that would give a number twice is found when the backup is taken, and again at the restore.
func TestBackupChecksTheRecord(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		d := newBackupDrill(t, db)
		d.api.As("protection.bf@demo", "services").
			Ask(`{ children(first: 3) { nodes { givenName } } }`, nil).RequireOK()
		d.backUp()
		url := elsewhere(t, db)
		d.restoreInto(url)
		d.serveRestored(url).api.As("protection.bf@demo", "services").
			Ask(`{ children(first: 3) { nodes { givenName } } }`, nil).RequireOK()
		reset := "DELETE FROM sqlite_sequence WHERE name = 'record_numbers'"
		if db.IsPostgres() {
			reset = "ALTER TABLE record_numbers ALTER COLUMN id RESTART"
		}
		dbtest.Exec(t, db, reset)
		d.mustRefuse("The record of access", "backup", d.file, "--overwrite", "--database-url", db.URL())
	})
}

// A restore brings row-level security back for its role.
func TestRestoreWithRowSecurity(t *testing.T) {
	if !dbtest.Long() {
		t.Skip("the long form tests row-level security")
	}
	owner, restricted := apitest.Demo.PostgresWithRowSecurity(t)
	d := newBackupDrill(t, owner)
	d.mustRefuse("Row-level security hides rows", "backup", d.file, "--database-url", restricted.URL())
	d.backUp()
	url := elsewhere(t, owner)
	d.mustRefuse("lacks the role", "restore", d.file, "--secret-file", d.secret, "--database-url", url)
	func() {
		server, err := database.Open(t.Context(), database.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		dbtest.Exec(t, server, "CREATE ROLE rightshub_restricted LOGIN PASSWORD 'test'")
	}()
	d.restoreInto(url)
	hub, err := database.Open(t.Context(), database.Options{
		URL:              strings.Replace(url, "hub@", "rightshub_restricted@", 1),
		RowLevelSecurity: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	if err := hub.CheckRowLevelSecurity(t.Context(), inventory.Load()); err != nil {
		t.Fatal(err)
	}
	people := apitest.New(t, hub)
	if a := people.As("coordinator.bf@demo", "").
		Ask(`{ children(first: 3) { nodes { id } } }`, nil).RequireOK(); a.Len("children.nodes") != 3 {
		t.Error(a.Body)
	}
}
