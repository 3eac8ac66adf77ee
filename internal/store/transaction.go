package store

import (
	"context"
	"database/sql"

	"rightshub/internal/changefeed"
	"rightshub/internal/database"
	"rightshub/internal/model"
)

// This file runs several statements in one transaction.

// Atomic implements Session. Inside another Atomic it sets a savepoint, so that a failure undoes only the inner one.
func (s *session) Atomic(ctx context.Context, do func(context.Context, Session) error) error {
	if tx, ok := s.db.(*sql.Tx); ok {
		s.singleWrite = false
		if _, err := tx.ExecContext(ctx, "SAVEPOINT inner_write"); err != nil {
			return database.Classify(err)
		}
		err := do(ctx, s)
		ends := []string{"RELEASE SAVEPOINT inner_write"}
		if err != nil { // the savepoint must be released after it too, or it would hide the outer one of the same name
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

// inTransaction runs do in the open transaction, or in a new one that also publishes what do wrote.
func (s *session) inTransaction(ctx context.Context, do func(*session) error) error {
	if _, ok := s.db.(*sql.Tx); ok {
		return do(s)
	}
	inner := *s
	inner.writtenRows, inner.singleWrite = changefeed.WrittenRows{}, true
	scope := s.rowScope("write", model.Actions...)
	shared := database.WithShare(ctx, shareOf(s.view))
	err := s.hub.db.InScopedTransaction(shared, scope, nil, func(tx database.Querier) error {
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
	if inner.writtenRows.Any() {
		s.hub.feed.AfterCommit()
	}
	return nil
}
