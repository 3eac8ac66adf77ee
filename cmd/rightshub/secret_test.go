package main

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
)

// Without its secret a backup is restored only when the operator says so. The hub then refuses to start, and makes no
// new secret that looks like the old one, until the operator abandons the old one and has read what is lost with it.
func TestLostSecret(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		d := newBackupDrill(t, db)
		d.mustCreateActivity("Avant")
		d.changes(nil)
		d.backUp()
		url, file := elsewhere(t, db), filepath.Join(t.TempDir(), "new.secret")
		d.mustRun("restore", d.file, "--without-secret", "--database-url", url)
		other := database.NewSecret()
		if err := os.WriteFile(file, []byte(hex.EncodeToString(other[:])), 0o600); err != nil {
			t.Fatal(err)
		}
		serve := []string{"serve", "--database-url", url, "--oidc-issuer", "http://127.0.0.1:1", "--oidc-audience", "x",
			"--oidc-algorithms", "RS256"}
		if db.IsPostgres() {
			serve = append(serve, "--secret-file", file)
		}
		d.mustRefuse("served with another secret", serve...)
		if _, err := os.Stat(secretFileBeside(url)); !db.IsPostgres() && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a new secret is beside the database: %v", err)
		}

		code, said := d.command("secret", "abandon", "--database-url", url)
		for _, want := range []string{"Audit grants: 7.", "Events of the record of access: 0.",
			"Stored answers to Idempotency-Keys: 1.", "Stored states of changesSince: 1.", "Nothing was changed."} {
			if code != 1 || !strings.Contains(said, want) {
				t.Errorf("%d %s, want %s", code, said, want)
			}
		}
		d.mustRefuse("served with another secret", serve...)
		d.mustRun("secret", "abandon", "--lost-for-ever", "--database-url", url)
		code, said = d.command(serve...)
		if code != 1 || strings.Contains(said, "another secret. Give") || !strings.Contains(said, "issuer") {
			t.Errorf("the start with a new secret: %d %s", code, said)
		}
	})
}

// A hub that is connected keeps its secret.
func TestSecretInUse(t *testing.T) {
	dbtest.OnEachDatabaseWhenLong(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		d := newBackupDrill(t, db)
		d.mustRefuse("is connected to the database", "secret", "abandon", "--lost-for-ever", "--database-url", db.URL())
		if err := db.CheckSecret(t.Context(), apitest.Secret); err != nil {
			t.Error(err)
		}
	})
}

// The log warns when the hub starts with a database that has pseudonyms and does not know with which secret. It does
// not when the database is new, or knows the secret.
func TestUnknownSecret(t *testing.T) {
	start := func(t *testing.T, db *database.DB) string {
		t.Helper()
		var log strings.Builder
		location := &dataLocation{secret: apitest.Secret, secretStored: true}
		err := location.checkSecret(t.Context(), db, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Error(err)
		}
		return log.String()
	}
	dbtest.OnEachDatabaseWhenLong(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		if said := start(t, db); said != "" {
			t.Errorf("a new database: %s", said)
		}
	})
	dbtest.OnEachDatabaseWhenLong(t, apitest.Demo, func(t *testing.T, db *database.DB) {
		said := start(t, db)
		if !strings.Contains(said, "level=WARN") || !strings.Contains(said, "did not know its secret") {
			t.Errorf("a database with audit grants: %q", said)
		}
		if said := start(t, db); said != "" {
			t.Errorf("the second start: %s", said)
		}
	})
}
