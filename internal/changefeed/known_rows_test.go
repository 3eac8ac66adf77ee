package changefeed

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// The entries of a token repeat what happened to the set.
func TestPendingEntriesRepeatTheRows(t *testing.T) {
	types := []*model.Entity{{Name: "Child"}, {Name: "Note"}}
	low, high := uuid.UUID{1}, uuid.UUID{2}
	k := newKnownRows(types)
	for _, e := range []knownRow{{high, 7}, {low, 8}, {high, 9}} {
		k.set(0, e)
	}
	k.set(1, knownRow{low, 5})
	k.set(1, knownRow{low, 0}) // it left the view
	if n := len(k.pending); n != 5*entrySize {
		t.Errorf("pending holds %d bytes, want %d", n, 5*entrySize)
	}
	again := newKnownRows(types)
	entries, ok := readEntries(k.pending, len(types))
	if !ok {
		t.Fatal("the pending entries are refused")
	}
	for _, e := range entries {
		again.set(e.typeIndex, e.knownRow)
	}
	for name, set := range map[string]*knownRows{"first": k, "again": again} {
		got, notes := set.rowsFrom(0, uuid.UUID{}, nil), set.rowsFrom(1, uuid.UUID{}, nil)
		if want := []knownRow{{low, 8}, {high, 9}}; !slices.Equal(got, want) || len(notes) != 0 {
			t.Errorf("%s: %v and %v, want %v and no note", name, got, notes, want)
		}
	}
}

// Entries of an unknown type, and a part of an entry, are refused.
func TestMalformedEntriesAreRefused(t *testing.T) {
	good := appendEntry(nil, 0, knownRow{uuid.UUID{1}, 1})
	for name, b := range map[string][]byte{
		"a part of an entry": good[1:],
		"an unknown type":    appendEntry(good, 1, knownRow{uuid.UUID{1}, 1}),
	} {
		if _, ok := readEntries(b, 1); ok {
			t.Errorf("%s is accepted", name)
		}
	}
}

// A set in leaves holds the same rows as a map, after any changes in any order. A leaf that is not among those of a key
// is not touched by a change of that key, since it may not be read.
func TestLeavesHoldTheRows(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	k, want := newKnownRows([]*model.Entity{{Name: "Child"}}), map[uuid.UUID]uint64{}
	key := func() (id uuid.UUID) {
		n := random.IntN(20_000)
		id[0], id[1] = byte(n>>8), byte(n)
		return id
	}
	change := func(id uuid.UUID, fingerprint uint64) {
		touched := k.leavesOf(0, []uuid.UUID{id})
		before := slices.Clone(k.leaves[0])
		k.set(0, knownRow{id, fingerprint})
		for _, l := range before {
			if len(touched) > 0 && touched[0] != l && l.storedKey == uuid.Nil {
				t.Fatal("another leaf was changed")
			}
		}
		if want[id] = fingerprint; fingerprint == 0 {
			delete(want, id)
		}
		for i, l := range k.leaves[0] {
			l.storedKey = uuid.UUID{byte(i), 1} // as if it were stored
		}
	}
	for range 20_000 {
		change(key(), 1+random.Uint64N(1000))
	}
	for range 10_000 { // whole leaves become empty
		if id := key(); id[0] < 60 {
			change(id, 0)
		}
	}
	for n := range 4000 {
		change(uuid.UUID{255, byte(n >> 8), byte(n)}, 1)
	}
	check := func(k *knownRows) {
		t.Helper()
		got := k.rowsFrom(0, uuid.UUID{}, nil)
		if len(got) != len(want) || k.countRows() != len(want) {
			t.Errorf("%d rows, counted %d, want %d", len(got), k.countRows(), len(want))
		}
		for i, row := range got {
			if want[row.id] != row.fingerprint || k.fingerprint(0, row.id) != row.fingerprint {
				t.Fatalf("row %v has %d, want %d", row.id, row.fingerprint, want[row.id])
			}
			if i > 0 && compareKeys(got[i-1].id, row.id) >= 0 {
				t.Fatal("the rows are not in the order of keys")
			}
		}
	}
	check(k)
	k.dropEmptyLeaves()
	check(k)
	again := newKnownRows(k.types)
	if !again.decodeLeaves(k.encodeLeaves()) {
		t.Fatal("the list of leaves is refused")
	}
	for i, l := range again.leaves[0] {
		if l.count > maxLeafRows || !l.decodeLeaf(encodeLeaf(k.leaves[0][i].rows)) {
			t.Fatal("a leaf is refused")
		}
	}
	check(again)
	from, upTo := uuid.UUID{100}, uuid.UUID{101}
	for _, row := range again.rowsFrom(0, from, &upTo) {
		if compareKeys(row.id, from) < 0 || compareKeys(row.id, upTo) > 0 {
			t.Errorf("%v is outside of the range", row.id)
		}
	}
}
