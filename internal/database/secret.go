package database

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strings"

	"rightshub/internal/fault"
)

// Secret is the key material of the hub. Its 32 bytes are in a file beside the database or in a file of the operator.
type Secret [32]byte

// Derive returns a key of 32 bytes for one use.
func (s Secret) Derive(use string) []byte {
	h := hmac.New(sha256.New, s[:])
	h.Write([]byte("rightshub " + use))
	return h.Sum(nil)
}

// NewSecret returns a random secret.
func NewSecret() (s Secret) {
	rand.Read(s[:]) // never fails
	return s
}

// secretRowID is the key of the only row of hub_secrets.
const secretRowID = "hub"

// CheckSecret fails when the database was served with another secret before. Two secrets at once would carry out one
// Idempotency-Key twice, and with another secret pseudonyms change and stored answers cannot be read. The first secret
// of a database is remembered by a check value, which is a keyed hash of a fixed text.
func (db *DB) CheckSecret(ctx context.Context, secret Secret) error {
	check := hex.EncodeToString(secret.Derive("check value"))
	read := func() ([]string, error) {
		return ScanAll(ctx, db.pool, "SELECT check_value FROM hub_secrets WHERE id = $1",
			func(r *sql.Rows) (found string, err error) { return found, r.Scan(&found) }, secretRowID)
	}
	found, err := read()
	if err == nil && len(found) == 0 {
		_, err = db.pool.ExecContext(ctx, "INSERT INTO hub_secrets (id, check_value) VALUES ($1, $2)"+
			" ON CONFLICT (id) DO NOTHING", secretRowID, check)
		if err = Classify(err); err == nil {
			found, err = read() // another process may have been first
		}
	}
	if err != nil {
		return err
	}
	if len(found) == 0 || !hmac.Equal([]byte(found[0]), []byte(check)) {
		return errOtherSecret
	}
	return nil
}

var errOtherSecret = fault.New(fault.Invalid,
	"This database was served with another secret. Give the file with that secret in --secret-file, or put it back "+
		"next to the SQLite file as NAME.secret. Take it from a backup. If it is lost for ever, "+
		"DELETE FROM hub_secrets lets the hub start with a new one. Pseudonyms then change, and Idempotency-Keys, "+
		"cursors and tokens of changes from before are not recognised.")

// ReadSecret reads a secret from a file of 64 hexadecimal digits. With make, it creates a missing file.
func ReadSecret(path string, make bool) (Secret, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && make {
		s := NewSecret()
		if err := os.WriteFile(path, []byte(hex.EncodeToString(s[:])+"\n"), 0o600); err != nil {
			return s, fault.New(fault.Unavailable,
				"The hub's secret cannot be written to %s: check that the folder may be written to.", path)
		}
		return s, nil
	}
	if err != nil {
		return Secret{}, fault.New(fault.Unavailable,
			"The hub's secret cannot be read from %s: check --secret-file.", path)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) != 32 {
		return Secret{}, fault.New(fault.Invalid,
			"The file %s does not hold 64 hexadecimal digits. Make one with: openssl rand -hex 32", path)
	}
	return Secret(raw), nil
}
