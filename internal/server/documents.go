package server

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// IntegrationRole is the role of programs, which may execute registered documents only.
const IntegrationRole = "integration"

const (
	maxSentBytes       = 16 << 20         // bytes of all remembered documents that callers sent
	maxRegisteredBytes = 8 << 20          // bytes of all remembered registered documents
	registeredLifetime = 10 * time.Second // after this time, a registered document is looked up again
)

// documents finds the document of a request. The request holds its text, or names by its hash a registered document
// or a document that the same caller sent before (automatic persisted queries).
type documents struct {
	findRegistered func(ctx context.Context, hash string) (string, error) // returns "" when there is no such document
	registeredOnly bool                                                   // no caller may execute other documents

	registered *weightedLRU[string, registeredText] // by hash
	sent       *weightedLRU[sentKey, string]
}

// registeredText is a remembered registered document.
type registeredText struct {
	text   string
	readAt time.Time
}

// sentKey names a document that a caller sent. With the hash alone as the key, a caller could find out whether another
// caller sent a certain document, and a document may hold the case code of a child.
type sentKey struct {
	caller uuid.UUID
	hash   string
}

func newDocuments(findRegistered func(context.Context, string) (string, error), registeredOnly bool) *documents {
	return &documents{
		findRegistered: findRegistered,
		registeredOnly: registeredOnly,
		registered:     newWeightedLRU[string, registeredText](maxRegisteredBytes),
		sent:           newWeightedLRU[sentKey, string](maxSentBytes),
	}
}

var (
	errNotRegistered = fault.New(fault.Forbidden,
		"The hub answers registered documents only. Register this document, then name it by its hash.")
	errHashMismatch = fault.New(fault.Invalid,
		"The hash is not the SHA-256 of the document. Compute it from the exact text.")
	errDocumentNotFound = fault.New(fault.NotFound,
		"No document is registered with this documentId. Register it first, or send its text by POST.")
	// errPersistedQueryNotFound makes clients of automatic persisted queries send the text with the hash.
	errPersistedQueryNotFound = fault.New(fault.NotFound, "PersistedQueryNotFound")
	// errPersistedQueryNotSupported makes those clients send all further texts by POST. It answers every GET for a
	// document that is not registered, even when the caller has sent the text before. After errPersistedQueryNotFound
	// the clients would send the text by GET.
	errPersistedQueryNotSupported = fault.New(fault.NotFound, "PersistedQueryNotSupported")
)

// resolveText returns the text of the request's document, and whether the document is registered. It remembers a text
// that a signed-in caller sends with its hash.
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

// lookUpRegistered returns the registered document with a hash, or "" when there is none.
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
