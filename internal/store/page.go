package store

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
	c             *compiler
	sealer        *sealer // of cursors
	list          *List
	edge          *model.Edge
	parents       []uuid.UUID
	size          int
	backwards     bool
	sortKeys      []sortKey
	cursorBinding []byte
	positions     [2][]any // after, before
}

// newPageQuery prepares the statements of a page of the list for each parent, or of the one page of a list at the root,
// which has no edge. It fails where the page's size or a cursor is invalid.
func newPageQuery(c *compiler, cursors *sealer, list *List, edge *model.Edge, parents []uuid.UUID) (*pageQuery, error) {
	size, backwards, err := list.pageSize()
	if err != nil {
		return nil, err
	}
	q := &pageQuery{c: c, sealer: cursors, list: list, edge: edge, parents: parents, size: size, backwards: backwards}
	e := list.Selection.Entity
	q.sortKeys = c.sortKeys(e, list.Order)
	c.foundByKey = edge != nil || q.ordersByCreation() && c.view.RowsWhere(e.Name, model.Read).Op == access.KeyIn
	if list.Cursors || list.After != "" || list.Before != "" {
		q.cursorBinding = list.cursorBinding(c.view.Key(), edge)
	}
	q.positions, err = q.openCursors()
	return q, err
}

func (q *pageQuery) openCursors() (out [2][]any, err error) {
	for i, cursor := range []string{q.list.After, q.list.Before} {
		if cursor == "" {
			continue
		}
		plain, err := q.sealer.open(cursor, q.cursorBinding)
		if err != nil {
			return out, err
		}
		if out[i], err = decodePosition(q.sortKeys, plain); err != nil {
			return out, err
		}
	}
	return out, nil
}

// filterCondition is the caller's own condition, with the positions of the cursors when the page is wanted.
func (q *pageQuery) filterCondition(alias string, page bool) *sqlFragment {
	p := &sqlFragment{}
	if q.list.Where != nil {
		p.add(" AND ").sub(q.c.compilePredicate(q.list.Selection.Entity, alias, q.list.Where))
	}
	for i, at := range q.positions {
		if page && at != nil {
			p.add(" AND ").sub(q.c.afterPosition(q.sortKeys, alias, at, i == 1))
		}
	}
	return p
}

// totalsStatement counts the visible rows of each parent, in one statement. The caller scans each row of its result into
// dest, and calls take after each.
func (q *pageQuery) totalsStatement(out []*Page) (p *sqlFragment, dest []any, take func()) {
	e, t := q.list.Selection.Entity, q.c.newAlias()
	if q.edge == nil {
		p = (&sqlFragment{}).add("SELECT count(*) FROM ", tableAs(e, t), " WHERE ").sub(q.c.visibleRows(e, t)).
			sub(q.filterCondition(t, false))
		return p, []any{&out[0].Total}, func() {}
	}
	p = (&sqlFragment{}).add("SELECT ")
	if q.edge.Kind == model.Through {
		via, v := q.c.model.Entity(q.edge.Via), q.c.newAlias()
		self := col(v, q.edge.ViaSelf)
		p.add(self, ", count(DISTINCT ", col(t, "id"), ") FROM ", tableAs(via, v), " JOIN ", tableAs(e, t), " ON ", col(t, "id"), " = ", col(v, q.edge.ViaTarget),
			" WHERE ").sub(q.c.columnInKeys(self, q.parents)).add(" AND ").sub(q.c.visibleRows(via, v)).add(" AND ").sub(q.c.visibleRows(e, t)).sub(q.filterCondition(t, false)).add(" GROUP BY ", self)
	} else {
		fk := col(t, q.edge.Column)
		first, by := fk, " GROUP BY "+fk
		if len(q.parents) == 1 { // of the one parent: there is nothing to group
			first, by = "NULL", ""
		}
		p.add(first, ", count(*) FROM ", tableAs(e, t), " WHERE ").sub(q.c.columnInKeys(fk, q.parents)).sub(q.c.followableEdge(e, t, q.edge)).add(" AND ").sub(q.c.visibleRows(e, t)).sub(q.filterCondition(t, false)).add(by)
	}
	at := map[uuid.UUID]int{}
	for i, id := range q.parents {
		at[id] = i
	}
	var k keyScan
	var n int64
	return p, []any{&k, &n}, func() { out[at[k.key]].Total = n }
}

// rowsStatement reads one row more than the page holds, which says whether there is a next one. The caller scans each row
// of its result into dest, calls take after each, and trimPages after the last.
func (q *pageQuery) rowsStatement(out []*Page) (p *sqlFragment, dest []any, take func()) {
	c, e, t := q.c, q.list.Selection.Entity, q.c.newAlias()
	cols, joins := &sqlFragment{}, &sqlFragment{}
	r := c.selectColumns(&q.list.Selection, t, cols, joins, &dest)
	values := make([]Value, len(q.sortKeys))
	if q.list.Cursors {
		for i, k := range q.sortKeys {
			cols.add(", ").sub(k.expression(t))
			dest = append(dest, &cellScan{&values[i], k.kind, ""})
		}
	}
	p = &sqlFragment{}
	at := int64(1)
	if q.edge == nil {
		p.add("SELECT ").sub(cols).add(" FROM ", tableAs(e, t)).sub(joins).add(" WHERE ")
		if ids := q.indexScans(); ids != nil {
			p.add(col(t, "id"), " IN (").sub(ids).add(") AND ").sub(c.visibleRows(e, t))
		} else {
			p.sub(c.visibleRows(e, t)).sub(q.filterCondition(t, true))
		}
		p.add(" ORDER BY ")
	} else {
		dest = append([]any{&at}, dest...)
		p.add("SELECT s.o, ").sub(cols).add(" FROM ").sub(q.pagePerParent(e, t)).sub(joins).add(" ORDER BY s.o, ")
	}
	p.sub(c.orderByClause(q.sortKeys, t, q.backwards))
	if q.edge == nil {
		p.add(q.limitClause())
	}
	return p, dest, func() {
		page := out[at-1]
		page.Rows = append(page.Rows, r.takeRow())
		if q.list.Cursors {
			page.Cursors = append(page.Cursors, q.sealer.seal(encodePosition(q.sortKeys, values), q.cursorBinding))
		}
	}
}

// trimPages takes the extra row off each page, and notes whether more rows follow and precede.
func (q *pageQuery) trimPages(pages []*Page) {
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
func (q *pageQuery) pagePerParent(e *model.Entity, t string) *sqlFragment {
	c, inner := q.c, q.c.newAlias()
	page := (&sqlFragment{}).add("SELECT ")
	if c.isPostgres {
		page.add(inner, ".* FROM ")
	} else {
		page.add(col(inner, "id"), " FROM ")
	}
	if q.edge.Kind == model.Through {
		page.add("(").sub(c.throughTargetKeys(q.edge, "s.k", true)).add(") v JOIN ", tableAs(e, inner), " ON ", col(inner, "id"), " = v.id WHERE 1=1")
	} else {
		page.add(tableAs(e, inner), " WHERE ", col(inner, q.edge.Column), " = s.k").sub(c.followableEdge(e, inner, q.edge))
	}
	visible := c.visibleRows(e, inner)
	if q.edge.Kind == model.ToMany {
		visible = c.visibleUnderParent(e, inner, q.edge.Column)
	}
	if ids := q.indexScans(); ids != nil {
		page.add(" AND ", col(inner, "id"), " IN (").sub(ids).add(")")
	}
	page.add(" AND ").sub(visible).sub(q.filterCondition(inner, true)).add(" ORDER BY ").sub(c.orderByClause(q.sortKeys, inner, q.backwards)).add(q.limitClause())
	p := &sqlFragment{}
	if c.isPostgres {
		// the planner does not look into a subquery's list: it would else plan anew for each length
		return p.add("unnest((SELECT CAST(").arg(pq.Array(keyStrings(q.parents))).add(" AS uuid[]))) WITH ORDINALITY s(k,o) CROSS JOIN LATERAL (").sub(page).add(") ", t)
	}
	list, err := json.Marshal(q.parents)
	if err != nil {
		list = nil
	}
	return p.add("(SELECT value k, key+1 o FROM json_each(").arg(string(list)).add(")) s JOIN ", tableAs(e, t), " ON ", col(t, "id"), " IN (").sub(page).add(")")
}

// maxIndexScans bounds the statement on SQLite, which has a subquery per key.
const maxIndexScans = 24

// indexScans lists the keys of the candidates of the page, or of one parent's, by one index walk for each way in which rows
// are the caller's: for each key of the scope, and for each rule that reaches over an edge. Otherwise, where the caller's rows
// are old or rare, the database would walk past everyone else's to find them. It is nil where it does not help.
func (q *pageQuery) indexScans() *sqlFragment {
	e := q.list.Selection.Entity
	cond := q.c.view.RowsWhere(e.Name, model.Read)
	if q.edge != nil {
		cond = q.c.simplifyUnderParent(e, q.edge.Column, cond)
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
	if ways < 2 || !q.hasOrderedIndex(conds) || !q.c.isPostgres && ways > maxIndexScans {
		return nil
	}
	p := &sqlFragment{}
	union := func() *sqlFragment {
		if p.text.Len() > 0 {
			p.add(" UNION ALL ")
		}
		return p
	}
	for _, k := range conds {
		switch {
		case k.Op == access.KeyIn && q.c.isPostgres && len(k.Values) > 1:
			// one key is written out, since a list is planned as ten; the planner does not look into it, as in perParent
			union().add("SELECT p.id FROM unnest((SELECT CAST(").arg(pq.Array(keyStrings(k.Values))).add(" AS uuid[]))) w(k) CROSS JOIN LATERAL (").
				sub(q.indexScan(func(t string) *sqlFragment { return (&sqlFragment{}).add(col(t, k.Column), " = w.k") })).add(") p")
		case k.Op == access.KeyIn:
			for _, v := range k.Values {
				union().add("SELECT p.id FROM (").sub(q.indexScan(func(t string) *sqlFragment { return q.c.columnInViewKeys(col(t, k.Column), []uuid.UUID{v}) })).add(") p")
			}
		default:
			union().add("SELECT p.id FROM (").sub(q.indexScan(func(t string) *sqlFragment { return q.c.compileCondition(e, t, k) })).add(") p")
		}
	}
	return p
}

// hasOrderedIndex says that an index has the rows of each way in the order of the page.
func (q *pageQuery) hasOrderedIndex(conds []access.Cond) bool {
	if q.edge == nil {
		return q.ordersByCreation()
	}
	return q.c.isPostgres && len(q.list.Order) == 0 && q.list.Selection.Entity.Parted(q.edge.Column) &&
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
func (q *pageQuery) indexScan(way func(alias string) *sqlFragment) *sqlFragment {
	e, t := q.list.Selection.Entity, q.c.newAlias()
	p := (&sqlFragment{}).add("SELECT ", col(t, "id"), " FROM ", tableAs(e, t), " WHERE ").sub(way(t)).add(" AND ", col(t, "archived_at"), " IS NULL")
	if q.edge != nil {
		p.add(" AND ", col(t, q.edge.Column), " = s.k").sub(q.c.followableEdge(e, t, q.edge))
	}
	return p.sub(q.filterCondition(t, true)).add(" ORDER BY ").sub(q.c.orderByClause(q.sortKeys, t, q.backwards)).add(q.limitClause())
}

// limitClause is one row more than the page. It is written out: PostgreSQL takes an argument for a tenth of the table, and
// would plan the statement anew each time.
func (q *pageQuery) limitClause() string { return " LIMIT " + strconv.Itoa(q.size+1) }
