package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"time"

	entschema "entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
	"github.com/lib/pq"
)

// The feed says which rows were written: entity and key, never a value. A write adds to it in its own transaction, so
// that it holds what was committed and nothing else. Whether a change is one for a caller is found out on what the
// caller sees (watch.go): the feed only says where to look again.

// feedKept is how long an entry stays. Whoever has not read for longer looks at everything again.
const feedKept = time.Hour

// feedChannel is where PostgreSQL announces that the feed has grown.
const feedChannel = "rightshub_changes"

// manyRows is how many rows of one transaction are named one by one; beyond, their entities are.
const manyRows = 1000

// touched is an entry of the feed. The key is uuid.Nil where any row of the entity may have been written.
type touched struct {
	entity string
	key    uuid.UUID
}

// ownTables are those of the store itself: they hold no entity, and the API does not show them.
func ownTables() []*entschema.Table {
	id := &entschema.Column{Name: "id", Type: field.TypeInt64, Increment: true}
	xid, at := &entschema.Column{Name: "xid", Type: field.TypeInt64}, &entschema.Column{Name: "at", Type: field.TypeTime}
	feed := &entschema.Table{Name: "row_changes", PrimaryKey: []*entschema.Column{id},
		Columns: []*entschema.Column{id, xid, {Name: "entity", Type: field.TypeString, Size: 60}, {Name: "row_key", Type: field.TypeUUID, Nullable: true}, at},
		Indexes: []*entschema.Index{{Name: "row_changes_xid", Columns: []*entschema.Column{xid}}, {Name: "row_changes_at", Columns: []*entschema.Column{at}}}}
	mark, owner, kept := &entschema.Column{Name: "id", Type: field.TypeUUID}, &entschema.Column{Name: "owner", Type: field.TypeString, Size: 60}, &entschema.Column{Name: "kept_until", Type: field.TypeTime}
	marks := &entschema.Table{Name: "change_marks", PrimaryKey: []*entschema.Column{mark},
		Columns: []*entschema.Column{mark, owner, {Name: "parent_id", Type: field.TypeUUID, Nullable: true}, {Name: "depth", Type: field.TypeInt}, {Name: "entries", Type: field.TypeBytes}, kept},
		Indexes: []*entschema.Index{{Name: "change_marks_owner", Columns: []*entschema.Column{owner, kept}}, {Name: "change_marks_kept", Columns: []*entschema.Column{kept}}}}
	return []*entschema.Table{feed, marks, answersTable(), numbersTable()}
}

// touch notes that a row is written in this transaction.
func (s *caller) touch(entity string, key uuid.UUID) {
	s.touches = append(s.touches, touched{entity, key})
}

// publish adds what was written to the feed, last of all in the transaction.
func (s *caller) publish(ctx context.Context) error {
	if len(s.touches) == s.told {
		return nil
	}
	c := s.compiler()
	text, args := c.finish(s.entries())
	_, err := s.db.(*sql.Tx).ExecContext(ctx, text, args...)
	return Classify(err)
}

// announced begins the statement that checks a write by publishing it, where nothing that is written can be undone but
// the whole transaction: a round trip less.
func (s *caller) announced(c *compiler) *part {
	if !c.pg || !s.single {
		return &part{}
	}
	return (&part{}).add("WITH told AS (").sub(s.entries()).add(") ")
}

// entries adds to the feed what was written and is not in it yet.
func (s *caller) entries() *part {
	list := slices.Clone(s.touches[s.told:])
	s.told = len(s.touches)
	if len(list) > manyRows {
		for i := range list {
			list[i].key = uuid.Nil
		}
	}
	seen := map[touched]bool{}
	list = slices.DeleteFunc(list, func(t touched) bool { again := seen[t]; seen[t] = true; return again })
	p := &part{}
	if s.hub.db.postgres() {
		entities, keys := make([]string, len(list)), make([]sql.NullString, len(list))
		for i, t := range list {
			entities[i], keys[i] = t.entity, sql.NullString{String: t.key.String(), Valid: t.key != uuid.Nil}
		}
		return p.add("INSERT INTO row_changes (xid, entity, row_key, at) SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint), e, k, clock_timestamp() FROM unnest(CAST(").
			arg(pq.Array(entities)).add(" AS text[]), CAST(").arg(pq.Array(keys)).add(" AS uuid[])) t(e,k)")
	}
	now := time.Now().UTC()
	p.add("INSERT INTO row_changes (xid, entity, row_key, at) VALUES ")
	for i, t := range list {
		if i > 0 {
			p.add(",")
		}
		key := any(t.key.String())
		if t.key == uuid.Nil {
			key = nil
		}
		p.add("(0,").arg(t.entity, key, now).add(")")
	}
	return p
}

// feedStart is the position at the end of the feed.
func (db *DB) feedStart(ctx context.Context) (at string, err error) {
	query := "SELECT CAST(COALESCE(max(id), 0) AS text) FROM row_changes"
	if db.postgres() {
		query = "SELECT CAST(pg_current_snapshot() AS text)"
	}
	return at, Classify(db.sql.QueryRowContext(ctx, query).Scan(&at))
}

// feedLimit is how many entries are read at once; where there are more, everything is looked at again.
const feedLimit = 10_000

// feedSince reads the entries that were committed after a position, and the position after them. SQLite has one
// writer at a time, so there the numbers grow in the order of commits. PostgreSQL numbers rows before they are
// committed: there a position is the snapshot of the last reading, and what follows is what that snapshot did not
// see. So a transaction that began long before and commits late is read when it commits, no reader waits for it, and
// writers need no lock. All is true where there were too many entries.
func (db *DB) feedSince(ctx context.Context, at string) (next string, list []touched, all bool, err error) {
	query, args := "SELECT CAST(id AS text), entity, row_key FROM row_changes WHERE id > CAST(? AS integer) ORDER BY id LIMIT "+strconv.Itoa(feedLimit+1), []any{at}
	if db.postgres() {
		query = "SELECT CAST(pg_current_snapshot() AS text), f.entity, f.row_key FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT entity, row_key FROM row_changes" +
			" WHERE xid >= CAST(CAST(pg_snapshot_xmin(CAST($1 AS pg_snapshot)) AS text) AS bigint) AND NOT pg_visible_in_snapshot(CAST(CAST(xid AS text) AS xid8), CAST($1 AS pg_snapshot))" +
			" LIMIT " + strconv.Itoa(feedLimit+1) + ") f ON true"
	}
	next = at
	_, err = scanAll(ctx, db.sql, query, func(r *sql.Rows) (struct{}, error) {
		var entity sql.NullString
		var key keyScan
		err := r.Scan(&next, &entity, &key)
		if entity.Valid {
			if !key.ok {
				key.key = uuid.Nil
			}
			list = append(list, touched{entity.String, key.key})
		}
		return struct{}{}, err
	}, args...)
	if err != nil || len(list) <= feedLimit {
		return next, list, false, err
	}
	if !db.postgres() { // on PostgreSQL the snapshot is the end already
		next, err = db.feedStart(ctx)
	}
	return next, nil, true, err
}

// tidying is how often a hub that serves forgets what nobody will ask for again.
const tidying = 10 * time.Minute

// Tidy forgets old entries of the feed, marks, and answers that were kept for Once, at a steady pace until the context ends.
func (db *DB) Tidy(ctx context.Context) error {
	tick := time.NewTicker(tidying)
	defer tick.Stop()
	for {
		db.prune(ctx, time.Now().UTC())
		if !db.postgres() { // PostgreSQL counts by itself
			db.sql.ExecContext(ctx, "PRAGMA optimize")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Count lets the database count what it holds, after many rows have come in at once: by that it chooses its ways. Without it,
// SQLite looks for a child's cases among all of the country's.
func (db *DB) Count(ctx context.Context) error {
	_, err := db.sql.ExecContext(ctx, "ANALYZE")
	return Classify(err)
}

// prune forgets old entries, marks and answers.
func (db *DB) prune(ctx context.Context, now time.Time) {
	c := &compiler{pg: db.postgres()}
	for _, p := range []*part{
		(&part{}).add("DELETE FROM row_changes WHERE at < ").arg(now.Add(-feedKept)),
		(&part{}).add("DELETE FROM change_marks WHERE kept_until < ").arg(now),
		(&part{}).add("DELETE FROM hub_answers WHERE kept_until < ").arg(now.Unix()),
	} {
		text, args := c.finish(p)
		if _, err := db.sql.ExecContext(ctx, text, args...); err != nil {
			return // the next time it is tried again
		}
	}
}
