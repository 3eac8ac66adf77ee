package store

import (
	"context"
	"rightshub/internal/database"
	"rightshub/internal/query"
	"time"
)

// tidyInterval is how often a hub that serves forgets what nobody will ask for again.
const tidyInterval = 10 * time.Minute

// Tidy forgets old entries of the feed, marks, and answers that were kept for Once, at a steady pace until the context ends.
func Tidy(ctx context.Context, db *database.DB) error {
	tick := time.NewTicker(tidyInterval)
	defer tick.Stop()
	for {
		pruneExpired(ctx, db, time.Now().UTC())
		if !db.IsPostgres() { // PostgreSQL counts by itself
			db.SQL().ExecContext(ctx, "PRAGMA optimize")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// pruneExpired forgets old entries, marks and answers.
func pruneExpired(ctx context.Context, db *database.DB, now time.Time) {
	c := &query.Compiler{IsPostgres: db.IsPostgres()}
	for _, p := range []*query.Fragment{
		(&query.Fragment{}).Add("DELETE FROM row_changes WHERE at < ").Arg(now.Add(-feedRetention)),
		(&query.Fragment{}).Add("DELETE FROM change_marks WHERE kept_until < ").Arg(now),
		(&query.Fragment{}).Add("DELETE FROM hub_answers WHERE kept_until < ").Arg(now.Unix()),
	} {
		text, args := c.RenderStatement(p)
		if _, err := db.SQL().ExecContext(ctx, text, args...); err != nil {
			return // the next time it is tried again
		}
	}
}
