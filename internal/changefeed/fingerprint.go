package changefeed

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// fingerprintBatchSize is how many rows one statement reads.
const fingerprintBatchSize = 2000

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

// rowLimit limits the rows that a statement reads to a part of the visible ones.
type rowLimit struct {
	// column and keys limit the rows to those with one of the keys in the column. The column is "" without this limit.
	column string
	keys   []uuid.UUID
	// from and count limit the rows to the first count from this key on, in the order of keys. The count is 0 without
	// this limit.
	from  uuid.UUID
	count int
}

// readFingerprints reads the fingerprints of the rows that the caller sees within the limit, in the order of their
// keys.
func (o *observer) readFingerprints(ctx context.Context, e *model.Entity, limit rowLimit) (out []knownRow, err error) {
	err = o.caller.InReadTransaction(ctx, func(inside Caller) (err error) {
		out, err = o.newObserver(inside).queryFingerprints(ctx, e, limit)
		return err
	})
	return out, err
}

// queryFingerprints is readFingerprints within the current transaction.
func (o *observer) queryFingerprints(ctx context.Context, e *model.Entity, limit rowLimit) (out []knownRow, err error) {
	if !o.view.May(e.Name, model.Read) {
		return nil, nil
	}
	c := o.caller.NewCompiler()
	r, dest, p := o.fingerprintStatement(c, e, limit)
	err = o.caller.QueryRows(ctx, c, p, func(rows *sql.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		row := r.TakeRow()
		out = append(out, knownRow{row.StoredKey, o.rowFingerprint(row)})
		return nil
	})
	return out, err
}

// rowTaker builds the row that was scanned last.
type rowTaker interface{ TakeRow() *query.Row }

// fingerprintStatement returns the statement that reads what the caller sees of the rows of an entity within a limit.
func (o *observer) fingerprintStatement(c *query.Compiler, e *model.Entity, limit rowLimit) (
	r rowTaker, dest []any, p *query.Fragment) {
	t := c.NewAlias()
	end := &query.Fragment{}
	switch {
	case limit.count > 0:
		end = c.InKeyOrder(e, t, limit.from, limit.count)
	case limit.column != "":
		c.FoundByKey = true
		end.Add(" AND ").Sub(c.ColumnInKeys(query.Col(t, limit.column), limit.keys)).
			Add(" ORDER BY ", query.Col(t, "id"))
	}
	cols, joins := &query.Fragment{}, &query.Fragment{}
	ask := contentSelection(o.model, e)
	r = c.SelectColumns(ask, t, cols, joins, &dest)
	p = (&query.Fragment{}).Add("SELECT ").Sub(cols).
		Add(" FROM ", query.TableAs(e, t)).Sub(joins).Add(" WHERE ").Sub(c.VisibleRows(e, t)).Sub(end)
	return r, dest, p
}

// readAllFingerprints reads the fingerprints of all rows of an entity that the caller sees, in the order of their keys.
// It fails when there are more than a number of rows.
func (o *observer) readAllFingerprints(ctx context.Context, e *model.Entity, atMost int) (out []knownRow, err error) {
	for from := (uuid.UUID{}); ; {
		rows, err := o.readFingerprints(ctx, e, rowLimit{from: from, count: fingerprintBatchSize})
		if err != nil {
			return nil, err
		}
		if out = append(out, rows...); len(out) > atMost {
			return nil, o.tooManyRowsError(atMost)
		}
		if len(rows) < fingerprintBatchSize {
			return out, nil
		}
		from = keyAfter(rows[len(rows)-1].id)
	}
}

// keyAfter returns the next key in the order of keys. The greatest key has none, and no row has the greatest key.
func keyAfter(id uuid.UUID) uuid.UUID {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i]++; id[i] != 0 {
			break
		}
	}
	return id
}

// keysPerStatement bounds the number of keys in a statement.
const keysPerStatement = 1000

// readAffectedFingerprints reads the fingerprints of the rows that the caller sees and that have one of the keys in its
// column, in at least one of the columns. Their order is that of their keys.
func (o *observer) readAffectedFingerprints(ctx context.Context, e *model.Entity, among map[string][]uuid.UUID) (
	out []knownRow, err error) {
	for _, column := range slices.Sorted(maps.Keys(among)) {
		for keys := range slices.Chunk(among[column], keysPerStatement) {
			rows, err := o.readFingerprints(ctx, e, rowLimit{column: column, keys: keys})
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
	}
	slices.SortStableFunc(out, func(a, b knownRow) int { return compareKeys(a.id, b.id) })
	return slices.CompactFunc(out, func(a, b knownRow) bool { return a.id == b.id }), nil
}

// viewDigest is a hash of everything but rows on which it depends what the caller sees of the types. That is the
// statements that read the rows, with their columns, masks, conditions and keys, the keys of row-level security, and
// the day where a value is computed from it.
func (o *observer) viewDigest(types []*model.Entity) []byte {
	h := sha256.New()
	h.Write([]byte(o.caller.RowScope()))
	for _, e := range types {
		h.Write(o.view.Memoize("changes of "+e.Name, func() any {
			if !o.view.May(e.Name, model.Read) {
				return []byte("none")
			}
			c := o.caller.NewCompiler()
			_, _, p := o.fingerprintStatement(c, e, rowLimit{})
			text, args := c.RenderStatement(p)
			sum := sha256.New()
			fmt.Fprintf(sum, "%q", text)
			err := json.NewEncoder(sum).Encode(args) // in full, where fmt would print the address of a list
			if err != nil {
				fmt.Fprint(sum, uuid.New()) // it equals no other view
			}
			if slices.ContainsFunc(e.Fields, func(f model.Field) bool { return len(f.Derived) > 0 }) {
				fmt.Fprintf(sum, " %s", o.view.ClockDay())
			}
			return sum.Sum(nil)
		}).([]byte))
	}
	return h.Sum(nil)
}

func (f *Feed) tooManyRowsError(atMost int) error {
	return fault.New(fault.TooLarge, "You see more than %d rows of these types: ask for fewer types at once.", atMost)
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
