package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"
)

// readBack is what is shown of a row that is written, and what the write's check read of it.
type readBack struct {
	selection *Selection
	key       uuid.UUID // the row's own; uuid.Nil: none was read
	rows      []*Row    // the row, where its writer sees it
}

// ReadBack implements Session.
func (s *session) ReadBack(ctx context.Context, ask *Selection, write func(context.Context, Session) (uuid.UUID, error)) (*Row, error) {
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
	if back.key == uuid.Nil || back.key != s.newCompiler().pseudonymsOf(ask.Entity).storedKey(id) {
		return s.Get(ctx, ask, id)
	}
	if err := s.completeRead(ctx, ask, back.rows, nil, nil, 0); err != nil || len(back.rows) == 0 {
		return nil, err
	}
	return back.rows[0], nil
}

// addReadBack adds to the check of a write what is to be shown of its row, as rows reads it. The function takes it after the
// scan. Behind row-level security the row is read by itself, on the keys of what the caller may read.
func (w *rowWrite) addReadBack(c *compiler, p *sqlFragment, dest *[]any) (take func()) {
	if w.readBack == nil || w.readBack.selection.Entity != w.entity || c.rowLevelSecurity {
		return func() {}
	}
	t := c.newAlias()
	cols, joins := &sqlFragment{}, &sqlFragment{}
	r := c.selectColumns(w.readBack.selection, t, cols, joins, dest)
	p.add(", ").sub(cols).add(" FROM (SELECT 1) one LEFT JOIN ", tableAs(w.entity, t), " ON ", col(t, "id"), " = ").arg(w.id.String()).
		add(" AND ").sub(c.visibleRows(w.entity, t)).sub(joins)
	return func() {
		w.readBack.key, w.readBack.rows = w.id, nil
		if row := r.takeRow(); row != nil {
			w.readBack.rows = []*Row{row}
		}
	}
}
