package store

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
	"rightshub/internal/query"
)

// ChangeKind is what happened to a row in a caller's view.
type ChangeKind string

const (
	Created ChangeKind = "CREATED" // it came into the view
	Changed ChangeKind = "CHANGED" // something that the caller sees of it is another
	Removed ChangeKind = "REMOVED" // it left the view
)

// Change is one change in a caller's view. It holds nothing of the row.
type Change struct {
	Entity *model.Entity
	ID     uuid.UUID
	Kind   ChangeKind
	Token  string // of a Watch: what the caller knows after it

	typeIndex   int // of the entity among the types
	fingerprint uint64
	orderHash   [sha256.Size]byte
}

// Changes are what changed in a caller's view since a token.
type Changes struct {
	List  []*Change
	Token string // what the caller knows after them
	More  bool   // more has changed: ask again with the token
}

// MaxChanges is the most changes of one page.
const MaxChanges = 1000

// Changes implements Session. It compares what the token says that the caller knows with what the caller sees now, so
// that nothing else can show: neither in the changes nor in where their pages end nor in the token.
func (s *session) Changes(ctx context.Context, types []*model.Entity, token string, first int) (*Changes, error) {
	types, err := s.resolveChangeTypes(types)
	if err != nil {
		return nil, err
	}
	k, err := s.openChangesToken(ctx, types, token)
	if err != nil {
		return nil, err
	}
	list, err := s.diffKnownRows(ctx, k, nil, true)
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
	if err := s.chargeChanges(ctx, out.List); err != nil {
		return nil, err
	}
	if len(out.List) > 0 || token == "" || k.tokenDay+checkpointRenewalDays < unixDay(time.Now()) {
		out.Token, err = s.sealChangesToken(ctx, k)
	}
	return out, err
}

// resolveChangeTypes are the types asked for, each once and in the order of their names; none asked for: all that can be followed. Which
// of them the caller may read is not looked at here: a type without visible rows has no changes. Rows under pseudonyms are
// not followed: whoever has two grants would find the same row in both by when it changes.
func (s *session) resolveChangeTypes(types []*model.Entity) ([]*model.Entity, error) {
	unnamed := func(e *model.Entity) bool { return s.view.PseudonymKey(e.Name) != "" }
	if len(types) == 0 {
		return slices.DeleteFunc(slices.Clone(s.hub.model.Entities()), unnamed), nil
	}
	if i := slices.IndexFunc(types, unnamed); i >= 0 {
		return nil, fault.InvalidField("types", "names %s, whose rows have pseudonyms under your audit grant: their changes are not told. Read the rows again.", types[i].Name)
	}
	types = slices.Clone(types)
	slices.SortFunc(types, func(a, b *model.Entity) int { return strings.Compare(a.Name, b.Name) })
	return slices.Compact(types), nil
}

// chargeChanges takes the changes from the day's budget of an auditor, as rows that are shown; that there is none is an answer too.
func (s *session) chargeChanges(ctx context.Context, list []*Change) error {
	var shown []*query.Row
	for _, ch := range list {
		if ch.Kind != Removed {
			shown = append(shown, &query.Row{})
		}
	}
	none := 0
	if len(shown) == 0 {
		none = 1
	}
	return s.inReadTransaction(ctx, func(s *session) error { return s.chargeAuditBudget(ctx, shown, none) })
}

// diffKnownRows finds where what the caller knows and what the caller sees differ: in the dirty rows, and in all rows of
// the types that depend on them. All: everywhere. The order tells nothing about keys or times.
func (s *session) diffKnownRows(ctx context.Context, k *knownRows, dirty map[string]map[uuid.UUID]bool, all bool) (out []*Change, err error) {
	total := 0
	for t, e := range k.types {
		among, whole := s.affectedRows(e, dirty)
		if !all && !whole && among == nil {
			continue
		}
		if all || whole {
			among = nil
		}
		rows, err := s.readFingerprints(ctx, e, among)
		if err != nil {
			return nil, err
		}
		if total += len(rows); total > s.hub.maxKnownRows {
			return nil, s.hub.tooManyRowsError()
		}
		var asked []uuid.UUID
		if among != nil {
			asked = among["id"]
		} else {
			for _, old := range k.rows[t] {
				asked = append(asked, old.id)
			}
		}
		out = s.appendChanges(out, k, t, rows, asked)
	}
	slices.SortFunc(out, func(a, b *Change) int { return slices.Compare(a.orderHash[:], b.orderHash[:]) })
	return out, nil
}

// appendChanges compares rows that were read with what is known; asked for and not read means that a row left the view.
func (s *session) appendChanges(out []*Change, k *knownRows, t int, rows []knownRow, asked []uuid.UUID) []*Change {
	change := func(kind ChangeKind, id uuid.UUID, print uint64) {
		ch := &Change{Entity: k.types[t], ID: id, Kind: kind, typeIndex: t, fingerprint: print}
		h := hmac.New(sha256.New, s.hub.fingerprintKey)
		h.Write([]byte(s.view.Key()))
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

// affectedRows says which rows of an entity may look different because of what was written: those rows, and those that
// refer to them; all of them where the view of the entity depends on another entity that was written.
func (s *session) affectedRows(e *model.Entity, dirty map[string]map[uuid.UUID]bool) (among map[string][]uuid.UUID, whole bool) {
	if len(dirty) == 0 {
		return nil, false
	}
	reach := s.viewDependencies(e)
	put := func(column, entity string) {
		rows, ok := dirty[entity]
		if whole = whole || ok && rows == nil || reach["*"] || ok && reach[entity]; !ok || whole {
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
	for entity := range dirty {
		whole = whole || reach[entity]
	}
	return among, whole
}
