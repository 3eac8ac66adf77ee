// Package changefeed finds what changes in a caller's view.
//
// The feed lists the rows that were written, by entity and key and without any value. A write adds its entries in its
// own transaction, so the feed holds exactly what was committed. The feed only says where to look again. Feed.Changes
// and a Watch compare what the caller sees with what the caller knows, by fingerprints of rows. So they report nothing
// that depends on rows or cells outside of the caller's view.
//
// The package reads rows only through a Caller, which internal/store/change_feed.go implements over a session. A Caller
// limits every read to the view, charges it to an audit grant, and says when the caller's rights end. Sessions also run
// the statements of WrittenRows, since they own the transactions.
package changefeed

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// defaultMaxKnownRows is the most rows of which one token may follow changes, over all requested types.
const defaultMaxKnownRows = 2_000_000

// defaultRightsCheckInterval is how often an idle watch checks its caller's rights. It finds changes without an entry
// in the feed, such as new policies. Rights that end by the clock end on time; see Watch.waitDuration.
const defaultRightsCheckInterval = 500 * time.Millisecond

// Feed is the feed of one database, with the watches of this process that follow it.
type Feed struct {
	MaxKnownRows        int           // the most rows of which one token may follow changes
	RightsCheckInterval time.Duration // how often an idle watch checks its caller's rights

	db             *database.DB
	model          *model.Model
	tokenSealer    *query.Sealer // seals tokens of changes
	fingerprintKey []byte        // the key of row fingerprints and of the order of changes
	poller         *feedPoller
	watchedRows    atomic.Int64 // the number of rows that all watches follow
}

// NewFeed returns the feed of a database. It increments rightsVersion when it reads that rights may have changed.
func NewFeed(db *database.DB, m *model.Model, secret database.Secret, tokenSealer *query.Sealer,
	rightsVersion *atomic.Int64) *Feed {
	return &Feed{
		MaxKnownRows: defaultMaxKnownRows, RightsCheckInterval: defaultRightsCheckInterval,
		db: db, model: m, tokenSealer: tokenSealer, fingerprintKey: secret.Derive("change print"),
		poller: &feedPoller{
			db: db, model: m, rightsVersion: rightsVersion,
			wake: make(chan struct{}, 1), subscribers: map[*staleRows]bool{}, starting: make(chan struct{}, 1),
		},
	}
}

// AfterCommit wakes the watches. The store calls it after each commit of this process that published rows.
func (f *Feed) AfterCommit() { f.poller.afterCommit() }

// Caller is the session of a caller, as far as the feed needs it. It reads only what the caller may see.
type Caller interface {
	// View returns the caller's rights.
	View() *access.View
	// RightsUntil returns when the clock alone may change the caller's rights. It is zero when that is unknown.
	RightsUntil() time.Time
	// RowScope returns the keys to which row-level security limits the caller's reads. It is "" without row-level
	// security.
	RowScope() string
	// NewCompiler returns a compiler of statements for the caller's view.
	NewCompiler() *query.Compiler
	// QueryRows runs a statement and calls each at every row of its result.
	QueryRows(ctx context.Context, c *query.Compiler, p *query.Fragment, each func(*sql.Rows) error) error
	// InReadTransaction runs do, which only reads. With row-level security it runs do in one transaction with the
	// caller's scope.
	InReadTransaction(ctx context.Context, do func(Caller) error) error
	// ChargeRows charges rows to the day's budget of the audit grant under which the caller acts. It fails when the
	// budget is used up.
	ChargeRows(ctx context.Context, rows int) error
}

// observer compares what one caller knows with what the caller sees.
type observer struct {
	*Feed
	caller Caller
	view   *access.View
}

func (f *Feed) newObserver(c Caller) *observer { return &observer{f, c, c.View()} }

// Prune deletes the entries of the feed, the positions and the checkpoints that have expired.
func Prune(ctx context.Context, db *database.DB, now time.Time) error {
	c := &query.Compiler{IsPostgres: db.IsPostgres()}
	for _, p := range []*query.Fragment{
		(&query.Fragment{}).Add("DELETE FROM row_changes WHERE at < ").Arg(now.Add(-feedRetention)),
		(&query.Fragment{}).Add("DELETE FROM change_positions WHERE read_at < ").Arg(now.Add(-feedRetention)),
		(&query.Fragment{}).Add("DELETE FROM change_marks WHERE kept_until < ").Arg(now),
	} {
		text, args := c.RenderStatement(p)
		if _, err := db.SQL().ExecContext(ctx, text, args...); err != nil {
			return database.Classify(err)
		}
	}
	return nil
}
