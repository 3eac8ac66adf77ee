package accounts

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Person is a caller as the database knows them now.
type Person struct {
	Subject access.Subject // without a purpose
	Locale  string
	Linked  bool      // the account has a subject of an identity provider, or the caller used a personal access token
	Expires time.Time // when the personal access token ends; zero without one

	accountFound bool // the account exists, whether active or not
}

// accountRolesSQL reads a person's account and active roles. A role that came with a deployment counts only while the
// deployment is active and belongs to the person, and its volunteer has not withdrawn. It does not count when any
// volunteer record of the person is barred. The view compares the dates of the roles.
const accountRolesSQL = `SELECT u.id, u.locale, u.state, u.subject IS NOT NULL, r.id, r.role, r.everywhere,
 r.country_ids, r.office_ids, r.partner_ids, r.intervention_ids, r.purposes, r.valid_from, r.valid_until
FROM users u LEFT JOIN role_assignments r ON r.user_id = u.id AND r.archived_at IS NULL AND r.state = 'active'
 AND (r.deployment_id IS NULL OR EXISTS (SELECT 1 FROM deployments d WHERE d.id = r.deployment_id
  AND d.archived_at IS NULL AND d.state IN ('matched','preparing','in_country','remote')
  AND EXISTS (SELECT 1 FROM volunteers v WHERE v.id = d.volunteer_id AND v.user_id = r.user_id
   AND v.archived_at IS NULL AND v.state <> 'withdrawn')
  AND NOT EXISTS (SELECT 1 FROM volunteers v WHERE v.user_id = r.user_id AND v.state = 'barred')))
WHERE u.archived_at IS NULL AND `

// accessTokensSQL reads a personal access token that was neither revoked nor archived, by its hash. auditGrantsSQL
// reads a person's active audit grants. openEmergenciesSQL reads a person's emergency accesses, except those that a
// review found unjustified.
const (
	accessTokensSQL = `SELECT user_id, scopes, expires_at FROM access_tokens
WHERE archived_at IS NULL AND revoked_at IS NULL AND hash = `
	auditGrantsSQL = `SELECT id, country_ids, intervention_ids, entities, period_start, period_end,
 valid_from, valid_until
FROM audit_grants WHERE archived_at IS NULL AND state = 'active' AND auditor_id = `
	openEmergenciesSQL = `SELECT child_id, valid_until FROM emergency_accesses
WHERE archived_at IS NULL AND child_id IS NOT NULL AND state <> 'unjustified' AND user_id = `
)

// FindPerson reads the caller's account and rights, at the time of the database's clock. An unknown, a suspended and an
// archived account fail with the same Unauthenticated error.
func (d *Directory) FindPerson(ctx context.Context, who Identity) (*Person, error) {
	now, err := d.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	p := &Person{Subject: access.Subject{Now: now}, Linked: true}
	who.Email = model.NormaliseEmail(who.Email)
	where, args := "u.email = ?", []any{who.Email}
	switch {
	case who.TokenHash != "":
		user, err := d.readAccessToken(ctx, who.TokenHash, p)
		if err != nil {
			return nil, err
		}
		p.Subject.SignedInByToken = true
		where, args = "u.id = ?", []any{user.String()}
	case who.Subject != "":
		where, args = "u.issuer = ? AND u.subject = ?", []any{who.Issuer, who.Subject}
	}
	err = d.readIdentityRows(ctx, (&query.Fragment{Args: args}).Add(accountRolesSQL, where), p.scanAccountRole)
	if err != nil {
		return nil, err
	}
	// When an account has the subject, the account with the address is not read, so that the rights of two accounts
	// never add up.
	if !p.accountFound && who.Subject != "" && who.Email != "" {
		byEmail := (&query.Fragment{Args: []any{who.Email}}).Add(accountRolesSQL, "u.subject IS NULL AND u.email = ?")
		if err := d.readIdentityRows(ctx, byEmail, p.scanAccountRole); err != nil {
			return nil, err
		}
	}
	if p.Subject.User == uuid.Nil {
		return nil, errUnknownAccount
	}
	p.Subject.Name = p.Subject.User.String()
	if err := d.removeArchivedPartners(ctx, p.Subject.Assignments); err != nil {
		return nil, err
	}
	grants := (&query.Fragment{}).Add(auditGrantsSQL).Arg(p.Subject.Name)
	if err := d.readIdentityRows(ctx, grants, p.scanAuditGrant); err != nil {
		return nil, err
	}
	emergencies := (&query.Fragment{}).Add(openEmergenciesSQL).
		Arg(p.Subject.Name).Add(" AND valid_until > ").Arg(now)
	return p, d.readIdentityRows(ctx, emergencies, p.scanEmergency)
}

var errUnknownAccount = fault.New(fault.Unauthenticated,
	"The token is valid, but no active account belongs to it. Ask your administrator.")

// scanAccountRole reads one row of accountRolesSQL, which has the account and at most one role.
func (p *Person) scanAccountRole(r *sql.Rows) error {
	var (
		user, role                                  query.KeyScan
		state                                       string
		name                                        sql.NullString
		everywhere, linked                          query.BoolScan
		from, until                                 query.Value
		countries, offices, partners, ins, purposes query.Value
	)
	err := r.Scan(&user, &p.Locale, &state, &linked, &role, &name, &everywhere,
		scanStrings(&countries), scanStrings(&offices), scanStrings(&partners), scanStrings(&ins),
		scanStrings(&purposes), scanTime(&from), scanTime(&until))
	if p.accountFound = true; err != nil || state != "active" {
		return err
	}
	p.Subject.User, p.Linked = user.Key, bool(linked)
	if !role.Valid {
		return nil
	}
	p.Subject.Assignments = append(p.Subject.Assignments, access.Assignment{
		ID: role.Key, Role: name.String, Everywhere: bool(everywhere),
		Countries: parseKeys(countries), Offices: parseKeys(offices), Partners: parseKeys(partners),
		Interventions: parseKeys(ins), Purposes: purposes.List(), From: from.Time, Until: until.Time,
	})
	return nil
}

// removeArchivedPartners removes archived partners from the roles, because nobody acts for an archived partner.
func (d *Directory) removeArchivedPartners(ctx context.Context, roles []access.Assignment) error {
	if !slices.ContainsFunc(roles, func(a access.Assignment) bool { return len(a.Partners) > 0 }) {
		return nil
	}
	archived, err := d.archivedPartners(ctx)
	for i := range roles {
		roles[i].Partners = slices.DeleteFunc(roles[i].Partners, func(id uuid.UUID) bool {
			return !archived[id].IsZero()
		})
	}
	return err
}

func (p *Person) scanAuditGrant(r *sql.Rows) error {
	var id query.KeyScan
	var countries, ins, entities, first, last, from, until query.Value
	err := r.Scan(&id, scanStrings(&countries), scanStrings(&ins), scanStrings(&entities),
		query.ScanInto(&first, model.Date), query.ScanInto(&last, model.Date), scanTime(&from), scanTime(&until))
	p.Subject.Grants = append(p.Subject.Grants, access.Grant{
		ID: id.Key, Countries: parseKeys(countries), Interventions: parseKeys(ins), Entities: entities.List(),
		First: first.Time, Last: last.Time, From: from.Time, Until: until.Time,
	})
	return err
}

func (p *Person) scanEmergency(r *sql.Rows) error {
	var child query.KeyScan
	var until query.Value
	err := r.Scan(&child, scanTime(&until))
	p.Subject.Emergency = append(p.Subject.Emergency, access.Emergency{Child: child.Key, Until: until.Time})
	return err
}

// readAccessToken finds the personal access token with the hash and returns the key of its user. It sets when the token
// ends and whether it may only read. It fails with Unauthenticated when there is no valid token.
func (d *Directory) readAccessToken(ctx context.Context, hash string, of *Person) (uuid.UUID, error) {
	var found query.KeyScan
	p := (&query.Fragment{}).Add(accessTokensSQL).Arg(hash).Add(" AND expires_at > ").Arg(of.Subject.Now)
	err := d.readIdentityRows(ctx, p, func(r *sql.Rows) error {
		var scopes, expires query.Value
		err := r.Scan(&found, query.ScanInto(&scopes, model.Strings), scanTime(&expires))
		of.Expires, of.Subject.ReadOnly = expires.Time, !slices.Contains(scopes.List(), "write")
		return err
	})
	if err == nil && !found.Valid {
		err = fault.New(fault.Unauthenticated,
			"The personal access token is unknown, expired or revoked. Make a new one.")
	}
	return found.Key, err
}

// NextRightsChange returns when the clock alone next changes what the person may do, by the database's clock. It is
// zero when time alone changes nothing.
func (p *Person) NextRightsChange() time.Time {
	next := p.Subject.NextChange()
	if !p.Expires.IsZero() && (next.IsZero() || p.Expires.Before(next)) {
		next = p.Expires
	}
	return next
}
