package server

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Integration is the role of programs, which ask registered documents only.
const Integration = "integration"

const (
	keptTexts      = 16 << 20         // bytes of documents that callers sent, to be named by their hash
	registeredFor  = 10 * time.Second // how long a registered document is used before it is looked up again
	keptRegistered = 8 << 20          // bytes
)

// documents finds the text of a request: sent, registered, or sent before by the same caller.
type documents struct {
	find func(ctx context.Context, hash string) (string, error) // a registered document; "" where there is none
	only bool                                                   // registered documents only, for everybody

	registered *kept[string, looked]
	sent       *kept[sentKey, string]
}

type looked struct {
	text string
	at   time.Time
}

// sentKey is the caller's own: were it the hash alone, one could find out whether somebody else has asked a certain
// question, which may hold a child's code.
type sentKey struct {
	caller uuid.UUID
	hash   string
}

func newDocuments(find func(context.Context, string) (string, error), only bool) *documents {
	return &documents{find, only, newKept[string, looked](keptRegistered), newKept[sentKey, string](keptTexts)}
}

var (
	errUnregistered = fault.New(fault.Forbidden, "Only registered documents are answered: register this one, and name it by its hash.")
	errHash         = fault.New(fault.Invalid, "The hash is not the SHA-256 of the document.")
	errNoDocument   = fault.New(fault.NotFound, "No document is registered with this documentId.")
	// errUnknown is what clients of automatic persisted queries wait for, to send the text with the hash.
	errUnknown = fault.New(fault.NotFound, "PersistedQueryNotFound")
	// errNeverByURL lets them send all further texts by POST. It answers every GET whose document is not registered, whatever
	// the caller has sent before: after errUnknown they would come back by GET.
	errNeverByURL = fault.New(fault.NotFound, "PersistedQueryNotSupported")
)

// text is the request's document, and whether it is a registered one.
func (d *documents) text(ctx context.Context, session store.Session, q *request) (string, bool, error) {
	hash := q.hash()
	if hash != "" {
		if text, err := d.look(ctx, hash); err != nil || text != "" {
			return text, true, err
		}
	}
	if d.only || session.Holds(Integration) {
		return "", false, errUnregistered
	}
	if hash == "" {
		return q.Query.value, false, nil
	}
	if q.byURL && q.DocumentID.value != "" {
		return "", false, errNoDocument
	}
	if q.byURL {
		return "", false, errNeverByURL
	}
	key := sentKey{session.User(), hash}
	if q.Query.value == "" {
		if text, ok := d.sent.get(key); ok {
			return text, false, nil
		}
		if q.DocumentID.value != "" {
			return "", false, errNoDocument
		}
		return "", false, errUnknown
	}
	if session.User() != uuid.Nil {
		d.sent.add(key, q.Query.value, len(q.Query.value)+len(hash))
	}
	return q.Query.value, false, nil
}

// look finds a registered document.
func (d *documents) look(ctx context.Context, hash string) (string, error) {
	if d.find == nil || len(hash) != sha256.Size*2 {
		return "", nil
	}
	if known, ok := d.registered.get(hash); ok && time.Since(known.at) < registeredFor {
		return known.text, nil
	}
	text, err := d.find(ctx, hash)
	if err != nil {
		return "", err
	}
	if text == "" {
		d.registered.remove(hash)
		return "", nil
	}
	d.registered.add(hash, looked{text, time.Now()}, len(text)+len(hash))
	return text, nil
}
