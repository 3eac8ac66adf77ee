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

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// A token of changes says what its bearer knows: a mark, which is a set of rows with their prints that the hub keeps,
// and a few entries that were added since. Marks are named by their content, and the seal of a token follows from
// what it holds, so that the same knowledge has the same token: what the caller does not see cannot show in one.

const (
	tokenDays  = 90                                         // how long a token works
	markKept   = (tokenDays + 2*markSlack) * 24 * time.Hour // since it was used last
	markSlack  = 30                                         // days after which a used token and its marks are renewed
	tokenLoose = 40                                         // entries in a token, before they become a mark
	markDepth  = 20                                         // marks on each other, before they become one
	maxMarks   = 400                                        // of one caller; the least used go first
)

const entrySize = 1 + 16 + 8

var errChangesToken = fault.InvalidField("token", "this is not your token for these types, or it is older than %d days. Start again without it.", tokenDays)

// known is what a caller knows.
type known struct {
	types []*model.Entity
	rows  [][]entry // beside types, in the order of keys

	mark  uuid.UUID // uuid.Nil: the empty set
	depth int
	kept  bool   // the mark and loose together are all of it
	loose []byte // entries since the mark
	day   uint32 // of the token that it was read from
}

func newKnown(types []*model.Entity) *known {
	return &known{types: types, rows: make([][]entry, len(types)), kept: true, depth: -1}
}

func (k *known) size() (n int) {
	for _, rows := range k.rows {
		n += len(rows)
	}
	return n
}

func (k *known) print(t int, id uuid.UUID) uint64 {
	if i, ok := slices.BinarySearchFunc(k.rows[t], id, byKey); ok {
		return k.rows[t][i].print
	}
	return 0
}

// set notes a row; a print of 0 takes it away.
func (k *known) set(t int, e entry) {
	rows := k.rows[t]
	i, ok := slices.BinarySearchFunc(rows, e.id, byKey)
	switch {
	case ok && e.print == 0:
		k.rows[t] = slices.Delete(rows, i, i+1)
	case ok:
		rows[i] = e
	case e.print != 0:
		k.rows[t] = slices.Insert(rows, i, e)
	}
	k.loose = appendEntry(k.loose, t, e)
}

func appendEntry(b []byte, t int, e entry) []byte {
	b = append(b, byte(t))
	b = append(b, e.id[:]...)
	return binary.BigEndian.AppendUint64(b, e.print)
}

// apply adds written entries.
func (k *known) apply(b []byte) bool {
	if len(b)%entrySize != 0 {
		return false
	}
	for sorted := k.size() == 0; len(b) > 0; b = b[entrySize:] {
		t, e := int(b[0]), entry{uuid.UUID(b[1:17]), binary.BigEndian.Uint64(b[17:entrySize])}
		if t >= len(k.rows) {
			return false
		}
		if rows := k.rows[t]; sorted && e.print != 0 && (len(rows) == 0 || slices.Compare(rows[len(rows)-1].id[:], e.id[:]) < 0) {
			k.rows[t] = append(rows, e) // a whole set is written in order
			continue
		}
		k.set(t, e)
	}
	return true
}

// bound is what a token belongs to: the caller, the version of the policies, and the types.
func (s *caller) bound(types []*model.Entity) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "changes %q", s.view.Key())
	for _, e := range types {
		fmt.Fprintf(h, " %q", e.Name)
	}
	return h.Sum(nil)
}

func today(now time.Time) uint32 { return uint32(now.Unix() / (24 * 60 * 60)) }

// token writes what the caller knows. A mark is stored first where the token would grow long.
func (s *caller) token(ctx context.Context, k *known) (string, error) {
	if !k.kept || len(k.loose) > tokenLoose*entrySize {
		if err := s.remember(ctx, k); err != nil {
			return "", err
		}
	}
	b := binary.BigEndian.AppendUint32([]byte{1}, today(time.Now()))
	b = append(append(b, k.mark[:]...), k.loose...)
	return s.hub.seal.seal(b, s.bound(k.types)), nil
}

// remember stores what came since the mark as a mark on it, or everything where it has no mark yet or many.
func (s *caller) remember(ctx context.Context, k *known) error {
	parent, depth, entries := k.mark, k.depth+1, k.loose
	if !k.kept || depth >= markDepth {
		parent, depth, entries = uuid.Nil, 0, []byte{} // to know nothing is knowledge too
		for t, rows := range k.rows {
			for _, e := range rows {
				entries = appendEntry(entries, t, e)
			}
		}
	}
	owner := s.view.Subject().Name
	h := sha256.New()
	fmt.Fprintf(h, "%q %x %s ", owner, s.bound(k.types), parent)
	h.Write(entries)
	id := uuid.UUID(h.Sum(nil)[:16])
	above := any(parent.String())
	if parent == uuid.Nil {
		above = nil
	}
	c := s.compiler()
	text, args := c.finish((&part{}).add("INSERT INTO change_marks (id, owner, parent_id, depth, entries, kept_until) VALUES (").
		arg(id.String(), owner, above, depth, entries, time.Now().UTC().Add(markKept)).add(") ON CONFLICT (id) DO UPDATE SET kept_until = excluded.kept_until"))
	if _, err := s.hub.db.sql.ExecContext(ctx, text, args...); err != nil {
		return Classify(err)
	}
	k.mark, k.depth, k.kept, k.loose = id, depth, true, nil
	text, args = c.finish((&part{}).add("DELETE FROM change_marks WHERE owner = ").arg(owner).add(" AND id NOT IN (SELECT id FROM change_marks WHERE owner = ").arg(owner).
		add(fmt.Sprintf(" ORDER BY kept_until DESC, depth LIMIT %d)", maxMarks)))
	_, err := s.hub.db.sql.ExecContext(ctx, text, args...)
	return Classify(err)
}

// recall reads what the bearer of a token knows. Every token that does not work answers alike.
func (s *caller) recall(ctx context.Context, types []*model.Entity, token string) (*known, error) {
	k := newKnown(types)
	if token == "" {
		return k, nil
	}
	plain, err := s.hub.seal.open(token, s.bound(types))
	if err != nil || len(plain) < 21 || plain[0] != 1 {
		return nil, errChangesToken
	}
	k.day = binary.BigEndian.Uint32(plain[1:5])
	if now := today(time.Now()); k.day > now || now-k.day > tokenDays {
		return nil, errChangesToken
	}
	copy(k.mark[:], plain[5:21])
	if k.mark != uuid.Nil {
		if err := s.marks(ctx, k); err != nil {
			return nil, err
		}
	}
	k.loose = nil
	if !k.apply(plain[21:]) {
		return nil, errChangesToken
	}
	k.loose = slices.Clone(plain[21:])
	return k, nil
}

// marks reads a mark and those that it stands on, least first.
func (s *caller) marks(ctx context.Context, k *known) error {
	c := s.compiler()
	chain := (&part{}).add("WITH RECURSIVE m(id, parent_id, depth, entries, kept_until) AS (SELECT id, parent_id, depth, entries, kept_until FROM change_marks WHERE owner = ").
		arg(s.view.Subject().Name).add(" AND id = ").arg(k.mark.String()).
		add(" UNION ALL SELECT p.id, p.parent_id, p.depth, p.entries, p.kept_until FROM change_marks p JOIN m ON p.id = m.parent_id) SELECT id, depth, entries, kept_until FROM m ORDER BY depth")
	want, whole, soon := 0, true, false
	var ids []uuid.UUID
	err := s.query(ctx, c, chain, func(rows *sql.Rows) error {
		var (
			id      keyScan
			entries []byte
			kept    Value
		)
		if err := rows.Scan(&id, &k.depth, &entries, &cellScan{&kept, model.Time, ""}); err != nil {
			return err
		}
		ids = append(ids, id.key)
		soon = soon || time.Until(kept.Time) < markKept-markSlack*24*time.Hour
		whole = whole && k.depth == want && k.apply(entries)
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
	text, args := c.finish((&part{}).add("UPDATE change_marks SET kept_until = ").arg(time.Now().UTC().Add(markKept)).add(" WHERE ").sub(c.among("id", ids)))
	_, err = s.hub.db.sql.ExecContext(ctx, text, args...)
	return Classify(err)
}
