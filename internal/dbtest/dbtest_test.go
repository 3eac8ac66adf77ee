package dbtest_test

import (
	"fmt"
	"os"
	"testing"

	"rightshub/internal/dbtest"
)

// TestMain checks that Run leaves no files behind.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "rightshub-dbtest-")
	if err == nil {
		err = os.Setenv("TMPDIR", folder)
	}
	code := 1
	if err == nil {
		code = dbtest.Tests{M: m}.Run()
		var left []os.DirEntry
		if left, err = os.ReadDir(folder); err == nil && len(left) > 0 {
			err = fmt.Errorf("left behind: %v", left)
		}
	}
	if err != nil {
		fmt.Println(err)
		code = 1
	}
	os.RemoveAll(folder)
	os.Exit(code)
}

// TestCopies checks that each test has its own database, also with an unusual name.
func TestCopies(t *testing.T) {
	f := &dbtest.Fixture{NoTables: true}
	for _, name := range []string{"a", "a", "a", "a?b", "a%20b"} {
		t.Run(name, func(t *testing.T) {
			if _, err := f.SQLite(t).SQL().ExecContext(t.Context(), "CREATE TABLE x (a integer)"); err != nil {
				t.Error(err)
			}
		})
	}
}
