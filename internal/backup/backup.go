// Package backup copies the whole database of a hub into one file, while the hub runs, and restores it.
//
// The file is a tar archive of two files. The first is the manifest, which says what the second holds. The second is a
// database file of SQLite, or a dump that PostgreSQL's own pg_dump wrote in its custom format. The hub's secret is not
// in it, so that a person who finds the file cannot undo pseudonyms.
//
// PostgreSQL's programs do the work there, because they know every version of the server, read all tables at one
// moment, and restore in one transaction. The program calls them itself, so that the manifest counts the rows at the
// same moment as the dump, and so that the file is readable by its owner alone and never half written.
package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rightshub/internal/database"
	"rightshub/internal/fault"
)

// formatVersion is the version of the archive.
const formatVersion = 1

// Manifest says what an archive holds. It has no value of a row.
type Manifest struct {
	Format          int               `json:"format"`
	Program         string            `json:"program"`  // the version of the program that made it
	Database        string            `json:"database"` // "sqlite" or "postgres"
	MadeAt          string            `json:"madeAt"`   // by the database's clock, in RFC 3339
	Schema          string            `json:"schema,omitempty"`
	RowSecurityRole string            `json:"rowSecurityRole,omitempty"` // under row-level security
	Contents        database.Contents `json:"contents"`
	Size            int64             `json:"size"`   // of the database's copy, in bytes
	SHA256          string            `json:"sha256"` // of the database's copy
}

// Options say how to take a backup.
type Options struct {
	File            string
	Overwrite       bool   // replace an existing file
	Program         string // the version of this program
	RowSecurityRole string // the role under row-level security, or ""
}

// Names of the two files in an archive.
const (
	manifestName = "manifest.json"
	copyName     = "database"
)

// Take writes a backup of the database. The file appears when it is complete.
func Take(ctx context.Context, db *database.DB, o Options) (*Manifest, error) {
	if err := checkNewFile(o.File, o.Overwrite); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(filepath.Dir(o.File), "."+filepath.Base(o.File)+".*") // only the current user may enter it
	if err != nil {
		return nil, errCannotWrite(o.File)
	}
	defer os.RemoveAll(folder)
	m := &Manifest{Format: formatVersion, Program: o.Program, RowSecurityRole: o.RowSecurityRole}
	copied := filepath.Join(folder, copyName)
	empty, err := createPrivate(copied)
	if err != nil || empty.Close() != nil {
		return nil, errCannotWrite(o.File)
	}
	if m.Database = "sqlite"; db.IsPostgres() {
		m.Database = "postgres"
		err = m.dumpPostgres(ctx, db, copied)
	} else {
		err = m.copySQLite(ctx, db, copied)
	}
	if err != nil {
		return nil, err
	}
	archive := filepath.Join(folder, "archive")
	if m.writeArchive(archive, copied) != nil || os.Rename(archive, o.File) != nil || syncFolder(o.File) != nil {
		return nil, errCannotWrite(o.File)
	}
	return m, nil
}

func errCannotWrite(path string) error {
	return fault.New(fault.Unavailable,
		"The file %s cannot be written. Check that its folder exists, is writable and has room.", path)
}

// checkNewFile fails when the file exists, unless it is an ordinary file that may be replaced.
func checkNewFile(path string, overwrite bool) error {
	found, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return errCannotWrite(path)
	case !found.Mode().IsRegular():
		return fault.New(fault.Invalid, "%s exists and is not a regular file. Name another.", path)
	case !overwrite:
		return fault.New(fault.Conflict, "%s exists already. Name another file, or replace it with --overwrite.", path)
	}
	return nil
}

// createPrivate creates a file that only the current user may read.
func createPrivate(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

// syncFolder makes a new name of a file survive a loss of power.
func syncFolder(path string) error {
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// writeArchive writes the manifest and the database's copy into a file.
func (m *Manifest) writeArchive(path, copied string) error {
	from, err := os.Open(copied)
	if err != nil {
		return err
	}
	defer from.Close()
	sum := sha256.New()
	if m.Size, err = io.Copy(sum, from); err != nil {
		return err
	}
	m.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := createPrivate(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := tar.NewWriter(f)
	if err := w.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(text))}); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: copyName, Mode: 0o600, Size: m.Size}); err != nil {
		return err
	}
	if _, err := io.Copy(w, from); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
