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

	entschema "entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// The record of access: whoever is shown values of C3 that identify, or asks for rows by them, is written down before
// anything of it leaves the hub, in AccessEvent. What cannot be written down is not shown. It says who, when, in which
// capacity, for what, by which operation, of which type and how much; never a value.

// What an AccessEvent says was decided.
const (
	shown  = "shown"  // values in clear
	sought = "sought" // rows were found, counted or ordered by such values
)

type operationKey struct{}

// WithOperation returns a context in which what is read belongs to an operation. Its print is asked for only where there is
// something to record; it has at most 64 characters.
func WithOperation(ctx context.Context, print func() string) context.Context {
	return context.WithValue(ctx, operationKey{}, print)
}

// recorded reports whether the tag is of values that are shown to nobody without a record of it.
func recorded(tag model.Tag) bool {
	return tag.Level == classification.C3 && tag.Ident != classification.None
}

// seesRecorded reports whether any such value may be shown to the caller at all. The hub's own tasks are no callers.
func (s *caller) seesRecorded() bool {
	return !s.system() && s.view.Once("sees what is recorded", func() any {
		for _, e := range s.hub.model.Entities() {
			if slices.ContainsFunc(e.Fields, func(f model.Field) bool { return !f.Internal && s.tells(e, f.Name, f.Tag) }) ||
				slices.ContainsFunc(e.Edges, func(d model.Edge) bool { return s.tells(e, d.Name, d.Tag) }) {
				return true
			}
		}
		return false
	}).(bool)
}

// sight is what one statement shows of an entity.
type sight struct {
	entity, decision string
	rows             []uuid.UUID
	cells            int
}

// record writes down what rows of the Ask show, and that they were sought by such values; list is nil where they were asked
// for by their keys, edge where the list does not hang on one.
func (s *caller) record(ctx context.Context, ask *Ask, rows []*Row, list *List, edge *model.Edge) error {
	if !s.seesRecorded() {
		return nil
	}
	var sights []*sight
	if list != nil && (edge != nil && s.tellsOf(ask.Entity, edge) || s.seeks(ask.Entity, list)) {
		sights = append(sights, &sight{entity: ask.Entity.Name, decision: sought, rows: rowKeys(rows)})
	}
	for _, r := range rows {
		sights = r.sights(ask, sights)
	}
	if len(sights) == 0 {
		return nil
	}
	return s.within(ctx, func(tx *caller) error {
		return tx.widened(ctx, []string{"access_events"}, func() error { return tx.enter(ctx, sights) })
	})
}

func rowKeys(rows []*Row) []uuid.UUID {
	keys := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		keys[i] = r.key
	}
	return keys
}

// sights adds what the row, and those at the ends of its edges to one, show. An edge that identifies is a value too.
func (r *Row) sights(ask *Ask, list []*sight) []*sight {
	cells := 0
	for i, cell := range ask.Cells {
		if cell.Derived == nil && recorded(cell.Field.Tag) && !r.Cells[i].Null {
			cells++
		}
	}
	for i := range ask.One {
		if one := r.One[i]; one != nil {
			if recorded(ask.One[i].Edge.Tag) {
				cells++
			}
			list = one.sights(&ask.One[i].Ask, list)
		}
	}
	if cells == 0 {
		return list
	}
	i := slices.IndexFunc(list, func(s *sight) bool { return s.entity == ask.Entity.Name && s.decision == shown })
	if i < 0 {
		i = len(list)
		list = append(list, &sight{entity: ask.Entity.Name, decision: shown})
	}
	list[i].rows = append(list[i].rows, r.key)
	list[i].cells += cells
	return list
}

// seeks reports whether the list asks for rows by values that are recorded, where the caller sees any of them: elsewhere they
// count as missing, and asking tells nothing.
func (s *caller) seeks(e *model.Entity, list *List) bool {
	if list.Where != nil && s.seeksBy(e, list.Where) {
		return true
	}
	return slices.ContainsFunc(list.Order, func(o Order) bool {
		at := e
		for _, step := range o.Path {
			if s.tellsOf(at, step) {
				return true
			}
			at = s.hub.model.Target(step)
		}
		return o.Count != nil && s.tellsOf(at, o.Count) || o.Field != nil && s.tells(at, o.Field.Name, o.Field.Tag)
	})
}

func (s *caller) seeksBy(e *model.Entity, p *Pred) bool {
	if p.Field != nil && s.tells(e, p.Field.Name, p.Field.Tag) {
		return true
	}
	if p.Edge != nil {
		if s.tellsOf(e, p.Edge) {
			return true
		}
		e = s.hub.model.Target(p.Edge)
	}
	return slices.ContainsFunc(p.Kids, func(k Pred) bool { return s.seeksBy(e, &k) })
}

// tells reports whether a value is recorded, and clear to the caller in any row.
func (s *caller) tells(e *model.Entity, name string, tag model.Tag) bool {
	return recorded(tag) && s.view.Clear(e.Name, name, tag).Op != access.False
}

// tellsOf reports the same of an edge from rows of an entity. The rows at the other end of an edge to many hold its references.
func (s *caller) tellsOf(e *model.Entity, edge *model.Edge) bool {
	if edge.Kind != model.ToOne {
		e = s.hub.model.Target(edge)
	}
	return s.tells(e, edge.Name, edge.Tag)
}

// enter adds the sights to the record.
func (s *caller) enter(ctx context.Context, sights []*sight) error {
	subject, now := s.view.Subject(), time.Now().UTC().Truncate(time.Microsecond)
	operation := ""
	if print, ok := ctx.Value(operationKey{}).(func() string); ok {
		operation = print()
	}
	for _, seen := range sights {
		w := &write{caller: s, entity: s.hub.model.Entity("AccessEvent"), id: uuid.New(), action: model.Create, now: now}
		n, err := s.number(ctx, now)
		if err != nil {
			return err
		}
		for column, value := range map[string]any{
			"sequence": n, "at": now, "actor": s.hub.model.Entity("User").ID(subject.User), "capacity": s.capacity(),
			"operation_hash": operation, "entity": seen.entity, "decision": seen.decision, "policy_version": s.view.Version(),
			"subjects": s.hub.commitments(seen), "rows": len(seen.rows), "clear_cells": seen.cells} {
			w.set(column, value)
		}
		if subject.Purpose != "" {
			w.set("purpose", subject.Purpose)
		}
		if err := w.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// numbersTable counts the record. It holds no row: what it gives are the numbers, upwards, without a lock. Numbers of the feed
// would tell how much was written in between.
func numbersTable() *entschema.Table {
	id := &entschema.Column{Name: "id", Type: field.TypeInt64, Increment: true}
	return &entschema.Table{Name: "record_numbers", PrimaryKey: []*entschema.Column{id}, Columns: []*entschema.Column{id, {Name: "at", Type: field.TypeTime}}}
}

// number is the next of the record.
func (s *caller) number(ctx context.Context, now time.Time) (n int, err error) {
	each := func(rows *sql.Rows) error { return rows.Scan(&n) }
	if err := s.query(ctx, s.compiler(), (&part{}).add("INSERT INTO record_numbers (at) VALUES (").arg(now).add(") RETURNING id"), each); err != nil {
		return 0, err
	}
	return n, s.query(ctx, s.compiler(), (&part{}).add("DELETE FROM record_numbers WHERE id = ").arg(n), each)
}

// capacity is what gives the caller the right: the grant, or the roles that count now, and any open emergency.
func (s *caller) capacity() string {
	subject := s.view.Subject()
	if subject.Acting != nil {
		return s.hub.model.Entity("AuditGrant").ID(subject.Acting.ID)
	}
	var roles []string
	for _, a := range subject.Assignments {
		roles = append(roles, a.Role)
	}
	if slices.Sort(roles); len(subject.Emergency) > 0 {
		roles = append(roles, "emergency")
	}
	text := strings.Join(slices.Compact(roles), " ")
	return text[:min(len(text), limit(s.hub.model.Entity("AccessEvent").Field("capacity")))]
}

// commitments are keyed prints of the rows: whoever knows a row and the hub's secret finds it in the record, nobody reads
// it out of the record.
func (h *Hub) commitments(seen *sight) []string {
	out, key := make([]string, len(seen.rows)), h.secret.Derive("access record")
	for i, row := range seen.rows {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(seen.entity + " " + row.String()))
		out[i] = hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return out
}
