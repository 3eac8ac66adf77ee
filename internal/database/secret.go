package database

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
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
