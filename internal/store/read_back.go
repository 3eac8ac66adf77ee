package store

import (
	"context"
	"database/sql"
	"rightshub/internal/query"

	"github.com/google/uuid"
)

// readBack is what is shown of a row that is written, and what the write's check read of it.
type readBack struct {
	selection *query.Selection
	key       uuid.UUID    // the row's own; uuid.Nil: none was read
	rows      []*query.Row // the row, where its writer sees it
}

// ReadBack implements Session.
func (s *session) ReadBack(ctx context.Context, ask *query.Selection, write func(context.Context, Session) (uuid.UUID, error)) (*query.Row, error) {
	if _, ok := s.db.(*sql.Tx); !ok {
		own := *s // a session on the pool may serve several goroutines
		s = &own
	}
	back := &readBack{selection: ask}
	s.readBack = back
	id, err := write(ctx, s)
	s.readBack = nil
	if err != nil {
		return nil, err
	}
	if back.key == uuid.Nil || back.key != s.newCompiler().PseudonymsOf(ask.Entity).StoredKey(id) {
		return s.Get(ctx, ask, id)
	}
	if err := s.completeRead(ctx, ask, back.rows, nil, nil, 0); err != nil || len(back.rows) == 0 {
		return nil, err
	}
	return back.rows[0], nil
}

// addReadBack adds to the check of a write what is to be shown of its row, as rows reads it. The function takes it after the
// scan. Behind row-level security the row is read by itself, on the keys of what the caller may read.
func (w *rowWrite) addReadBack(c *query.Compiler, p *query.Fragment, dest *[]any) (take func()) {
	if w.readBack == nil || w.readBack.selection.Entity != w.entity || c.RowLevelSecurity {
		return func() {}
	}
	t := c.NewAlias()
	cols, joins := &query.Fragment{}, &query.Fragment{}
	r := c.SelectColumns(w.readBack.selection, t, cols, joins, dest)
	p.Add(", ").Sub(cols).Add(" FROM (SELECT 1) one LEFT JOIN ", query.TableAs(w.entity, t), " ON ", query.Col(t, "id"), " = ").Arg(w.id.String()).
		Add(" AND ").Sub(c.VisibleRows(w.entity, t)).Sub(joins)
	return func() {
		w.readBack.key, w.readBack.rows = w.id, nil
		if row := r.TakeRow(); row != nil {
			w.readBack.rows = []*query.Row{row}
		}
	}
}
