package store

import (
	"context"
	"database/sql"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

// A write and what belongs to it, in one transaction.

// Atomic implements Session. Within another one it is a savepoint: what fails inside leaves the rest standing.
func (s *session) Atomic(ctx context.Context, do func(context.Context, Session) error) error {
	if tx, ok := s.db.(*sql.Tx); ok {
		s.singleWrite = false
		if _, err := tx.ExecContext(ctx, "SAVEPOINT inner_write"); err != nil {
			return database.Classify(err)
		}
		err := do(ctx, s)
		ends := []string{"RELEASE SAVEPOINT inner_write"}
		if err != nil { // and then, too: left standing, it would take the place of the one around it
			ends = []string{"ROLLBACK TO SAVEPOINT inner_write", ends[0]}
		}
		for _, end := range ends {
			if _, failed := tx.ExecContext(ctx, end); failed != nil {
				return database.Classify(failed)
			}
		}
		return err
	}
	return s.inTransaction(ctx, func(tx *session) error {
		tx.singleWrite = false
		return do(ctx, tx)
	})
}

// inTransaction runs do in a transaction, or in the one that is open.
func (s *session) inTransaction(ctx context.Context, do func(*session) error) error {
	if _, ok := s.db.(*sql.Tx); ok {
		return do(s)
	}
	inner := *s
	inner.touchedRows, inner.publishedCount, inner.singleWrite = nil, 0, true
	scope := s.rowScope("write", model.Actions...)
	err := s.hub.db.InScopedTransaction(ctx, scope, nil, func(tx database.Querier) error {
		inner.db, inner.activeScope = tx, scope
		if err := do(&inner); err != nil {
			return err
		}
		return inner.publishWrites(ctx)
	})
	if err != nil {
		return err
	}
	if inner.rightsChanged {
		s.hub.rightsVersion.Add(1)
	}
	if len(inner.touchedRows) > 0 {
		s.hub.feed.afterCommit()
	}
	return nil
}
