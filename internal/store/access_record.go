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
	"rightshub/internal/classification"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// The record of access: whoever is shown values of C3 that identify, or asks for rows by them, is written down before
// anything of it leaves the hub, in AccessEvent. What cannot be written down is not shown. It says who, when, in which
// capacity, for what, by which operation, of which type and how much; never a value.

// What an AccessEvent says was decided.
const (
	decisionShown    = "shown"  // values in clear
	decisionSearched = "sought" // rows were found, counted or ordered by such values
)

type operationKey struct{}

// WithOperation returns a context in which what is read belongs to an operation. Its print is asked for only where there is
// something to record; it has at most 64 characters.
func WithOperation(ctx context.Context, print func() string) context.Context {
	return context.WithValue(ctx, operationKey{}, print)
}

// requiresAccessRecord reports whether the tag is of values that are shown to nobody without a record of it.
func requiresAccessRecord(tag model.Tag) bool {
	return tag.Level == classification.C3 && tag.Ident != classification.None
}

// seesRecordedValues reports whether any such value may be shown to the caller at all. The hub's own tasks are no callers.
func (s *session) seesRecordedValues() bool {
	return !s.isSystem() && s.view.Memoize("sees what is recorded", func() any {
		for _, e := range s.hub.model.Entities() {
			if slices.ContainsFunc(e.Fields, func(f model.Field) bool { return !f.Internal && s.disclosesValue(e, f.Name, f.Tag) }) ||
				slices.ContainsFunc(e.Edges, func(d model.Edge) bool { return s.disclosesValue(e, d.Name, d.Tag) }) {
				return true
			}
		}
		return false
	}).(bool)
}

// disclosure is what one statement shows of an entity.
type disclosure struct {
	entity, decision string
	rows             []uuid.UUID
	clearCells       int
}

// recordAccess writes down what rows of the Ask show, and that they were sought by such values; list is nil where they were asked
// for by their keys, edge where the list does not hang on one.
func (s *session) recordAccess(ctx context.Context, ask *query.Selection, rows []*query.Row, list *query.List, edge *model.Edge) error {
	if !s.seesRecordedValues() {
		return nil
	}
	var sights []*disclosure
	if list != nil && (edge != nil && s.disclosesEdge(ask.Entity, edge) || s.searchesRecordedValues(ask.Entity, list)) {
		sights = append(sights, &disclosure{entity: ask.Entity.Name, decision: decisionSearched, rows: rowKeys(rows)})
	}
	for _, r := range rows {
		sights = addDisclosures(r, ask, sights)
	}
	if len(sights) == 0 {
		return nil
	}
	return s.inTransaction(ctx, func(tx *session) error {
		return tx.withAllRows(ctx, []string{"access_events"}, func() error { return tx.writeAccessEvents(ctx, sights) })
	})
}

func rowKeys(rows []*query.Row) []uuid.UUID {
	keys := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		keys[i] = r.StoredKey
	}
	return keys
}

// addDisclosures adds what the row, and those at the ends of its edges to one, show. An edge that identifies is a value too.
func addDisclosures(r *query.Row, ask *query.Selection, list []*disclosure) []*disclosure {
	cells := 0
	for i, cell := range ask.Cells {
		if cell.Derived == nil && requiresAccessRecord(cell.Field.Tag) && !r.Cells[i].Null {
			cells++
		}
	}
	for i := range ask.ToOne {
		if one := r.ToOne[i]; one != nil {
			if requiresAccessRecord(ask.ToOne[i].Edge.Tag) {
				cells++
			}
			list = addDisclosures(one, &ask.ToOne[i].Selection, list)
		}
	}
	if cells == 0 {
		return list
	}
	i := slices.IndexFunc(list, func(s *disclosure) bool { return s.entity == ask.Entity.Name && s.decision == decisionShown })
	if i < 0 {
		i = len(list)
		list = append(list, &disclosure{entity: ask.Entity.Name, decision: decisionShown})
	}
	list[i].rows = append(list[i].rows, r.StoredKey)
	list[i].clearCells += cells
	return list
}

// searchesRecordedValues reports whether the list asks for rows by values that are recorded, where the caller sees any of them: elsewhere they
// count as missing, and asking tells nothing.
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
		return o.Count != nil && s.disclosesEdge(at, o.Count) || o.Field != nil && s.disclosesValue(at, o.Field.Name, o.Field.Tag)
	})
}

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
	return slices.ContainsFunc(p.Operands, func(k query.Predicate) bool { return s.predicateSearchesRecordedValues(e, &k) })
}

// disclosesValue reports whether a value is recorded, and clear to the caller in any row.
func (s *session) disclosesValue(e *model.Entity, name string, tag model.Tag) bool {
	return requiresAccessRecord(tag) && s.view.ClearWhere(e.Name, name, tag).Op != access.False
}

// disclosesEdge reports the same of an edge from rows of an entity. The rows at the other end of an edge to many hold its references.
func (s *session) disclosesEdge(e *model.Entity, edge *model.Edge) bool {
	if edge.Kind != model.ToOne {
		e = s.hub.model.Target(edge)
	}
	return s.disclosesValue(e, edge.Name, edge.Tag)
}

// writeAccessEvents adds the sights to the record.
func (s *session) writeAccessEvents(ctx context.Context, sights []*disclosure) error {
	subject, now := s.view.Subject(), time.Now().UTC().Truncate(time.Microsecond)
	operation := ""
	if print, ok := ctx.Value(operationKey{}).(func() string); ok {
		operation = print()
	}
	for _, seen := range sights {
		w := &rowWrite{session: s, entity: s.hub.model.Entity("AccessEvent"), id: uuid.New(), action: model.Create, now: now}
		n, err := s.nextRecordNumber(ctx, now)
		if err != nil {
			return err
		}
		for column, value := range map[string]any{
			"sequence": n, "at": now, "actor": s.hub.model.Entity("User").ID(subject.User), "capacity": s.actingCapacity(),
			"operation_hash": operation, "entity": seen.entity, "decision": seen.decision, "policy_version": s.view.Version(),
			"subjects": s.hub.rowCommitments(seen), "rows": len(seen.rows), "clear_cells": seen.clearCells} {
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

// nextRecordNumber is the next of the record.
func (s *session) nextRecordNumber(ctx context.Context, now time.Time) (n int, err error) {
	each := func(rows *sql.Rows) error { return rows.Scan(&n) }
	if err := s.queryRows(ctx, s.newCompiler(), (&query.Fragment{}).Add("INSERT INTO record_numbers (at) VALUES (").Arg(now).Add(") RETURNING id"), each); err != nil {
		return 0, err
	}
	return n, s.queryRows(ctx, s.newCompiler(), (&query.Fragment{}).Add("DELETE FROM record_numbers WHERE id = ").Arg(n), each)
}

// actingCapacity is what gives the caller the right: the grant, or the roles that count now, and any open emergency.
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

// rowCommitments are keyed prints of the rows: whoever knows a row and the hub's secret finds it in the record, nobody reads
// it out of the record.
func (h *Hub) rowCommitments(seen *disclosure) []string {
	out, key := make([]string, len(seen.rows)), h.secret.Derive("access record")
	for i, row := range seen.rows {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(seen.entity + " " + row.String()))
		out[i] = hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return out
}
