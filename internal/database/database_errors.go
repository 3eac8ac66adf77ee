package database

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
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
	code, message := fault.Internal, ""
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
		code, message = fault.Unavailable, "The database does not answer just now. Try again in a moment."
	default:
		return fault.Wrap(redactError(err), "database")
	}
	return &fault.Error{Code: code, Message: message, Cause: redactError(err)}
}

// ErrorKind returns the kind of a database error: unique, check, reference, timeout, serialization, connection,
// privilege (the role of the database lacks a right) or "".
func ErrorKind(err error) string {
	var p *pq.Error
	var s *sqlite.Error
	var n net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "timeout"
	case errors.As(err, &p):
		return map[pqerror.Code]string{"23505": "unique", "23502": "check", "23514": "check", "23503": "reference",
			"22001": "check", "22003": "check", "57014": "timeout", "40001": "serialization", "40P01": "serialization",
			"57P01": "connection", "57P02": "connection", "57P03": "connection", "53300": "connection",
			"42501": "privilege"}[p.Code]
	case errors.As(err, &s):
		return map[int]string{
			sqlite3.SQLITE_CONSTRAINT_UNIQUE: "unique", sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: "unique",
			sqlite3.SQLITE_CONSTRAINT_NOTNULL: "check", sqlite3.SQLITE_CONSTRAINT_CHECK: "check",
			sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: "reference", sqlite3.SQLITE_BUSY: "serialization"}[s.Code()]
	case errors.As(err, &n):
		return "connection"
	}
	return ""
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
