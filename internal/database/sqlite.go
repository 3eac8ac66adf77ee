package database

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"rightshub/internal/fault"
)

// sqliteBusyTimeout is how long a transaction waits for that of another writer.
const sqliteBusyTimeout = 10 * time.Second

// sqliteBusyPragma sets sqliteBusyTimeout on a connection that had another.
var sqliteBusyPragma = fmt.Sprintf("PRAGMA busy_timeout = %d", sqliteBusyTimeout.Milliseconds())

// sqliteConnector opens a file. SQLite enforces foreign keys, and readers do not wait for the writer. A transaction
// takes the write lock when it begins, so that it never fails half-way because another has the lock. The hub itself
// creates a missing file, readable by its owner alone. SQLite would let everybody on the machine read it. The files
// that SQLite adds beside it get the same mode.
//
// What was acknowledged is on the disk, which costs one wait for the disk per commit. A volatile database does not
// wait, and may lose the last commits when the power fails.
func sqliteConnector(u *url.URL, volatile bool) (driver.Connector, error) {
	path := u.Path
	if u.Host != "" || path == "" || path == "/" || strings.HasSuffix(path, "/") {
		return nil, fault.New(fault.Invalid,
			"The database URL names no file: write sqlite:///path/file.db, with three slashes.")
	}
	if err := registerSQLiteFunctions(); err != nil {
		return nil, fault.Wrap(err, "SQLite")
	}
	synchronous := "synchronous(FULL)"
	if volatile {
		synchronous = "synchronous(NORMAL)"
	}
	q := url.Values{
		"_pragma": {
			"foreign_keys(1)", fmt.Sprintf("busy_timeout(%d)", sqliteBusyTimeout.Milliseconds()), "journal_mode(WAL)",
			synchronous, "cache_size(-16000)",
		},
		"_txlock":      {"immediate"},
		"mode":         {"rw"},
		"_time_format": {"sqlite"},
	}
	c, err := sqlite.NewConnector("file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + q.Encode())
	if err != nil {
		return nil, fault.New(fault.Invalid,
			"The database file's name cannot be used: write sqlite:///path/file.db.")
	}
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err == nil {
		f.Close() // SQLite meets the same errors, and Open reports them
	}
	return c, nil
}

// isNotSQLiteFile reports whether the error says that the file is not a database of SQLite.
func isNotSQLiteFile(err error) bool {
	var s *sqlite.Error
	return errors.As(err, &s) && s.Code() == sqlite3.SQLITE_NOTADB
}

// registerSQLiteFunctions adds the hub's functions to the driver, which has one list for the whole process.
var registerSQLiteFunctions = sync.OnceValue(func() error {
	return errors.Join(
		sqlite.RegisterDeterministicScalarFunction(SQLitePseudonymFunction, 2,
			func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
				return computePseudonymCode(args[0], args[1]), nil
			}),
		sqlite.RegisterDeterministicScalarFunction(SQLiteFoldFunction, 1,
			func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
				if s, ok := args[0].(string); ok {
					return FoldText(s), nil
				}
				return nil, nil
			}))
})

// SQLitePseudonymFunction is the name of computePseudonymCode in SQLite, which has no hash functions.
const SQLitePseudonymFunction = "hub_pseudonym"

// computePseudonymCode returns the pseudonym of a row. PostgreSQL computes the same.
func computePseudonymCode(secret, id any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%s", secret, id))
	return "P-" + strings.ToUpper(hex.EncodeToString(sum[:8]))
}
