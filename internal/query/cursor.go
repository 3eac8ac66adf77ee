package query

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Sealer turns positions into cursors that say nothing, and back. A cursor is bound to its caller, the version of the
// policies and the list: elsewhere it is as worthless as one with a changed byte. The same position gives the same
// cursor (the nonce is computed from it, as in RFC 5297), so that clients may compare them.
type Sealer struct {
	aead     cipher.AEAD
	nonceKey []byte
}

func NewSealer(s database.Secret, use string) (*Sealer, error) {
	block, err := aes.NewCipher(s.Derive(use))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &Sealer{aead, s.Derive(use + " nonce")}, err
}

func (s *Sealer) Seal(plain, bound []byte) string {
	h := hmac.New(sha256.New, s.nonceKey)
	fmt.Fprintf(h, "%d:", len(bound))
	h.Write(bound)
	h.Write(plain)
	nonce := h.Sum(nil)[:s.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, bound))
}

var ErrForeignCursor = fault.InvalidField("cursor", "this cursor does not belong to this list. Start again without it.")

func (s *Sealer) Open(cursor string, bound []byte) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) < s.aead.NonceSize() || len(cursor) != base64.RawURLEncoding.EncodedLen(len(raw)) { // line ends within are read past
		return nil, ErrForeignCursor
	}
	plain, err := s.aead.Open(nil, raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():], bound)
	if err != nil {
		return nil, ErrForeignCursor
	}
	return plain, nil
}

// encodePosition writes the values of a row's sort keys.
func encodePosition(keys []SortKey, values []Value) []byte {
	out := make([]any, len(keys))
	for i, v := range values {
		switch {
		case v.Null:
		case keys[i].Kind == model.Int || keys[i].Kind == model.Decimal || keys[i].Kind == model.Bool:
			out[i] = v.Int
		case keys[i].Kind == model.Float:
			out[i] = v.Float
		case keys[i].Kind == model.Time || keys[i].Kind == model.Date:
			out[i] = v.Time.UTC().Format(time.RFC3339Nano)
		default:
			out[i] = v.Text
		}
	}
	text, err := json.Marshal(out)
	if err != nil { // a NaN, which no column holds
		return nil
	}
	return text
}

// DecodePosition reads a position back into arguments.
func DecodePosition(keys []SortKey, plain []byte) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(plain, &raw); err != nil || len(raw) != len(keys) {
		return nil, ErrForeignCursor
	}
	out := make([]any, len(keys))
	for i, r := range raw {
		if string(r) == "null" {
			continue
		}
		var err error
		switch keys[i].Kind {
		case model.Int, model.Decimal:
			out[i], err = unmarshalAs[int64](r)
		case model.Bool:
			var n int64
			n, err = unmarshalAs[int64](r)
			out[i] = n == 1
		case model.Float:
			out[i], err = unmarshalAs[float64](r)
		case model.Time, model.Date:
			out[i], err = unmarshalAs[time.Time](r)
		default:
			out[i], err = unmarshalAs[string](r)
		}
		if err != nil {
			return nil, ErrForeignCursor
		}
	}
	return out, nil
}

func unmarshalAs[T any](raw []byte) (v T, err error) { return v, json.Unmarshal(raw, &v) }
