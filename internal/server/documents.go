package server

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// IntegrationRole is the role of programs, which ask registered documents only.
const IntegrationRole = "integration"

const (
	maxSentBytes       = 16 << 20         // bytes of documents that callers sent, to be named by their hash
	registeredLifetime = 10 * time.Second // how long a registered document is used before it is looked up again
	maxRegisteredBytes = 8 << 20          // bytes
)

// documents finds the text of a request: sent, registered, or sent before by the same caller.
type documents struct {
	findRegistered func(ctx context.Context, hash string) (string, error) // a registered document; "" where there is none
	registeredOnly bool                                                   // registered documents only, for everybody

	registered *weightedLRU[string, registeredText]
	sent       *weightedLRU[sentKey, string]
}

type registeredText struct {
	text   string
	readAt time.Time
}

// sentKey is the caller's own: were it the hash alone, one could find out whether somebody else has asked a certain
// question, which may hold a child's code.
type sentKey struct {
	caller uuid.UUID
	hash   string
}

func newDocuments(find func(context.Context, string) (string, error), only bool) *documents {
	return &documents{find, only, newWeightedLRU[string, registeredText](maxRegisteredBytes), newWeightedLRU[sentKey, string](maxSentBytes)}
}

var (
	errNotRegistered    = fault.New(fault.Forbidden, "Only registered documents are answered: register this one, and name it by its hash.")
	errHashMismatch     = fault.New(fault.Invalid, "The hash is not the SHA-256 of the document.")
	errDocumentNotFound = fault.New(fault.NotFound, "No document is registered with this documentId.")
	// errPersistedQueryNotFound is what clients of automatic persisted queries wait for, to send the text with the hash.
	errPersistedQueryNotFound = fault.New(fault.NotFound, "PersistedQueryNotFound")
	// errPersistedQueryNotSupported lets them send all further texts by POST. It answers every GET whose document is not registered, whatever
	// the caller has sent before: after errUnknown they would come back by GET.
	errPersistedQueryNotSupported = fault.New(fault.NotFound, "PersistedQueryNotSupported")
)

// resolveText is the request's document, and whether it is a registered one.
func (d *documents) resolveText(ctx context.Context, session store.Session, q *request) (string, bool, error) {
	hash := q.documentHash()
	if hash != "" {
		if text, err := d.lookUpRegistered(ctx, hash); err != nil || text != "" {
			return text, true, err
		}
	}
	if d.registeredOnly || session.Holds(IntegrationRole) {
		return "", false, errNotRegistered
	}
	if hash == "" {
		return q.Query.value, false, nil
	}
	if q.byURL && q.DocumentID.value != "" {
		return "", false, errDocumentNotFound
	}
	if q.byURL {
		return "", false, errPersistedQueryNotSupported
	}
	key := sentKey{session.User(), hash}
	if q.Query.value == "" {
		if text, ok := d.sent.get(key); ok {
			return text, false, nil
		}
		if q.DocumentID.value != "" {
			return "", false, errDocumentNotFound
		}
		return "", false, errPersistedQueryNotFound
	}
	if session.User() != uuid.Nil {
		d.sent.add(key, q.Query.value, len(q.Query.value)+len(hash))
	}
	return q.Query.value, false, nil
}

// lookUpRegistered finds a registered document.
func (d *documents) lookUpRegistered(ctx context.Context, hash string) (string, error) {
	if d.findRegistered == nil || len(hash) != sha256.Size*2 {
		return "", nil
	}
	if known, ok := d.registered.get(hash); ok && time.Since(known.readAt) < registeredLifetime {
		return known.text, nil
	}
	text, err := d.findRegistered(ctx, hash)
	if err != nil {
		return "", err
	}
	if text == "" {
		d.registered.remove(hash)
		return "", nil
	}
	d.registered.add(hash, registeredText{text, time.Now()}, len(text)+len(hash))
	return text, nil
}
