package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"
	"path/filepath"

	"modernc.org/sqlite"

	"rightshub/internal/fault"
)

// LockedFile is a SQLite file that no other connection can read or write until Unlock.
type LockedFile struct{ *sql.Conn }

// LockFile takes a SQLite file for this connection alone, and moves what is in its log into it. It fails when another
// connection is open. It needs a DB that was opened with one connection.
func (db *DB) LockFile(ctx context.Context) (*LockedFile, error) {
	c, err := db.pool.Conn(ctx)
	if err != nil {
		return nil, Classify(err)
	}
	f := &LockedFile{c}
	var mode string
	for _, statement := range []string{
		"PRAGMA busy_timeout = 500",
		"PRAGMA locking_mode = EXCLUSIVE",
		"PRAGMA journal_mode = DELETE",
		"BEGIN EXCLUSIVE", // in this locking mode, the lock stays after the transaction
		"COMMIT",
	} {
		if _, err = c.ExecContext(ctx, statement); err != nil {
			break
		}
	}
	if err == nil {
		err = c.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode)
	}
	if err = Classify(err); err == nil && mode == "delete" {
		return f, nil
	}
	f.Unlock()
	if err == nil || ErrorKind(err) == "serialization" || fault.Is(err, fault.Conflict) {
		err = errInUse
	}
	return nil, err
}

// Unlock closes the connection, which lets others use the file.
func (f *LockedFile) Unlock() {
	f.Raw(func(any) error { return driver.ErrBadConn }) // database/sql then closes it instead of keeping it
}

// ReplaceContents puts the contents of another SQLite file in the place of those of this one, in one transaction. A
// process that waits for the file meanwhile gets the new contents. Under another file of the same name, it would write
// into the old one.
func (f *LockedFile) ReplaceContents(path string) error {
	return f.Raw(func(c any) error {
		to := c.(*cachingConn).inner.(interface {
			NewRestore(string) (*sqlite.Backup, error)
		})
		b, err := to.NewRestore("file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?mode=rw")
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			more, err = b.Step(-1)
		}
		if ended := b.Finish(); err == nil {
			err = ended
		}
		return err
	})
}
