package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"

	"rightshub/internal/query"
)

// readBack says what the caller wants to read of a row that is written, and holds what the check of the write read.
type readBack struct {
	selection *query.Selection
	key       uuid.UUID    // the stored key of the row; uuid.Nil when the check read no row
	rows      []*query.Row // the row, or nothing when the caller may not see it
}

// ReadBack implements Session.
func (s *session) ReadBack(ctx context.Context, ask *query.Selection,
	write func(context.Context, Session) (uuid.UUID, error)) (*query.Row, error) {
	if _, ok := s.db.(*sql.Tx); !ok {
		private := *s // several goroutines may share a session that uses the pool
		s = &private
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

// addReadBack adds to the check of a write the columns that the caller wants to read of the row. They are selected as
// in readRowsByKey. The caller of addReadBack calls take after the scan. With row-level security nothing is added,
// because the check runs in the scope of a write. Then ReadBack reads the row by a statement of its own, in the scope
// of a read.
func (w *rowWrite) addReadBack(c *query.Compiler, p *query.Fragment, dest *[]any) (take func()) {
	if w.readBack == nil || w.readBack.selection.Entity != w.Entity || c.RowLevelSecurity {
		return func() {}
	}
	t := c.NewAlias()
	cols, joins := &query.Fragment{}, &query.Fragment{}
	r := c.SelectColumns(w.readBack.selection, t, cols, joins, dest)
	p.Add(", ").Sub(cols).
		Add(" FROM (SELECT 1) one LEFT JOIN ", query.TableAs(w.Entity, t)).
		Add(" ON ", query.Col(t, "id"), " = ").Arg(w.ID.String()).
		Add(" AND ").Sub(c.VisibleRows(w.Entity, t)).Sub(joins)
	return func() {
		w.readBack.key, w.readBack.rows = w.ID, nil
		if row := r.TakeRow(); row != nil {
			w.readBack.rows = []*query.Row{row}
		}
	}
}
