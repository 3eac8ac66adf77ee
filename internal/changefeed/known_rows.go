package changefeed

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// A token of changes states what its bearer knows. It names a checkpoint, which is a stored set of rows with their
// fingerprints, and holds a few entries that were added since. The key of a checkpoint is a hash of its content, and
// the seal of a token depends only on what the token holds. So the same knowledge always has the same token, and a
// token discloses nothing that the caller does not see.

const (
	// changesTokenDays is for how many days a token works.
	changesTokenDays = 90
	// checkpointRetention is how long a checkpoint is stored after its last use.
	checkpointRetention = (changesTokenDays + 2*checkpointRenewalDays) * 24 * time.Hour
	// checkpointRenewalDays is after how many days a used token and its checkpoints are renewed.
	checkpointRenewalDays = 30
	// maxPendingEntries is the most entries in a token. More entries become a checkpoint.
	maxPendingEntries = 40
	// maxCheckpointDepth is the longest chain of checkpoints. A longer one becomes a single checkpoint.
	maxCheckpointDepth = 20
	// maxCheckpoints is the most checkpoints of one caller. The least recently used ones are deleted first.
	maxCheckpoints = 400
)

const entrySize = 1 + 16 + 8 // the index of the type, the key of the row, the fingerprint

var errChangesToken = fault.InvalidField("token",
	"this is not your token for these types, or it is older than %d days. Start again without it.", changesTokenDays)

// knownRows is the set of rows that a caller knows.
type knownRows struct {
	types []*model.Entity
	rows  [][]knownRow // the rows of each type, in the order of keys

	checkpoint uuid.UUID // uuid.Nil for the empty set
	depth      int       // the number of checkpoints below checkpoint; -1 without one
	complete   bool      // checkpoint and pending together hold all rows
	pending    []byte    // the entries since checkpoint
	tokenDay   uint32    // the day of the token that the set was read from
}

func newKnownRows(types []*model.Entity) *knownRows {
	return &knownRows{types: types, rows: make([][]knownRow, len(types)), complete: true, depth: -1}
}

func (k *knownRows) countRows() (n int) {
	for _, rows := range k.rows {
		n += len(rows)
	}
	return n
}

// fingerprint returns the known fingerprint of a row of the type with index t, or 0 when the row is not known.
func (k *knownRows) fingerprint(t int, id uuid.UUID) uint64 {
	if i, ok := slices.BinarySearchFunc(k.rows[t], id, compareKey); ok {
		return k.rows[t][i].fingerprint
	}
	return 0
}

// set adds or changes a row of the type with index t. A fingerprint of 0 removes the row.
func (k *knownRows) set(t int, e knownRow) {
	rows := k.rows[t]
	i, ok := slices.BinarySearchFunc(rows, e.id, compareKey)
	switch {
	case ok && e.fingerprint == 0:
		k.rows[t] = slices.Delete(rows, i, i+1)
	case ok:
		rows[i] = e
	case e.fingerprint != 0:
		k.rows[t] = slices.Insert(rows, i, e)
	}
	k.pending = appendEntry(k.pending, t, e)
}

func appendEntry(b []byte, t int, e knownRow) []byte {
	b = append(b, byte(t))
	b = append(b, e.id[:]...)
	return binary.BigEndian.AppendUint64(b, e.fingerprint)
}

// applyEntries adds the entries of a checkpoint or a token. It returns false when they are malformed.
func (k *knownRows) applyEntries(b []byte) bool {
	if len(b)%entrySize != 0 {
		return false
	}
	for sorted := k.countRows() == 0; len(b) > 0; b = b[entrySize:] {
		t, e := int(b[0]), knownRow{uuid.UUID(b[1:17]), binary.BigEndian.Uint64(b[17:entrySize])}
		if t >= len(k.rows) {
			return false
		}
		rows := k.rows[t]
		follows := len(rows) == 0 || slices.Compare(rows[len(rows)-1].id[:], e.id[:]) < 0
		if sorted && e.fingerprint != 0 && follows {
			k.rows[t] = append(rows, e) // a complete checkpoint lists its rows in the order of keys
			continue
		}
		k.set(t, e)
	}
	return true
}

// tokenBinding returns a hash of what a token is bound to, which is the caller, the version of the policies and the
// types.
func (o *observer) tokenBinding(types []*model.Entity) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "changes %q", o.view.Key())
	for _, e := range types {
		fmt.Fprintf(h, " %q", e.Name)
	}
	return h.Sum(nil)
}

func unixDay(now time.Time) uint32 { return uint32(now.Unix() / (24 * 60 * 60)) }

// sealChangesToken returns the token of what the caller knows. It first stores a checkpoint when the token would become
// too long.
func (o *observer) sealChangesToken(ctx context.Context, k *knownRows) (string, error) {
	if !k.complete || len(k.pending) > maxPendingEntries*entrySize {
		if err := o.storeCheckpoint(ctx, k); err != nil {
			return "", err
		}
	}
	b := binary.BigEndian.AppendUint32([]byte{1}, unixDay(time.Now()))
	b = append(append(b, k.checkpoint[:]...), k.pending...)
	return o.tokenSealer.Seal(b, o.tokenBinding(k.types)), nil
}

// storeCheckpoint stores the pending entries as a checkpoint on top of the current one. When there is no complete
// checkpoint, or the chain is too long, it stores all rows as a new one.
func (o *observer) storeCheckpoint(ctx context.Context, k *knownRows) error {
	parent, depth, entries := k.checkpoint, k.depth+1, k.pending
	if !k.complete || depth >= maxCheckpointDepth {
		parent, depth, entries = uuid.Nil, 0, []byte{} // empty and not nil, since the column is not nullable
		for t, rows := range k.rows {
			for _, e := range rows {
				entries = appendEntry(entries, t, e)
			}
		}
	}
	owner := o.view.Subject().Name
	h := sha256.New()
	fmt.Fprintf(h, "%q %x %s ", owner, o.tokenBinding(k.types), parent)
	h.Write(entries)
	id := uuid.UUID(h.Sum(nil)[:16])
	above := any(parent.String())
	if parent == uuid.Nil {
		above = nil
	}
	c := o.caller.NewCompiler()
	text, args := c.RenderStatement((&query.Fragment{}).
		Add("INSERT INTO change_marks (id, owner, parent_id, depth, entries, kept_until) VALUES (").
		Arg(id.String(), owner, above, depth, entries, time.Now().UTC().Add(checkpointRetention)).
		Add(") ON CONFLICT (id) DO UPDATE SET kept_until = excluded.kept_until"))
	if _, err := o.db.SQL().ExecContext(ctx, text, args...); err != nil {
		return database.Classify(err)
	}
	k.checkpoint, k.depth, k.complete, k.pending = id, depth, true, nil
	text, args = c.RenderStatement((&query.Fragment{}).
		Add("DELETE FROM change_marks WHERE owner = ").Arg(owner).
		Add(" AND id NOT IN (SELECT id FROM change_marks WHERE owner = ").Arg(owner).
		Add(fmt.Sprintf(" ORDER BY kept_until DESC, depth LIMIT %d)", maxCheckpoints)))
	_, err := o.db.SQL().ExecContext(ctx, text, args...)
	return database.Classify(err)
}

// openChangesToken reads what the bearer of a token knows. Every invalid token fails with the same error.
func (o *observer) openChangesToken(ctx context.Context, types []*model.Entity, token string) (*knownRows, error) {
	k := newKnownRows(types)
	if token == "" {
		return k, nil
	}
	plain, err := o.tokenSealer.Open(token, o.tokenBinding(types))
	if err != nil || len(plain) < 21 || plain[0] != 1 {
		return nil, errChangesToken
	}
	k.tokenDay = binary.BigEndian.Uint32(plain[1:5])
	if now := unixDay(time.Now()); k.tokenDay > now || now-k.tokenDay > changesTokenDays {
		return nil, errChangesToken
	}
	copy(k.checkpoint[:], plain[5:21])
	if k.checkpoint != uuid.Nil {
		if err := o.loadCheckpoints(ctx, k); err != nil {
			return nil, err
		}
	}
	k.pending = nil
	if !k.applyEntries(plain[21:]) {
		return nil, errChangesToken
	}
	k.pending = slices.Clone(plain[21:])
	return k, nil
}

// loadCheckpoints reads the rows of the checkpoint and of the checkpoints below it, the lowest first. It renews them
// when they were not used for some time.
func (o *observer) loadCheckpoints(ctx context.Context, k *knownRows) error {
	c := o.caller.NewCompiler()
	chain := (&query.Fragment{}).
		Add("WITH RECURSIVE m(id, parent_id, depth, entries, kept_until) AS (").
		Add("SELECT id, parent_id, depth, entries, kept_until FROM change_marks").
		Add(" WHERE owner = ").Arg(o.view.Subject().Name).Add(" AND id = ").Arg(k.checkpoint.String()).
		Add(" UNION ALL SELECT p.id, p.parent_id, p.depth, p.entries, p.kept_until").
		Add(" FROM change_marks p JOIN m ON p.id = m.parent_id)").
		Add(" SELECT id, depth, entries, kept_until FROM m ORDER BY depth")
	want, whole, soon := 0, true, false
	var ids []uuid.UUID
	err := o.caller.QueryRows(ctx, c, chain, func(rows *sql.Rows) error {
		var (
			id      query.KeyScan
			entries []byte
			kept    query.Value
		)
		if err := rows.Scan(&id, &k.depth, &entries, query.ScanInto(&kept, model.Time)); err != nil {
			return err
		}
		ids = append(ids, id.Key)
		soon = soon || time.Until(kept.Time) < checkpointRetention-checkpointRenewalDays*24*time.Hour
		whole = whole && k.depth == want && k.applyEntries(entries)
		want++
		return nil
	})
	if err != nil {
		return err
	}
	if !whole || want == 0 {
		return errChangesToken
	}
	if !soon {
		return nil
	}
	text, args := c.RenderStatement((&query.Fragment{}).
		Add("UPDATE change_marks SET kept_until = ").Arg(time.Now().UTC().Add(checkpointRetention)).
		Add(" WHERE ").Sub(c.ColumnInKeys("id", ids)))
	_, err = o.db.SQL().ExecContext(ctx, text, args...)
	return database.Classify(err)
}
