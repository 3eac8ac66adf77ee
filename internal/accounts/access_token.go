package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"rightshub/internal/fault"
)

// TokenPrefix begins every personal access token, so that scanners for leaked secrets recognise it.
const TokenPrefix = "rhp_"

// maxTokenLifetime is the longest time for which a personal access token works.
const maxTokenLifetime = 366 * 24 * time.Hour

// NewToken returns a new personal access token.
func NewToken() string { return TokenPrefix + rand.Text() + rand.Text() }

// HashToken returns the hash of a personal access token. Only the hash is stored.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// CheckToken fails when no personal access token that is made now may have these scopes, or may end then.
func CheckToken(scopes []string, expires, now time.Time) error {
	switch strings.Join(scopes, "+") {
	case "read", "read+write", "write+read":
	default: // every token may read, so the stored scopes must include read
		return fault.InvalidField("scopes", "must be READ, or READ and WRITE.")
	}
	if !expires.After(now) || expires.After(now.Add(maxTokenLifetime)) {
		return fault.InvalidField("expiresAt", "must lie within the next year.")
	}
	return nil
}
