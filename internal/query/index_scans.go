package query

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// This file finds the rows of a page by one scan of an index for each key of the view.

// maxIndexScans bounds the number of subqueries in a statement for SQLite, where each key of the view needs one.
const maxIndexScans = 24

// indexScans returns a SELECT of the ids that the page of the list, or of one parent, can hold. It has one index scan
// for each key of the view, and for each condition of the view that passes an edge. Without it, a database in search of
// the caller's old or rare rows would scan past everyone else's rows. It returns nil where separate scans do not help,
// because the view has fewer than two keys and edges, because it has another kind of condition, or because no index has
// the order.
func (q *pageQuery) indexScans() *Fragment {
	e := q.list.Selection.Entity
	conds := q.rowConditions()
	scans := 0
	for _, k := range conds {
		switch k.Op {
		case access.KeyIn:
			scans += len(k.Values)
		case access.Via:
			scans++
		default:
			return nil
		}
	}
	if scans < 2 || !q.hasOrderedIndex(conds) || !q.Compiler.IsPostgres && scans > maxIndexScans {
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
			union().Add("SELECT p.id FROM ").Sub(q.scanOfKeys(k, `"id"`, "p")) // a single key is written out below
		case k.Op == access.KeyIn:
			for _, v := range k.Values {
				scan := q.indexScan(`"id"`, func(t string) *Fragment {
					return q.Compiler.columnInViewKeys(Col(t, k.Column), []uuid.UUID{v})
				})
				union().Add("SELECT p.id FROM (").Sub(scan).Add(") p")
			}
		case q.Compiler.FoundByKey && q.edge == nil && q.linkOf(k) != nil:
			union().Sub(q.linkScans(k))
		default:
			scan := q.indexScan(`"id"`, func(t string) *Fragment { return q.Compiler.CompileCondition(e, t, k) })
			union().Add("SELECT p.id FROM (").Sub(scan).Add(") p")
		}
	}
	return p
}

// rowsOfKeys returns a SELECT of the rows that the page of a list at the root can hold, for a view that names the rows
// by several keys in one column. It has one index scan for each key. A row has one value in the column, so each comes
// once, and need not be looked up by its id as with indexScans. It returns nil for other views and lists. The statement
// must limit the rows by VisibleRows all the same.
func (q *pageQuery) rowsOfKeys() *Fragment {
	conds := q.rowConditions()
	if !q.Compiler.IsPostgres || q.edge != nil || len(conds) != 1 || conds[0].Op != access.KeyIn ||
		len(conds[0].Values) < 2 || !q.hasOrderedIndex(conds) {
		return nil
	}
	t := q.Compiler.NewAlias()
	return (&Fragment{}).Add("SELECT ", t, ".* FROM ").Sub(q.scanOfKeys(conds[0], "*", t)).
		Add(" ORDER BY ").Sub(q.Compiler.orderByClause(q.sortKeys, t, q.backwards)).Add(q.limitClause())
}

// scanOfKeys returns a FROM clause with one index scan for each key of a condition on a column, under the alias. It
// selects one column of each row, or all for "*". The planner does not look into the list of keys, as in pagePerParent.
// It plans any list as ten keys.
func (q *pageQuery) scanOfKeys(cond access.Cond, column, alias string) *Fragment {
	scan := q.indexScan(column, func(t string) *Fragment { return (&Fragment{}).Add(Col(t, cond.Column), " = w.k") })
	return (&Fragment{}).Add("unnest((SELECT CAST(").Arg(pq.Array(KeyStrings(cond.Values))).
		Add(" AS uuid[]))) w(k) CROSS JOIN LATERAL (").Sub(scan).Add(") ", alias)
}

// rowConditions returns the conditions of the view of which a row of the list must satisfy one.
func (q *pageQuery) rowConditions() []access.Cond {
	e := q.list.Selection.Entity
	cond := q.Compiler.View.RowsWhere(e.Name, model.Read)
	if q.edge != nil {
		cond = q.Compiler.simplifyUnderParent(e, q.edge.Column, cond)
	}
	if cond.Op == access.Or {
		return cond.Kids
	}
	return []access.Cond{cond}
}

// hasScannableKeys reports whether the scans of a list at the root find its rows without a plan for the caller's keys.
// Each condition must be on keys of the rows or of rows of a joining entity.
func (q *pageQuery) hasScannableKeys() bool {
	conds := q.rowConditions()
	for _, k := range conds {
		if k.Op != access.KeyIn && (q.linkOf(k) == nil || len(conds) == 1) {
			return false
		}
	}
	return true
}

// linkOf returns the edge of a condition on the keys of rows of a joining entity, or nil for another condition. With
// row-level security it returns nil, because the views of database.PathViewName have no column in the order of which
// an index gives a caller's links.
func (q *pageQuery) linkOf(cond access.Cond) *model.Edge {
	if !q.Compiler.IsPostgres || q.Compiler.RowLevelSecurity || cond.Op != access.Via {
		return nil
	}
	if kid := cond.Kids[0]; kid.Op != access.KeyIn || kid.Column != "id" {
		return nil
	}
	if edge := q.list.Selection.Entity.Edge(cond.Edge); edge.Kind == model.Through {
		return edge
	}
	return nil
}

// maxFewLinks is the most rows of a joining entity with which a scan begins.
const maxFewLinks = 300

// linkScans returns a SELECT of the ids of one page of the rows that satisfy a condition of linkOf. Which scan is fast
// depends on the caller. Few links are read first, and their rows are sorted. With many links, rows are read in the
// order of the page until enough of them have a link. The statement itself counts the links, so that PostgreSQL plans
// it once for all callers, and not anew for the keys of each.
func (q *pageQuery) linkScans(cond access.Cond) *Fragment {
	c, e, edge := q.Compiler, q.list.Selection.Entity, q.linkOf(cond)
	via, v, limit := c.Model.Entity(edge.Via), c.NewAlias(), " LIMIT "+strconv.Itoa(maxFewLinks+1)
	few := q.indexScan(`"id"`, func(t string) *Fragment {
		return (&Fragment{}).Add("cardinality(l.ids) <= ", strconv.Itoa(maxFewLinks), " AND ",
			Col(t, "id"), " = ANY(l.ids)")
	})
	many := q.indexScan(`"id"`, func(t string) *Fragment {
		return (&Fragment{}).Add("cardinality(l.ids) > ", strconv.Itoa(maxFewLinks), " AND ").
			Sub(c.CompileCondition(e, t, cond))
	})
	p := (&Fragment{}).Add("SELECT p.id FROM (SELECT ARRAY(SELECT x.id FROM unnest((SELECT CAST(").
		Arg(pq.Array(KeyStrings(cond.Kids[0].Values))).
		Add(" AS uuid[]))) w(k) CROSS JOIN LATERAL (SELECT ", Col(v, edge.ViaSelf), " AS id FROM ",
			c.conditionTable(via.Table, v), " WHERE ", Col(v, edge.ViaTarget), " = w.k AND ",
			Col(v, "archived_at"), " IS NULL ORDER BY ", Col(v, "created_at"), limit, ") x", limit)
	return p.Add(") AS ids OFFSET 0) l CROSS JOIN LATERAL (SELECT p.id FROM (").Sub(few).
		Add(") p UNION ALL SELECT p.id FROM (").Sub(many).Add(") p) p")
}

// hasOrderedIndex reports whether an index yields the rows of each scan in the order of the page. At the root this is
// so for the order of creation. For the order of keys it is so for the rows of a country, and the rows of other keys,
// which are fewer, are sorted. Under a parent it is so on PostgreSQL, for the rows of an office in their default
// order, when a condition is on the country, with which that index begins.
func (q *pageQuery) hasOrderedIndex(conds []access.Cond) bool {
	if q.edge == nil {
		return q.fromKey != nil || q.ordersByCreation()
	}
	return q.Compiler.IsPostgres && len(q.list.Order) == 0 && q.list.Selection.Entity.IndexedByCountry(q.edge.Column) &&
		slices.ContainsFunc(conds, func(k access.Cond) bool { return k.Op == access.KeyIn && k.Column == "country_id" })
}

// ordersByCreation reports whether the list is ordered by the time of creation. Each key of a scope has an index with
// this order.
func (q *pageQuery) ordersByCreation() bool {
	if len(q.list.Order) == 0 {
		column, _, _ := strings.Cut(q.list.Selection.Entity.Order, " ")
		return column == "created_at"
	}
	first := q.list.Order[0]
	return len(q.list.Order) == 1 && len(first.Path) == 0 && first.Field != nil && first.Field.Column == "created_at"
}

// indexScan returns a SELECT of one page of the rows that satisfy one condition of the view, and under a parent belong
// to it. It selects a quoted column of each row, or all columns for "*".
func (q *pageQuery) indexScan(column string, condition func(alias string) *Fragment) *Fragment {
	e, t := q.list.Selection.Entity, q.Compiler.NewAlias()
	p := (&Fragment{}).Add("SELECT ", t, ".", column, " FROM ", TableAs(e, t), " WHERE ").Sub(condition(t)).
		Add(" AND ", Col(t, "archived_at"), " IS NULL")
	if q.edge != nil {
		p.Add(" AND ", Col(t, q.edge.Column), " = s.k").Sub(q.Compiler.followableEdge(e, t, q.edge))
	}
	return p.Sub(q.scanFilter(t)).
		Add(" ORDER BY ").Sub(q.Compiler.orderByClause(q.sortKeys, t, q.backwards)).
		Add(q.limitClause())
}

// scanFilter returns the filter of the list for one index scan. It counts for each row, because groups of counts would
// be computed again for each key of the view.
func (q *pageQuery) scanFilter(alias string) *Fragment {
	groups := q.Compiler.countsGroups
	q.Compiler.countsGroups = false
	p := q.filterCondition(alias, true)
	q.Compiler.countsGroups = groups
	return p
}
