package main

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"rightshub/internal/database"
)

// The command line makes administrators until one has signed in, and no more while that one may.
func TestAdmin(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	rightshub := func(args ...string) (int, string) {
		var said bytes.Buffer
		return runCommandLine(t.Context(), append(args, "--database-url", url), streams{io.Discard, &said}), said.String()
	}
	for _, args := range [][]string{{"migrate", "up"}, {"admin", "somone@example.org"}, {"admin", "someone@example.org"}} {
		if code, said := rightshub(args...); code != 0 {
			t.Fatal(args, said)
		}
	}
	db, err := database.Open(t.Context(), database.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.SQL().Exec("UPDATE users SET issuer = 'https://login.example.org', subject = '1' WHERE email = 'someone@example.org'"); err != nil {
		t.Fatal(err)
	}
	if code, said := rightshub("admin", "other@example.org"); code != 1 || !strings.Contains(said, "who has signed in") {
		t.Error(code, said)
	}
	if _, err := db.SQL().Exec("UPDATE users SET state = 'suspended' WHERE email = 'someone@example.org'"); err != nil {
		t.Fatal(err)
	}
	if code, said := rightshub("admin", "other@example.org"); code != 0 { // who is suspended lets nobody in
		t.Error(code, said)
	}
}
