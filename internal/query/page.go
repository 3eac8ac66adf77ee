package query

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// pageSize is how many rows are wanted, and from which end.
func (l *List) pageSize() (n int, backwards bool, err error) {
	name, asked := "first", l.First
	if l.Last != nil {
		if l.First != nil {
			return 0, false, fault.InvalidField("last", "ask for first or for last, not for both.")
		}
		name, asked, backwards = "last", l.Last, true
	}
	if asked == nil {
		return DefaultPage, l.Before != "" && l.After == "", nil
	}
	if *asked < 0 || *asked > MaxPage {
		return 0, false, fault.InvalidField(name, "must be from 0 to %d.", MaxPage)
	}
	return *asked, backwards, nil
}

// cursorBinding names the list that a cursor belongs to, and whose it is.
func (l *List) cursorBinding(key string, edge *model.Edge) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q ", key, l.Selection.Entity.Name)
	if edge != nil {
		fmt.Fprintf(h, "%q ", edge.Name)
	}
	for _, o := range l.Order {
		for _, step := range o.Path {
			fmt.Fprintf(h, ".%s", step.Name)
		}
		if o.Field != nil {
			fmt.Fprintf(h, ".%s", o.Field.Name)
		}
		if o.Count != nil {
			fmt.Fprintf(h, "#%s", o.Count.Name)
		}
		fmt.Fprintf(h, " %v,", o.Desc)
	}
	l.Where.writeCanonical(h)
	return h.Sum(nil)
}

// writeCanonical writes the predicate without ambiguity.
func (p *Predicate) writeCanonical(w io.Writer) {
	if p == nil {
		return
	}
	fmt.Fprintf(w, "(%d %d", p.Op, p.Comparison)
	if p.Field != nil {
		fmt.Fprintf(w, " %s", p.Field.Name)
	}
	if p.Edge != nil {
		fmt.Fprintf(w, " %s", p.Edge.Name)
	}
	for _, v := range p.Values {
		fmt.Fprintf(w, " %q", fmt.Sprint(v))
	}
	for i := range p.Operands {
		p.Operands[i].writeCanonical(w)
	}
	fmt.Fprint(w, ")")
}

// pageQuery writes the statements of one list. It runs none of them.
type pageQuery struct {
	Compiler      *Compiler
	sealer        *Sealer // of cursors
	list          *List
	edge          *model.Edge
	parents       []uuid.UUID
	size          int
	backwards     bool
	sortKeys      []SortKey
	cursorBinding []byte
	positions     [2][]any // after, before
}

// NewPageQuery prepares the statements of a page of the list for each parent, or of the one page of a list at the root,
// which has no edge. It fails where the page's size or a cursor is invalid.
func NewPageQuery(c *Compiler, cursors *Sealer, list *List, edge *model.Edge, parents []uuid.UUID) (*pageQuery, error) {
	size, backwards, err := list.pageSize()
	if err != nil {
		return nil, err
	}
	q := &pageQuery{Compiler: c, sealer: cursors, list: list, edge: edge, parents: parents, size: size, backwards: backwards}
	e := list.Selection.Entity
	q.sortKeys = c.sortKeys(e, list.Order)
	c.FoundByKey = edge != nil || q.ordersByCreation() && c.View.RowsWhere(e.Name, model.Read).Op == access.KeyIn
	if list.Cursors || list.After != "" || list.Before != "" {
		q.cursorBinding = list.cursorBinding(c.View.Key(), edge)
	}
	q.positions, err = q.openCursors()
	return q, err
}

func (q *pageQuery) openCursors() (out [2][]any, err error) {
	for i, cursor := range []string{q.list.After, q.list.Before} {
		if cursor == "" {
			continue
		}
		plain, err := q.sealer.Open(cursor, q.cursorBinding)
		if err != nil {
			return out, err
		}
		if out[i], err = DecodePosition(q.sortKeys, plain); err != nil {
			return out, err
		}
	}
	return out, nil
}

// filterCondition is the caller's own condition, with the positions of the cursors when the page is wanted.
func (q *pageQuery) filterCondition(alias string, page bool) *Fragment {
	p := &Fragment{}
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

// TotalsStatement counts the visible rows of each parent, in one statement. The caller scans each row of its result into
// dest, and calls take after each.
func (q *pageQuery) TotalsStatement(out []*Page) (p *Fragment, dest []any, take func()) {
	e, t := q.list.Selection.Entity, q.Compiler.NewAlias()
	if q.edge == nil {
		p = (&Fragment{}).Add("SELECT count(*) FROM ", TableAs(e, t), " WHERE ").Sub(q.Compiler.VisibleRows(e, t)).
			Sub(q.filterCondition(t, false))
		return p, []any{&out[0].Total}, func() {}
	}
	p = (&Fragment{}).Add("SELECT ")
	if q.edge.Kind == model.Through {
		via, v := q.Compiler.Model.Entity(q.edge.Via), q.Compiler.NewAlias()
		self := Col(v, q.edge.ViaSelf)
		p.Add(self, ", count(DISTINCT ", Col(t, "id"), ") FROM ", TableAs(via, v), " JOIN ", TableAs(e, t), " ON ", Col(t, "id"), " = ", Col(v, q.edge.ViaTarget),
			" WHERE ").Sub(q.Compiler.ColumnInKeys(self, q.parents)).Add(" AND ").Sub(q.Compiler.VisibleRows(via, v)).Add(" AND ").Sub(q.Compiler.VisibleRows(e, t)).Sub(q.filterCondition(t, false)).Add(" GROUP BY ", self)
	} else {
		fk := Col(t, q.edge.Column)
		first, by := fk, " GROUP BY "+fk
		if len(q.parents) == 1 { // of the one parent: there is nothing to group
			first, by = "NULL", ""
		}
		p.Add(first, ", count(*) FROM ", TableAs(e, t), " WHERE ").Sub(q.Compiler.ColumnInKeys(fk, q.parents)).Sub(q.Compiler.followableEdge(e, t, q.edge)).Add(" AND ").Sub(q.Compiler.VisibleRows(e, t)).Sub(q.filterCondition(t, false)).Add(by)
	}
	at := map[uuid.UUID]int{}
	for i, id := range q.parents {
		at[id] = i
	}
	var k KeyScan
	var n int64
	return p, []any{&k, &n}, func() { out[at[k.Key]].Total = n }
}

// RowsStatement reads one row more than the page holds, which says whether there is a next one. The caller scans each row
// of its result into dest, calls take after each, and trimPages after the last.
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
		p.Add("SELECT ").Sub(cols).Add(" FROM ", TableAs(e, t)).Sub(joins).Add(" WHERE ")
		if ids := q.indexScans(); ids != nil {
			p.Add(Col(t, "id"), " IN (").Sub(ids).Add(") AND ").Sub(c.VisibleRows(e, t))
		} else {
			p.Sub(c.VisibleRows(e, t)).Sub(q.filterCondition(t, true))
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
			page.Cursors = append(page.Cursors, q.sealer.Seal(encodePosition(q.sortKeys, values), q.cursorBinding))
		}
	}
}

// TrimPages takes the extra row off each page, and notes whether more rows follow and precede.
func (q *pageQuery) TrimPages(pages []*Page) {
	for _, page := range pages {
		q.trimPage(page)
	}
}

// trimPage takes the extra row off and turns a page that was read backwards round.
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

// pagePerParent is the FROM of the rows of each parent's page, with the parent's number as s.o. PostgreSQL reads each
// page by an index of its own (LATERAL); SQLite, which has no LATERAL, by a list of keys per parent.
func (q *pageQuery) pagePerParent(e *model.Entity, t string) *Fragment {
	c, inner := q.Compiler, q.Compiler.NewAlias()
	page := (&Fragment{}).Add("SELECT ")
	if c.IsPostgres {
		page.Add(inner, ".* FROM ")
	} else {
		page.Add(Col(inner, "id"), " FROM ")
	}
	if q.edge.Kind == model.Through {
		page.Add("(").Sub(c.throughTargetKeys(q.edge, "s.k", true)).Add(") v JOIN ", TableAs(e, inner), " ON ", Col(inner, "id"), " = v.id WHERE 1=1")
	} else {
		page.Add(TableAs(e, inner), " WHERE ", Col(inner, q.edge.Column), " = s.k").Sub(c.followableEdge(e, inner, q.edge))
	}
	visible := c.VisibleRows(e, inner)
	if q.edge.Kind == model.ToMany {
		visible = c.visibleUnderParent(e, inner, q.edge.Column)
	}
	if ids := q.indexScans(); ids != nil {
		page.Add(" AND ", Col(inner, "id"), " IN (").Sub(ids).Add(")")
	}
	page.Add(" AND ").Sub(visible).Sub(q.filterCondition(inner, true)).Add(" ORDER BY ").Sub(c.orderByClause(q.sortKeys, inner, q.backwards)).Add(q.limitClause())
	p := &Fragment{}
	if c.IsPostgres {
		// the planner does not look into a subquery's list: it would else plan anew for each length
		return p.Add("unnest((SELECT CAST(").Arg(pq.Array(KeyStrings(q.parents))).Add(" AS uuid[]))) WITH ORDINALITY s(k,o) CROSS JOIN LATERAL (").Sub(page).Add(") ", t)
	}
	list, err := json.Marshal(q.parents)
	if err != nil {
		list = nil
	}
	return p.Add("(SELECT value k, key+1 o FROM json_each(").Arg(string(list)).Add(")) s JOIN ", TableAs(e, t), " ON ", Col(t, "id"), " IN (").Sub(page).Add(")")
}

// maxIndexScans bounds the statement on SQLite, which has a subquery per key.
const maxIndexScans = 24

// indexScans lists the keys of the candidates of the page, or of one parent's, by one index walk for each way in which rows
// are the caller's: for each key of the scope, and for each rule that reaches over an edge. Otherwise, where the caller's rows
// are old or rare, the database would walk past everyone else's to find them. It is nil where it does not help.
func (q *pageQuery) indexScans() *Fragment {
	e := q.list.Selection.Entity
	cond := q.Compiler.View.RowsWhere(e.Name, model.Read)
	if q.edge != nil {
		cond = q.Compiler.simplifyUnderParent(e, q.edge.Column, cond)
	}
	conds := []access.Cond{cond}
	if cond.Op == access.Or {
		conds = cond.Kids
	}
	ways := 0
	for _, k := range conds {
		switch k.Op {
		case access.KeyIn:
			ways += len(k.Values)
		case access.Via:
			ways++
		default:
			return nil
		}
	}
	if ways < 2 || !q.hasOrderedIndex(conds) || !q.Compiler.IsPostgres && ways > maxIndexScans {
		return nil
	}
	p := &Fragment{}
	union := func() *Fragment {
		if p.text.Len() > 0 {
			p.Add(" UNION ALL ")
		}
		return p
	}
	for _, k := range conds {
		switch {
		case k.Op == access.KeyIn && q.Compiler.IsPostgres && len(k.Values) > 1:
			// one key is written out, since a list is planned as ten; the planner does not look into it, as in perParent
			union().Add("SELECT p.id FROM unnest((SELECT CAST(").Arg(pq.Array(KeyStrings(k.Values))).Add(" AS uuid[]))) w(k) CROSS JOIN LATERAL (").
				Sub(q.indexScan(func(t string) *Fragment { return (&Fragment{}).Add(Col(t, k.Column), " = w.k") })).Add(") p")
		case k.Op == access.KeyIn:
			for _, v := range k.Values {
				union().Add("SELECT p.id FROM (").Sub(q.indexScan(func(t string) *Fragment { return q.Compiler.columnInViewKeys(Col(t, k.Column), []uuid.UUID{v}) })).Add(") p")
			}
		default:
			union().Add("SELECT p.id FROM (").Sub(q.indexScan(func(t string) *Fragment { return q.Compiler.CompileCondition(e, t, k) })).Add(") p")
		}
	}
	return p
}

// hasOrderedIndex says that an index has the rows of each way in the order of the page.
func (q *pageQuery) hasOrderedIndex(conds []access.Cond) bool {
	if q.edge == nil {
		return q.ordersByCreation()
	}
	return q.Compiler.IsPostgres && len(q.list.Order) == 0 && q.list.Selection.Entity.Parted(q.edge.Column) &&
		slices.ContainsFunc(conds, func(k access.Cond) bool { return k.Op == access.KeyIn && k.Column == "country_id" })
}

// ordersByCreation says that the rows come in the order in which they were made: an index of each key of a scope has it.
func (q *pageQuery) ordersByCreation() bool {
	if len(q.list.Order) == 0 {
		column, _, _ := strings.Cut(q.list.Selection.Entity.Order, " ")
		return column == "created_at"
	}
	first := q.list.Order[0]
	return len(q.list.Order) == 1 && len(first.Path) == 0 && first.Field != nil && first.Field.Column == "created_at"
}

// indexScan is the page of the rows that are the caller's in one way, of the parent where there is one.
func (q *pageQuery) indexScan(way func(alias string) *Fragment) *Fragment {
	e, t := q.list.Selection.Entity, q.Compiler.NewAlias()
	p := (&Fragment{}).Add("SELECT ", Col(t, "id"), " FROM ", TableAs(e, t), " WHERE ").Sub(way(t)).Add(" AND ", Col(t, "archived_at"), " IS NULL")
	if q.edge != nil {
		p.Add(" AND ", Col(t, q.edge.Column), " = s.k").Sub(q.Compiler.followableEdge(e, t, q.edge))
	}
	return p.Sub(q.filterCondition(t, true)).Add(" ORDER BY ").Sub(q.Compiler.orderByClause(q.sortKeys, t, q.backwards)).Add(q.limitClause())
}

// limitClause is one row more than the page. It is written out: PostgreSQL takes an argument for a tenth of the table, and
// would plan the statement anew each time.
func (q *pageQuery) limitClause() string { return " LIMIT " + strconv.Itoa(q.size+1) }
