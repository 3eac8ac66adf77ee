package proof_test

// This file of the reference model reads and writes ids and pseudonyms.

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// parseID reads an id of the API. It refuses a malformed one.
func parseID(id string) (*model.Entity, uuid.UUID, string) {
	prefix, rest, _ := strings.Cut(id, "_")
	e := theModel.Prefix(prefix)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if e == nil || err != nil || len(raw) != 16 {
		panic(refusal("INVALID"))
	}
	return e, uuid.UUID(raw), id
}

// publicID is the id of a row as the caller sees it.
func (v *view) publicID(r *row) string {
	if !v.usesPseudonyms(r.entity) {
		return formatID(r.entity, r.id)
	}
	block, err := aes.NewCipher(v.pseudonymKey("id", r.entity))
	if err != nil {
		panic(err)
	}
	var out uuid.UUID
	block.Encrypt(out[:], r.id[:])
	return formatID(r.entity, out)
}

// pseudonymCode is what the caller sees of a row under a pseudonym in place of its code. It also orders rows last.
func (v *view) pseudonymCode(r *row) string {
	sum := sha256.Sum256([]byte(hex.EncodeToString(v.pseudonymKey("code", r.entity)) + r.id.String()))
	return "P-" + strings.ToUpper(hex.EncodeToString(sum[:8]))
}

// pseudonymKey is the key of the audit grant for an entity and a use ("id" or "code").
func (v *view) pseudonymKey(use string, e *model.Entity) []byte {
	h := hmac.New(sha256.New, hubSecret[:])
	h.Write([]byte("rightshub pseudonym " + use + " " + v.grant.id.String() + " " + e.Name))
	return h.Sum(nil)
}

// formatID writes an id of the API.
func formatID(e *model.Entity, id uuid.UUID) string {
	return e.Prefix + "_" + base64.RawURLEncoding.EncodeToString(id[:])
}
