package changefeed

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// findDifferences finds the first differences between what the caller knows and what the caller sees, in the order of
// types and keys. It returns one more than first when there are more. It compares the rows that the state does not
// cover, and the stale rows among those that it covers. It returns the state after the first differences are known.
func (o *observer) findDifferences(ctx context.Context, k *knownRows, state *comparedState,
	stale map[string]map[uuid.UUID]bool, first int) (out []*Change, next *comparedState, err error) {
	next = state.clone()
	next.position = next.newPosition
	for t, e := range k.types {
		among, whole := o.affectedRows(e, stale)
		if whole {
			next.types[t] = comparedType{}
		}
		covered := next.types[t]
		if len(out) > first { // the page is full, and these rows wait for the next one
			if !whole && among != nil && !covered.isNone() {
				next.position = state.position
			}
			continue
		}
		if !whole && among != nil && !covered.isNone() {
			found, err := o.compareStale(ctx, k, t, among)
			if err != nil {
				return nil, nil, err
			}
			found = slices.DeleteFunc(found, func(ch *Change) bool { return !covered.covers(ch.ID) })
			if out = append(out, found...); len(out) > first {
				out, next.position = out[:first+1], state.position
				continue
			}
		}
		if covered.all {
			continue
		}
		if out, next.types[t], err = o.compareFrom(ctx, k, t, covered.before, out, first); err != nil {
			return nil, nil, err
		}
	}
	return out, next, nil
}

// compareStale compares the rows of a type with one of the keys in its column.
func (o *observer) compareStale(ctx context.Context, k *knownRows, t int, among map[string][]uuid.UUID) (
	[]*Change, error) {
	rows, err := o.readAffectedFingerprints(ctx, k.types[t], among)
	if err != nil {
		return nil, err
	}
	asked := slices.SortedFunc(slices.Values(among["id"]), compareKeys)
	if len(rows) == 0 && len(asked) == 0 {
		return nil, nil
	}
	if err := o.openKnownRows(ctx, k); err != nil {
		return nil, err
	}
	ids := slices.Clone(asked)
	for _, row := range rows {
		ids = append(ids, row.id)
	}
	if err := o.loadLeaves(ctx, k.leavesOf(t, ids)); err != nil {
		return nil, err
	}
	var known []knownRow
	for _, id := range asked {
		if fingerprint := k.fingerprint(t, id); fingerprint != 0 {
			known = append(known, knownRow{id, fingerprint})
		}
	}
	for _, row := range rows { // a row that only refers to a stale one
		i, ok := slices.BinarySearchFunc(known, row.id, compareKey)
		if fingerprint := k.fingerprint(t, row.id); !ok && fingerprint != 0 {
			known = slices.Insert(known, i, knownRow{row.id, fingerprint})
		}
	}
	return k.appendDifferences(nil, t, rows, known), nil
}

// compareFrom compares the rows of a type from a key on, and appends their differences to out until there is one more
// than first. It returns up to where the known rows equal the visible ones when all but the last difference is known.
func (o *observer) compareFrom(ctx context.Context, k *knownRows, t int, from uuid.UUID, out []*Change, first int) (
	[]*Change, comparedType, error) {
	if err := o.openKnownRows(ctx, k); err != nil {
		return nil, comparedType{}, err
	}
	size := 128 // few sizes, since each makes a statement of its own
	if first >= size {
		size = MaxChanges + 1
	}
	for {
		rows, err := o.readFingerprints(ctx, k.types[t], rowLimit{from: from, count: size})
		if err != nil {
			return nil, comparedType{}, err
		}
		var last *uuid.UUID
		if len(rows) == size {
			last = &rows[size-1].id
		}
		if err := o.loadLeaves(ctx, k.leavesFrom(t, from, last)); err != nil {
			return nil, comparedType{}, err
		}
		out = k.appendDifferences(out, t, rows, k.rowsFrom(t, from, last))
		if len(out) > first {
			return out[:first+1], comparedType{before: out[first].ID}, nil
		}
		if last == nil {
			return out, comparedType{all: true}, nil
		}
		from, size = keyAfter(*last), fingerprintBatchSize
	}
}

// appendDifferences appends the differences between the visible and the known rows of a type to out. Both lists are in
// the order of keys, and so are the differences.
func (k *knownRows) appendDifferences(out []*Change, t int, visible, known []knownRow) []*Change {
	change := func(kind ChangeKind, id uuid.UUID, fingerprint uint64) {
		out = append(out, &Change{Entity: k.types[t], ID: id, Kind: kind, typeIndex: t, fingerprint: fingerprint})
	}
	for len(visible) > 0 || len(known) > 0 {
		order := 1
		switch {
		case len(known) == 0:
			order = -1
		case len(visible) > 0:
			order = compareKeys(visible[0].id, known[0].id)
		}
		if order > 0 {
			change(Removed, known[0].id, 0)
			known = known[1:]
			continue
		}
		row := visible[0]
		visible = visible[1:]
		switch {
		case order < 0:
			change(Created, row.id, row.fingerprint)
		case row.fingerprint != known[0].fingerprint:
			change(Changed, row.id, row.fingerprint)
		}
		if order == 0 {
			known = known[1:]
		}
	}
	return out
}
