package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/changefeed"
	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// session is the Session of one caller.
type session struct {
	hub         *Hub
	view        *access.View
	languages   []string         // all languages of the hub, the caller's first
	rightsUntil time.Time        // when the clock alone may change the caller's rights; zero when unknown
	db          database.Querier // the pool, or a transaction

	scopeView     *access.View           // the view with the keys for row-level security; the same as view except in tests
	rightsChanged bool                   // a write of this transaction may change somebody's rights
	writtenRows   changefeed.WrittenRows // the rows that this transaction wrote
	singleWrite   bool                   // the transaction serves one write and has no savepoints
	activeScope   string                 // the scope to which row-level security limits the transaction
	bulk          *bulkWrite             // the write of very many rows that this transaction serves; nil for none
	readBack      *readBack              // what the caller wants to read of the row that is written; nil for nothing
}

// newCompiler returns a compiler of statements for the caller's view.
func (s *session) newCompiler() *query.Compiler {
	return &query.Compiler{
		View: s.view, Model: s.hub.model, IsPostgres: s.hub.db.IsPostgres(), Languages: s.languages,
		Secret: s.hub.secret, RowLevelSecurity: s.hub.db.EnforcesRowSecurity(),
	}
}

// queryRows runs a statement and calls each at every row of its result.
func (s *session) queryRows(ctx context.Context, c *query.Compiler, p *query.Fragment,
	each func(*sql.Rows) error) error {
	text, args := c.RenderStatement(p)
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
func (s *session) scanEach(ctx context.Context, c *query.Compiler, p *query.Fragment, dest []any, take func()) error {
	return s.queryRows(ctx, c, p, func(rows *sql.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		take()
		return nil
	})
}

// List implements Session.
func (s *session) List(ctx context.Context, list *query.List) (*query.Page, error) {
	var pages []*query.Page
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
func (s *session) Get(ctx context.Context, ask *query.Selection, id uuid.UUID) (*query.Row, error) {
	rows, err := s.GetMany(ctx, ask, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// GetMany implements Session.
func (s *session) GetMany(ctx context.Context, ask *query.Selection, ids []uuid.UUID) (rows []*query.Row, err error) {
	err = s.inReadTransaction(ctx, func(s *session) (err error) {
		rows, err = s.readRowsByKey(ctx, ask, ids)
		return err
	})
	return rows, err
}

// readRowsByKey reads the rows with the ids in one statement, as GetMany does.
func (s *session) readRowsByKey(ctx context.Context, ask *query.Selection, ids []uuid.UUID) ([]*query.Row, error) {
	out := make([]*query.Row, len(ids))
	if len(ids) == 0 || !s.view.May(ask.Entity.Name, model.Read) {
		return out, nil
	}
	c := s.newCompiler()
	c.FoundByKey = true
	t := c.NewAlias()
	var dest []any
	cols, joins := &query.Fragment{}, &query.Fragment{}
	r := c.SelectColumns(ask, t, cols, joins, &dest)
	own := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		own[i] = r.Pseudonyms.StoredKey(id)
	}
	p := (&query.Fragment{}).Add("SELECT ").Sub(cols).
		Add(" FROM ", query.TableAs(ask.Entity, t)).Sub(joins).
		Add(" WHERE ").
		Sub(c.ColumnInKeys(query.Col(t, "id"), own)).Add(" AND ").Sub(c.VisibleRows(ask.Entity, t))
	found := map[uuid.UUID]*query.Row{}
	err := s.queryRows(ctx, c, p, func(rows *sql.Rows) error {
		err := rows.Scan(dest...)
		row := r.TakeRow()
		found[row.ID] = row
		return err
	})
	if err != nil {
		return nil, err
	}
	var rows []*query.Row
	for i, id := range ids {
		if out[i] = found[id]; out[i] != nil {
			rows = append(rows, out[i])
		}
	}
	// The absence of a row is an answer too, so it costs as much as a row.
	return out, s.completeRead(ctx, ask, rows, nil, nil, len(ids)-len(rows))
}

// completeRead finishes the reading of rows. It charges the rows and the counts to the audit budget, records what the
// rows disclose, and reads their nested lists. List is nil for rows that were read by their keys. Edge is the edge of
// the list, or nil for a list at the root.
func (s *session) completeRead(ctx context.Context, ask *query.Selection, rows []*query.Row, list *query.List,
	edge *model.Edge, counts int) error {
	if err := s.chargeAuditBudget(ctx, rows, counts); err != nil {
		return err
	}
	if err := s.recordAccess(ctx, ask, rows, list, edge); err != nil {
		return err
	}
	return s.fillNestedLists(ctx, ask, rows)
}

// fillNestedLists reads the nested lists of the rows, and of the rows at the ends of their edges to one row. It runs
// one statement for each list and one for each total, however many rows there are.
func (s *session) fillNestedLists(ctx context.Context, ask *query.Selection, rows []*query.Row) error {
	for i := range ask.ToOne {
		var next []*query.Row
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
		at := map[uuid.UUID]int{} // two rows may refer to the same row
		for _, r := range rows {
			if _, ok := at[r.StoredKey]; !ok {
				at[r.StoredKey] = len(parents)
				parents = append(parents, r.StoredKey)
			}
		}
		pages, err := s.readPages(ctx, &ask.Lists[i].List, ask.Lists[i].Edge, parents)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r.Lists[i] = pages[at[r.StoredKey]]
		}
	}
	return nil
}

// readPages reads one page of the list for each parent. A list at the root has no edge and no parents, and one page.
func (s *session) readPages(ctx context.Context, list *query.List, edge *model.Edge,
	parents []uuid.UUID) ([]*query.Page, error) {
	out := make([]*query.Page, max(len(parents), 1))
	for i := range out {
		out[i] = &query.Page{}
	}
	reads := s.view.May(list.Selection.Entity.Name, model.Read)
	if edge != nil && edge.Kind == model.Through {
		reads = reads && s.view.May(edge.Via, model.Read)
	}
	q, err := query.NewPageQuery(s.newCompiler(), s.hub.cursorSealer, list, edge, parents)
	if err != nil || !reads {
		return out, err
	}
	totals := 0
	if list.Total {
		totals = len(out)
		p, dest, take := q.TotalsStatement(out)
		if err := s.scanEach(ctx, q.Compiler, p, dest, take); err != nil {
			return nil, err
		}
	}
	if list.Rows {
		p, dest, take := q.RowsStatement(out)
		err := s.scanEach(ctx, q.Compiler, p, dest, take)
		if q.TrimPages(out); err != nil {
			return nil, err
		}
	}
	var rows []*query.Row
	for _, page := range out {
		if rows = append(rows, page.Rows...); list.Rows && len(page.Rows) == 0 {
			totals++ // the absence of rows is an answer too
		}
	}
	return out, s.completeRead(ctx, &list.Selection, rows, list, edge, totals)
}
