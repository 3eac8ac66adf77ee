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

// CheckValue returns a keyed hash of a fixed text, by which a database knows its secret. Nobody learns the secret from
// it.
func (s Secret) CheckValue() string { return hex.EncodeToString(s.Derive("check value")) }

// Matches reports whether a check value is that of the secret.
func (s Secret) Matches(checkValue string) bool {
	return hmac.Equal([]byte(checkValue), []byte(s.CheckValue()))
}

// secretRowID is the key of the only row of hub_secrets.
const secretRowID = "hub"

// readCheckValue returns the check value of the secret that the database was first served with, or "".
func readCheckValue(ctx context.Context, q Querier) (string, error) {
	found, err := ScanAll(ctx, q, "SELECT check_value FROM hub_secrets WHERE id = $1",
		func(r *sql.Rows) (found string, err error) { return found, r.Scan(&found) }, secretRowID)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// CheckSecret fails when the database was served with another secret before. Two secrets at once would carry out one
// Idempotency-Key twice, and with another secret pseudonyms change and stored answers cannot be read. The first secret
// of a database is remembered by its check value.
func (db *DB) CheckSecret(ctx context.Context, secret Secret) error {
	found, err := readCheckValue(ctx, db.pool)
	if err == nil && found == "" {
		_, err = db.pool.ExecContext(ctx, "INSERT INTO hub_secrets (id, check_value) VALUES ($1, $2)"+
			" ON CONFLICT (id) DO NOTHING", secretRowID, secret.CheckValue())
		if err = Classify(err); err == nil {
			found, err = readCheckValue(ctx, db.pool) // another process may have been first
		}
	}
	if err == nil && !secret.Matches(found) {
		err = errOtherSecret
	}
	return err
}

var errOtherSecret = fault.New(fault.Invalid,
	"This database was served with another secret. Give the file with that secret in --secret-file, or put it back "+
		"next to the SQLite file as NAME.secret. Take it from where you keep its copy. If it is lost for ever, "+
		"`rightshub secret abandon` says what is lost with it, and lets the hub start with a new one.")

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
