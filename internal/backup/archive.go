package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"

	"rightshub/internal/database"
	"rightshub/internal/fault"
)

// maxManifestBytes bounds what is read as a manifest.
const maxManifestBytes = 1 << 20

// Archive is a backup that was opened and found whole.
type Archive struct {
	Manifest

	path string
	file *os.File
}

// Open opens a backup and compares its copy of the database with the checksum of its manifest.
func Open(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "The file %s cannot be read.", path)
	}
	a := &Archive{path: path, file: f}
	if err := a.check(); err != nil {
		f.Close()
		return nil, err
	}
	return a, nil
}

// Close closes the file.
func (a *Archive) Close() error { return a.file.Close() }

// check reads the whole archive.
func (a *Archive) check() error {
	r, err := a.openCopy()
	if err != nil {
		return err
	}
	sum := sha256.New()
	if n, err := io.Copy(sum, r); err != nil || n != a.Size || hex.EncodeToString(sum.Sum(nil)) != a.SHA256 {
		return fault.New(fault.Invalid, "The backup %s is damaged, because its content does not have the checksum that it "+
			"states. Take another one.", a.path)
	}
	return nil
}

// openCopy reads the manifest and returns a reader of the database's copy.
func (a *Archive) openCopy() (io.Reader, error) {
	notBackup := fault.New(fault.Invalid, "The file %s is not a backup of rightshub, or is damaged.", a.path)
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return nil, notBackup
	}
	r := tar.NewReader(a.file)
	header, err := r.Next()
	if err != nil || header.Name != manifestName || header.Size > maxManifestBytes {
		return nil, notBackup
	}
	a.Manifest = Manifest{}
	if err := json.NewDecoder(r).Decode(&a.Manifest); err != nil {
		return nil, notBackup
	}
	if a.Format != formatVersion {
		return nil, fault.New(fault.Invalid, "The backup %s was made by the program %s in another form. "+
			"Restore it with that program.", a.path, a.Program)
	}
	if header, err = r.Next(); err != nil || header.Name != copyName || header.Size != a.Size {
		return nil, notBackup
	}
	return r, nil
}

// NeedsSecret reports whether the database of the backup was served with a secret.
func (a *Archive) NeedsSecret() bool { return a.Contents.SecretCheck != "" }

// CheckSecret fails when the backup was made of a database with another secret.
func (a *Archive) CheckSecret(secret database.Secret) error {
	if a.NeedsSecret() && !secret.Matches(a.Contents.SecretCheck) {
		return fault.New(fault.Invalid, "The backup was made of a hub with another secret. Give the file with that secret "+
			"in --secret-file. Nothing was restored.")
	}
	return nil
}

// Restored says what a restore has done.
type Restored struct {
	MissingVersions []string // versions of the program that the backup lacks
	Rows            int64    // of entities
}
