package main

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"rightshub/internal/database"
)

// TestAdmin checks that the command creates administrators until one has signed in. It creates another one only when
// that administrator may no longer sign in. It links the account of an administrator anew.
func TestAdmin(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	rightshub := func(args ...string) (int, string) {
		var stderr bytes.Buffer
		code := runCommandLine(t.Context(), append(args, "--database-url", url), streams{io.Discard, &stderr})
		return code, stderr.String()
	}
	for _, args := range [][]string{
		{"migrate", "up"},
		{"admin", "somone@example.org"},
		{"admin", "someone@example.org"},
	} {
		if code, stderr := rightshub(args...); code != 0 {
			t.Fatal(args, stderr)
		}
	}
	db, err := database.Open(t.Context(), database.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	signIn := "UPDATE users SET issuer = 'https://login.example.org', subject = '1' WHERE email = 'someone@example.org'"
	if _, err := db.SQL().Exec(signIn); err != nil {
		t.Fatal(err)
	}
	code, stderr := rightshub("admin", "other@example.org")
	if code != 1 || !strings.Contains(stderr, "has signed in already") {
		t.Error(code, stderr)
	}
	for _, args := range [][]string{ // after the identity provider has moved
		{"admin", "someone@example.org", "--relink", "--dry-run"},
		{"admin", "SomeOne@example.org", "--relink"},
	} {
		if code, stderr := rightshub(args...); code != 0 {
			t.Error(args, stderr)
		}
	}
	if _, err := db.SQL().Exec(signIn); err != nil {
		t.Fatal(err)
	}
	if _, err := db.SQL().Exec("UPDATE users SET state = 'suspended' WHERE email = 'someone@example.org'"); err != nil {
		t.Fatal(err)
	}
	if code, stderr := rightshub("admin", "other@example.org"); code != 0 { // a suspended administrator does not count
		t.Error(code, stderr)
	}
}
