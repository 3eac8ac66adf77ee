package query

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// pageQuery writes the statements that read the pages of one list. It runs none of them.
type pageQuery struct {
	Compiler      *Compiler
	sealer        *Sealer // seals and opens the cursors
	list          *List
	edge          *model.Edge // nil for a list at the root
	parents       []uuid.UUID // stored keys, one for each page; nil for a list at the root
	size          int
	backwards     bool // the page is read from the end of the list
	sortKeys      []SortKey
	cursorBinding []byte     // nil when the list uses no cursors
	positions     [2][]any   // the opened cursors After and Before; nil without the cursor
	fromKey       *uuid.UUID // set when the rows are read in the order of keys, from this one on
}

// NewPageQuery prepares the statements that read one page of the list for each parent. Parents holds the stored keys of
// rows that the caller sees, each once, and edge leads from them to the list. A list at the root has a nil edge, no
// parents and one page. It sets c.FoundByKey, so that c serves this list only.
//
// It fails with an invalid-field fault when the size of the page is invalid, and under the name of the argument when a
// cursor does not belong to this list and caller.
//
// The caller allocates one Page for each parent, or one for a list at the root, and passes them in this order to
// TotalsStatement, RowsStatement and TrimPages.
func NewPageQuery(c *Compiler, cursors *Sealer, list *List, edge *model.Edge, parents []uuid.UUID) (*pageQuery, error) {
	size, backwards, err := list.pageSize()
	if err != nil {
		return nil, err
	}
	q := &pageQuery{
		Compiler:  c,
		sealer:    cursors,
		list:      list,
		edge:      edge,
		parents:   parents,
		size:      size,
		backwards: backwards,
	}
	e := list.Selection.Entity
	q.sortKeys = c.sortKeys(e, list.Order)
	c.FoundByKey = edge != nil || q.ordersByCreation() && q.hasScannableKeys()
	c.countsGroups = edge == nil && !leavesFewRows(c.Model, e, list.Where)
	if list.Cursors || list.After != "" || list.Before != "" {
		q.cursorBinding = list.cursorBinding(c.View.Key(), edge)
	}
	q.positions, err = q.openCursors()
	return q, err
}

// openCursors returns the positions of the cursors After and Before. The position of an empty cursor is nil.
func (q *pageQuery) openCursors() (out [2][]any, err error) {
	for i, cursor := range []string{q.list.After, q.list.Before} {
		if cursor == "" {
			continue
		}
		plain, err := q.sealer.Open(cursor, q.cursorBinding)
		if err == nil {
			out[i], err = DecodePosition(q.sortKeys, plain)
		}
		if err != nil { // both fail with ErrForeignCursor only
			return out, foreignCursorErrors[i]
		}
	}
	return out, nil
}

// filterCondition returns the predicate of the list as SQL that begins with AND, or is empty. With page, it also limits
// the rows to those after and before the cursors. A total counts them all.
func (q *pageQuery) filterCondition(alias string, page bool) *Fragment {
	p := &Fragment{}
	if q.fromKey != nil {
		p.Add(" AND ", Col(alias, "id"), " >= ").Arg(q.fromKey.String())
	}
	if q.list.Where != nil {
		p.Add(" AND ").Sub(q.Compiler.compilePredicate(q.list.Selection.Entity, alias, q.list.Where))
	}
	for i, at := range q.positions {
		if page && at != nil {
			p.Add(" AND ").Sub(q.Compiler.afterPosition(q.sortKeys, alias, at, i == 1))
		}
	}
	return p
}

// visibleAtRoot returns the condition of VisibleRows for the rows of a list at the root.
func (q *pageQuery) visibleAtRoot(alias string) *Fragment {
	e := q.list.Selection.Entity
	visible := func() *Fragment { return q.Compiler.VisibleRows(e, alias) }
	if leavesFewRows(q.Compiler.Model, e, q.list.Where) {
		return visible()
	}
	return q.Compiler.inSetsOfKeys(visible)
}

// TotalsStatement returns the statement that counts the visible rows of all pages of the list, for each parent. The
// caller scans each row of the result into dest, and then calls take, which sets Total of the page in out. A parent
// without rows has no row in the result, and its Total stays 0.
func (q *pageQuery) TotalsStatement(out []*Page) (p *Fragment, dest []any, take func()) {
	e, t := q.list.Selection.Entity, q.Compiler.NewAlias()
	if q.edge == nil {
		p = (&Fragment{}).Add("SELECT count(*) FROM ", TableAs(e, t), " WHERE ").Sub(q.visibleAtRoot(t)).
			Sub(q.filterCondition(t, false))
		return p, []any{&out[0].Total}, func() {}
	}
	p = (&Fragment{}).Add("SELECT ")
	if q.edge.Kind == model.Through {
		via, v := q.Compiler.Model.Entity(q.edge.Via), q.Compiler.NewAlias()
		self := Col(v, q.edge.ViaSelf)
		p.Add(self, ", count(DISTINCT ", Col(t, "id"), ") FROM ", TableAs(via, v),
			" JOIN ", TableAs(e, t), " ON ", Col(t, "id"), " = ", Col(v, q.edge.ViaTarget),
			" WHERE ").Sub(q.Compiler.ColumnInKeys(self, q.parents)).
			Add(" AND ").Sub(q.Compiler.VisibleRows(via, v)).Add(" AND ").Sub(q.Compiler.VisibleRows(e, t)).
			Sub(q.filterCondition(t, false)).
			Add(" GROUP BY ", self)
	} else {
		fk := Col(t, q.edge.Column)
		parent, groupBy := fk, " GROUP BY "+fk
		if len(q.parents) == 1 { // one parent needs no groups
			parent, groupBy = "NULL", ""
		}
		p.Add(parent, ", count(*) FROM ", TableAs(e, t), " WHERE ").
			Sub(q.Compiler.ColumnInKeys(fk, q.parents)).Sub(q.Compiler.followableEdge(e, t, q.edge)).
			Add(" AND ").Sub(q.Compiler.VisibleRows(e, t)).
			Sub(q.filterCondition(t, false)).
			Add(groupBy)
	}
	at := map[uuid.UUID]int{}
	for i, id := range q.parents {
		at[id] = i
	}
	var k KeyScan
	var n int64
	return p, []any{&k, &n}, func() { out[at[k.Key]].Total = n }
}

// RowsStatement returns the statement that reads the visible rows of the pages. It reads one row more than a page
// holds, to learn whether another page follows. The caller scans each row of the result into dest and then calls take,
// which appends the row and its cursor to a page in out. After the last row the caller calls TrimPages.
func (q *pageQuery) RowsStatement(out []*Page) (p *Fragment, dest []any, take func()) {
	c, e, t := q.Compiler, q.list.Selection.Entity, q.Compiler.NewAlias()
	cols, joins := &Fragment{}, &Fragment{}
	r := c.SelectColumns(&q.list.Selection, t, cols, joins, &dest)
	values := make([]Value, len(q.sortKeys))
	if q.list.Cursors {
		for i, k := range q.sortKeys {
			cols.Add(", ").Sub(k.expression(t))
			dest = append(dest, &CellScan{&values[i], k.Kind, ""})
		}
	}
	p = &Fragment{}
	at := int64(1)
	if q.edge == nil {
		p.Add("SELECT ").Sub(cols).Add(" FROM ")
		if rows := q.rowsOfKeys(); rows != nil {
			p.Add("(").Sub(rows).Add(") ", t).Sub(joins).Add(" WHERE ").Sub(c.VisibleRows(e, t))
		} else if ids := q.indexScans(); ids != nil {
			p.Add(TableAs(e, t)).Sub(joins).Add(" WHERE ", Col(t, "id"), " IN (").Sub(ids).Add(") AND ").
				Sub(c.VisibleRows(e, t))
		} else {
			p.Add(TableAs(e, t)).Sub(joins).Add(" WHERE ")
			p.Sub(q.visibleAtRoot(t)).Sub(q.filterCondition(t, true))
		}
		p.Add(" ORDER BY ")
	} else {
		dest = append([]any{&at}, dest...)
		p.Add("SELECT s.o, ").Sub(cols).Add(" FROM ").Sub(q.pagePerParent(e, t)).Sub(joins).Add(" ORDER BY s.o, ")
	}
	p.Sub(c.orderByClause(q.sortKeys, t, q.backwards))
	if q.edge == nil {
		p.Add(q.limitClause())
	}
	return p, dest, func() {
		page := out[at-1]
		page.Rows = append(page.Rows, r.TakeRow())
		if q.list.Cursors {
			page.Cursors = append(page.Cursors, Cursor{q, slices.Clone(values)})
		}
	}
}

// TrimPages removes the extra row from each page, puts the rows into the order of the list, and sets Next and Prev.
func (q *pageQuery) TrimPages(pages []*Page) {
	for _, page := range pages {
		q.trimPage(page)
	}
}

// trimPage does the work of TrimPages for one page. The rows of a page that was read backwards are reversed. When a
// cursor stands on the side where the reading began, the list has more rows on that side.
func (q *pageQuery) trimPage(page *Page) {
	more := len(page.Rows) > q.size
	if more {
		page.Rows = page.Rows[:q.size]
		if page.Cursors != nil {
			page.Cursors = page.Cursors[:q.size]
		}
	}
	page.Next, page.Prev = more, q.positions[0] != nil
	if q.backwards {
		page.Next, page.Prev = q.positions[1] != nil, more
		slices.Reverse(page.Rows)
		slices.Reverse(page.Cursors)
	}
}

// pagePerParent returns the FROM clause for the rows of all parents' pages, under the alias t. Its column s.o holds the
// number of the parent, from 1. PostgreSQL reads the page of each parent in a LATERAL subquery, which can use an index.
// SQLite has no LATERAL, and there the keys of each page stand in a subquery of the join.
func (q *pageQuery) pagePerParent(e *model.Entity, t string) *Fragment {
	c, inner := q.Compiler, q.Compiler.NewAlias()
	page := (&Fragment{}).Add("SELECT ")
	if c.IsPostgres {
		page.Add(inner, ".* FROM ")
	} else {
		page.Add(Col(inner, "id"), " FROM ")
	}
	if q.edge.Kind == model.Through {
		page.Add("(").Sub(c.throughTargetKeys(q.edge, "s.k")).
			Add(") v JOIN ", TableAs(e, inner), " ON ", Col(inner, "id"), " = v.id WHERE 1=1")
	} else {
		page.Add(TableAs(e, inner), " WHERE ",
			Col(inner, q.edge.Column), " = s.k").Sub(c.followableEdge(e, inner, q.edge))
	}
	visible := c.VisibleRows(e, inner)
	if q.edge.Kind == model.ToMany {
		visible = c.visibleUnderParent(e, inner, q.edge.Column)
	}
	if ids := q.indexScans(); ids != nil {
		page.Add(" AND ", Col(inner, "id"), " IN (").Sub(ids).Add(")")
	}
	page.Add(" AND ").Sub(visible).Sub(q.filterCondition(inner, true)).
		Add(" ORDER BY ").Sub(c.orderByClause(q.sortKeys, inner, q.backwards)).
		Add(q.limitClause())
	p := &Fragment{}
	if c.IsPostgres {
		// The list stands in a subquery, which the planner does not look into. It would otherwise plan anew for each
		// length.
		return p.Add("unnest((SELECT CAST(").Arg(pq.Array(KeyStrings(q.parents))).
			Add(" AS uuid[]))) WITH ORDINALITY s(k,o) CROSS JOIN LATERAL (").Sub(page).Add(") ", t)
	}
	list, err := json.Marshal(q.parents)
	if err != nil {
		list = nil
	}
	return p.Add("(SELECT value k, key+1 o FROM json_each(").Arg(string(list)).
		Add(")) s JOIN ", TableAs(e, t), " ON ", Col(t, "id"), " IN (").Sub(page).Add(")")
}

// limitClause returns a LIMIT of one row more than the page. The number is not an argument, because PostgreSQL would
// take an argument for a tenth of the table, and would plan the statement anew each time.
func (q *pageQuery) limitClause() string { return " LIMIT " + strconv.Itoa(q.size+1) }

// InKeyOrder returns the end of a statement over the rows of the alias, of entity e, which follows the condition of
// VisibleRows. It limits the rows to the first ones from a key on, in the order of keys. It sets c.FoundByKey, so
// that c serves this statement only.
//
// Where the view has several keys, each is one scan of an index. So the statement costs what it reads, beside any
// number of rows that the caller does not see.
func (c *Compiler) InKeyOrder(e *model.Entity, alias string, from uuid.UUID, rows int) *Fragment {
	q := &pageQuery{Compiler: c, list: &List{Selection: Selection{Entity: e}}, size: rows - 1, fromKey: &from}
	q.sortKeys = []SortKey{{
		Kind:       model.UUID,
		expression: func(alias string) *Fragment { return (&Fragment{}).Add(Col(alias, "id")) },
	}}
	c.FoundByKey = c.View.RowsWhere(e.Name, model.Read).Op == access.KeyIn
	p := &Fragment{}
	if ids := q.indexScans(); ids != nil {
		p.Add(" AND ", Col(alias, "id"), " IN (").Sub(ids).Add(")")
	}
	return p.Sub(q.filterCondition(alias, true)).
		Add(" ORDER BY ").Sub(c.orderByClause(q.sortKeys, alias, false)).Add(q.limitClause())
}
