package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/model"
)

// session is the Session of one caller.
type session struct {
	hub         *Hub
	view        *access.View
	languages   []string         // all of the hub's, the caller's first
	rightsUntil time.Time        // when the clock alone may end what the view gives; zero: never
	db          database.Querier // the pool, or a transaction

	scopeView      *access.View // whose keys row-level security compares: those of the view
	rightsChanged  bool         // what was written here may change somebody's rights
	touchedRows    []feedEntry  // what was written here
	publishedCount int          // how many of touches are in the feed already
	singleWrite    bool         // the transaction is one write's, without savepoints
	activeScope    string       // what row-level security holds the transaction to
	readBack       *readBack    // what is shown of a row that is written; nil: nothing
}

func (s *session) newCompiler() *compiler {
	return &compiler{view: s.view, model: s.hub.model, isPostgres: s.hub.db.IsPostgres(), languages: s.languages, secret: s.hub.secret, rowLevelSecurity: s.hub.db.EnforcesRowSecurity()}
}

func (s *session) queryRows(ctx context.Context, c *compiler, p *sqlFragment, each func(*sql.Rows) error) error {
	text, args := c.renderStatement(p)
	rows, err := s.db.QueryContext(ctx, text, args...)
	if err != nil {
		return database.Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return database.Classify(err)
		}
	}
	return database.Classify(rows.Err())
}

// scanEach runs a statement, scans each row of its result into dest, and calls take after each.
func (s *session) scanEach(ctx context.Context, c *compiler, p *sqlFragment, dest []any, take func()) error {
	return s.queryRows(ctx, c, p, func(rows *sql.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		take()
		return nil
	})
}

// List implements Session.
func (s *session) List(ctx context.Context, list *List) (*Page, error) {
	var pages []*Page
	err := s.inReadTransaction(ctx, func(s *session) (err error) {
		pages, err = s.readPages(ctx, list, nil, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return pages[0], nil
}

// Get implements Session.
func (s *session) Get(ctx context.Context, ask *Selection, id uuid.UUID) (*Row, error) {
	rows, err := s.GetMany(ctx, ask, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// GetMany implements Session.
func (s *session) GetMany(ctx context.Context, ask *Selection, ids []uuid.UUID) (rows []*Row, err error) {
	err = s.inReadTransaction(ctx, func(s *session) (err error) {
		rows, err = s.readRowsByKey(ctx, ask, ids)
		return err
	})
	return rows, err
}

func (s *session) readRowsByKey(ctx context.Context, ask *Selection, ids []uuid.UUID) ([]*Row, error) {
	out := make([]*Row, len(ids))
	if len(ids) == 0 || !s.view.May(ask.Entity.Name, model.Read) {
		return out, nil
	}
	c := s.newCompiler()
	c.foundByKey = true
	t := c.newAlias()
	var dest []any
	cols, joins := &sqlFragment{}, &sqlFragment{}
	r := c.selectColumns(ask, t, cols, joins, &dest)
	own := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		own[i] = r.pseudonyms.storedKey(id)
	}
	p := (&sqlFragment{}).add("SELECT ").sub(cols).add(" FROM ", tableAs(ask.Entity, t)).sub(joins).add(" WHERE ").
		sub(c.columnInKeys(col(t, "id"), own)).add(" AND ").sub(c.visibleRows(ask.Entity, t))
	found := map[uuid.UUID]*Row{}
	err := s.queryRows(ctx, c, p, func(rows *sql.Rows) error {
		err := rows.Scan(dest...)
		row := r.takeRow()
		found[row.ID] = row
		return err
	})
	if err != nil {
		return nil, err
	}
	var rows []*Row
	for i, id := range ids {
		if out[i] = found[id]; out[i] != nil {
			rows = append(rows, out[i])
		}
	}
	return out, s.completeRead(ctx, ask, rows, nil, nil, len(ids)-len(rows)) // that there is none is an answer too
}

// completeRead pays for rows that were read, by their keys or in a list, and for counts, records what they show, and reads what
// hangs on them.
func (s *session) completeRead(ctx context.Context, ask *Selection, rows []*Row, list *List, edge *model.Edge, counts int) error {
	if err := s.chargeAuditBudget(ctx, rows, counts); err != nil {
		return err
	}
	if err := s.recordAccess(ctx, ask, rows, list, edge); err != nil {
		return err
	}
	return s.fillNestedLists(ctx, ask, rows)
}

// fillNestedLists reads the nested lists of the rows, and of the rows reached by their edges to one: a statement per list and
// one per total, however many rows there are.
func (s *session) fillNestedLists(ctx context.Context, ask *Selection, rows []*Row) error {
	for i := range ask.ToOne {
		var next []*Row
		for _, r := range rows {
			if r.ToOne[i] != nil {
				next = append(next, r.ToOne[i])
			}
		}
		if err := s.fillNestedLists(ctx, &ask.ToOne[i].Selection, next); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	for i := range ask.Lists {
		parents := make([]uuid.UUID, 0, len(rows))
		at := map[uuid.UUID]int{} // the same row may be reached twice
		for _, r := range rows {
			if _, ok := at[r.storedKey]; !ok {
				at[r.storedKey] = len(parents)
				parents = append(parents, r.storedKey)
			}
		}
		pages, err := s.readPages(ctx, &ask.Lists[i].List, ask.Lists[i].Edge, parents)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r.Lists[i] = pages[at[r.storedKey]]
		}
	}
	return nil
}

// readPages reads a page of the list for each parent, or the one page of a list at the root when edge is nil.
func (s *session) readPages(ctx context.Context, list *List, edge *model.Edge, parents []uuid.UUID) ([]*Page, error) {
	out := make([]*Page, max(len(parents), 1))
	for i := range out {
		out[i] = &Page{}
	}
	reads := s.view.May(list.Selection.Entity.Name, model.Read)
	if edge != nil && edge.Kind == model.Through {
		reads = reads && s.view.May(edge.Via, model.Read)
	}
	q, err := newPageQuery(s.newCompiler(), s.hub.cursorSealer, list, edge, parents)
	if err != nil || !reads {
		return out, err
	}
	totals := 0
	if list.Total {
		totals = len(out)
		p, dest, take := q.totalsStatement(out)
		if err := s.scanEach(ctx, q.c, p, dest, take); err != nil {
			return nil, err
		}
	}
	if list.Rows {
		p, dest, take := q.rowsStatement(out)
		err := s.scanEach(ctx, q.c, p, dest, take)
		if q.trimPages(out); err != nil {
			return nil, err
		}
	}
	var rows []*Row
	for _, page := range out {
		if rows = append(rows, page.Rows...); list.Rows && len(page.Rows) == 0 {
			totals++ // that there is none is an answer too
		}
	}
	return out, s.completeRead(ctx, &list.Selection, rows, list, edge, totals)
}
