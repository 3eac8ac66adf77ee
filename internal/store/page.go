package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
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

// size is how many rows are wanted, and from which end.
func (l *List) size() (n int, backwards bool, err error) {
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

// fingerprint names the list that a cursor belongs to, and whose it is.
func (l *List) fingerprint(key string, edge *model.Edge) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q ", key, l.Ask.Entity.Name)
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
	l.Where.print(h)
	return h.Sum(nil)
}

// print writes the predicate without ambiguity.
func (p *Pred) print(w io.Writer) {
	if p == nil {
		return
	}
	fmt.Fprintf(w, "(%d %d", p.Op, p.Compare)
	if p.Field != nil {
		fmt.Fprintf(w, " %s", p.Field.Name)
	}
	if p.Edge != nil {
		fmt.Fprintf(w, " %s", p.Edge.Name)
	}
	for _, v := range p.Values {
		fmt.Fprintf(w, " %q", fmt.Sprint(v))
	}
	for i := range p.Kids {
		p.Kids[i].print(w)
	}
	fmt.Fprint(w, ")")
}

// pageQuery is one list being read.
type pageQuery struct {
	s         *caller
	c         *compiler
	list      *List
	edge      *model.Edge
	parents   []uuid.UUID
	n         int
	backwards bool
	keys      []sortKey
	bound     []byte
	at        [2][]any // after, before
}

func (q *pageQuery) open() (out [2][]any, err error) {
	for i, cursor := range []string{q.list.After, q.list.Before} {
		if cursor == "" {
			continue
		}
		plain, err := q.s.hub.seal.open(cursor, q.bound)
		if err != nil {
			return out, err
		}
		if out[i], err = at(q.keys, plain); err != nil {
			return out, err
		}
	}
	return out, nil
}

// filter is the caller's own condition, with the positions of the cursors when the page is wanted.
func (q *pageQuery) filter(alias string, page bool) *part {
	p := &part{}
	if q.list.Where != nil {
		p.add(" AND ").sub(q.c.where(q.list.Ask.Entity, alias, q.list.Where))
	}
	for i, at := range q.at {
		if page && at != nil {
			p.add(" AND ").sub(q.c.beyond(q.keys, alias, at, i == 1))
		}
	}
	return p
}

// totals counts the visible rows of each parent, in one statement.
func (q *pageQuery) totals(ctx context.Context, out []*Page) error {
	e, t := q.list.Ask.Entity, q.c.alias()
	if q.edge == nil {
		p := (&part{}).add("SELECT count(*) FROM ", table(e, t), " WHERE ").sub(q.c.visible(e, t)).sub(q.filter(t, false))
		return q.s.query(ctx, q.c, p, func(rows *sql.Rows) error { return rows.Scan(&out[0].Total) })
	}
	p := (&part{}).add("SELECT ")
	if q.edge.Kind == model.Through {
		via, v := q.c.model.Entity(q.edge.Via), q.c.alias()
		self := col(v, q.edge.ViaSelf)
		p.add(self, ", count(DISTINCT ", col(t, "id"), ") FROM ", table(via, v), " JOIN ", table(e, t), " ON ", col(t, "id"), " = ", col(v, q.edge.ViaTarget),
			" WHERE ").sub(q.c.among(self, q.parents)).add(" AND ").sub(q.c.visible(via, v)).add(" AND ").sub(q.c.visible(e, t)).sub(q.filter(t, false)).add(" GROUP BY ", self)
	} else {
		fk := col(t, q.edge.Column)
		first, by := fk, " GROUP BY "+fk
		if len(q.parents) == 1 { // of the one parent: there is nothing to group
			first, by = "NULL", ""
		}
		p.add(first, ", count(*) FROM ", table(e, t), " WHERE ").sub(q.c.among(fk, q.parents)).sub(q.c.followed(e, t, q.edge)).add(" AND ").sub(q.c.visible(e, t)).sub(q.filter(t, false)).add(by)
	}
	at := map[uuid.UUID]int{}
	for i, id := range q.parents {
		at[id] = i
	}
	return q.s.query(ctx, q.c, p, func(rows *sql.Rows) error {
		var k keyScan
		var n int64
		err := rows.Scan(&k, &n)
		out[at[k.key]].Total = n
		return err
	})
}

// rows reads one row more than the page holds, which says whether there is a next one.
func (q *pageQuery) rows(ctx context.Context, out []*Page) error {
	c, e, t := q.c, q.list.Ask.Entity, q.c.alias()
	var dest []any
	cols, joins := &part{}, &part{}
	r := c.columns(&q.list.Ask, t, cols, joins, &dest)
	values := make([]Value, len(q.keys))
	if q.list.Cursors {
		for i, k := range q.keys {
			cols.add(", ").sub(k.write(t))
			dest = append(dest, &cellScan{&values[i], k.kind, ""})
		}
	}
	p := &part{}
	at := int64(1)
	if q.edge == nil {
		p.add("SELECT ").sub(cols).add(" FROM ", table(e, t)).sub(joins).add(" WHERE ")
		if ids := q.branches(); ids != nil {
			p.add(col(t, "id"), " IN (").sub(ids).add(") AND ").sub(c.visible(e, t))
		} else {
			p.sub(c.visible(e, t)).sub(q.filter(t, true))
		}
		p.add(" ORDER BY ")
	} else {
		dest = append([]any{&at}, dest...)
		p.add("SELECT s.o, ").sub(cols).add(" FROM ").sub(q.perParent(e, t)).sub(joins).add(" ORDER BY s.o, ")
	}
	p.sub(c.orderBy(q.keys, t, q.backwards))
	if q.edge == nil {
		p.add(q.limit())
	}
	err := q.s.query(ctx, c, p, func(rows *sql.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		page := out[at-1]
		page.Rows = append(page.Rows, r.row())
		if q.list.Cursors {
			page.Cursors = append(page.Cursors, q.s.hub.seal.seal(position(q.keys, values), q.bound))
		}
		return nil
	})
	for _, page := range out {
		q.trim(page)
	}
	return err
}

// trim takes the extra row off and turns a page that was read backwards round.
func (q *pageQuery) trim(page *Page) {
	more := len(page.Rows) > q.n
	if more {
		page.Rows = page.Rows[:q.n]
		if page.Cursors != nil {
			page.Cursors = page.Cursors[:q.n]
		}
	}
	page.Next, page.Prev = more, q.at[0] != nil
	if q.backwards {
		page.Next, page.Prev = q.at[1] != nil, more
		slices.Reverse(page.Rows)
		slices.Reverse(page.Cursors)
	}
}

// perParent is the FROM of the rows of each parent's page, with the parent's number as s.o. PostgreSQL reads each
// page by an index of its own (LATERAL); SQLite, which has no LATERAL, by a list of keys per parent.
func (q *pageQuery) perParent(e *model.Entity, t string) *part {
	c, inner := q.c, q.c.alias()
	page := (&part{}).add("SELECT ")
	if c.pg {
		page.add(inner, ".* FROM ")
	} else {
		page.add(col(inner, "id"), " FROM ")
	}
	if q.edge.Kind == model.Through {
		page.add("(").sub(c.targets(q.edge, "s.k", true)).add(") v JOIN ", table(e, inner), " ON ", col(inner, "id"), " = v.id WHERE 1=1")
	} else {
		page.add(table(e, inner), " WHERE ", col(inner, q.edge.Column), " = s.k").sub(c.followed(e, inner, q.edge))
	}
	visible := c.visible(e, inner)
	if q.edge.Kind == model.ToMany {
		visible = c.beneath(e, inner, q.edge.Column)
	}
	if ids := q.branches(); ids != nil {
		page.add(" AND ", col(inner, "id"), " IN (").sub(ids).add(")")
	}
	page.add(" AND ").sub(visible).sub(q.filter(inner, true)).add(" ORDER BY ").sub(c.orderBy(q.keys, inner, q.backwards)).add(q.limit())
	p := &part{}
	if c.pg {
		// the planner does not look into a subquery's list: it would else plan anew for each length
		return p.add("unnest((SELECT CAST(").arg(pq.Array(texts(q.parents))).add(" AS uuid[]))) WITH ORDINALITY s(k,o) CROSS JOIN LATERAL (").sub(page).add(") ", t)
	}
	list, err := json.Marshal(q.parents)
	if err != nil {
		list = nil
	}
	return p.add("(SELECT value k, key+1 o FROM json_each(").arg(string(list)).add(")) s JOIN ", table(e, t), " ON ", col(t, "id"), " IN (").sub(page).add(")")
}

// maxBranches bounds the statement on SQLite, which has a subquery per key.
const maxBranches = 24

// branches lists the keys of the candidates of the page, or of one parent's, by one index walk for each way in which rows
// are the caller's: for each key of the scope, and for each rule that reaches over an edge. Otherwise, where the caller's rows
// are old or rare, the database would walk past everyone else's to find them. It is nil where it does not help.
func (q *pageQuery) branches() *part {
	e := q.list.Ask.Entity
	cond := q.c.view.Rows(e.Name, model.Read)
	if q.edge != nil {
		cond = q.c.settle(e, q.edge.Column, cond)
	}
	conds := []access.Cond{cond}
	if cond.Op == access.Or {
		conds = cond.Kids
	}
	ways := 0
	for _, k := range conds {
		switch k.Op {
		case access.In:
			ways += len(k.Values)
		case access.Via:
			ways++
		default:
			return nil
		}
	}
	if ways < 2 || !q.walked(conds) || !q.c.pg && ways > maxBranches {
		return nil
	}
	p := &part{}
	union := func() *part {
		if p.text.Len() > 0 {
			p.add(" UNION ALL ")
		}
		return p
	}
	for _, k := range conds {
		switch {
		case k.Op == access.In && q.c.pg && len(k.Values) > 1:
			// one key is written out, since a list is planned as ten; the planner does not look into it, as in perParent
			union().add("SELECT p.id FROM unnest((SELECT CAST(").arg(pq.Array(texts(k.Values))).add(" AS uuid[]))) w(k) CROSS JOIN LATERAL (").
				sub(q.branch(func(t string) *part { return (&part{}).add(col(t, k.Column), " = w.k") })).add(") p")
		case k.Op == access.In:
			for _, v := range k.Values {
				union().add("SELECT p.id FROM (").sub(q.branch(func(t string) *part { return q.c.held(col(t, k.Column), []uuid.UUID{v}) })).add(") p")
			}
		default:
			union().add("SELECT p.id FROM (").sub(q.branch(func(t string) *part { return q.c.cond(e, t, k) })).add(") p")
		}
	}
	return p
}

// walked says that an index has the rows of each way in the order of the page.
func (q *pageQuery) walked(conds []access.Cond) bool {
	if q.edge == nil {
		return q.byCreation()
	}
	return q.c.pg && len(q.list.Order) == 0 && q.list.Ask.Entity.Parted(q.edge.Column) &&
		slices.ContainsFunc(conds, func(k access.Cond) bool { return k.Op == access.In && k.Column == "country_id" })
}

// byCreation says that the rows come in the order in which they were made: an index of each key of a scope has it.
func (q *pageQuery) byCreation() bool {
	if len(q.list.Order) == 0 {
		column, _, _ := strings.Cut(q.list.Ask.Entity.Order, " ")
		return column == "created_at"
	}
	first := q.list.Order[0]
	return len(q.list.Order) == 1 && len(first.Path) == 0 && first.Field != nil && first.Field.Column == "created_at"
}

// branch is the page of the rows that are the caller's in one way, of the parent where there is one.
func (q *pageQuery) branch(way func(alias string) *part) *part {
	e, t := q.list.Ask.Entity, q.c.alias()
	p := (&part{}).add("SELECT ", col(t, "id"), " FROM ", table(e, t), " WHERE ").sub(way(t)).add(" AND ", col(t, "archived_at"), " IS NULL")
	if q.edge != nil {
		p.add(" AND ", col(t, q.edge.Column), " = s.k").sub(q.c.followed(e, t, q.edge))
	}
	return p.sub(q.filter(t, true)).add(" ORDER BY ").sub(q.c.orderBy(q.keys, t, q.backwards)).add(q.limit())
}

// limit is one row more than the page. It is written out: PostgreSQL takes an argument for a tenth of the table, and
// would plan the statement anew each time.
func (q *pageQuery) limit() string { return " LIMIT " + strconv.Itoa(q.n+1) }
