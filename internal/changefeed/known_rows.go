package changefeed

import (
	"encoding/binary"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// knownRow is a row that a caller knows, by its stored key, with the fingerprint of what the caller sees of it.
type knownRow struct {
	id          uuid.UUID
	fingerprint uint64 // never 0
}

func compareKeys(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }

func compareKey(e knownRow, id uuid.UUID) int { return compareKeys(e.id, id) }

// maxLeafRows is the most rows of a leaf. A page of changes reads and writes the leaves that it touches, and the list
// of all leaves. So a leaf must be small beside a page, and the list small beside the rows.
const maxLeafRows = 512

// knownLeaf is a range of the known rows of one type. It can be changed only when its rows are read.
type knownLeaf struct {
	storedKey uuid.UUID  // the key under which exactly these rows are stored; uuid.Nil when they are not
	first     uuid.UUID  // no row of the leaf has a lower key, and no row of the leaf before has this or a higher one
	count     int        // the number of rows; 0 only until the leaf is stored
	rows      []knownRow // in the order of keys; nil when they are not read yet
}

// knownRows is the set of rows that a caller knows. Its leaves are read from the database when they are needed.
type knownRows struct {
	types  []*model.Entity
	leaves [][]*knownLeaf // the leaves of each type, in the order of keys

	token      knownToken // what the set was opened from
	open       bool       // leaves holds what token states; otherwise nothing was read yet
	checkpoint checkpoint // the last stored state of the set
	complete   bool       // checkpoint and pending together hold all rows
	pending    []byte     // the entries since checkpoint
}

func newKnownRows(types []*model.Entity) *knownRows {
	return &knownRows{types: types, leaves: make([][]*knownLeaf, len(types)), complete: true, open: true}
}

func (k *knownRows) countRows() (n int) {
	for _, leaves := range k.leaves {
		for _, l := range leaves {
			n += l.count
		}
	}
	return n
}

// leafIndex returns the index of the leaf that holds the key or would hold it. It returns -1 when there is no leaf.
func leafIndex(leaves []*knownLeaf, id uuid.UUID) int {
	i, ok := slices.BinarySearchFunc(leaves, id, func(l *knownLeaf, id uuid.UUID) int { return compareKeys(l.first, id) })
	if ok || len(leaves) == 0 {
		return min(i, len(leaves)-1)
	}
	return max(i-1, 0)
}

// leavesFrom returns the leaves of a type that can hold a key from from on and not above upTo. Without upTo it returns
// all from from on.
func (k *knownRows) leavesFrom(t int, from uuid.UUID, upTo *uuid.UUID) []*knownLeaf {
	leaves := k.leaves[t]
	if i := leafIndex(leaves, from); i > 0 {
		leaves = leaves[i:]
	}
	if upTo != nil {
		leaves = leaves[:leafIndex(leaves, *upTo)+1]
	}
	return leaves
}

// leavesOf returns the leaves of a type that can hold one of the keys.
func (k *knownRows) leavesOf(t int, ids []uuid.UUID) (out []*knownLeaf) {
	for _, id := range ids {
		if i := leafIndex(k.leaves[t], id); i >= 0 {
			out = append(out, k.leaves[t][i])
		}
	}
	return out
}

// rowsFrom returns the rows of leavesFrom with these keys. The leaves must be read.
func (k *knownRows) rowsFrom(t int, from uuid.UUID, upTo *uuid.UUID) (out []knownRow) {
	for _, l := range k.leavesFrom(t, from, upTo) {
		for _, row := range l.rows {
			if compareKeys(row.id, from) >= 0 && (upTo == nil || compareKeys(row.id, *upTo) <= 0) {
				out = append(out, row)
			}
		}
	}
	return out
}

// fingerprint returns the known fingerprint of a row of the type with index t, or 0 when the row is not known. The leaf
// of the key must be read.
func (k *knownRows) fingerprint(t int, id uuid.UUID) uint64 {
	if i := leafIndex(k.leaves[t], id); i >= 0 {
		rows := k.leaves[t][i].rows
		if j, ok := slices.BinarySearchFunc(rows, id, compareKey); ok {
			return rows[j].fingerprint
		}
	}
	return 0
}

// set adds or changes a row of the type with index t. A fingerprint of 0 removes the row. The leaf of the key must be
// read.
func (k *knownRows) set(t int, e knownRow) {
	k.pending = appendEntry(k.pending, t, e)
	i := leafIndex(k.leaves[t], e.id)
	if i < 0 {
		if e.fingerprint != 0 {
			k.leaves[t] = []*knownLeaf{{first: e.id, count: 1, rows: []knownRow{e}}}
		}
		return
	}
	l := k.leaves[t][i]
	j, ok := slices.BinarySearchFunc(l.rows, e.id, compareKey)
	switch {
	case ok && e.fingerprint == 0:
		l.rows = slices.Delete(l.rows, j, j+1)
	case ok:
		l.rows[j] = e
	case e.fingerprint == 0:
		return
	case j == maxLeafRows && i == len(k.leaves[t])-1: // rows that come in the order of keys fill one leaf after another
		k.leaves[t] = append(k.leaves[t], &knownLeaf{first: e.id, count: 1, rows: []knownRow{e}})
		return
	default:
		l.rows = slices.Insert(l.rows, j, e)
	}
	if l.storedKey = uuid.Nil; len(l.rows) > maxLeafRows {
		upper := slices.Clone(l.rows[len(l.rows)/2:])
		l.rows = l.rows[:len(l.rows)/2]
		k.leaves[t] = slices.Insert(k.leaves[t], i+1, &knownLeaf{first: upper[0].id, count: len(upper), rows: upper})
	}
	if l.count = len(l.rows); compareKeys(e.id, l.first) < 0 {
		l.first = e.id
	}
}

// dropEmptyLeaves removes the leaves without rows. Before that they keep the place of their keys, because the leaves
// beside them may not be read.
func (k *knownRows) dropEmptyLeaves() {
	for t := range k.leaves {
		k.leaves[t] = slices.DeleteFunc(k.leaves[t], func(l *knownLeaf) bool { return l.count == 0 })
	}
}

const (
	entrySize   = 1 + 16 + 8      // the index of the type, the key of the row, the fingerprint
	leafRowSize = 16 + 8          // the key of the row, the fingerprint
	leafRefSize = 1 + 16 + 16 + 2 // the index of the type, the first key, the stored key, the number of rows
)

func appendEntry(b []byte, t int, e knownRow) []byte {
	b = append(b, byte(t))
	b = append(b, e.id[:]...)
	return binary.BigEndian.AppendUint64(b, e.fingerprint)
}

// readEntries returns the entries of a token by their types. It returns false when they are malformed.
func readEntries(b []byte, types int) (out []typedRow, ok bool) {
	if len(b)%entrySize != 0 {
		return nil, false
	}
	for ; len(b) > 0; b = b[entrySize:] {
		if int(b[0]) >= types {
			return nil, false
		}
		row := knownRow{uuid.UUID(b[1:17]), binary.BigEndian.Uint64(b[17:entrySize])}
		out = append(out, typedRow{int(b[0]), row})
	}
	return out, true
}

// typedRow is a row with the index of its type.
type typedRow struct {
	typeIndex int
	knownRow
}

// encodeLeaf returns the stored form of the rows of a leaf.
func encodeLeaf(rows []knownRow) []byte {
	b := make([]byte, 0, len(rows)*leafRowSize)
	for _, e := range rows {
		b = append(b, e.id[:]...)
		b = binary.BigEndian.AppendUint64(b, e.fingerprint)
	}
	return b
}

// decodeLeaf reads the rows of a leaf from their stored form. It returns false when it is not that of the leaf.
func (l *knownLeaf) decodeLeaf(b []byte) bool {
	if len(b) != l.count*leafRowSize {
		return false
	}
	l.rows = make([]knownRow, l.count)
	for i := range l.rows {
		e := b[i*leafRowSize:]
		l.rows[i] = knownRow{uuid.UUID(e[:16]), binary.BigEndian.Uint64(e[16:leafRowSize])}
	}
	return true
}

// encodeLeaves returns the stored form of the list of all leaves. All leaves must be stored.
func (k *knownRows) encodeLeaves() []byte {
	b := []byte{} // not nil, since the column is not nullable
	for t, leaves := range k.leaves {
		for _, l := range leaves {
			b = append(b, byte(t))
			b = append(append(b, l.first[:]...), l.storedKey[:]...)
			b = binary.BigEndian.AppendUint16(b, uint16(l.count))
		}
	}
	return b
}

// decodeLeaves reads the list of all leaves. It returns false when it is malformed.
func (k *knownRows) decodeLeaves(b []byte) bool {
	if len(b)%leafRefSize != 0 {
		return false
	}
	for ; len(b) > 0; b = b[leafRefSize:] {
		t, count := int(b[0]), int(binary.BigEndian.Uint16(b[33:leafRefSize]))
		if t >= len(k.leaves) || count == 0 {
			return false
		}
		l := &knownLeaf{storedKey: uuid.UUID(b[17:33]), first: uuid.UUID(b[1:17]), count: count}
		k.leaves[t] = append(k.leaves[t], l)
	}
	return true
}

// leafKeys returns the stored keys of the leaves in a list.
func leafKeys(b []byte) (out []uuid.UUID) {
	for ; len(b) >= leafRefSize; b = b[leafRefSize:] {
		out = append(out, uuid.UUID(b[17:33]))
	}
	return out
}
