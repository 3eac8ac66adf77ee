package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// The record of access has an AccessEvent for each disclosure of identifying values of class C3, and for each search by
// such values. The event is written before the values leave the hub. When it cannot be written, the read fails. An
// event holds the caller, the time, the capacity, the purpose, the operation, the type and the numbers of rows and
// cells. It never holds a value.

// Values of AccessEvent.decision.
const (
	decisionShown    = "shown"  // values were shown in clear
	decisionSearched = "sought" // rows were found, counted or ordered by such values
)

type operationKey struct{}

// WithOperation returns a context in which every read belongs to an operation. The function hash returns the hash of
// the operation, of at most 64 characters. It is called only when there is something to record.
func WithOperation(ctx context.Context, hash func() string) context.Context {
	return context.WithValue(ctx, operationKey{}, hash)
}

// seesRecordedValues reports whether the caller may see any value that requires a record. System tasks are not
// recorded.
func (s *session) seesRecordedValues() bool {
	return !s.isSystem() && s.view.Memoize("sees what is recorded", func() any {
		for _, e := range s.hub.model.Entities() {
			disclosesField := func(f model.Field) bool { return !f.Internal && s.disclosesValue(e, f.Name, f.Tag) }
			disclosesEdge := func(d model.Edge) bool { return s.disclosesValue(e, d.Name, d.Tag) }
			if slices.ContainsFunc(e.Fields, disclosesField) || slices.ContainsFunc(e.Edges, disclosesEdge) {
				return true
			}
		}
		return false
	}).(bool)
}

// disclosure is what one statement shows of one entity. It becomes one AccessEvent.
type disclosure struct {
	entity, decision string
	rows             []uuid.UUID
	clearCells       int
}

// recordAccess records what the rows of a selection disclose, and that they were found by recorded values. List is nil
// for rows that were read by their keys. Edge is nil for a list at the root.
func (s *session) recordAccess(ctx context.Context, ask *query.Selection, rows []*query.Row, list *query.List,
	edge *model.Edge) error {
	if !s.seesRecordedValues() {
		return nil
	}
	var disclosures []*disclosure
	searched := list != nil &&
		(edge != nil && s.disclosesEdge(ask.Entity, edge) || s.searchesRecordedValues(ask.Entity, list))
	if searched {
		disclosures = append(disclosures,
			&disclosure{entity: ask.Entity.Name, decision: decisionSearched, rows: rowKeys(rows)})
	}
	for _, r := range rows {
		disclosures = addDisclosures(r, ask, disclosures)
	}
	if len(disclosures) == 0 {
		return nil
	}
	return s.inTransaction(ctx, func(tx *session) error {
		return tx.withAllRows(ctx, []string{"access_events"}, func() error {
			return tx.writeAccessEvents(ctx, disclosures)
		})
	})
}

func rowKeys(rows []*query.Row) []uuid.UUID {
	keys := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		keys[i] = r.StoredKey
	}
	return keys
}

// addDisclosures adds to the list what the row shows, and what the rows at the ends of its edges to one row show. An
// edge that identifies a person counts as a value.
func addDisclosures(r *query.Row, ask *query.Selection, list []*disclosure) []*disclosure {
	cells := 0
	for i, cell := range ask.Cells {
		if cell.Derived == nil && cell.Field.Tag.IsSensitive() && !r.Cells[i].Null {
			cells++
		}
	}
	for i := range ask.ToOne {
		if one := r.ToOne[i]; one != nil {
			if ask.ToOne[i].Edge.Tag.IsSensitive() {
				cells++
			}
			list = addDisclosures(one, &ask.ToOne[i].Selection, list)
		}
	}
	if cells == 0 {
		return list
	}
	i := slices.IndexFunc(list, func(d *disclosure) bool {
		return d.entity == ask.Entity.Name && d.decision == decisionShown
	})
	if i < 0 {
		i = len(list)
		list = append(list, &disclosure{entity: ask.Entity.Name, decision: decisionShown})
	}
	list[i].rows = append(list[i].rows, r.StoredKey)
	list[i].clearCells += cells
	return list
}

// searchesRecordedValues reports whether the list filters or orders its rows by recorded values that the caller may see
// in some row. Values that the caller sees in no row count as missing, so a search by them discloses nothing.
func (s *session) searchesRecordedValues(e *model.Entity, list *query.List) bool {
	if list.Where != nil && s.predicateSearchesRecordedValues(e, list.Where) {
		return true
	}
	return slices.ContainsFunc(list.Order, func(o query.Order) bool {
		at := e
		for _, step := range o.Path {
			if s.disclosesEdge(at, step) {
				return true
			}
			at = s.hub.model.Target(step)
		}
		return o.Count != nil && s.disclosesEdge(at, o.Count) ||
			o.Field != nil && s.disclosesValue(at, o.Field.Name, o.Field.Tag)
	})
}

// predicateSearchesRecordedValues is searchesRecordedValues for one predicate on rows of an entity.
func (s *session) predicateSearchesRecordedValues(e *model.Entity, p *query.Predicate) bool {
	if p.Field != nil && s.disclosesValue(e, p.Field.Name, p.Field.Tag) {
		return true
	}
	if p.Edge != nil {
		if s.disclosesEdge(e, p.Edge) {
			return true
		}
		e = s.hub.model.Target(p.Edge)
	}
	return slices.ContainsFunc(p.Operands, func(operand query.Predicate) bool {
		return s.predicateSearchesRecordedValues(e, &operand)
	})
}

// disclosesValue reports whether a value requires a record and may be clear to the caller in some row.
func (s *session) disclosesValue(e *model.Entity, name string, tag model.Tag) bool {
	return tag.IsSensitive() && s.view.ClearWhere(e.Name, name, tag).Op != access.False
}

// disclosesEdge is disclosesValue for an edge from rows of an entity. The references of an edge to many rows are stored
// in the rows at its other end, so the view of those rows decides.
func (s *session) disclosesEdge(e *model.Entity, edge *model.Edge) bool {
	if edge.Kind != model.ToOne {
		e = s.hub.model.Target(edge)
	}
	return s.disclosesValue(e, edge.Name, edge.Tag)
}

// writeAccessEvents adds the disclosures to the record.
func (s *session) writeAccessEvents(ctx context.Context, disclosures []*disclosure) error {
	subject, now := s.view.Subject(), time.Now().UTC().Truncate(time.Microsecond)
	operation := ""
	if hash, ok := ctx.Value(operationKey{}).(func() string); ok {
		operation = hash()
	}
	for _, d := range disclosures {
		e := s.hub.model.Entity("AccessEvent")
		w := &rowWrite{session: s, entity: e, id: uuid.New(), action: model.Create, now: now}
		n, err := s.nextRecordNumber(ctx, now)
		if err != nil {
			return err
		}
		for column, value := range map[string]any{
			"sequence":       n,
			"at":             now,
			"actor":          s.hub.model.Entity("User").ID(subject.User),
			"capacity":       s.actingCapacity(),
			"operation_hash": operation,
			"entity":         d.entity,
			"decision":       d.decision,
			"policy_version": s.view.Version(),
			"subjects":       s.hub.rowCommitments(d),
			"rows":           len(d.rows),
			"clear_cells":    d.clearCells,
		} {
			w.setColumn(column, value)
		}
		if subject.Purpose != "" {
			w.setColumn("purpose", subject.Purpose)
		}
		if err := w.saveRow(ctx); err != nil {
			return err
		}
	}
	return nil
}

// nextRecordNumber returns the number of the next event of the record.
func (s *session) nextRecordNumber(ctx context.Context, now time.Time) (n int, err error) {
	each := func(rows *sql.Rows) error { return rows.Scan(&n) }
	insert := (&query.Fragment{}).Add("INSERT INTO record_numbers (at) VALUES (").Arg(now).Add(") RETURNING id")
	if err := s.queryRows(ctx, s.newCompiler(), insert, each); err != nil {
		return 0, err
	}
	remove := (&query.Fragment{}).Add("DELETE FROM record_numbers WHERE id = ").Arg(n)
	return n, s.queryRows(ctx, s.newCompiler(), remove, each)
}

// actingCapacity returns what gives the caller the right to read. This is the audit grant, or the caller's current
// roles with "emergency" added when the caller has an open emergency access.
func (s *session) actingCapacity() string {
	subject := s.view.Subject()
	if subject.ActingGrant != nil {
		return s.hub.model.Entity("AuditGrant").ID(subject.ActingGrant.ID)
	}
	var roles []string
	for _, a := range subject.Assignments {
		roles = append(roles, a.Role)
	}
	if slices.Sort(roles); len(subject.Emergency) > 0 {
		roles = append(roles, "emergency")
	}
	text := strings.Join(slices.Compact(roles), " ")
	return text[:min(len(text), maxTextLength(s.hub.model.Entity("AccessEvent").Field("capacity")))]
}

// rowCommitments returns a keyed hash for each row. With the key of a row and the hub's secret, one can find the row in
// the record. Nobody can read the row's key out of the record.
func (h *Hub) rowCommitments(d *disclosure) []string {
	out, key := make([]string, len(d.rows)), h.secret.Derive("access record")
	for i, row := range d.rows {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(d.entity + " " + row.String()))
		out[i] = hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return out
}
