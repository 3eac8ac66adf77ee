package accounts

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Account is a person with every role, audit grant and emergency access that counted at some time, each with the dates
// between which it counted. A Person is the same for the present only.
type Account struct {
	Email            string
	State            string
	subject          access.Subject // without a time, and without emergencies
	activeSpan       timeSpan       // when the account itself was active
	emergencies      []datedEmergency
	archivedPartners map[uuid.UUID]time.Time // when each archived partner was archived
}

// datedEmergency is an emergency access with the time at which it began.
type datedEmergency struct {
	access.Emergency
	from time.Time
}

// timeSpan includes its beginning and excludes its end. A zero time leaves that side open.
type timeSpan struct{ from, until time.Time }

func (s timeSpan) contains(at time.Time) bool {
	return !at.Before(s.from) && (s.until.IsZero() || at.Before(s.until))
}

// Subject returns the person as of a moment, without a purpose. It returns false when the account was not active then.
func (a *Account) Subject(at time.Time) (access.Subject, bool) {
	s := a.subject
	s.Now = at
	s.Assignments = slices.Clone(s.Assignments)
	for i, r := range s.Assignments {
		s.Assignments[i].Partners = slices.DeleteFunc(slices.Clone(r.Partners), func(id uuid.UUID) bool {
			since, left := a.archivedPartners[id]
			return left && !at.Before(since)
		})
	}
	for _, e := range a.emergencies {
		if !at.Before(e.from) {
			s.Emergency = append(s.Emergency, e.Emergency)
		}
	}
	return s, a.activeSpan.contains(at)
}

// ChangeTimes returns the moments from which the person may have held something new. These are the first moment of the
// span, and the beginning of each role, grant and emergency within the span.
func (a *Account) ChangeTimes(first, last time.Time) []time.Time {
	out := []time.Time{first}
	add := func(t time.Time) {
		if t.After(first) && !t.After(last) {
			out = append(out, t)
		}
	}
	add(a.activeSpan.from)
	for _, r := range a.subject.Assignments {
		add(r.From)
	}
	for _, g := range a.subject.Grants {
		add(g.From)
	}
	for _, e := range a.emergencies {
		add(e.from)
	}
	return out
}

// The statements of EachAccount. Beside the columns of the statements of FindPerson they select when each row began to
// count and when it ended.
const (
	accountsSQL = `SELECT u.id, u.email, u.state, u.created_at,
 CASE WHEN u.archived_at IS NOT NULL THEN u.archived_at
  WHEN u.state <> 'active' THEN u.updated_at END,
 r.id, r.role, r.everywhere, r.country_ids, r.office_ids, r.partner_ids, r.intervention_ids, r.purposes,
 r.valid_from, r.valid_until, COALESCE(r.active_from, r.created_at),
 CASE WHEN r.archived_at IS NOT NULL THEN r.archived_at
  WHEN r.state <> 'active' THEN COALESCE(r.ended_at, r.updated_at) END,
 CASE WHEN d.archived_at IS NOT NULL THEN d.archived_at
  WHEN d.state NOT IN ('matched','preparing','in_country','remote') THEN d.updated_at
  WHEN d.id IS NOT NULL
   AND EXISTS (SELECT 1 FROM volunteers b WHERE b.user_id = r.user_id AND b.state = 'barred')
   THEN (SELECT MAX(b.updated_at) FROM volunteers b WHERE b.user_id = r.user_id AND b.state = 'barred')
  WHEN d.id IS NOT NULL AND (v.id IS NULL OR v.user_id IS NULL OR v.user_id <> r.user_id
   OR v.archived_at IS NOT NULL OR v.state = 'withdrawn')
   THEN CASE WHEN v.updated_at > d.updated_at THEN v.updated_at ELSE d.updated_at END END
FROM users u LEFT JOIN role_assignments r ON r.user_id = u.id
 AND (r.state = 'active'
  OR r.state IN ('expired','revoked') AND (r.active_from IS NOT NULL OR r.granted_by_id IS NULL))
 LEFT JOIN deployments d ON d.id = r.deployment_id
 LEFT JOIN volunteers v ON v.id = d.volunteer_id
WHERE u.state <> 'invited'`

	pastGrantsSQL = `SELECT auditor_id, id, country_ids, intervention_ids, entities, period_start, period_end,
 valid_from, valid_until, created_at,
 CASE WHEN archived_at IS NOT NULL THEN archived_at WHEN state <> 'active' THEN updated_at END
FROM audit_grants
WHERE state NOT IN ('requested','approved')
 AND (state = 'active' OR second_approved_by_id IS NOT NULL OR created_by IS NULL)`

	pastEmergenciesSQL = `SELECT user_id, child_id, created_at, valid_until,
 CASE WHEN archived_at IS NOT NULL THEN archived_at WHEN state = 'unjustified' THEN updated_at END
FROM emergency_accesses WHERE child_id IS NOT NULL`
)

// EachAccount reads every person, or only the person with the e-mail address when one is given, with everything that
// they ever held. It calls each for one account after the other, in the order of the addresses. Roles that were revoked
// before they ever counted are left out. The end of an account or grant that ended is the time of its last write, which
// is never earlier than the real end.
func (d *Directory) EachAccount(ctx context.Context, email string, each func(*Account) error) error {
	archived, err := d.archivedPartners(ctx)
	if err != nil {
		return err
	}
	grants := map[uuid.UUID][]access.Grant{}
	scanGrant := func(r *sql.Rows) error { return scanPastGrant(r, grants) }
	if err := d.readIdentityRows(ctx, (&query.Fragment{}).Add(pastGrantsSQL), scanGrant); err != nil {
		return err
	}
	emergencies := map[uuid.UUID][]datedEmergency{}
	scanEmergency := func(r *sql.Rows) error { return scanPastEmergency(r, emergencies) }
	if err := d.readIdentityRows(ctx, (&query.Fragment{}).Add(pastEmergenciesSQL), scanEmergency); err != nil {
		return err
	}
	p := (&query.Fragment{}).Add(accountsSQL)
	if email != "" {
		p.Add(" AND u.email = ").Arg(email)
	}
	var all []*Account
	err = d.readIdentityRows(ctx, p.Add(" ORDER BY u.email, r.created_at, r.id"), func(r *sql.Rows) (err error) {
		all, err = scanAccount(r, all)
		return err
	})
	for _, a := range all {
		if err == nil {
			a.subject.Grants, a.emergencies = grants[a.subject.User], emergencies[a.subject.User]
			a.archivedPartners = archived
			err = each(a)
		}
	}
	return err
}

// scanAccount reads a row of accountsSQL. It adds the role of the row to the last account, or to a new one when the row
// belongs to another account.
func scanAccount(r *sql.Rows, all []*Account) ([]*Account, error) {
	var (
		user, role                                  query.KeyScan
		email, state                                string
		name                                        sql.NullString
		everywhere                                  query.BoolScan
		made, gone, from, until, began, ended, left query.Value
		countries, offices, partners, ins, purposes query.Value
	)
	err := r.Scan(&user, &email, &state, scanTime(&made), scanTime(&gone), &role, &name, &everywhere,
		scanStrings(&countries), scanStrings(&offices), scanStrings(&partners), scanStrings(&ins),
		scanStrings(&purposes), scanTime(&from), scanTime(&until), scanTime(&began), scanTime(&ended), scanTime(&left))
	if err != nil {
		return all, err
	}
	if len(all) == 0 || all[len(all)-1].subject.User != user.Key {
		all = append(all, &Account{
			Email: email, State: state, activeSpan: timeSpan{made.Time, gone.Time},
			subject: access.Subject{User: user.Key, Name: user.Key.String()},
		})
	}
	if a := all[len(all)-1]; role.Valid {
		a.subject.Assignments = append(a.subject.Assignments, access.Assignment{
			ID: role.Key, Role: name.String, Everywhere: bool(everywhere),
			Countries: parseKeys(countries), Offices: parseKeys(offices), Partners: parseKeys(partners),
			Interventions: parseKeys(ins), Purposes: purposes.List(),
			From: latestTime(from.Time, began.Time), Until: earliestTime(until.Time, ended.Time, left.Time),
		})
	}
	return all, nil
}

// scanPastGrant reads a row of pastGrantsSQL into the grants of its auditor.
func scanPastGrant(r *sql.Rows, into map[uuid.UUID][]access.Grant) error {
	var user, id query.KeyScan
	var countries, ins, entities, first, last, from, until, made, ended query.Value
	err := r.Scan(&user, &id, scanStrings(&countries), scanStrings(&ins), scanStrings(&entities),
		query.ScanInto(&first, model.Date), query.ScanInto(&last, model.Date),
		scanTime(&from), scanTime(&until), scanTime(&made), scanTime(&ended))
	into[user.Key] = append(into[user.Key], access.Grant{
		ID: id.Key, Countries: parseKeys(countries), Interventions: parseKeys(ins), Entities: entities.List(),
		First: first.Time, Last: last.Time,
		From: latestTime(from.Time, made.Time), Until: earliestTime(until.Time, ended.Time),
	})
	return err
}

// scanPastEmergency reads a row of pastEmergenciesSQL into the emergency accesses of its user.
func scanPastEmergency(r *sql.Rows, into map[uuid.UUID][]datedEmergency) error {
	var user, child query.KeyScan
	var from, until, gone query.Value
	err := r.Scan(&user, &child, scanTime(&from), scanTime(&until), scanTime(&gone))
	opened := access.Emergency{Child: child.Key, Until: earliestTime(until.Time, gone.Time)}
	into[user.Key] = append(into[user.Key], datedEmergency{opened, from.Time})
	return err
}

func latestTime(times ...time.Time) (out time.Time) {
	for _, t := range times {
		if t.After(out) {
			out = t
		}
	}
	return out
}

// earliestTime returns the earliest of the times that are set, or zero when none is.
func earliestTime(times ...time.Time) (out time.Time) {
	for _, t := range times {
		if !t.IsZero() && (out.IsZero() || t.Before(out)) {
			out = t
		}
	}
	return out
}
