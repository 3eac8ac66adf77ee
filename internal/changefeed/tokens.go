package changefeed

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

var errChangesToken = fault.InvalidField("token",
	"this is not your token for these types, or it is older than %d days. Start again without it.", changesTokenDays)

// knownToken is the content of a token of changes.
type knownToken struct {
	day        uint32 // the day on which the token was made
	checkpoint uuid.UUID
	pending    []byte
}

// tokenVersion is the first byte of a token. A token of another version is refused, and its bearer starts again.
const tokenVersion = 2

// tokenBinding returns a hash of what a token is bound to, which is the caller, the version of the policies and the
// types.
func (o *observer) tokenBinding(types []*model.Entity) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "changes %q", o.view.Key())
	for _, e := range types {
		fmt.Fprintf(h, " %q", e.Name)
	}
	return h.Sum(nil)
}

func unixDay(now time.Time) uint32 { return uint32(now.Unix() / (24 * 60 * 60)) }

// sealChangesToken returns the token of what the caller knows. It first stores a checkpoint when the token would become
// too long. More states that the caller does not know everything yet.
func (o *observer) sealChangesToken(ctx context.Context, k *knownRows, more bool) (string, error) {
	if !k.complete || len(k.pending) > maxPendingEntries*entrySize {
		if err := o.storeCheckpoint(ctx, k, more); err != nil {
			return "", err
		}
	}
	k.token = knownToken{unixDay(time.Now()), k.checkpoint.key, k.pending}
	b := binary.BigEndian.AppendUint32([]byte{tokenVersion}, k.token.day)
	b = append(append(b, k.checkpoint.key[:]...), k.pending...)
	return o.tokenSealer.Seal(b, o.tokenBinding(k.types)), nil
}

// openChangesToken reads a token. The known rows are not read before openKnownRows. Every invalid token fails with the
// same error.
func (o *observer) openChangesToken(types []*model.Entity, token string) (*knownRows, error) {
	k := newKnownRows(types)
	if token == "" {
		return k, nil
	}
	plain, err := o.tokenSealer.Open(token, o.tokenBinding(types))
	if err != nil || len(plain) < 21 || plain[0] != tokenVersion {
		return nil, errChangesToken
	}
	k.open = false
	k.token = knownToken{binary.BigEndian.Uint32(plain[1:5]), uuid.UUID(plain[5:21]), slices.Clone(plain[21:])}
	if now := unixDay(time.Now()); k.token.day > now || now-k.token.day > changesTokenDays {
		return nil, errChangesToken
	}
	if _, ok := readEntries(k.token.pending, len(types)); !ok {
		return nil, errChangesToken
	}
	return k, nil
}
