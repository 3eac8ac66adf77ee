package changefeed

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/database"
	"rightshub/internal/query"
)

// feedRetention is how long an entry is stored. A reader that has not read for longer must compare all rows.
const feedRetention = time.Hour

// feedChannel is the PostgreSQL channel that announces new entries of the feed.
const feedChannel = "rightshub_changes"

// maxNamedRows is the most rows of one transaction that the feed lists one by one. For more rows it lists only their
// entities.
const maxNamedRows = 1000

// feedEntry is an entry of the feed. A key of uuid.Nil means that any row of the entity may have been written.
type feedEntry struct {
	entity string
	key    uuid.UUID
}

// WrittenRows collects the rows that one transaction writes, until a statement of that transaction publishes them.
type WrittenRows struct {
	entries        []feedEntry
	publishedCount int // how many of the entries are in the feed already
}

// Add remembers a row that the transaction writes. A key of uuid.Nil means that any row of the entity may be written.
func (w *WrittenRows) Add(entity string, key uuid.UUID) {
	w.entries = append(w.entries, feedEntry{entity, key})
}

// Any reports whether the transaction wrote a row.
func (w *WrittenRows) Any() bool { return len(w.entries) > 0 }

// Unpublished reports whether there are rows that PublishStatement has not returned yet.
func (w *WrittenRows) Unpublished() bool { return len(w.entries) > w.publishedCount }

// PublishStatement returns the statement that adds the unpublished rows to the feed. The rows then count as published,
// so the caller must run the statement.
func (w *WrittenRows) PublishStatement(isPostgres bool) *query.Fragment {
	list := slices.Clone(w.entries[w.publishedCount:])
	w.publishedCount = len(w.entries)
	if len(list) > maxNamedRows {
		for i := range list {
			list[i].key = uuid.Nil
		}
	}
	seen := map[feedEntry]bool{}
	list = slices.DeleteFunc(list, func(t feedEntry) bool { duplicate := seen[t]; seen[t] = true; return duplicate })
	p := &query.Fragment{}
	if isPostgres {
		entities, keys := make([]string, len(list)), make([]sql.NullString, len(list))
		for i, t := range list {
			entities[i], keys[i] = t.entity, sql.NullString{String: t.key.String(), Valid: t.key != uuid.Nil}
		}
		return p.Add("INSERT INTO row_changes (xid, entity, row_key, at)").
			Add(" SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint), e, k, clock_timestamp()").
			Add(" FROM unnest(CAST(").Arg(pq.Array(entities)).
			Add(" AS text[]), CAST(").Arg(pq.Array(keys)).Add(" AS uuid[])) t(e,k)")
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

// readFeedEnd returns the position at the end of the feed.
func readFeedEnd(ctx context.Context, db *database.DB) (at string, err error) {
	text := "SELECT CAST(COALESCE(max(id), 0) AS text) FROM row_changes"
	if db.IsPostgres() {
		text = "SELECT " + currentSnapshot
	}
	var position sql.NullString
	err = database.Classify(db.SQL().QueryRowContext(ctx, text).Scan(&position))
	if err == nil && !position.Valid {
		err = database.ErrStandby
	}
	return position.String, err
}

// maxFeedEntries is the most entries that are read at once. When there are more, readers must compare all rows.
const maxFeedEntries = 10_000

// readFeedSince reads the entries that were committed after a position, and returns the position after them. All is
// true when there were too many entries. SQLite has one writer at a time, so the numbers of its rows grow in the order
// of commits, and a position is a number. PostgreSQL numbers rows before they are committed, so its position is the
// snapshot of the last read, and the new entries are those that this snapshot did not see. An entry of a transaction
// that began long ago is therefore read as soon as it commits. No reader waits for it, and writers need no lock.
func readFeedSince(ctx context.Context, db *database.DB, at string) (
	next string, list []feedEntry, all bool, err error) {
	limit := strconv.Itoa(maxFeedEntries + 1)
	text := "SELECT CAST(id AS text), entity, row_key FROM row_changes" +
		" WHERE id > CAST(? AS integer) ORDER BY id LIMIT " + limit
	if db.IsPostgres() {
		text = "SELECT " + currentSnapshot + ", f.entity, f.row_key FROM (SELECT 1) one" +
			" LEFT JOIN LATERAL (SELECT entity, row_key FROM row_changes" +
			" WHERE xid >= CAST(CAST(pg_snapshot_xmin(CAST($1 AS pg_snapshot)) AS text) AS bigint)" +
			" AND NOT pg_visible_in_snapshot(CAST(CAST(xid AS text) AS xid8), CAST($1 AS pg_snapshot))" +
			" LIMIT " + limit + ") f ON true"
	}
	next = at
	_, err = database.ScanAll(ctx, db.SQL(), text, func(r *sql.Rows) (struct{}, error) {
		var position, entity sql.NullString
		var key query.KeyScan
		err := r.Scan(&position, &entity, &key)
		if next = position.String; err == nil && !position.Valid {
			err = database.ErrStandby
		}
		if entity.Valid {
			if !key.Valid {
				key.Key = uuid.Nil
			}
			list = append(list, feedEntry{entity.String, key.Key})
		}
		return struct{}{}, err
	}, at)
	if err != nil || len(list) <= maxFeedEntries {
		return next, list, false, err
	}
	if !db.IsPostgres() { // on PostgreSQL, next is the current snapshot and thus the end already
		next, err = readFeedEnd(ctx, db)
	}
	return next, nil, true, err
}
