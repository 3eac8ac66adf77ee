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

// Sealer encrypts positions into cursors that disclose nothing, and decrypts them. A cursor is bound to the caller, the
// version of the policies and the list. With any other of these, or with a changed byte, it does not open. The same
// position gives the same cursor, because the nonce is computed from the position as in RFC 5297. Clients may compare
// cursors. A Sealer is safe for concurrent use.
type Sealer struct {
	aead     cipher.AEAD
	nonceKey []byte
}

// NewSealer returns a Sealer with keys that derive from the hub's secret for one use. Sealers for different uses do not
// open each other's cursors.
func NewSealer(s database.Secret, use string) (*Sealer, error) {
	block, err := aes.NewCipher(s.Derive(use))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &Sealer{aead, s.Derive(use + " nonce")}, err
}

// Seal returns plain as a cursor in URL-safe base64, encrypted and bound to bound.
func (s *Sealer) Seal(plain, bound []byte) string {
	h := hmac.New(sha256.New, s.nonceKey)
	fmt.Fprintf(h, "%d:", len(bound))
	h.Write(bound)
	h.Write(plain)
	nonce := h.Sum(nil)[:s.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, bound))
}

// Cursor is the cursor of one row of a page. It holds the row's position, and is sealed when its text is asked for,
// because most answers need the cursor of one row only.
type Cursor struct {
	query  *pageQuery
	values []Value // of the query's sort keys
}

// String returns the sealed cursor, the same text each time.
func (c Cursor) String() string {
	return c.query.sealer.Seal(encodePosition(c.query.sortKeys, c.values), c.query.cursorBinding)
}

// ErrForeignCursor is the fault for a cursor that was made for another list or caller, or that was changed.
var ErrForeignCursor = fault.InvalidField("cursor", "this cursor does not belong to this list. Start again without it.")

// foreignCursorErrors are the faults of the arguments after and before, by names that the caller knows.
var foreignCursorErrors = [2]error{
	fault.InvalidField("after", "this cursor does not belong to this list. Start again without it."),
	fault.InvalidField("before", "this cursor does not belong to this list. Start again without it."),
}

// Open returns the plain bytes of a cursor that Seal made with the same bound. For any other cursor it fails with
// ErrForeignCursor.
func (s *Sealer) Open(cursor string, bound []byte) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) < s.aead.NonceSize() ||
		len(cursor) != base64.RawURLEncoding.EncodedLen(len(raw)) { // the decoder ignores line ends inside the cursor
		return nil, ErrForeignCursor
	}
	plain, err := s.aead.Open(nil, raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():], bound)
	if err != nil {
		return nil, ErrForeignCursor
	}
	return plain, nil
}

// encodePosition returns the values of a row's sort keys as a JSON list, for Seal.
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

// DecodePosition returns the values of a position that encodePosition wrote, as arguments of a statement. A null is
// nil. It fails with ErrForeignCursor when the position does not fit the keys.
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

// unmarshalAs returns a JSON value as a T.
func unmarshalAs[T any](raw []byte) (v T, err error) { return v, json.Unmarshal(raw, &v) }
