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

// chargeAuditBudget charges rows to the day's budget of the audit grant under which the caller acts, before they are
// shown. Each total and each list without rows costs one row too. It fails with RateLimited when the budget is used up.
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
	p := &query.Fragment{Args: []any{today, n, today, subject.ActingGrant.ID.String(), today, n}}
	text, args := c.RenderStatement(p.
		Add("UPDATE audit_grants SET rows_used = ", used, ", used_on = ?").
		Add(" WHERE id = ? AND ", used, " <= daily_row_budget"))
	// The auditor pays even without the right to see the grant itself.
	return s.withAllRows(ctx, []string{"audit_grants"}, func() error {
		res, err := s.db.ExecContext(ctx, text, args...)
		if err != nil {
			return database.Classify(err)
		}
		if done, err := res.RowsAffected(); err != nil || done == 0 {
			return fault.New(fault.RateLimited,
				"The day's budget of rows of your audit grant is used up. Ask for less, or go on tomorrow (UTC).")
		}
		return nil
	})
}

// countShownRows counts a row and the rows at the ends of its edges to one row.
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

// requireAnyAction fails when a caller under an audit grant may do none of the actions to any row. It is called before
// any row is read. Otherwise the kind of error would disclose which rows exist, at no cost to the budget of the grant.
func (s *session) requireAnyAction(e *model.Entity, actions ...model.Action) error {
	mayDo := func(a model.Action) bool { return s.view.May(e.Name, a) }
	if s.view.Subject().ActingGrant == nil || slices.ContainsFunc(actions, mayDo) {
		return nil
	}
	return fault.New(fault.Forbidden, "Your roles do not let you change a row of type %s.", e.Name)
}
