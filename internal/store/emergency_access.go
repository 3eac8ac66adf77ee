package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/rules"
)

// Limits of an emergency access.
const (
	maxEmergencyHours     = 4              // the most hours for which a record is open
	emergencyReviewPeriod = 72 * time.Hour // an access that is not reviewed within it blocks the caller's next one
)

// OpenEmergency implements Session. The row that it creates records the access. It creates a row for an unknown code
// too, so that its answer does not disclose which codes exist. The caller sees the child only from the next request on.
func (s *session) OpenEmergency(ctx context.Context, country uuid.UUID, caseCode, reason string, hours int64) (
	uuid.UUID, error) {
	e := s.hub.model.Entity("EmergencyAccess")
	subject := s.view.Subject()
	if subject.User == uuid.Nil {
		return uuid.Nil, errSignInRequired
	}
	if !s.view.May(e.Name, model.Create) || subject.SignedInByToken {
		return uuid.Nil, fault.New(fault.Forbidden,
			"Your roles do not let you create a row of type %s.", e.Name)
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return uuid.Nil, fault.InvalidField("reason", "is required.")
	}
	if err := rules.CheckText(e.Field("reason"), reason); err != nil {
		return uuid.Nil, err
	}
	if hours < 1 || hours > maxEmergencyHours {
		return uuid.Nil, fault.InvalidField("hours", "must be from 1 to %d.", maxEmergencyHours)
	}
	var first uuid.UUID
	err := s.inTransaction(ctx, func(tx *session) error {
		now := s.hub.db.CurrentTime().Truncate(time.Microsecond)
		if err := tx.checkEmergencyReviews(ctx, now); err != nil {
			return err
		}
		children, err := tx.findChildrenByCode(ctx, country, caseCode)
		if err != nil {
			return err
		}
		office, err := rules.FindCallerOffice(ctx, ruleTransaction{tx}, country.String())
		if err != nil {
			return err
		}
		for i, child := range children {
			none := model.Tag{Ident: "none"}
			changes := []rules.ColumnChange{
				{Column: "user_id", Tag: none, Value: tx.User()},
				{Column: "country_id", Tag: none, Value: country, Edge: e.Edge("country"), InputName: "countryId"},
				{Column: "office_id", Tag: none, Value: office},
				{Column: "child_id", Tag: none, Value: child},
				{Column: "reason", Tag: e.Field("reason").Tag, Value: reason},
				{Column: "valid_until", Tag: none, Value: now.Add(time.Duration(hours) * time.Hour)},
				{Column: "review_due", Tag: none, Value: now.Add(emergencyReviewPeriod)},
			}
			w := tx.newRowWrite(e, uuid.New(), model.Create)
			w.Columns, w.Now = changes, now
			if err := w.CheckEmergencyAccess(ctx); err != nil {
				return err
			}
			if err := w.saveRow(ctx); err != nil {
				return err
			}
			if err := w.checkWrittenRow(ctx); err != nil {
				return err
			}
			if i == 0 {
				first = w.ID
			}
		}
		return nil
	})
	return first, err
}

// maxUnreviewedEmergencies is the most emergency accesses of one caller that may wait for their review, so that nobody
// opens one record after another.
const maxUnreviewedEmergencies = 3

// checkEmergencyReviews fails when an earlier access of the caller was not reviewed in time, or too many wait for a
// review.
func (s *session) checkEmergencyReviews(ctx context.Context, now time.Time) error {
	// The lock lets one access of a caller be opened at a time. Without it, several at once could all count as the last
	// that may wait. SQLite has one writer at a time anyway.
	if s.hub.db.IsPostgres() {
		lock := (&query.Fragment{}).Add("SELECT pg_advisory_xact_lock(hashtextextended(").
			Arg("emergency " + s.User().String()).Add(", 0))")
		if err := s.queryRows(ctx, s.newCompiler(), lock, func(*sql.Rows) error { return nil }); err != nil {
			return err
		}
	}
	waiting, overdue := 0, 0
	p := (&query.Fragment{}).Add("SELECT count(*), count(CASE WHEN review_due < ").Arg(now).Add(" THEN 1 END)").
		Add(" FROM emergency_accesses WHERE state = 'opened' AND user_id = ").Arg(s.User().String())
	err := s.queryRows(ctx, s.newCompiler(), p, func(rows *sql.Rows) error { return rows.Scan(&waiting, &overdue) })
	switch {
	case err != nil:
		return err
	case overdue > 0:
		return fault.New(fault.Forbidden,
			"An earlier emergency access of yours was not reviewed within 72 hours: ask for its review first.")
	case waiting >= maxUnreviewedEmergencies:
		return fault.New(fault.Forbidden,
			"%d emergency accesses of yours wait for their review: ask for it first.", waiting)
	}
	return nil
}

// findChildrenByCode returns the keys of the children of the country with the code. When there is none, it returns one
// nil key, so that the same statements run.
func (s *session) findChildrenByCode(ctx context.Context, country uuid.UUID, code string) ([]any, error) {
	var out []any
	p := (&query.Fragment{}).Add("SELECT id FROM children WHERE archived_at IS NULL").
		Add(" AND country_id = ").Arg(country.String()).
		Add(" AND case_code = ").Arg(code).
		Add(" ORDER BY id LIMIT 5")
	err := s.withAllRows(ctx, []string{"children"}, func() error {
		return s.queryRows(ctx, s.newCompiler(), p, func(rows *sql.Rows) error {
			var k query.KeyScan
			err := rows.Scan(&k)
			out = append(out, k.Key)
			return err
		})
	})
	if len(out) == 0 {
		out = append(out, nil)
	}
	return out, err
}
