package main

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestStopWhileStarting checks that a command which a signal stops says so, and does not blame the database.
func TestStopWhileStarting(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	if code := runCommandLine(t.Context(), []string{"migrate", "up", "--database-url", url},
		streams{io.Discard, io.Discard}); code != 0 {
		t.Fatal(code)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, args := range [][]string{
		{"serve", "--demo"},
		{"migrate", "up", "--database-url", url},
		{"admin", "you@example.org", "--database-url", url},
		{"serve", "--database-url", url, "--oidc-issuer", "https://login.invalid", "--oidc-audience", "x",
			"--oidc-algorithms", "RS256"},
	} {
		var stderr bytes.Buffer
		code := runCommandLine(stopped, args, streams{io.Discard, &stderr})
		if code != 1 || !strings.Contains(stderr.String(), "Stopped by a signal") ||
			strings.Contains(stderr.String(), "folder") {
			t.Errorf("%v: %d %s", args, code, &stderr)
		}
	}
}
