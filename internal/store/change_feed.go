package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/changefeed"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// noteWrittenRow remembers a row that this transaction writes, for publishWrites.
func (s *session) noteWrittenRow(entity string, key uuid.UUID) { s.writtenRows.Add(entity, key) }

// publishWrites adds the written rows to the feed. It must be the last statement of the transaction.
func (s *session) publishWrites(ctx context.Context) error {
	if !s.writtenRows.Unpublished() {
		return nil
	}
	c := s.newCompiler()
	text, args := c.RenderStatement(s.writtenRows.PublishStatement(c.IsPostgres))
	_, err := s.db.(*sql.Tx).ExecContext(ctx, text, args...)
	return database.Classify(err)
}

// beginPublishing returns a WITH clause that publishes the written rows, for the beginning of the statement that checks
// the write. This saves a round trip. It is empty when a savepoint may undo a part of the transaction, and on SQLite.
func (s *session) beginPublishing(c *query.Compiler) *query.Fragment {
	if !c.IsPostgres || !s.singleWrite {
		return &query.Fragment{}
	}
	return (&query.Fragment{}).Add("WITH published AS (").Sub(s.writtenRows.PublishStatement(c.IsPostgres)).Add(") ")
}

// Changes implements Session.
func (s *session) Changes(ctx context.Context, types []*model.Entity, token string, first int) (
	*changefeed.Changes, error) {
	return s.hub.feed.Changes(ctx, feedCaller{s}, types, token, first)
}

var errForeignSession = errors.New("the session belongs to another hub")

// Watch implements Session.
func (s *session) Watch(ctx context.Context, authenticateAgain AuthenticateFunc, types []*model.Entity,
	since string) (*changefeed.Watch, error) {
	authenticate := func(ctx context.Context) (changefeed.Caller, error) {
		current, err := authenticateAgain(ctx)
		if err != nil {
			return nil, err
		}
		now, ok := current.(*session)
		if !ok || now.hub != s.hub {
			return nil, fault.Wrap(errForeignSession, "watch")
		}
		return feedCaller{now}, nil
	}
	return s.hub.feed.Watch(ctx, feedCaller{s}, authenticate, types, since)
}

// feedCaller lets package changefeed read what the caller of a session sees. It implements changefeed.Caller.
type feedCaller struct{ session *session }

func (c feedCaller) View() *access.View { return c.session.view }

func (c feedCaller) RightsUntil() time.Time { return c.session.rightsUntil }

func (c feedCaller) RowScope() string { return c.session.rowScope("read", model.Read) }

func (c feedCaller) NewCompiler() *query.Compiler { return c.session.newCompiler() }

func (c feedCaller) QueryRows(ctx context.Context, compiler *query.Compiler, p *query.Fragment,
	each func(*sql.Rows) error) error {
	return c.session.queryRows(ctx, compiler, p, each)
}

func (c feedCaller) InReadTransaction(ctx context.Context, do func(changefeed.Caller) error) error {
	return c.session.inReadTransaction(ctx, func(s *session) error { return do(feedCaller{s}) })
}

func (c feedCaller) ChargeRows(ctx context.Context, rows int) error {
	return c.session.inReadTransaction(ctx, func(s *session) error { return s.chargeAuditBudget(ctx, nil, rows) })
}

// PrepareFeed makes the feed of a restored database readable. A process calls it before it serves.
func PrepareFeed(ctx context.Context, db *database.DB) error {
	return changefeed.RenumberFutureEntries(ctx, db)
}
