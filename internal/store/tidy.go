package store

import (
	"context"
	"time"

	"rightshub/internal/changefeed"
	"rightshub/internal/database"
	"rightshub/internal/query"
)

// tidyInterval is the time between two runs of pruneExpired.
const tidyInterval = 10 * time.Minute

// Tidy regularly deletes expired entries of the feed, checkpoints and stored answers of Once, until the context ends.
func Tidy(ctx context.Context, db *database.DB) error {
	tick := time.NewTicker(tidyInterval)
	defer tick.Stop()
	for {
		pruneExpired(ctx, db, db.CurrentTime())
		if !db.IsPostgres() { // PostgreSQL updates its statistics by itself
			db.SQL().ExecContext(ctx, "PRAGMA optimize")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// pruneExpired deletes the entries of the feed, the checkpoints and the answers that have expired.
func pruneExpired(ctx context.Context, db *database.DB, now time.Time) {
	if err := changefeed.Prune(ctx, db, now); err != nil {
		return // the next run tries again
	}
	c := &query.Compiler{IsPostgres: db.IsPostgres()}
	text, args := c.RenderStatement((&query.Fragment{}).
		Add("DELETE FROM hub_answers WHERE kept_until < ").Arg(now.Unix()))
	db.SQL().ExecContext(ctx, text, args...) // when it fails, the next run tries again
}
