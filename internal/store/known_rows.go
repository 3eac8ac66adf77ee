package store

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

// A token of changes says what its bearer knows: a mark, which is a set of rows with their prints that the hub keeps,
// and a few entries that were added since. Marks are named by their content, and the seal of a token follows from
// what it holds, so that the same knowledge has the same token: what the caller does not see cannot show in one.

const (
	changesTokenDays      = 90                                                            // how long a token works
	checkpointRetention   = (changesTokenDays + 2*checkpointRenewalDays) * 24 * time.Hour // since it was used last
	checkpointRenewalDays = 30                                                            // days after which a used token and its marks are renewed
	maxPendingEntries     = 40                                                            // entries in a token, before they become a mark
	maxCheckpointDepth    = 20                                                            // marks on each other, before they become one
	maxCheckpoints        = 400                                                           // of one caller; the least used go first
)

const entrySize = 1 + 16 + 8

var errChangesToken = fault.InvalidField("token", "this is not your token for these types, or it is older than %d days. Start again without it.", changesTokenDays)

// knownRows is what a caller knows.
type knownRows struct {
	types []*model.Entity
	rows  [][]knownRow // beside types, in the order of keys

	checkpoint uuid.UUID // uuid.Nil: the empty set
	depth      int
	complete   bool   // the mark and loose together are all of it
	pending    []byte // entries since the mark
	tokenDay   uint32 // of the token that it was read from
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

func (k *knownRows) fingerprint(t int, id uuid.UUID) uint64 {
	if i, ok := slices.BinarySearchFunc(k.rows[t], id, compareKey); ok {
		return k.rows[t][i].fingerprint
	}
	return 0
}

// set notes a row; a print of 0 takes it away.
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

// applyEntries adds written entries.
func (k *knownRows) applyEntries(b []byte) bool {
	if len(b)%entrySize != 0 {
		return false
	}
	for sorted := k.countRows() == 0; len(b) > 0; b = b[entrySize:] {
		t, e := int(b[0]), knownRow{uuid.UUID(b[1:17]), binary.BigEndian.Uint64(b[17:entrySize])}
		if t >= len(k.rows) {
			return false
		}
		if rows := k.rows[t]; sorted && e.fingerprint != 0 && (len(rows) == 0 || slices.Compare(rows[len(rows)-1].id[:], e.id[:]) < 0) {
			k.rows[t] = append(rows, e) // a whole set is written in order
			continue
		}
		k.set(t, e)
	}
	return true
}

// tokenBinding is what a token belongs to: the caller, the version of the policies, and the types.
func (s *session) tokenBinding(types []*model.Entity) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "changes %q", s.view.Key())
	for _, e := range types {
		fmt.Fprintf(h, " %q", e.Name)
	}
	return h.Sum(nil)
}

func unixDay(now time.Time) uint32 { return uint32(now.Unix() / (24 * 60 * 60)) }

// sealChangesToken writes what the caller knows. A mark is stored first where the token would grow long.
func (s *session) sealChangesToken(ctx context.Context, k *knownRows) (string, error) {
	if !k.complete || len(k.pending) > maxPendingEntries*entrySize {
		if err := s.storeCheckpoint(ctx, k); err != nil {
			return "", err
		}
	}
	b := binary.BigEndian.AppendUint32([]byte{1}, unixDay(time.Now()))
	b = append(append(b, k.checkpoint[:]...), k.pending...)
	return s.hub.cursorSealer.Seal(b, s.tokenBinding(k.types)), nil
}

// storeCheckpoint stores what came since the mark as a mark on it, or everything where it has no mark yet or many.
func (s *session) storeCheckpoint(ctx context.Context, k *knownRows) error {
	parent, depth, entries := k.checkpoint, k.depth+1, k.pending
	if !k.complete || depth >= maxCheckpointDepth {
		parent, depth, entries = uuid.Nil, 0, []byte{} // to know nothing is knowledge too
		for t, rows := range k.rows {
			for _, e := range rows {
				entries = appendEntry(entries, t, e)
			}
		}
	}
	owner := s.view.Subject().Name
	h := sha256.New()
	fmt.Fprintf(h, "%q %x %s ", owner, s.tokenBinding(k.types), parent)
	h.Write(entries)
	id := uuid.UUID(h.Sum(nil)[:16])
	above := any(parent.String())
	if parent == uuid.Nil {
		above = nil
	}
	c := s.newCompiler()
	text, args := c.RenderStatement((&query.Fragment{}).Add("INSERT INTO change_marks (id, owner, parent_id, depth, entries, kept_until) VALUES (").
		Arg(id.String(), owner, above, depth, entries, time.Now().UTC().Add(checkpointRetention)).Add(") ON CONFLICT (id) DO UPDATE SET kept_until = excluded.kept_until"))
	if _, err := s.hub.db.SQL().ExecContext(ctx, text, args...); err != nil {
		return database.Classify(err)
	}
	k.checkpoint, k.depth, k.complete, k.pending = id, depth, true, nil
	text, args = c.RenderStatement((&query.Fragment{}).Add("DELETE FROM change_marks WHERE owner = ").Arg(owner).Add(" AND id NOT IN (SELECT id FROM change_marks WHERE owner = ").Arg(owner).
		Add(fmt.Sprintf(" ORDER BY kept_until DESC, depth LIMIT %d)", maxCheckpoints)))
	_, err := s.hub.db.SQL().ExecContext(ctx, text, args...)
	return database.Classify(err)
}

// openChangesToken reads what the bearer of a token knows. Every token that does not work answers alike.
func (s *session) openChangesToken(ctx context.Context, types []*model.Entity, token string) (*knownRows, error) {
	k := newKnownRows(types)
	if token == "" {
		return k, nil
	}
	plain, err := s.hub.cursorSealer.Open(token, s.tokenBinding(types))
	if err != nil || len(plain) < 21 || plain[0] != 1 {
		return nil, errChangesToken
	}
	k.tokenDay = binary.BigEndian.Uint32(plain[1:5])
	if now := unixDay(time.Now()); k.tokenDay > now || now-k.tokenDay > changesTokenDays {
		return nil, errChangesToken
	}
	copy(k.checkpoint[:], plain[5:21])
	if k.checkpoint != uuid.Nil {
		if err := s.loadCheckpoints(ctx, k); err != nil {
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

// loadCheckpoints reads a mark and those that it stands on, least first.
func (s *session) loadCheckpoints(ctx context.Context, k *knownRows) error {
	c := s.newCompiler()
	chain := (&query.Fragment{}).Add("WITH RECURSIVE m(id, parent_id, depth, entries, kept_until) AS (SELECT id, parent_id, depth, entries, kept_until FROM change_marks WHERE owner = ").
		Arg(s.view.Subject().Name).Add(" AND id = ").Arg(k.checkpoint.String()).
		Add(" UNION ALL SELECT p.id, p.parent_id, p.depth, p.entries, p.kept_until FROM change_marks p JOIN m ON p.id = m.parent_id) SELECT id, depth, entries, kept_until FROM m ORDER BY depth")
	want, whole, soon := 0, true, false
	var ids []uuid.UUID
	err := s.queryRows(ctx, c, chain, func(rows *sql.Rows) error {
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
	text, args := c.RenderStatement((&query.Fragment{}).Add("UPDATE change_marks SET kept_until = ").Arg(time.Now().UTC().Add(checkpointRetention)).Add(" WHERE ").Sub(c.ColumnInKeys("id", ids)))
	_, err = s.hub.db.SQL().ExecContext(ctx, text, args...)
	return database.Classify(err)
}
