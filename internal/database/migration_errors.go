package database

import (
	"database/sql/driver"
	"errors"
	"io"

	"github.com/lib/pq"

	"rightshub/internal/fault"
)

// migrationError turns the error of a statement outside the files into a fault.
func migrationError(err error, doing string) error {
	switch {
	case err == nil:
		return nil
	case isRightMissing(err):
		f := fault.New(fault.Unavailable,
			"The database lets this role make or change no tables: name their owner in --database-url, "+
				"or let the database's owner grant the role CREATE on the schema.")
		f.Cause = redactError(err)
		return f
	}
	return fault.Wrap(redactError(err), doing)
}

// isRightMissing reports whether the role lacks a right to the schema, or sees no schema.
func isRightMissing(err error) bool {
	var p *pq.Error
	return errors.As(err, &p) && (p.Code == "42501" || p.Code == "3F000")
}

// statementError says which statement of a version failed, that nothing of the version remains, and what to do.
func statementError(err error, at string) error {
	var p *pq.Error
	var f *fault.Error
	switch kind := ErrorKind(err); {
	case isRightMissing(err):
		return migrationError(err, at)
	case errors.As(err, &p) && p.Code == "55P03": // lock_not_available
		f = fault.New(fault.Unavailable,
			"%s: other transactions used the table for %s, so nothing of this version was applied. "+
				"Run `rightshub migrate up` again when the hub is quiet.", at, lockTimeout)
	case kind == "timeout", kind == "connection", errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF):
		f = fault.New(fault.Unavailable,
			"%s: the migration was interrupted, so nothing of this version was applied. "+
				"Run `rightshub migrate up` again.", at)
	default:
		f = fault.New(fault.Unavailable,
			"%s: the database refused this statement (%v), so nothing of this version was applied. "+
				"Correct the rows that it refuses, or use a program with a corrected version, "+
				"and run `rightshub migrate up` again.", at, redactError(err))
	}
	f.Cause = redactError(err)
	return f
}
