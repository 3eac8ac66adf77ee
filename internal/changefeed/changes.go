package changefeed

import (
	"context"
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
}

// Changes is a page of what changed in a caller's view since a token.
type Changes struct {
	List  []*Change
	Token string // the token of what the caller knows after the page
	More  bool   // there are more changes after Token
}

// MaxChanges is the most changes of one page.
const MaxChanges = 1000

// Changes reads what changed in the caller's view of the types since a token. Its answer depends on nothing but what
// the caller knows by the token and what the caller sees now. It is the first differences between the two, in the order
// of types and keys. The feed and comparedState only say which rows need no comparison, because they are known to be
// equal. So neither the changes, nor their order, nor the ends of their pages, nor the token can disclose anything
// else. A page costs what it sends and what was written meanwhile. A change of the rights costs one comparison of
// all rows, which the pages share.
func (f *Feed) Changes(ctx context.Context, caller Caller, types []*model.Entity, token string, first int) (
	*Changes, error) {
	o := f.newObserver(caller)
	types, err := o.resolveChangeTypes(types)
	if err != nil {
		return nil, err
	}
	k, err := o.openChangesToken(types, token)
	if err != nil {
		return nil, err
	}
	renews := token == "" || k.token.day+checkpointRenewalDays < unixDay(time.Now())
	state, stale, err := o.readComparedState(ctx, k)
	if err != nil {
		return nil, err
	}
	list, next, err := o.findDifferences(ctx, k, state, stale, first)
	if err != nil {
		return nil, err
	}
	out := &Changes{List: list, Token: token}
	if len(list) > first {
		out.List, out.More = list[:first], true
	}
	if len(out.List) > 0 || renews {
		if err := o.openKnownRows(ctx, k); err != nil {
			return nil, err
		}
	}
	for _, ch := range out.List {
		k.set(ch.typeIndex, knownRow{ch.ID, ch.fingerprint})
	}
	if len(out.List) > 0 && k.countRows() > o.MaxKnownRows {
		return nil, o.tooManyRowsError(o.MaxKnownRows)
	}
	if err := o.chargeChanges(ctx, out.List); err != nil {
		return nil, err
	}
	if len(out.List) > 0 || renews {
		if out.Token, err = o.sealChangesToken(ctx, k, out.More); err != nil {
			return nil, err
		}
	}
	next.stored = state.stored && len(list) == 0 && !renews && slices.Equal(next.types, state.types)
	return out, o.storeComparedState(ctx, k, next)
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

// diffKnownRows finds the differences between what the caller knows and what the caller sees, in the order of types and
// keys. It compares the stale rows and all rows of the types that depend on them, or everything when all is true. All
// known rows must be read.
func (o *observer) diffKnownRows(ctx context.Context, k *knownRows, stale map[string]map[uuid.UUID]bool, all bool) (
	out []*Change, err error) {
	total, atMost := 0, min(o.MaxKnownRows, maxRowsPerWatch)
	for t, e := range k.types {
		among, whole := o.affectedRows(e, stale)
		if all || whole {
			rows, err := o.readAllFingerprints(ctx, e, atMost)
			if err != nil {
				return nil, err
			}
			if total += len(rows); total > atMost {
				return nil, o.tooManyRowsError(atMost)
			}
			out = k.appendDifferences(out, t, rows, k.rowsFrom(t, uuid.UUID{}, nil))
			continue
		}
		if among != nil {
			found, err := o.compareStale(ctx, k, t, among)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	return out, nil
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
