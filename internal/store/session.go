package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Session is the door to the database for one caller and one request. Everything read and written through it is
// read and written on what the caller may see. It is safe for use by several goroutines.
type Session interface {
	// List reads a page of an entity's rows.
	List(ctx context.Context, list *query.List) (*query.Page, error)
	// Get reads one row, nil when there is none or it is hidden.
	Get(ctx context.Context, ask *query.Selection, id uuid.UUID) (*query.Row, error)
	// GetMany reads rows beside their ids, nil where there is none or it is hidden; one statement.
	GetMany(ctx context.Context, ask *query.Selection, ids []uuid.UUID) ([]*query.Row, error)
	// Create makes a row and returns its key.
	Create(ctx context.Context, e *model.Entity, in query.Input) (uuid.UUID, error)
	// Update changes fields of a row. A version other than the stored one is a Conflict.
	Update(ctx context.Context, e *model.Entity, id uuid.UUID, version int64, in query.Input) error
	// ReadBack carries out a write of one row of ask's entity, which returns the row's key, and reads the row then: nil
	// when it is not the caller's to see. Where it can, the write's own statement reads it.
	ReadBack(ctx context.Context, ask *query.Selection, write func(context.Context, Session) (uuid.UUID, error)) (*query.Row, error)
	// Archive puts a tombstone on a row: it is in no answer any more.
	Archive(ctx context.Context, e *model.Entity, id uuid.UUID, version int64) error
	// Transition moves the state machine over the column to a state.
	Transition(ctx context.Context, e *model.Entity, column string, id uuid.UUID, version int64, to string) error
	// Atomic runs several reads and writes as one: all of them or none. Within another Atomic, none of the inner ones.
	Atomic(ctx context.Context, do func(context.Context, Session) error) error
	// Once carries a write out at most once for a key of the caller's: another request with the key gets what the
	// first kept (replayed), a Conflict while that runs, Invalid when its payload is another. What do returns is kept three
	// days, and shown again while the caller's rights are the same: it holds nothing that may be hidden by then.
	Once(ctx context.Context, key string, payload []byte, do func(context.Context, Session) (answer []byte, happened bool)) (answer []byte, replayed bool, err error)
	// IssueToken makes a personal access token for the caller and returns its key and its secret, which is not kept.
	// Scopes are read and write.
	IssueToken(ctx context.Context, title string, scopes []string, expires time.Time) (uuid.UUID, string, error)
	// OpenEmergency opens the record of the child with the code, in the country, for some hours, without waiting for a
	// consent. It answers alike whether or not there is such a child; the next request sees the record.
	OpenEmergency(ctx context.Context, country uuid.UUID, caseCode, reason string, hours int64) (uuid.UUID, error)
	// Changes reads what changed in the caller's view of the types (none: all) since a token; "" for everything. At
	// most first changes, which is from 1 to MaxChanges.
	Changes(ctx context.Context, types []*model.Entity, token string, first int) (*Changes, error)
	// Watch follows what changes from now on, or since a token of Changes or of another watch, until it is closed.
	Watch(ctx context.Context, enter AuthenticateFunc, types []*model.Entity, since string) (*Watch, error)
	// May reports whether the caller may do the action to any row of the entity at all.
	May(e *model.Entity, a model.Action) bool
	// Holds reports whether the caller holds the role now, anywhere.
	Holds(role string) bool
	// Languages are the caller's, best first: BCP 47 tags.
	Languages() []string
	// User is the caller's own key; uuid.Nil for a system task.
	User() uuid.UUID
	// Grant is the audit grant under which the caller acts; uuid.Nil: none.
	Grant() uuid.UUID
	// Purpose is what the request said it is for.
	Purpose() string
	// Purposes are those that the caller may state.
	Purposes() []string
}

// Credentials is what a request says about who is asking, before it is believed.
type Credentials struct {
	Authorization string    // "Bearer ..."
	Purpose       string    // Purpose-Of-Use
	Grant         uuid.UUID // Audit-Grant: the audit grant to act under; uuid.Nil when none is named
	Languages     []string  // best first
}

// errSignInRequired answers nobody where a person is needed.
var errSignInRequired = fault.New(fault.Unauthenticated, "Sign in: send an Authorization header with a bearer token.")

type sessionKey struct{}

// WithSession returns a context that carries the caller's session.
func WithSession(ctx context.Context, s Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// FromContext returns the caller's session. Without one nothing can be read: Unauthenticated.
func FromContext(ctx context.Context) (Session, error) {
	s, ok := ctx.Value(sessionKey{}).(Session)
	if !ok {
		return nil, errSignInRequired
	}
	return s, nil
}
