package changefeed

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
)

// comparedState states which of the rows that the bearer of a token knows were equal to what the caller saw at a
// position in the feed. Every difference among these rows is due to a later entry of the feed. The state saves work and
// decides nothing. Without it all rows are compared, with the same result. It is stored under a hash of the token and
// of the caller's view, and never leaves the hub, because a position in the feed counts hidden writes.
//
// It trusts that every write adds to the feed, which internal/store sees to. A write past the hub is found after
// fullComparisonInterval at the latest, or as soon as the table change_positions is emptied.
type comparedState struct {
	position    string // "" when nothing is compared
	newPosition string // the position after the entries that were read for this request
	types       []comparedType
	begunAt     time.Time // when the comparison of all rows began
	readAt      time.Time // when the position was read
	stored      bool      // the state is stored as it is
}

// comparedType is the part of a type that is compared. The zero comparedType is none of it.
type comparedType struct {
	all    bool
	before uuid.UUID // otherwise, the rows with lower keys than this
}

func (c comparedType) isNone() bool { return c == comparedType{} }

func (c comparedType) covers(id uuid.UUID) bool { return c.all || compareKeys(id, c.before) < 0 }

func (s *comparedState) clone() *comparedState {
	out := *s
	out.types = slices.Clone(s.types)
	return &out
}

const (
	// fullComparisonInterval is after how long all rows are compared once more, whatever the feed says.
	fullComparisonInterval = 7 * 24 * time.Hour
	// positionRenewalInterval is after how long a position is stored anew although nothing was written.
	positionRenewalInterval = 10 * time.Minute
	// maxPositions is the most positions of one caller. The oldest ones are deleted first.
	maxPositions = 400
)

// comparedStateKey is the key of the state of a token and the caller's view.
func (o *observer) comparedStateKey(k *knownRows) uuid.UUID {
	h := sha256.New()
	fmt.Fprintf(h, "%x %x %s %x", o.tokenBinding(k.types), o.viewDigest(k.types), k.token.checkpoint, k.token.pending)
	return uuid.UUID(h.Sum(nil)[:16])
}

// readComparedState reads the state of the token and the rows that were written since. Without a state it returns one
// in which nothing is compared, at the end of the feed.
func (o *observer) readComparedState(ctx context.Context, k *knownRows) (
	*comparedState, map[string]map[uuid.UUID]bool, error) {
	now := o.db.CurrentTime()
	s := &comparedState{types: make([]comparedType, len(k.types)), begunAt: now, readAt: now}
	stored, err := o.loadComparedState(ctx, k)
	if err != nil {
		return nil, nil, err
	}
	if stored == nil || now.Sub(stored.begunAt) > fullComparisonInterval || now.Sub(stored.readAt) > feedRetention/2 {
		s.newPosition, err = o.storedPosition(ctx)
		return s, nil, err
	}
	next, stale, all, err := o.readStoredFeed(ctx, stored.position, o.feedEntities(k.types))
	if err != nil {
		return nil, nil, err
	}
	if all {
		s.newPosition = next
		return s, nil, nil
	}
	stored.newPosition = next
	stored.stored = len(stale) == 0 && now.Sub(stored.readAt) < positionRenewalInterval
	return stored, stale, nil
}

// loadComparedState reads the stored state of the token. It returns nil when there is none.
func (o *observer) loadComparedState(ctx context.Context, k *knownRows) (s *comparedState, err error) {
	if k.open { // there is no token
		return nil, nil
	}
	c := o.caller.NewCompiler()
	err = o.caller.QueryRows(ctx, c, (&query.Fragment{}).
		Add("SELECT feed_position, compared, begun_at, read_at FROM change_positions WHERE id = ").
		Arg(o.comparedStateKey(k).String()),
		func(rows *sql.Rows) error {
			found := &comparedState{types: make([]comparedType, len(k.types))}
			var compared []byte
			var begun, read query.Value
			err := rows.Scan(&found.position, &compared, query.ScanInto(&begun, model.Time),
				query.ScanInto(&read, model.Time))
			found.begunAt, found.readAt = begun.Time, read.Time
			if err == nil && found.decodeTypes(compared) {
				s = found
			}
			return err
		})
	return s, err
}

// comparedTypeSize is the size of a type in the stored state. Its first byte is 1 when all rows are compared.
const comparedTypeSize = 1 + 16

func (s *comparedState) encodeTypes() []byte {
	b := make([]byte, 0, len(s.types)*comparedTypeSize)
	for _, t := range s.types {
		flag := byte(0)
		if t.all {
			flag = 1
		}
		b = append(append(b, flag), t.before[:]...)
	}
	return b
}

func (s *comparedState) decodeTypes(b []byte) bool {
	if len(b) != len(s.types)*comparedTypeSize {
		return false
	}
	for i := range s.types {
		at := b[i*comparedTypeSize:]
		s.types[i] = comparedType{at[0] == 1, uuid.UUID(at[1:comparedTypeSize])}
	}
	return true
}

// storeComparedState stores the state for the token that k was sealed in.
func (o *observer) storeComparedState(ctx context.Context, k *knownRows, s *comparedState) error {
	if s.stored {
		return nil
	}
	now, owner := o.db.CurrentTime(), o.view.Subject().Name
	if s.position == s.newPosition {
		s.readAt = now
	}
	if err := o.execute(ctx, (&query.Fragment{}).
		Add("INSERT INTO change_positions (id, owner, feed_position, compared, begun_at, read_at) VALUES (").
		Arg(o.comparedStateKey(k).String(), owner, s.position, s.encodeTypes(), s.begunAt, s.readAt).
		Add(") ON CONFLICT (id) DO UPDATE SET feed_position = excluded.feed_position, compared = excluded.compared,").
		Add(" begun_at = excluded.begun_at, read_at = excluded.read_at")); err != nil {
		return err
	}
	return o.execute(ctx, (&query.Fragment{}).
		Add("DELETE FROM change_positions WHERE owner = ").Arg(owner).
		Add(" AND read_at < (SELECT read_at FROM change_positions WHERE owner = ").Arg(owner).
		Add(" ORDER BY read_at DESC LIMIT 1 OFFSET ", strconv.Itoa(maxPositions), ")"))
}

// feedEntities lists the entities with rows that can alter what the caller sees of the types. It is nil for all
// entities.
func (o *observer) feedEntities(types []*model.Entity) []string {
	names := map[string]bool{}
	for _, e := range types {
		if !o.view.May(e.Name, model.Read) {
			continue
		}
		names[e.Name] = true
		maps.Copy(names, o.viewDependencies(e))
		for i := range e.Edges {
			if edge := &e.Edges[i]; edge.Kind == model.ToOne {
				names[edge.Target] = true
			}
		}
	}
	if names["*"] {
		return nil
	}
	return slices.Sorted(maps.Keys(names))
}
