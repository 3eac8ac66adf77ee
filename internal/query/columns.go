package query

import (
	"reflect"
	"slices"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// rowReader holds the scan targets of one Selection in one statement, and builds a Row from the values in them.
type rowReader struct {
	selection *Selection
	id        KeyScan

	Pseudonyms *pseudonymCipher // nil when rows keep their own keys

	cells            []Value
	clearFlags       []BoolScan     // for each of conditionalMasks, whether the fields are clear in this row
	conditionalMasks []maskedFields // fields that some rows mask
	permitted        []BoolScan
	toOne            []*rowReader
	alwaysMasked     []string // fields that every row masks
}

// maskedFields is a group of fields that are clear under one condition.
type maskedFields struct{ fields []string }

// SelectColumns appends the columns of a selection from the table alias to cols, separated by commas, and the scan
// target of each column to dest in the same order. It appends a LEFT JOIN to joins for each row that an edge to one
// leads to. The statement must limit the rows of alias itself, for example by VisibleRows.
//
// The caller scans a row of the result into dest, and then calls TakeRow of the result before it scans the next row.
func (c *Compiler) SelectColumns(selection *Selection, alias string, cols, joins *Fragment, dest *[]any) *rowReader {
	r := &rowReader{
		selection:  selection,
		Pseudonyms: c.PseudonymsOf(selection.Entity),
		cells:      make([]Value, len(selection.Cells)),
		permitted:  make([]BoolScan, len(selection.Permissions)),
	}
	put := func(p *Fragment, into any) {
		if cols.text.Len() > 0 {
			cols.Add(", ")
		}
		cols.Sub(p)
		*dest = append(*dest, into)
	}
	put((&Fragment{}).Add(Col(alias, "id")), &r.id)
	for i, cell := range selection.Cells {
		if cell.Derived != nil { // the scan replaces the stored value, so that the row never holds it
			put(c.derivedCell(selection.Entity, alias, cell.Field, cell.Derived),
				&CellScan{&r.cells[i], cell.Field.Kind, cell.Derived.Rule})
			continue
		}
		p, _ := c.MaskedCell(selection.Entity, alias, cell.Field)
		if cell.Localized {
			put(c.localizedText(p), ScanInto(&r.cells[i], model.String))
			continue
		}
		put(p, ScanInto(&r.cells[i], cell.Field.Kind))
	}
	if selection.Masked {
		for _, g := range c.maskGroups(selection.Entity) {
			if g.cond.Op == access.False {
				r.alwaysMasked = append(r.alwaysMasked, g.fields...)
				continue
			}
			r.conditionalMasks = append(r.conditionalMasks, maskedFields{g.fields})
		}
		r.clearFlags = make([]BoolScan, len(r.conditionalMasks))
		i := 0
		for _, g := range c.maskGroups(selection.Entity) {
			if g.cond.Op != access.False {
				put(c.CompileCondition(selection.Entity, alias, g.cond), &r.clearFlags[i])
				i++
			}
		}
	}
	for i, a := range selection.Permissions {
		put(c.permissionCondition(selection.Entity, alias, a), &r.permitted[i])
	}
	for _, one := range selection.ToOne {
		target, t := c.Model.Target(one.Edge), c.NewAlias()
		joins.Add(" LEFT JOIN ", TableAs(target, t), " ON ", Col(t, "id"), " = ", Col(alias, one.Edge.Column)).
			Sub(c.followableEdge(selection.Entity, alias, one.Edge)).Add(" AND ").Sub(c.VisibleRows(target, t))
		r.toOne = append(r.toOne, c.SelectColumns(&one.Selection, t, cols, joins, dest))
	}
	return r
}

// maskGroup is the API names of fields and edges that are clear under one condition, and the condition.
type maskGroup struct {
	cond   access.Cond
	fields []string
}

// maskGroups returns the fields and the edges to one of an entity that at least one visible row masks, grouped by the
// condition under which they are clear. The groups keep the order of the model.
func (c *Compiler) maskGroups(e *model.Entity) (out []maskGroup) {
	mask := func(name string, cond access.Cond, always bool) {
		if always {
			return
		}
		i := slices.IndexFunc(out, func(g maskGroup) bool { return reflect.DeepEqual(g.cond, cond) })
		if i < 0 {
			i = len(out)
			out = append(out, maskGroup{cond: cond})
		}
		out[i].fields = append(out[i].fields, name)
	}
	for i := range e.Fields {
		if f := &e.Fields[i]; !f.Internal {
			cond, always := c.ClearCondition(e, f)
			mask(f.Name, cond, always)
			for j := range f.Derived {
				cond, always := c.DerivedCondition(e, f, &f.Derived[j])
				mask(f.Derived[j].Name, cond, always)
			}
		}
	}
	for i := range e.Edges {
		if edge := &e.Edges[i]; edge.Kind == model.ToOne {
			cond, always := c.FollowCondition(e, edge)
			mask(edge.Name, cond, always)
		}
	}
	return out
}

// TakeRow returns the row that was scanned last, as a copy that later scans do not change. It returns nil when the row
// has no key, which is how a LEFT JOIN shows a missing or hidden row. Lists of the row are not read yet. Row.Lists has
// one nil page for each list of the selection.
func (r *rowReader) TakeRow() *Row {
	if !r.id.Valid {
		return nil
	}
	row := &Row{ID: r.Pseudonyms.publicID(r.id.Key), StoredKey: r.id.Key}
	if len(r.cells) > 0 {
		row.Cells = slices.Clone(r.cells)
	}
	if r.selection.Masked {
		row.Masked = slices.Clone(r.alwaysMasked)
		for i, f := range r.clearFlags {
			if !f {
				row.Masked = append(row.Masked, r.conditionalMasks[i].fields...)
			}
		}
		slices.Sort(row.Masked)
	}
	for _, c := range r.permitted {
		row.Permitted = append(row.Permitted, bool(c))
	}
	if len(r.toOne) > 0 {
		row.ToOne = make([]*Row, len(r.toOne))
		for i, o := range r.toOne {
			row.ToOne[i] = o.TakeRow()
		}
	}
	if n := len(r.selection.Lists); n > 0 {
		row.Lists = make([]*Page, n)
	}
	return row
}
