package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
)

// openDuringRestore opens the database as soon as a restore has begun to extract the copy, as a hub does that starts
// then. It returns nil when the file stays locked for too long, or when the restore has ended.
func openDuringRestore(ctx context.Context, named, path string, ended <-chan struct{}) *database.DB {
	for {
		select {
		case <-ended:
			return nil
		default:
		}
		found, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".*"))
		if len(found) > 0 {
			db, err := database.Open(ctx, database.Options{URL: named})
			if err != nil {
				return nil
			}
			return db
		}
	}
}

// A hub that starts while SQLite is restored loses no write, and leaves no log of the old file beside the new one.
func TestHubStartsDuringRestore(t *testing.T) {
	d := newBackupDrill(t, apitest.Demo.SQLite(t))
	d.backUp()
	named := d.api.Hub.DB().URL()
	u, err := url.Parse(named)
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Exec(t, d.api.Hub.DB(), "UPDATE countries SET iso2 = 'XX' WHERE iso2 = 'BF'")
	d.api.Hub.DB().Close()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.restoreInto(named, "--replace")
	}()
	hub := openDuringRestore(t.Context(), named, u.Path, ended)
	if hub != nil {
		if _, err := hub.SQL().ExecContext(t.Context(), "UPDATE countries SET iso2 = 'YY' WHERE iso2 = 'CA'"); err != nil {
			t.Error(err)
		}
		defer hub.Close()
	}
	<-ended
	next, err := database.Open(t.Context(), database.Options{URL: named})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if err := next.CheckIntegrity(t.Context()); err != nil {
		t.Error(err)
	}
	var restored, written int
	err = next.SQL().QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM countries WHERE iso2 = 'BF'),
		(SELECT count(*) FROM countries WHERE iso2 = 'YY')`).Scan(&restored, &written)
	if err != nil || restored != 1 || hub != nil && written != 1 {
		t.Errorf("%d rows are restored, and %d writes of the hub are there (%v)", restored, written, err)
	}
	if left, _ := filepath.Glob(u.Path + "-journal"); len(left) > 0 {
		t.Errorf("%q is left", left)
	}
	if info, err := os.Stat(u.Path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}
