package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
)

// caller is the Session of one caller.
type caller struct {
	hub   *Hub
	view  *access.View
	langs []string  // all of the hub's, the caller's first
	until time.Time // when the clock alone may end what the view gives; zero: never
	db    querier   // the pool, or a transaction

	keys     *access.View // whose keys row-level security compares: those of the view
	rights   bool         // what was written here may change somebody's rights
	touches  []touched    // what was written here
	told     int          // how many of touches are in the feed already
	single   bool         // the transaction is one write's, without savepoints
	confines string       // what row-level security holds the transaction to
	back     *readBack    // what is shown of a row that is written; nil: nothing
}

func (s *caller) compiler() *compiler {
	return &compiler{view: s.view, model: s.hub.model, pg: s.hub.db.postgres(), langs: s.langs, secret: s.hub.secret, walled: s.hub.db.walled}
}

func (s *caller) query(ctx context.Context, c *compiler, p *part, each func(*sql.Rows) error) error {
	text, args := c.finish(p)
	rows, err := s.db.QueryContext(ctx, text, args...)
	if err != nil {
		return Classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return Classify(err)
		}
	}
	return Classify(rows.Err())
}

// List implements Session.
func (s *caller) List(ctx context.Context, list *List) (*Page, error) {
	var pages []*Page
	err := s.reading(ctx, func(s *caller) (err error) {
		pages, err = s.pages(ctx, list, nil, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return pages[0], nil
}

// Get implements Session.
func (s *caller) Get(ctx context.Context, ask *Ask, id uuid.UUID) (*Row, error) {
	rows, err := s.GetMany(ctx, ask, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// GetMany implements Session.
func (s *caller) GetMany(ctx context.Context, ask *Ask, ids []uuid.UUID) (rows []*Row, err error) {
	err = s.reading(ctx, func(s *caller) (err error) {
		rows, err = s.rows(ctx, ask, ids)
		return err
	})
	return rows, err
}

func (s *caller) rows(ctx context.Context, ask *Ask, ids []uuid.UUID) ([]*Row, error) {
	out := make([]*Row, len(ids))
	if len(ids) == 0 || !s.view.May(ask.Entity.Name, model.Read) {
		return out, nil
	}
	c := s.compiler()
	c.found = true
	t := c.alias()
	var dest []any
	cols, joins := &part{}, &part{}
	r := c.columns(ask, t, cols, joins, &dest)
	own := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		own[i] = r.pseudonym.own(id)
	}
	p := (&part{}).add("SELECT ").sub(cols).add(" FROM ", table(ask.Entity, t)).sub(joins).add(" WHERE ").
		sub(c.among(col(t, "id"), own)).add(" AND ").sub(c.visible(ask.Entity, t))
	found := map[uuid.UUID]*Row{}
	err := s.query(ctx, c, p, func(rows *sql.Rows) error {
		err := rows.Scan(dest...)
		row := r.row()
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
	return out, s.complete(ctx, ask, rows, nil, nil, len(ids)-len(rows)) // that there is none is an answer too
}

// complete pays for rows that were read, by their keys or in a list, and for counts, records what they show, and reads what
// hangs on them.
func (s *caller) complete(ctx context.Context, ask *Ask, rows []*Row, list *List, edge *model.Edge, counts int) error {
	if err := s.charge(ctx, rows, counts); err != nil {
		return err
	}
	if err := s.record(ctx, ask, rows, list, edge); err != nil {
		return err
	}
	return s.fill(ctx, ask, rows)
}

// fill reads the nested lists of the rows, and of the rows reached by their edges to one: a statement per list and
// one per total, however many rows there are.
func (s *caller) fill(ctx context.Context, ask *Ask, rows []*Row) error {
	for i := range ask.One {
		var next []*Row
		for _, r := range rows {
			if r.One[i] != nil {
				next = append(next, r.One[i])
			}
		}
		if err := s.fill(ctx, &ask.One[i].Ask, next); err != nil {
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
			if _, ok := at[r.key]; !ok {
				at[r.key] = len(parents)
				parents = append(parents, r.key)
			}
		}
		pages, err := s.pages(ctx, &ask.Lists[i].List, ask.Lists[i].Edge, parents)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r.Lists[i] = pages[at[r.key]]
		}
	}
	return nil
}

// pages reads a page of the list for each parent, or the one page of a list at the root when edge is nil.
func (s *caller) pages(ctx context.Context, list *List, edge *model.Edge, parents []uuid.UUID) ([]*Page, error) {
	n, backwards, err := list.size()
	if err != nil {
		return nil, err
	}
	out := make([]*Page, max(len(parents), 1))
	for i := range out {
		out[i] = &Page{}
	}
	reads := s.view.May(list.Ask.Entity.Name, model.Read)
	if edge != nil && edge.Kind == model.Through {
		reads = reads && s.view.May(edge.Via, model.Read)
	}
	c := s.compiler()
	q := &pageQuery{s: s, c: c, list: list, edge: edge, parents: parents, n: n, backwards: backwards}
	q.keys = c.sortKeys(list.Ask.Entity, list.Order)
	c.found = edge != nil || q.byCreation() && s.view.Rows(list.Ask.Entity.Name, model.Read).Op == access.In
	if list.Cursors || list.After != "" || list.Before != "" {
		q.bound = list.fingerprint(s.view.Key(), edge)
	}
	if q.at, err = q.open(); err != nil || !reads {
		return out, err
	}
	totals := 0
	if list.Total {
		totals = len(out)
		if err := q.totals(ctx, out); err != nil {
			return nil, err
		}
	}
	if list.Rows {
		if err := q.rows(ctx, out); err != nil {
			return nil, err
		}
	}
	var rows []*Row
	for _, page := range out {
		if rows = append(rows, page.Rows...); list.Rows && len(page.Rows) == 0 {
			totals++ // that there is none is an answer too
		}
	}
	return out, s.complete(ctx, &list.Ask, rows, list, edge, totals)
}
