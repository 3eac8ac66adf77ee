package changefeed

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// A token of changes states what its bearer knows. It names a checkpoint, which is a stored set of rows with their
// fingerprints, and holds a few entries that were added since. A checkpoint is a stored list of stored leaves. Two
// checkpoints share the leaves in which they agree, so a page of changes stores the leaves that it touches and one
// list. The key of a leaf or a list is a hash of its content, and the seal of a token depends only on what the token
// holds. So the same knowledge, gathered in the same pages, always has the same token, and a token discloses nothing
// that the caller does not see. In particular it holds no position in the feed, which would count hidden writes. The
// hub stores that beside it, in a comparedState.

const (
	// changesTokenDays is for how many days a token works.
	changesTokenDays = 90
	// checkpointRetention is how long a checkpoint is stored after its last use.
	checkpointRetention = (changesTokenDays + 2*checkpointRenewalDays) * 24 * time.Hour
	// checkpointRenewalDays is after how many days a used token and its checkpoint are renewed.
	checkpointRenewalDays = 30
	// maxPendingEntries is the most entries in a token. More entries become a checkpoint.
	maxPendingEntries = 40
	// partsPerStatement bounds the size of a statement that writes or reads leaves.
	partsPerStatement = 100
)

// The depths of the rows of change_marks.
const (
	storedLeaf        = 0 // the rows of a leaf
	finalCheckpoint   = 1 // the list of the leaves of a checkpoint
	passingCheckpoint = 2 // the same, made when more changes were to come
)

// checkpointSlack is how many checkpoints too many there may be before some are deleted, which takes some statements.
const checkpointSlack = 50

// maxCheckpoints is the most checkpoints of one caller by their depth. The oldest ones are deleted first. Those that
// were made between two pages are hardly used again, and a first synchronisation makes one for each page.
var maxCheckpoints = map[int]int{finalCheckpoint: 400, passingCheckpoint: 50}

// checkpoint is a stored state of known rows.
type checkpoint struct {
	key       uuid.UUID // uuid.Nil for the empty set
	keptUntil time.Time // its leaves are stored at least as long
}

// openKnownRows reads the list of the leaves of the token's checkpoint, and the leaves that the entries of the token
// change. It renews the checkpoint when it was not renewed for some time.
func (o *observer) openKnownRows(ctx context.Context, k *knownRows) error {
	if k.open {
		return nil
	}
	k.open, k.checkpoint.key = true, k.token.checkpoint
	if k.token.checkpoint != uuid.Nil {
		if err := o.loadCheckpoint(ctx, k); err != nil {
			return err
		}
	}
	entries, _ := readEntries(k.token.pending, len(k.types))
	var touched []*knownLeaf
	for _, e := range entries {
		touched = append(touched, k.leavesOf(e.typeIndex, []uuid.UUID{e.id})...)
	}
	if err := o.loadLeaves(ctx, touched); err != nil {
		return err
	}
	for _, e := range entries {
		k.set(e.typeIndex, e.knownRow)
	}
	k.pending = slices.Clone(k.token.pending)
	return nil
}

// loadCheckpoint reads the list of the leaves of a checkpoint.
func (o *observer) loadCheckpoint(ctx context.Context, k *knownRows) error {
	c := o.caller.NewCompiler()
	var entries []byte
	found := false
	err := o.caller.QueryRows(ctx, c, (&query.Fragment{}).
		Add("SELECT entries, kept_until FROM change_marks WHERE owner = ").Arg(o.view.Subject().Name).
		Add(" AND depth > 0 AND id = ").Arg(k.checkpoint.key.String()),
		func(rows *sql.Rows) error {
			var until query.Value
			found = true
			err := rows.Scan(&entries, query.ScanInto(&until, model.Time))
			k.checkpoint.keptUntil = until.Time
			return err
		})
	if err != nil {
		return err
	}
	if !found || !k.decodeLeaves(entries) {
		return errChangesToken
	}
	if k.checkpoint.keptUntil.Sub(o.db.CurrentTime()) >= checkpointRetention-checkpointRenewalDays*24*time.Hour {
		return nil
	}
	k.checkpoint.keptUntil = o.db.CurrentTime().Add(checkpointRetention)
	keys := append(leafKeys(entries), k.checkpoint.key)
	for part := range slices.Chunk(keys, partsPerStatement) {
		if err := o.execute(ctx, (&query.Fragment{}).
			Add("UPDATE change_marks SET kept_until = ").Arg(k.checkpoint.keptUntil).
			Add(" WHERE ").Sub(c.ColumnInKeys("id", part))); err != nil {
			return err
		}
	}
	return nil
}

// loadLeaves reads the rows of leaves that are not read yet.
func (o *observer) loadLeaves(ctx context.Context, leaves []*knownLeaf) error {
	unread := map[uuid.UUID][]*knownLeaf{}
	var keys []uuid.UUID
	for _, l := range leaves {
		if l.rows == nil && !slices.Contains(unread[l.storedKey], l) {
			if unread[l.storedKey] == nil {
				keys = append(keys, l.storedKey)
			}
			unread[l.storedKey] = append(unread[l.storedKey], l)
		}
	}
	c := o.caller.NewCompiler()
	for part := range slices.Chunk(keys, partsPerStatement) {
		err := o.caller.QueryRows(ctx, c, (&query.Fragment{}).
			Add("SELECT id, entries FROM change_marks WHERE owner = ").Arg(o.view.Subject().Name).
			Add(" AND ").Sub(c.ColumnInKeys("id", part)),
			func(rows *sql.Rows) error {
				var id query.KeyScan
				var entries []byte
				if err := rows.Scan(&id, &entries); err != nil {
					return err
				}
				for _, l := range unread[id.Key] {
					if !l.decodeLeaf(entries) {
						return errChangesToken
					}
				}
				delete(unread, id.Key)
				return nil
			})
		if err != nil {
			return err
		}
	}
	if len(unread) > 0 {
		return errChangesToken
	}
	return nil
}

// loadAll reads all known rows.
func (o *observer) loadAll(ctx context.Context, k *knownRows) error {
	if err := o.openKnownRows(ctx, k); err != nil {
		return err
	}
	return o.loadLeaves(ctx, slices.Concat(k.leaves...))
}

// execute runs a statement that writes tables of the hub's own.
func (o *observer) execute(ctx context.Context, p *query.Fragment) error {
	text, args := o.caller.NewCompiler().RenderStatement(p)
	_, err := o.db.SQL().ExecContext(ctx, text, args...)
	return database.Classify(err)
}

// storeCheckpoint stores the leaves that have changed and the list of all leaves.
func (o *observer) storeCheckpoint(ctx context.Context, k *knownRows, more bool) error {
	owner, now := o.view.Subject().Name, o.db.CurrentTime()
	newUntil := now.Add(checkpointRetention)
	until := newUntil
	if k.checkpoint.key != uuid.Nil { // its leaves are stored again only when the checkpoint is renewed
		until = k.checkpoint.keptUntil
	}
	hash := func(kind string, content ...[]byte) uuid.UUID {
		h := sha256.New()
		fmt.Fprintf(h, "%s %q ", kind, owner)
		for _, b := range content {
			h.Write(b)
		}
		return uuid.UUID(h.Sum(nil)[:16])
	}
	insert := func() *query.Fragment {
		return (&query.Fragment{}).
			Add("INSERT INTO change_marks (id, owner, depth, entries, made_at, kept_until) VALUES ")
	}
	k.dropEmptyLeaves()
	var changed []*knownLeaf
	for _, l := range slices.Concat(k.leaves...) {
		if l.storedKey == uuid.Nil {
			changed = append(changed, l)
		}
	}
	for part := range slices.Chunk(changed, partsPerStatement) {
		p, stored := insert(), map[uuid.UUID]bool{}
		for _, l := range part {
			entries := encodeLeaf(l.rows)
			l.storedKey = hash("leaf", entries)
			if stored[l.storedKey] {
				continue // two leaves of different types cannot be equal, since keys are unique
			}
			if len(stored) > 0 {
				p.Add(", ")
			}
			stored[l.storedKey] = true
			p.Add("(").Arg(l.storedKey.String(), owner, storedLeaf, entries, now, newUntil).Add(")")
		}
		p.Add(" ON CONFLICT (id) DO UPDATE SET made_at = excluded.made_at, kept_until = excluded.kept_until")
		if err := o.execute(ctx, p); err != nil {
			return forgetStored(changed, err)
		}
	}
	depth := finalCheckpoint
	if more {
		depth = passingCheckpoint
	}
	entries := k.encodeLeaves()
	key := hash("list", o.tokenBinding(k.types), entries)
	if err := o.execute(ctx, insert().
		Add("(").Arg(key.String(), owner, depth, entries, now, until).
		Add(") ON CONFLICT (id) DO UPDATE SET made_at = excluded.made_at, depth = excluded.depth, kept_until =").
		Add(" CASE WHEN excluded.kept_until > change_marks.kept_until").
		Add(" THEN excluded.kept_until ELSE change_marks.kept_until END")); err != nil {
		return forgetStored(changed, err)
	}
	k.checkpoint, k.complete, k.pending = checkpoint{key, until}, true, nil
	return o.deleteOldCheckpoints(ctx, owner, depth)
}

// forgetStored returns err. The leaves must be stored again then, because no list names them yet, so that another
// request may delete them.
func forgetStored(leaves []*knownLeaf, err error) error {
	for _, l := range leaves {
		l.storedKey = uuid.Nil
	}
	return err
}

// deleteOldCheckpoints deletes the oldest checkpoints of a caller who has too many of a depth, and then the leaves that
// no checkpoint of the caller lists any more. A leaf that another request is about to list at this moment may be lost,
// which takes a request with a checkpoint that was among the oldest. Its bearer must start again.
func (o *observer) deleteOldCheckpoints(ctx context.Context, owner string, depth int) error {
	c := o.caller.NewCompiler()
	count := 0
	scope := func() *query.Fragment {
		return (&query.Fragment{}).Add("FROM change_marks WHERE owner = ").Arg(owner)
	}
	ofDepth := func() *query.Fragment { return scope().Add(" AND depth = ").Arg(depth) }
	if err := o.caller.QueryRows(ctx, c, (&query.Fragment{}).Add("SELECT count(*) ").Sub(ofDepth()),
		func(rows *sql.Rows) error { return rows.Scan(&count) }); err != nil {
		return err
	}
	if count <= maxCheckpoints[depth]+checkpointSlack {
		return nil
	}
	newest := (&query.Fragment{}).Add("SELECT id ").Sub(ofDepth()).
		Add(" ORDER BY made_at DESC, id LIMIT ", strconv.Itoa(maxCheckpoints[depth]))
	if err := o.execute(ctx, (&query.Fragment{}).Add("DELETE ").Sub(ofDepth()).
		Add(" AND id NOT IN (").Sub(newest).Add(")")); err != nil {
		return err
	}
	listed := map[uuid.UUID]bool{}
	var unlisted []uuid.UUID
	err := o.caller.QueryRows(ctx, c, (&query.Fragment{}).Add("SELECT id ").Sub(scope()).Add(" AND depth = 0"),
		func(rows *sql.Rows) error {
			var id query.KeyScan
			err := rows.Scan(&id)
			unlisted = append(unlisted, id.Key)
			return err
		})
	if err != nil {
		return err
	}
	err = o.caller.QueryRows(ctx, c, (&query.Fragment{}).Add("SELECT entries ").Sub(scope()).Add(" AND depth > 0"),
		func(rows *sql.Rows) error {
			var entries []byte
			err := rows.Scan(&entries)
			for _, id := range leafKeys(entries) {
				listed[id] = true
			}
			return err
		})
	if err != nil {
		return err
	}
	unlisted = slices.DeleteFunc(unlisted, func(id uuid.UUID) bool { return listed[id] })
	for part := range slices.Chunk(unlisted, partsPerStatement) {
		if err := o.execute(ctx, (&query.Fragment{}).Add("DELETE FROM change_marks WHERE depth = 0 AND ").
			Sub(c.ColumnInKeys("id", part))); err != nil {
			return err
		}
	}
	return nil
}
