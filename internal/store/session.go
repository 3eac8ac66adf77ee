package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/changefeed"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Session gives one caller access to the database for one request. It reads and writes only what the caller may see and
// do. Several goroutines may use it at once.
type Session interface {
	// List reads a page of an entity's rows.
	List(ctx context.Context, list *query.List) (*query.Page, error)
	// Get reads one row. It returns nil when the row does not exist or is hidden from the caller.
	Get(ctx context.Context, selection *query.Selection, id uuid.UUID) (*query.Row, error)
	// GetMany reads the rows with the ids in one statement. The result has one place for each id, which is nil when the
	// row does not exist or is hidden from the caller.
	GetMany(ctx context.Context, selection *query.Selection, ids []uuid.UUID) ([]*query.Row, error)
	// Create makes a row and returns its key.
	Create(ctx context.Context, e *model.Entity, in query.Input) (uuid.UUID, error)
	// Update changes fields of a row. It fails with Conflict when the stored version is not the given one. A cell or
	// reference that the caller cannot read in this row is Invalid, unless overwriteHidden names it as the API does.
	Update(ctx context.Context, e *model.Entity, id uuid.UUID, version int64, in query.Input,
		overwriteHidden ...string) error
	// ReadBack runs a write of one row of the selection's entity and then reads that row. The write returns the row's
	// key. The result is nil when the caller may not see the row. Where possible, the statement that checks the write
	// also reads the row.
	ReadBack(ctx context.Context, selection *query.Selection,
		write func(context.Context, Session) (uuid.UUID, error)) (*query.Row, error)
	// Archive marks a row as archived. No answer contains it afterwards.
	Archive(ctx context.Context, e *model.Entity, id uuid.UUID, version int64) error
	// Transition moves a row to a state of the state machine that belongs to the column.
	Transition(ctx context.Context, e *model.Entity, column string, id uuid.UUID, version int64, to string) error
	// Atomic runs several reads and writes in one transaction, so that either all of them happen or none. An Atomic
	// inside another one is undone alone when it fails.
	Atomic(ctx context.Context, do func(context.Context, Session) error) error
	// Once runs a write at most once for a key that the caller chose. Another request with the same key gets the stored
	// answer of the first one, and replayed is true. It gets Conflict while the first request runs, and Invalid when
	// its payload differs. Answers are stored for three days and are shown again while the caller's rights stay the
	// same. So do must return nothing that may be hidden from the caller by then.
	Once(ctx context.Context, key string, payload []byte,
		do func(context.Context, Session) (answer []byte, happened bool)) (answer []byte, replayed bool, err error)
	// IssueToken makes a personal access token for the caller. It returns the key of its row and its secret, which is
	// not stored. The scopes are read and write.
	IssueToken(ctx context.Context, title string, scopes []string, expires time.Time) (uuid.UUID, string, error)
	// OpenEmergency opens the record of the child with the code in the country for some hours, without waiting for a
	// consent. Its answer does not depend on whether there is such a child. The next request sees the record.
	OpenEmergency(ctx context.Context, country uuid.UUID, caseCode, reason string, hours int64) (uuid.UUID, error)
	// Changes reads what changed in the caller's view of the types since a token. No types means all types, and an
	// empty token means everything in view. It returns at most first changes, which is from 1 to changefeed.MaxChanges.
	Changes(ctx context.Context, types []*model.Entity, token string, first int) (*changefeed.Changes, error)
	// Watch follows changes until it is closed. It begins now, or after a token of Changes or of another watch.
	// It authenticates the caller again before each change.
	Watch(ctx context.Context, authenticateAgain AuthenticateFunc, types []*model.Entity, since string) (
		*changefeed.Watch, error)
	// May reports whether the caller may do the action to at least some rows of the entity.
	May(e *model.Entity, a model.Action) bool
	// Holds reports whether the caller holds the role now, in any scope.
	Holds(role string) bool
	// Languages returns the BCP 47 tags of all languages of the model, the caller's first.
	Languages() []string
	// User returns the key of the caller's account, or uuid.Nil for a system task.
	User() uuid.UUID
	// Grant returns the audit grant under which the caller acts, or uuid.Nil.
	Grant() uuid.UUID
	// Purpose returns the purpose that the request states.
	Purpose() string
	// Purposes returns the purposes that the caller may state.
	Purposes() []string
}

// Credentials is what a request claims about its caller, before anything is verified.
type Credentials struct {
	Authorization string    // the header Authorization, "Bearer ..."
	Purpose       string    // the header Purpose-Of-Use
	Grant         uuid.UUID // the header Audit-Grant, the grant to act under; uuid.Nil when it is missing
	Languages     []string  // best first
}

// errSignInRequired is the error of an anonymous caller where an account is needed.
var errSignInRequired = fault.New(fault.Unauthenticated, "Sign in: send an Authorization header with a bearer token.")

// AuthenticateFunc authenticates the caller again and returns a session with the caller's current rights.
type AuthenticateFunc func(context.Context) (Session, error)

type sessionKey struct{}

// WithSession returns a context that carries the caller's session.
func WithSession(ctx context.Context, s Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// FromContext returns the caller's session. It fails with Unauthenticated when the context has none.
func FromContext(ctx context.Context) (Session, error) {
	s, ok := ctx.Value(sessionKey{}).(Session)
	if !ok {
		return nil, errSignInRequired
	}
	return s, nil
}
