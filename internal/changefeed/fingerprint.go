package changefeed

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
	"rightshub/internal/query"
)

// fingerprintBatchSize is how many rows one statement reads.
const fingerprintBatchSize = 2000

// knownRow is a row that a caller knows, by its stored key, with the fingerprint of what the caller sees of it.
type knownRow struct {
	id          uuid.UUID
	fingerprint uint64 // never 0
}

func compareKey(e knownRow, id uuid.UUID) int { return slices.Compare(e.id[:], id[:]) }

// contentSelection selects everything that a caller can see of a row. This is its cells, which cells are masked, and
// the visible rows that it refers to. The version and the time of the last write are left out, because they also change
// with cells that the caller may not see.
func contentSelection(m *model.Model, e *model.Entity) *query.Selection {
	ask := &query.Selection{Entity: e, Masked: true}
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Internal || f.Column == "version" || f.Column == "updated_at" {
			continue
		}
		ask.Cells = append(ask.Cells, query.Cell{Field: f})
		for j := range f.Derived {
			ask.Cells = append(ask.Cells, query.Cell{Field: f, Derived: &f.Derived[j]})
		}
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			target := query.Selection{Entity: m.Target(edge)}
			ask.ToOne = append(ask.ToOne, query.ToOneSelection{Edge: edge, Selection: target})
		}
	}
	return ask
}

// rowFingerprint returns a short keyed hash of a row as the caller sees it. It is never 0.
func (f *Feed) rowFingerprint(r *query.Row) uint64 {
	b := make([]byte, 0, 512)
	b = append(b, f.fingerprintKey...)
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
	for _, one := range r.ToOne {
		if one == nil {
			b = append(b, 0)
			continue
		}
		b = append(append(b, 1), one.StoredKey[:]...)
	}
	sum := sha256.Sum256(b)
	return max(binary.BigEndian.Uint64(sum[:8]), 1)
}

// readFingerprints reads the fingerprints of the rows that the caller sees, in the order of their keys. Among limits
// the rows to those with one of the keys in its column, in at least one of the columns. Nil means all rows.
func (o *observer) readFingerprints(ctx context.Context, e *model.Entity, among map[string][]uuid.UUID) (
	out []knownRow, err error) {
	err = o.caller.InReadTransaction(ctx, func(inside Caller) (err error) {
		out, err = o.newObserver(inside).queryFingerprints(ctx, e, among)
		return err
	})
	return out, err
}

// queryFingerprints is readFingerprints within the current transaction.
func (o *observer) queryFingerprints(ctx context.Context, e *model.Entity, among map[string][]uuid.UUID) (
	out []knownRow, err error) {
	if !o.view.May(e.Name, model.Read) {
		return nil, nil
	}
	for after := (*uuid.UUID)(nil); ; {
		c := o.caller.NewCompiler()
		t := c.NewAlias()
		var dest []any
		cols, joins := &query.Fragment{}, &query.Fragment{}
		ask := contentSelection(o.model, e)
		r := c.SelectColumns(ask, t, cols, joins, &dest)
		p := (&query.Fragment{}).Add("SELECT ").Sub(cols).
			Add(" FROM ", query.TableAs(e, t)).Sub(joins).Add(" WHERE ").Sub(c.VisibleRows(e, t))
		if among != nil {
			p.Add(" AND (1=0")
			for _, column := range slices.Sorted(maps.Keys(among)) {
				p.Add(" OR ").Sub(c.ColumnInKeys(query.Col(t, column), among[column]))
			}
			p.Add(")")
		}
		if after != nil {
			p.Add(" AND ", query.Col(t, "id"), " > ").Arg(after.String())
		}
		p.Add(" ORDER BY ", query.Col(t, "id"), " LIMIT ", strconv.Itoa(fingerprintBatchSize))
		n := 0
		err = o.caller.QueryRows(ctx, c, p, func(rows *sql.Rows) error {
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			n++
			row := r.TakeRow()
			out = append(out, knownRow{row.StoredKey, o.rowFingerprint(row)})
			return nil
		})
		if err != nil || n < fingerprintBatchSize {
			return out, err
		}
		if len(out) > o.MaxKnownRows {
			return nil, o.tooManyRowsError()
		}
		after = &out[len(out)-1].id
	}
}

func (f *Feed) tooManyRowsError() error {
	return fault.New(fault.TooLarge,
		"You see more than %d rows of these types: ask for fewer types at once.", f.MaxKnownRows)
}

// viewDependencies lists the entities with rows that can alter what the caller sees of e. That is which rows of e are
// visible, which of their cells are clear, and which rows they refer to. It lists e itself only when a condition
// reaches e over an edge. "*" stands for all entities.
func (o *observer) viewDependencies(e *model.Entity) map[string]bool {
	into := map[string]bool{}
	o.addEntityDependencies(e, into)
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			o.addEntityDependencies(o.model.Target(edge), into)
		}
	}
	return into
}

// addEntityDependencies adds the dependencies of all conditions on the rows, cells and edges of an entity.
func (o *observer) addEntityDependencies(e *model.Entity, into map[string]bool) {
	c := o.caller.NewCompiler()
	o.addConditionDependencies(e, o.view.RowsWhere(e.Name, model.Read), into)
	for i := range e.Fields {
		clear, _ := c.ClearCondition(e, &e.Fields[i])
		o.addConditionDependencies(e, clear, into)
		for j := range e.Fields[i].Derived {
			shown, _ := c.DerivedCondition(e, &e.Fields[i], &e.Fields[i].Derived[j])
			o.addConditionDependencies(e, shown, into)
		}
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			clear, _ := c.FollowCondition(e, edge)
			o.addConditionDependencies(e, clear, into)
		}
	}
}

// addConditionDependencies adds the entities with rows that a condition on rows of e reads.
func (o *observer) addConditionDependencies(e *model.Entity, c access.Cond, into map[string]bool) {
	switch c.Op {
	case access.True, access.False, access.KeyIn, access.WordIn, access.InPeriod, access.NotEnded:
	case access.OwnConsentCovers:
		into["CaseFile"], into["Consent"] = true, true
	case access.ConsentCovers:
		into["Consent"] = true
	case access.ReferredToPartner:
		into["Referral"], into["CaseFile"], into["Consent"] = true, true, true
	case access.And, access.Or, access.Not:
		for _, k := range c.Kids {
			o.addConditionDependencies(e, k, into)
		}
	case access.Via:
		edge := e.Edge(c.Edge)
		target := o.model.Target(edge)
		into[target.Name] = true
		if edge.Via != "" {
			into[edge.Via] = true
		}
		o.addConditionDependencies(target, c.Kids[0], into)
	default:
		into["*"] = true // an unknown kind of condition may depend on anything
	}
}
