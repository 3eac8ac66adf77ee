package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/record"
)

// newRecorder returns the recorder of the caller's reads.
func (s *session) newRecorder() record.Recorder {
	return record.Recorder{Model: s.hub.model, View: s.view, Secret: s.hub.secret}
}

// recordAccess records what the rows of a selection disclose, and that they were found by recorded values. List is nil
// for rows that were read by their keys. Edge is nil for a list at the root.
func (s *session) recordAccess(ctx context.Context, ask *query.Selection, rows []*query.Row, list *query.List,
	edge *model.Edge) error {
	disclosures := s.newRecorder().FindDisclosures(ask, rows, list, edge)
	if len(disclosures) == 0 {
		return nil
	}
	return s.inTransaction(ctx, func(tx *session) error {
		return tx.withAllRows(ctx, []string{"access_events"}, func() error {
			return tx.writeAccessEvents(ctx, disclosures)
		})
	})
}

// writeAccessEvents adds the disclosures to the record.
func (s *session) writeAccessEvents(ctx context.Context, disclosures []*record.Disclosure) error {
	now, operation := s.hub.db.CurrentTime().Truncate(time.Microsecond), record.OperationHash(ctx)
	e, recorder := s.hub.model.Entity("AccessEvent"), s.newRecorder()
	for _, d := range disclosures {
		w := s.newRowWrite(e, uuid.New(), model.Create)
		n, err := s.nextRecordNumber(ctx, now)
		if err != nil {
			return err
		}
		w.SetColumn("sequence", n)
		for column, value := range recorder.EventColumns(d, operation, now) {
			w.SetColumn(column, value)
		}
		if err := w.saveRow(ctx); err != nil {
			return err
		}
	}
	return nil
}

// nextRecordNumber returns the number of the next event of the record.
func (s *session) nextRecordNumber(ctx context.Context, now time.Time) (n int, err error) {
	each := func(rows *sql.Rows) error { return rows.Scan(&n) }
	insert := (&query.Fragment{}).Add("INSERT INTO record_numbers (at) VALUES (").Arg(now).Add(") RETURNING id")
	if err := s.queryRows(ctx, s.newCompiler(), insert, each); err != nil {
		return 0, err
	}
	remove := (&query.Fragment{}).Add("DELETE FROM record_numbers WHERE id = ").Arg(n)
	return n, s.queryRows(ctx, s.newCompiler(), remove, each)
}
