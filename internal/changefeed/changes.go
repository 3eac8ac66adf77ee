package changefeed

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// ChangeKind is what happened to a row in a caller's view.
type ChangeKind string

const (
	Created ChangeKind = "CREATED" // the row came into the view
	Changed ChangeKind = "CHANGED" // something that the caller sees of the row changed
	Removed ChangeKind = "REMOVED" // the row left the view
)

// Change is one change in a caller's view. It holds no value of the row.
type Change struct {
	Entity *model.Entity
	ID     uuid.UUID
	Kind   ChangeKind
	Token  string // the token of what the caller knows after this change; only changes of a Watch have it

	typeIndex   int    // the index of the entity among the types
	fingerprint uint64 // the new fingerprint of the row; 0 when it left the view
	orderHash   [sha256.Size]byte
}

// Changes is a page of what changed in a caller's view since a token.
type Changes struct {
	List  []*Change
	Token string // the token of what the caller knows after the page
	More  bool   // there are more changes after Token
}

// MaxChanges is the most changes of one page.
const MaxChanges = 1000

// Changes reads what changed in the caller's view of the types since a token. It compares what the caller knows by the
// token with what the caller sees now. So neither the changes, nor the ends of their pages, nor the token can disclose
// anything else.
func (f *Feed) Changes(ctx context.Context, caller Caller, types []*model.Entity, token string, first int) (
	*Changes, error) {
	o := f.newObserver(caller)
	types, err := o.resolveChangeTypes(types)
	if err != nil {
		return nil, err
	}
	k, err := o.openChangesToken(ctx, types, token)
	if err != nil {
		return nil, err
	}
	list, err := o.diffKnownRows(ctx, k, nil, true)
	if err != nil {
		return nil, err
	}
	out := &Changes{List: list, Token: token}
	if len(list) > first {
		out.List, out.More = list[:first], true
	}
	for _, ch := range out.List {
		k.set(ch.typeIndex, knownRow{ch.ID, ch.fingerprint})
	}
	if err := o.chargeChanges(ctx, out.List); err != nil {
		return nil, err
	}
	if len(out.List) > 0 || token == "" || k.tokenDay+checkpointRenewalDays < unixDay(time.Now()) {
		out.Token, err = o.sealChangesToken(ctx, k)
	}
	return out, err
}

// resolveChangeTypes returns the requested types, each once and in the order of their names. Without a request it
// returns all types that can be followed. It does not check the right to read a type, because a type without visible
// rows has no changes. Types with rows under pseudonyms are refused. An auditor with two grants could otherwise match
// the pseudonyms of a row by the times of its changes.
func (o *observer) resolveChangeTypes(types []*model.Entity) ([]*model.Entity, error) {
	unnamed := func(e *model.Entity) bool { return o.view.PseudonymKey(e.Name) != "" }
	if len(types) == 0 {
		return slices.DeleteFunc(slices.Clone(o.model.Entities()), unnamed), nil
	}
	if i := slices.IndexFunc(types, unnamed); i >= 0 {
		return nil, fault.InvalidField("types",
			"names %s, whose rows have pseudonyms under your audit grant. Their changes are not reported."+
				" Read the rows again instead.", types[i].Name)
	}
	types = slices.Clone(types)
	slices.SortFunc(types, func(a, b *model.Entity) int { return strings.Compare(a.Name, b.Name) })
	return slices.Compact(types), nil
}

// chargeChanges charges the changes to the day's budget of an auditor, as if their rows were shown. A page without such
// rows costs one row, because the absence of changes is an answer too.
func (o *observer) chargeChanges(ctx context.Context, list []*Change) error {
	shown := 0
	for _, ch := range list {
		if ch.Kind != Removed {
			shown++
		}
	}
	return o.caller.ChargeRows(ctx, max(shown, 1))
}

// diffKnownRows finds the differences between what the caller knows and what the caller sees. It compares the stale
// rows and all rows of the types that depend on them, or everything when all is true. The order of the changes
// discloses nothing about keys or times.
func (o *observer) diffKnownRows(ctx context.Context, k *knownRows, stale map[string]map[uuid.UUID]bool, all bool) (
	out []*Change, err error) {
	total := 0
	for t, e := range k.types {
		among, whole := o.affectedRows(e, stale)
		if !all && !whole && among == nil {
			continue
		}
		if all || whole {
			among = nil
		}
		rows, err := o.readFingerprints(ctx, e, among)
		if err != nil {
			return nil, err
		}
		if total += len(rows); total > o.MaxKnownRows {
			return nil, o.tooManyRowsError()
		}
		var asked []uuid.UUID
		if among != nil {
			asked = among["id"]
		} else {
			for _, old := range k.rows[t] {
				asked = append(asked, old.id)
			}
		}
		out = o.appendChanges(out, k, t, rows, asked)
	}
	slices.SortFunc(out, func(a, b *Change) int { return slices.Compare(a.orderHash[:], b.orderHash[:]) })
	return out, nil
}

// appendChanges compares the rows of a type that were read with the known rows. A known row in asked that was not read
// has left the view.
func (o *observer) appendChanges(out []*Change, k *knownRows, t int, rows []knownRow, asked []uuid.UUID) []*Change {
	change := func(kind ChangeKind, id uuid.UUID, fingerprint uint64) {
		ch := &Change{Entity: k.types[t], ID: id, Kind: kind, typeIndex: t, fingerprint: fingerprint}
		h := hmac.New(sha256.New, o.fingerprintKey)
		h.Write([]byte(o.view.Key()))
		h.Write(id[:])
		h.Sum(ch.orderHash[:0])
		out = append(out, ch)
	}
	for _, row := range rows {
		switch k.fingerprint(t, row.id) {
		case row.fingerprint:
		case 0:
			change(Created, row.id, row.fingerprint)
		default:
			change(Changed, row.id, row.fingerprint)
		}
	}
	for _, id := range asked {
		if _, seen := slices.BinarySearchFunc(rows, id, compareKey); !seen && k.fingerprint(t, id) != 0 {
			change(Removed, id, 0)
		}
	}
	return out
}

// affectedRows finds the rows of an entity that may look different to the caller because of the stale rows. These are
// the stale rows themselves and the rows that refer to them. Among lists keys by the column that holds them. Whole
// means all rows, since the view of the entity depends on another entity that was written.
func (o *observer) affectedRows(e *model.Entity, stale map[string]map[uuid.UUID]bool) (
	among map[string][]uuid.UUID, whole bool) {
	if len(stale) == 0 {
		return nil, false
	}
	dependencies := o.viewDependencies(e)
	put := func(column, entity string) {
		rows, ok := stale[entity]
		whole = whole || ok && rows == nil || dependencies["*"] || ok && dependencies[entity]
		if !ok || whole {
			return
		}
		if among == nil {
			among = map[string][]uuid.UUID{}
		}
		among[column] = slices.Collect(maps.Keys(rows))
	}
	put("id", e.Name)
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			put(edge.Column, edge.Target)
		}
	}
	for entity := range stale {
		whole = whole || dependencies[entity]
	}
	return among, whole
}
