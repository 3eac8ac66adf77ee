package changefeed

import (
	"context"
	"time"

	"rightshub/internal/database"
)

// currentSnapshot is the position at the end of PostgreSQL's feed. A standby has none, because its snapshot does not
// list the running transactions, and their entries would be skipped for ever.
const currentSnapshot = "CASE WHEN NOT pg_is_in_recovery() THEN CAST(pg_current_snapshot() AS text) END"

// Lag returns the time since the feed was last read, while somebody follows changes. Otherwise it is 0.
func (f *Feed) Lag() time.Duration {
	p := f.poller
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.lastRead.Load()
	if len(p.subscribers) == 0 || last == 0 {
		return 0
	}
	return time.Since(time.Unix(0, last))
}

// RenumberFutureEntries gives the transaction of now to the entries of transactions that the server has not begun. A
// dump that was restored into a new server has such entries. They would count as new at each read, for ever. On a
// standby, where nobody reads the feed, it does nothing.
func RenumberFutureEntries(ctx context.Context, db *database.DB) error {
	if !db.IsPostgres() {
		return nil
	}
	_, err := db.SQL().ExecContext(ctx, "UPDATE row_changes"+
		" SET xid = CAST(CAST(pg_current_xact_id() AS text) AS bigint)"+
		" WHERE xid >= CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)")
	if database.ErrorKind(err) == "read-only" {
		return nil
	}
	return database.Classify(err)
}
