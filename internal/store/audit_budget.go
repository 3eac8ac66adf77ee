package store

import (
	"context"
	"slices"
	"time"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// chargeAuditBudget takes the rows, and a row for each total and each list without rows, from the day's budget of the audit grant under which the caller acts,
// before they are shown.
func (s *session) chargeAuditBudget(ctx context.Context, rows []*query.Row, totals int) error {
	subject := s.view.Subject()
	n := totals
	for _, r := range rows {
		n += countShownRows(r)
	}
	if subject.ActingGrant == nil || n == 0 {
		return nil
	}
	today := subject.Now.UTC().Truncate(24 * time.Hour)
	used := "CASE WHEN used_on = ? THEN rows_used ELSE 0 END + ?"
	c := s.newCompiler()
	text, args := c.RenderStatement((&query.Fragment{Args: []any{today, n, today, subject.ActingGrant.ID.String(), today, n}}).
		Add("UPDATE audit_grants SET rows_used = ", used, ", used_on = ? WHERE id = ? AND ", used, " <= daily_row_budget"))
	return s.withAllRows(ctx, []string{"audit_grants"}, func() error { // also where the auditor may not see the grant
		res, err := s.db.ExecContext(ctx, text, args...)
		if err != nil {
			return database.Classify(err)
		}
		if done, err := res.RowsAffected(); err != nil || done == 0 {
			return fault.New(fault.RateLimited, "The day's budget of rows of your audit grant is used up. Ask for less, or go on tomorrow (UTC).")
		}
		return nil
	})
}

// countShownRows is the row itself and those that its edges to one show.
func countShownRows(r *query.Row) int {
	if r == nil {
		return 0
	}
	n := 1
	for _, one := range r.ToOne {
		n += countShownRows(one)
	}
	return n
}

// requireAnyAction fails where whoever acts under an audit grant may do none of the actions to any row. No row is looked for then:
// what is refused would tell which rows there are, and the grant's budget would not pay for it.
func (s *session) requireAnyAction(e *model.Entity, actions ...model.Action) error {
	if s.view.Subject().ActingGrant == nil || slices.ContainsFunc(actions, func(a model.Action) bool { return s.view.May(e.Name, a) }) {
		return nil
	}
	return fault.New(fault.Forbidden, "Your roles do not let you change a row of type %s.", e.Name)
}
