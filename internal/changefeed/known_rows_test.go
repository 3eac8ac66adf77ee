package changefeed

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"rightshub/internal/model"
)

// The pending entries of a set of known rows make another set with the same rows.
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
	if !again.applyEntries(k.pending) {
		t.Fatal("the pending entries are refused")
	}
	for name, set := range map[string]*knownRows{"first": k, "again": again} {
		if want := []knownRow{{low, 8}, {high, 9}}; !slices.Equal(set.rows[0], want) || len(set.rows[1]) != 0 {
			t.Errorf("%s: %v, want %v and no note", name, set.rows, want)
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
		if newKnownRows([]*model.Entity{{Name: "Child"}}).applyEntries(b) {
			t.Errorf("%s is accepted", name)
		}
	}
}
