package store

import (
	"context"
	"database/sql"
	"rightshub/internal/database"
	"rightshub/internal/query"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// The feed says which rows were written: entity and key, never a value. A write adds to it in its own transaction, so
// that it holds what was committed and nothing else. Whether a change is one for a caller is found out on what the
// caller sees (watch.go): the feed only says where to look again.

// feedRetention is how long an entry stays. Whoever has not read for longer looks at everything again.
const feedRetention = time.Hour

// feedChannel is where PostgreSQL announces that the feed has grown.
const feedChannel = "rightshub_changes"

// maxNamedRows is how many rows of one transaction are named one by one; beyond, their entities are.
const maxNamedRows = 1000

// feedEntry is an entry of the feed. The key is uuid.Nil where any row of the entity may have been written.
type feedEntry struct {
	entity string
	key    uuid.UUID
}

// noteWrittenRow notes that a row is written in this transaction.
func (s *session) noteWrittenRow(entity string, key uuid.UUID) {
	s.touchedRows = append(s.touchedRows, feedEntry{entity, key})
}

// publishWrites adds what was written to the feed, last of all in the transaction.
func (s *session) publishWrites(ctx context.Context) error {
	if len(s.touchedRows) == s.publishedCount {
		return nil
	}
	c := s.newCompiler()
	text, args := c.RenderStatement(s.insertFeedEntries())
	_, err := s.db.(*sql.Tx).ExecContext(ctx, text, args...)
	return database.Classify(err)
}

// beginPublishing begins the statement that checks a write by publishing it, where nothing that is written can be undone but
// the whole transaction: a round trip less.
func (s *session) beginPublishing(c *query.Compiler) *query.Fragment {
	if !c.IsPostgres || !s.singleWrite {
		return &query.Fragment{}
	}
	return (&query.Fragment{}).Add("WITH told AS (").Sub(s.insertFeedEntries()).Add(") ")
}

// insertFeedEntries adds to the feed what was written and is not in it yet.
func (s *session) insertFeedEntries() *query.Fragment {
	list := slices.Clone(s.touchedRows[s.publishedCount:])
	s.publishedCount = len(s.touchedRows)
	if len(list) > maxNamedRows {
		for i := range list {
			list[i].key = uuid.Nil
		}
	}
	seen := map[feedEntry]bool{}
	list = slices.DeleteFunc(list, func(t feedEntry) bool { again := seen[t]; seen[t] = true; return again })
	p := &query.Fragment{}
	if s.hub.db.IsPostgres() {
		entities, keys := make([]string, len(list)), make([]sql.NullString, len(list))
		for i, t := range list {
			entities[i], keys[i] = t.entity, sql.NullString{String: t.key.String(), Valid: t.key != uuid.Nil}
		}
		return p.Add("INSERT INTO row_changes (xid, entity, row_key, at) SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint), e, k, clock_timestamp() FROM unnest(CAST(").
			Arg(pq.Array(entities)).Add(" AS text[]), CAST(").Arg(pq.Array(keys)).Add(" AS uuid[])) t(e,k)")
	}
	now := time.Now().UTC()
	p.Add("INSERT INTO row_changes (xid, entity, row_key, at) VALUES ")
	for i, t := range list {
		if i > 0 {
			p.Add(",")
		}
		key := any(t.key.String())
		if t.key == uuid.Nil {
			key = nil
		}
		p.Add("(0,").Arg(t.entity, key, now).Add(")")
	}
	return p
}

// readFeedEnd is the position at the end of the feed.
func readFeedEnd(ctx context.Context, db *database.DB) (at string, err error) {
	text := "SELECT CAST(COALESCE(max(id), 0) AS text) FROM row_changes"
	if db.IsPostgres() {
		text = "SELECT CAST(pg_current_snapshot() AS text)"
	}
	return at, database.Classify(db.SQL().QueryRowContext(ctx, text).Scan(&at))
}

// maxFeedEntries is how many entries are read at once; where there are more, everything is looked at again.
const maxFeedEntries = 10_000

// readFeedSince reads the entries that were committed after a position, and the position after them. SQLite has one
// writer at a time, so there the numbers grow in the order of commits. PostgreSQL numbers rows before they are
// committed: there a position is the snapshot of the last reading, and what follows is what that snapshot did not
// see. So a transaction that began long before and commits late is read when it commits, no reader waits for it, and
// writers need no lock. All is true where there were too many entries.
func readFeedSince(ctx context.Context, db *database.DB, at string) (next string, list []feedEntry, all bool, err error) {
	text, args := "SELECT CAST(id AS text), entity, row_key FROM row_changes WHERE id > CAST(? AS integer) ORDER BY id LIMIT "+strconv.Itoa(maxFeedEntries+1), []any{at}
	if db.IsPostgres() {
		text = "SELECT CAST(pg_current_snapshot() AS text), f.entity, f.row_key FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT entity, row_key FROM row_changes" +
			" WHERE xid >= CAST(CAST(pg_snapshot_xmin(CAST($1 AS pg_snapshot)) AS text) AS bigint) AND NOT pg_visible_in_snapshot(CAST(CAST(xid AS text) AS xid8), CAST($1 AS pg_snapshot))" +
			" LIMIT " + strconv.Itoa(maxFeedEntries+1) + ") f ON true"
	}
	next = at
	_, err = database.ScanAll(ctx, db.SQL(), text, func(r *sql.Rows) (struct{}, error) {
		var entity sql.NullString
		var key query.KeyScan
		err := r.Scan(&next, &entity, &key)
		if entity.Valid {
			if !key.Valid {
				key.Key = uuid.Nil
			}
			list = append(list, feedEntry{entity.String, key.Key})
		}
		return struct{}{}, err
	}, args...)
	if err != nil || len(list) <= maxFeedEntries {
		return next, list, false, err
	}
	if !db.IsPostgres() { // on PostgreSQL the snapshot is the end already
		next, err = readFeedEnd(ctx, db)
	}
	return next, nil, true, err
}
