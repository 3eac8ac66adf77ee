package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// MaxKnown is the most rows that changes are followed on at once, over all types that are asked for.
const MaxKnown = 100_000

// lookAtOnce is how many rows one statement looks at.
const lookAtOnce = 2000

// entry is a row that a caller knows by its own key, with the print of what the caller sees of it.
type entry struct {
	id    uuid.UUID
	print uint64 // never 0
}

func byKey(e entry, id uuid.UUID) int { return slices.Compare(e.id[:], id[:]) }

// content asks for everything that makes a row what it is to the caller: its cells, which of them are masked, and the
// visible rows that it refers to. The version and the time of the last write are left out: they move with cells that
// the caller may not see.
func content(m *model.Model, e *model.Entity) *Ask {
	ask := &Ask{Entity: e, Masked: true}
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Internal || f.Column == "version" || f.Column == "updated_at" {
			continue
		}
		ask.Cells = append(ask.Cells, Cell{Field: f})
		for j := range f.Derived {
			ask.Cells = append(ask.Cells, Cell{Field: f, Derived: &f.Derived[j]})
		}
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			ask.One = append(ask.One, AskOne{Edge: edge, Ask: Ask{Entity: m.Target(edge)}})
		}
	}
	return ask
}

// print is a short keyed hash of a row as the caller sees it.
func (h *Hub) print(r *Row) uint64 {
	b := make([]byte, 0, 512)
	b = append(b, h.prints...)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for i := range r.Cells {
		v := &r.Cells[i]
		if v.Null {
			b = append(b, 0)
			continue
		}
		b = append(b, 1)
		text(v.Text)
		b = binary.AppendVarint(b, v.Int)
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(v.Float))
		if !v.Time.IsZero() {
			b = binary.AppendVarint(b, v.Time.UnixMicro())
		}
	}
	for _, m := range r.Masked {
		text(m)
	}
	for _, one := range r.One {
		if one == nil {
			b = append(b, 0)
			continue
		}
		b = append(append(b, 1), one.key[:]...)
	}
	sum := sha256.Sum256(b)
	return max(binary.BigEndian.Uint64(sum[:8]), 1)
}

// look reads the prints of the rows that the caller sees, in the order of their keys. Among narrows them to those of
// a column with one of the keys; none: all rows.
func (s *caller) look(ctx context.Context, e *model.Entity, among map[string][]uuid.UUID) (out []entry, err error) {
	err = s.reading(ctx, func(s *caller) (err error) {
		out, err = s.looked(ctx, e, among)
		return err
	})
	return out, err
}

func (s *caller) looked(ctx context.Context, e *model.Entity, among map[string][]uuid.UUID) (out []entry, err error) {
	if !s.view.May(e.Name, model.Read) {
		return nil, nil
	}
	for after := (*uuid.UUID)(nil); ; {
		c := s.compiler()
		t := c.alias()
		var dest []any
		cols, joins := &part{}, &part{}
		ask := content(s.hub.model, e)
		r := c.columns(ask, t, cols, joins, &dest)
		p := (&part{}).add("SELECT ").sub(cols).add(" FROM ", table(e, t)).sub(joins).add(" WHERE ").sub(c.visible(e, t))
		if among != nil {
			p.add(" AND (1=0")
			for _, column := range slices.Sorted(maps.Keys(among)) {
				p.add(" OR ").sub(c.among(col(t, column), among[column]))
			}
			p.add(")")
		}
		if after != nil {
			p.add(" AND ", col(t, "id"), " > ").arg(after.String())
		}
		p.add(" ORDER BY ", col(t, "id"), " LIMIT ", strconv.Itoa(lookAtOnce))
		n := 0
		err = s.query(ctx, c, p, func(rows *sql.Rows) error {
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			n++
			row := r.row()
			out = append(out, entry{row.key, s.hub.print(row)})
			return nil
		})
		if err != nil || n < lookAtOnce {
			return out, err
		}
		if len(out) > s.hub.most {
			return nil, s.hub.tooMany()
		}
		after = &out[len(out)-1].id
	}
}

func (h *Hub) tooMany() error {
	return fault.New(fault.TooLarge, "You see more than %d rows of these types: ask for fewer types at once.", h.most)
}

// reach lists the entities on whose rows it depends which rows of e the caller sees, which cells of them are clear,
// and which rows they refer to, e itself only where it is reached over an edge. "*" stands for all.
func (s *caller) reach(e *model.Entity) map[string]bool {
	into := map[string]bool{}
	s.conditions(e, into)
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			s.conditions(s.hub.model.Target(edge), into)
		}
	}
	return into
}

func (s *caller) conditions(e *model.Entity, into map[string]bool) {
	c := s.compiler()
	s.reaches(e, s.view.Rows(e.Name, model.Read), into)
	for i := range e.Fields {
		clear, _ := c.clear(e, &e.Fields[i])
		s.reaches(e, clear, into)
		for j := range e.Fields[i].Derived {
			shown, _ := c.generalises(e, &e.Fields[i], &e.Fields[i].Derived[j])
			s.reaches(e, shown, into)
		}
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			clear, _ := c.follows(e, edge)
			s.reaches(e, clear, into)
		}
	}
}

func (s *caller) reaches(e *model.Entity, c access.Cond, into map[string]bool) {
	switch c.Op {
	case access.True, access.False, access.In, access.Is, access.Within, access.Lasting:
	case access.Agreed:
		into["CaseFile"], into["Consent"] = true, true
	case access.Covered:
		into["Consent"] = true
	case access.Referred:
		into["Referral"], into["CaseFile"], into["Consent"] = true, true, true
	case access.And, access.Or, access.Not:
		for _, k := range c.Kids {
			s.reaches(e, k, into)
		}
	case access.Via:
		edge := e.Edge(c.Edge)
		target := s.hub.model.Target(edge)
		into[target.Name] = true
		if edge.Via != "" {
			into[edge.Via] = true
		}
		s.reaches(target, c.Kids[0], into)
	default:
		into["*"] = true // a condition that this file does not know may depend on anything
	}
}
