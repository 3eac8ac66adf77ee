package dbtest_test

import (
	"fmt"
	"os"
	"testing"

	"rightshub/internal/dbtest"
)

// Whatever a package's tests made is gone when they have run.
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

// Each test has a database of its own, whatever its name is.
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
