package store

import (
	"context"
	"database/sql"

	"rightshub/internal/model"
)

// A write and what belongs to it, in one transaction.

// Atomic implements Session. Within another one it is a savepoint: what fails inside leaves the rest standing.
func (s *caller) Atomic(ctx context.Context, do func(context.Context, Session) error) error {
	if tx, ok := s.db.(*sql.Tx); ok {
		s.single = false
		if _, err := tx.ExecContext(ctx, "SAVEPOINT inner_write"); err != nil {
			return Classify(err)
		}
		err := do(ctx, s)
		ends := []string{"RELEASE SAVEPOINT inner_write"}
		if err != nil { // and then, too: left standing, it would take the place of the one around it
			ends = []string{"ROLLBACK TO SAVEPOINT inner_write", ends[0]}
		}
		for _, end := range ends {
			if _, failed := tx.ExecContext(ctx, end); failed != nil {
				return Classify(failed)
			}
		}
		return err
	}
	return s.within(ctx, func(tx *caller) error {
		tx.single = false
		return do(ctx, tx)
	})
}

// within runs do in a transaction, or in the one that is open.
func (s *caller) within(ctx context.Context, do func(*caller) error) error {
	if _, ok := s.db.(*sql.Tx); ok {
		return do(s)
	}
	inner := *s
	inner.touches, inner.told, inner.single = nil, 0, true
	scope := s.scope("write", model.Actions...)
	err := s.hub.db.confined(ctx, scope, nil, func(tx querier) error {
		inner.db, inner.confines = tx, scope
		if err := do(&inner); err != nil {
			return err
		}
		return inner.publish(ctx)
	})
	if err != nil {
		return err
	}
	if inner.rights {
		s.hub.rights.Add(1)
	}
	if len(inner.touches) > 0 {
		s.hub.feed.grown()
	}
	return nil
}
