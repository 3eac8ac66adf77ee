package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/fault"
)

// statementTimeout is the longest that one statement of a backup or a restore may take.
const statementTimeout = 24 * time.Hour

// OpenDatabase opens a database with the one connection that CheckUnused needs, and gives its statements time.
func OpenDatabase(ctx context.Context, named string) (*database.DB, error) {
	return database.Open(ctx, database.Options{URL: named, MaxConnections: 1, StatementTimeout: statementTimeout})
}

// copySQLite copies the database into a file, and says in the manifest what the copy holds. It refuses a damaged
// database, which would otherwise replace good backups one after the other.
func (m *Manifest) copySQLite(ctx context.Context, db *database.DB, path string) error {
	now, err := db.Now(ctx)
	if err != nil {
		return err
	}
	m.MadeAt = now.Format(time.RFC3339)
	if err := db.CopyInto(ctx, path); err != nil {
		return err
	}
	return inspectSQLite(ctx, path, func(db *database.DB) error {
		m.Contents, err = db.ReadContents(ctx, db.SQL())
		return err
	})
}

// inspectSQLite checks that a SQLite file is whole, calls do with the open file, and closes it.
func inspectSQLite(ctx context.Context, path string, do func(*database.DB) error) error {
	db, err := OpenDatabase(ctx, (&url.URL{Scheme: "sqlite", Path: path}).String())
	if err != nil {
		return err
	}
	err = db.CheckIntegrity(ctx)
	if err == nil {
		err = db.CheckRecord(ctx)
	}
	if err == nil {
		err = do(db)
	}
	return errors.Join(err, db.Close()) // which moves the log into the file
}

// restoreSQLite puts the copy in the place of the contents of the database file. It holds the file locked to the end,
// because a hub that starts meanwhile would write what the restore then removes. The copy is extracted beside the file
// and checked first, so that the old contents stay when anything fails.
func (a *Archive) restoreSQLite(ctx context.Context, named string, replace bool) (*Restored, error) {
	u, err := url.Parse(named)
	if err != nil {
		return nil, fault.New(fault.Invalid,
			"The database URL names no file: write sqlite:///path/file.db, with three slashes.")
	}
	if err := checkNoOldLog(u.Path); err != nil {
		return nil, err
	}
	db, err := OpenDatabase(ctx, named)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := db.CheckReplaceable(ctx, db.SQL(), replace); err != nil {
		return nil, err
	}
	file, err := db.LockFile(ctx)
	if err != nil {
		return nil, err
	}
	defer file.Unlock()
	if err := db.CheckReplaceable(ctx, file, replace); err != nil { // a hub could have written before the lock
		return nil, err
	}
	return a.replaceContents(ctx, file, u.Path)
}

// replaceContents extracts the copy, checks it, and puts it in the place of the contents of the locked file.
func (a *Archive) replaceContents(ctx context.Context, file *database.LockedFile, path string) (*Restored, error) {
	folder, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, errCannotWrite(path)
	}
	defer os.RemoveAll(folder)
	extracted, done := filepath.Join(folder, copyName), &Restored{Rows: a.Contents.EntityRows()}
	if a.extract(extracted) != nil {
		return nil, errCannotWrite(path)
	}
	err = inspectSQLite(ctx, extracted, func(db *database.DB) error {
		if done.MissingVersions, err = db.CheckVersions(a.Contents); err != nil {
			return err
		}
		found, err := db.ReadContents(ctx, db.SQL())
		if err != nil {
			return err
		}
		return a.Contents.CheckEqual(found)
	})
	if err != nil {
		return nil, err
	}
	if file.ReplaceContents(extracted) != nil || syncFolder(path) != nil {
		return nil, errCannotWrite(path)
	}
	return done, nil
}

// checkNoOldLog fails when SQLite would take the log of a database that is gone for that of a new one.
func checkNoOldLog(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, log := range []string{path + "-wal", path + "-journal"} {
		if _, err := os.Stat(log); !errors.Is(err, fs.ErrNotExist) {
			return fault.New(fault.Conflict, "The file %s is left of a database that is gone. Move it away first.", log)
		}
	}
	return nil
}

// extract writes the copy of the database into a new file.
func (a *Archive) extract(path string) error {
	r, err := a.openCopy()
	if err != nil {
		return err
	}
	f, err := createPrivate(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	return f.Close()
}
