package changefeed

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/database"
	"rightshub/internal/query"
)

// feedRetention is how long an entry is stored. A reader that has not read for longer must compare all rows. An office
// may be offline for weeks.
const feedRetention = 30 * 24 * time.Hour

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

// maxTokenEntries is the most rows in the feed that changesSince looks up. When there are more, it compares all rows.
const maxTokenEntries = 10_000

// storedPosition returns the position at the end of the feed in a form that can be stored. On PostgreSQL it names the
// cluster too. The numbers of transactions of another cluster, into which a dump was restored, mean nothing here.
func (f *Feed) storedPosition(ctx context.Context) (at string, err error) {
	if !f.db.IsPostgres() {
		return readFeedEnd(ctx, f.db)
	}
	text := "SELECT CAST(system_identifier AS text) || ' ' || CAST(pg_current_snapshot() AS text) FROM pg_control_system()"
	return at, database.Classify(f.db.SQL().QueryRowContext(ctx, text).Scan(&at))
}

// readStoredFeed reads which rows of some entities, or of all without a list, were written since a stored position, and
// returns the position after them. A row of the feed without a key stands for the whole entity. All is true when the
// entries since the position are too many, or unknown.
func (f *Feed) readStoredFeed(ctx context.Context, at string, entities []string) (
	next string, stale map[string]map[uuid.UUID]bool, all bool, err error) {
	if next, err = f.storedPosition(ctx); err != nil {
		return "", nil, true, err
	}
	c := &query.Compiler{IsPostgres: f.db.IsPostgres()}
	p := (&query.Fragment{}).Add("SELECT DISTINCT entity, row_key FROM row_changes WHERE ")
	if f.db.IsPostgres() {
		cluster, snapshot, _ := strings.Cut(at, " ")
		if now, _, _ := strings.Cut(next, " "); cluster != now {
			return next, nil, true, nil
		}
		// The entries are read after next. Those that are committed in between are read again the next time.
		p.Add("xid >= CAST(CAST(pg_snapshot_xmin(CAST(").Arg(snapshot).Add(" AS pg_snapshot)) AS text) AS bigint)").
			Add(" AND NOT pg_visible_in_snapshot(CAST(CAST(xid AS text) AS xid8), CAST(").Arg(snapshot).
			Add(" AS pg_snapshot))")
	} else {
		p.Add("id > CAST(").Arg(at).Add(" AS integer)")
	}
	if entities != nil {
		p.Add(" AND entity IN (")
		for i, name := range entities {
			if i > 0 {
				p.Add(",")
			}
			p.Arg(name)
		}
		p.Add(")")
	}
	text, args := c.RenderStatement(p.Add(" LIMIT ", strconv.Itoa(maxTokenEntries+1)))
	stale = map[string]map[uuid.UUID]bool{}
	n := 0
	_, err = database.ScanAll(ctx, f.db.SQL(), text, func(r *sql.Rows) (struct{}, error) {
		n++
		var entity string
		var key query.KeyScan
		err := r.Scan(&entity, &key)
		rows, ok := stale[entity]
		switch {
		case ok && rows == nil:
		case !key.Valid:
			stale[entity] = nil
		case !ok:
			stale[entity] = map[uuid.UUID]bool{key.Key: true}
		default:
			rows[key.Key] = true
		}
		return struct{}{}, err
	}, args...)
	return next, stale, n > maxTokenEntries, err
}
