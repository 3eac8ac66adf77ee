package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"rightshub/internal/database"
)

// TestUnusualFolderNames checks that the commands work in a folder with any characters in its name, and that the
// database and the secret are in that folder.
func TestUnusualFolderNames(t *testing.T) {
	t.Setenv("RIGHTSHUB_DATABASE_URL", "")
	for _, name := range []string{"plain", "a#b", "a?b", "a%b", "a%20b", "a b", "é"} {
		folder := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Chdir(folder)
		for _, args := range [][]string{{"migrate", "up"}, {"migrate", "status"}, {"admin", "someone@example.org"}} {
			if code := runCommandLine(t.Context(), args, streams{io.Discard, os.Stderr}); code != 0 {
				t.Errorf("%q: %v ends with %d", name, args, code)
			}
		}
		url, err := databaseURL("")
		if err != nil {
			t.Fatal(err)
		}
		secret, stored, err := readHubSecret(url, "")
		if err != nil || !stored {
			t.Error(name, stored, err)
		}
		fromFile, err := database.ReadSecret(filepath.Join(folder, "rightshub.db.secret"), false)
		if err != nil || fromFile != secret {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(folder, "rightshub.db")); err != nil {
			t.Error(err)
		}
	}
}

// TestApplied checks the singular and the plural of the message.
func TestApplied(t *testing.T) {
	for language, want := range map[string][3]string{
		"en": {"0 versions applied.", "1 version applied.", "2 versions applied."},
		"fr": {"0 version appliquée.", "1 version appliquée.", "2 versions appliquées."},
		"es": {"0 versiones aplicadas.", "1 versión aplicada.", "2 versiones aplicadas."},
	} {
		t.Setenv("LC_ALL", language)
		for n := range want {
			if got := appliedMessage(n); got != want[n] {
				t.Errorf("%q, want %q", got, want[n])
			}
		}
	}
}
