package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"rightshub/internal/fault"
)

// Classify turns a database error into a fault. The message and the cause hold no value, no constraint's name and no
// words of the database, because these may quote what the caller may not see. A fault stays as it is.
func Classify(err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) {
		return err
	}
	code, message, retryAfter := fault.Internal, "", 0
	switch ErrorKind(err) {
	case "unique":
		code, message = fault.Conflict, "A row with this key already exists: choose another."
	case "check":
		code, message = fault.Invalid, "A value is missing or out of its range."
	case "reference":
		code, message = fault.Invalid, "A row that this one refers to does not exist, or is still referred to."
	case "timeout":
		code, message = fault.Unavailable, "The database took too long. Ask for less, or try again."
	case "serialization":
		code, message = fault.Conflict, "Someone else wrote at the same time. Try again."
	case "connection":
		code, message, retryAfter = fault.Unavailable,
			"The database does not answer just now. Try again in a moment.", 1
	case "read-only":
		code, message, retryAfter = fault.Unavailable,
			"The database takes no writes just now. Try again in a moment.", 5
	case "full":
		code, message, retryAfter = fault.Unavailable,
			"The database has no room left, so nothing can be written until the operator makes room.", 60
	default:
		return fault.Wrap(redactError(err), "database")
	}
	out := &fault.Error{Code: code, Message: message, Cause: redactError(err)}
	if retryAfter > 0 {
		return out.With("retryAfter", retryAfter)
	}
	return out
}

// ErrorKind returns the kind of a database error: unique, check, reference, timeout, serialization, privilege (the role
// of the database lacks a right), connection, read-only, full or "". The cause of the last three lies outside of the
// hub.
func ErrorKind(err error) string {
	var p *pq.Error
	var s *sqlite.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "timeout"
	case errors.As(err, &p):
		return postgresErrorKind(string(p.Code))
	case errors.As(err, &s):
		return sqliteErrorKind(s.Code())
	case isConnectionError(err):
		return "connection"
	}
	return ""
}

// postgresErrorKinds are the kinds by SQLSTATE, or by its class, which is its first two characters.
var postgresErrorKinds = map[string]string{
	"23505": "unique", "23502": "check", "23514": "check", "23503": "reference", "22001": "check", "22003": "check",
	"57014": "timeout", "40001": "serialization", "40P01": "serialization", "42501": "privilege",
	"25006": "read-only", "53100": "full",
	"0A000": "connection", // a plan from before a migration, or a server that is not the one it was
	"25P03": "connection", "3D000": "connection", "55P03": "serialization", "58030": "connection",
	"08": "connection", "28": "connection", "53": "connection", "57": "connection",
}

func postgresErrorKind(code string) string {
	if kind, ok := postgresErrorKinds[code]; ok || len(code) < 2 {
		return kind
	}
	return postgresErrorKinds[code[:2]]
}

// sqliteErrorKinds are the kinds by extended code, or by its lowest byte.
var sqliteErrorKinds = map[int]string{
	sqlite3.SQLITE_CONSTRAINT_UNIQUE: "unique", sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: "unique",
	sqlite3.SQLITE_CONSTRAINT_NOTNULL: "check", sqlite3.SQLITE_CONSTRAINT_CHECK: "check",
	sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: "reference", sqlite3.SQLITE_BUSY: "serialization",
	sqlite3.SQLITE_LOCKED: "serialization", sqlite3.SQLITE_READONLY: "read-only", sqlite3.SQLITE_FULL: "full",
	sqlite3.SQLITE_IOERR: "connection", sqlite3.SQLITE_CANTOPEN: "connection", sqlite3.SQLITE_NOMEM: "connection",
	sqlite3.SQLITE_CORRUPT: "connection", sqlite3.SQLITE_NOTADB: "connection", sqlite3.SQLITE_PROTOCOL: "connection",
}

func sqliteErrorKind(code int) string {
	if kind, ok := sqliteErrorKinds[code]; ok {
		return kind
	}
	return sqliteErrorKinds[code&0xff]
}

// isConnectionError reports whether the connection was lost, or could not be made.
func isConnectionError(err error) bool {
	for _, e := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, driver.ErrBadConn, sql.ErrConnDone, errLostConnection,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var n net.Error
	var number syscall.Errno
	return errors.As(err, &n) || errors.As(err, &number)
}

// isNetTimeout reports whether the other side was silent for too long.
func isNetTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// redactError reduces a database error to its code.
func redactError(err error) error {
	var p *pq.Error
	var s *sqlite.Error
	switch {
	case errors.As(err, &p):
		return fmt.Errorf("postgresql error %s", p.Code)
	case errors.As(err, &s):
		return fmt.Errorf("sqlite error %d", s.Code())
	}
	return err
}
