package store

import (
	"context"
	"database/sql"

	"github.com/google/uuid"
)

// readBack is what is shown of a row that is written, and what the write's check read of it.
type readBack struct {
	ask  *Ask
	key  uuid.UUID // the row's own; uuid.Nil: none was read
	rows []*Row    // the row, where its writer sees it
}

// ReadBack implements Session.
func (s *caller) ReadBack(ctx context.Context, ask *Ask, write func(context.Context, Session) (uuid.UUID, error)) (*Row, error) {
	if _, ok := s.db.(*sql.Tx); !ok {
		own := *s // a session on the pool may serve several goroutines
		s = &own
	}
	back := &readBack{ask: ask}
	s.back = back
	id, err := write(ctx, s)
	s.back = nil
	if err != nil {
		return nil, err
	}
	if back.key == uuid.Nil || back.key != s.compiler().pseudonym(ask.Entity).own(id) {
		return s.Get(ctx, ask, id)
	}
	if err := s.complete(ctx, ask, back.rows, nil, nil, 0); err != nil || len(back.rows) == 0 {
		return nil, err
	}
	return back.rows[0], nil
}

// shows adds to the check of a write what is to be shown of its row, as rows reads it. The function takes it after the
// scan. Behind row-level security the row is read by itself, on the keys of what the caller may read.
func (w *write) shows(c *compiler, p *part, dest *[]any) (take func()) {
	if w.back == nil || w.back.ask.Entity != w.entity || c.walled {
		return func() {}
	}
	t := c.alias()
	cols, joins := &part{}, &part{}
	r := c.columns(w.back.ask, t, cols, joins, dest)
	p.add(", ").sub(cols).add(" FROM (SELECT 1) one LEFT JOIN ", table(w.entity, t), " ON ", col(t, "id"), " = ").arg(w.id.String()).
		add(" AND ").sub(c.visible(w.entity, t)).sub(joins)
	return func() {
		w.back.key, w.back.rows = w.id, nil
		if row := r.row(); row != nil {
			w.back.rows = []*Row{row}
		}
	}
}
