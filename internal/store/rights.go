package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Who names a caller as the token does; the first that is set counts.
type Who struct {
	TokenHash       string // of a personal access token
	Issuer, Subject string // of an identity provider
	Email           string // verified by the issuer: it stands in until the subject is known
}

// Person is a caller as the database knows them now.
type Person struct {
	Subject access.Subject // without purpose
	Locale  string
	Linked  bool      // found by issuer and subject, or needing none
	Expires time.Time // of a personal access token; zero: of none

	known bool // there is an account, active or not
}

// rightsSQL reads a person's account and live roles. A role that came with a deployment counts only while the deployment
// lives and is theirs, and its volunteer is one still; and while nobody has barred them, by whatever record. Dates are compared by the view.
const rightsSQL = `SELECT u.id, u.locale, u.state, u.subject IS NOT NULL, r.id, r.role, r.everywhere, r.country_ids, r.office_ids, r.partner_ids, r.intervention_ids, r.purposes, r.valid_from, r.valid_until
FROM users u LEFT JOIN role_assignments r ON r.user_id = u.id AND r.archived_at IS NULL AND r.state = 'active'
 AND (r.deployment_id IS NULL OR EXISTS (SELECT 1 FROM deployments d WHERE d.id = r.deployment_id AND d.archived_at IS NULL AND d.state IN ('matched','preparing','in_country','remote')
  AND EXISTS (SELECT 1 FROM volunteers v WHERE v.id = d.volunteer_id AND v.user_id = r.user_id AND v.archived_at IS NULL AND v.state <> 'withdrawn')
  AND NOT EXISTS (SELECT 1 FROM volunteers v WHERE v.user_id = r.user_id AND v.state = 'barred')))
WHERE u.archived_at IS NULL AND `

// grantsSQL reads a person's active audit grants, and emergencySQL the records that they opened in an emergency,
// unless a review found that there was none.
const (
	grantsSQL    = `SELECT id, country_ids, intervention_ids, entities, period_start, period_end, valid_from, valid_until FROM audit_grants WHERE archived_at IS NULL AND state = 'active' AND auditor_id = `
	emergencySQL = `SELECT child_id, valid_until FROM emergency_accesses WHERE archived_at IS NULL AND child_id IS NOT NULL AND state <> 'unjustified' AND user_id = `
)

// Person reads who the caller is and what roles they hold, by the database's clock. Whoever is unknown, suspended or
// archived is Unauthenticated, all alike.
func (h *Hub) Person(ctx context.Context, who Who) (*Person, error) {
	now, err := h.db.Now(ctx)
	if err != nil {
		return nil, err
	}
	p := &Person{Subject: access.Subject{Now: now}, Linked: true}
	who.Email = Email(who.Email)
	where, args := "u.email = ?", []any{who.Email}
	switch {
	case who.TokenHash != "":
		user, err := h.token(ctx, who.TokenHash, p)
		if err != nil {
			return nil, err
		}
		p.Subject.ByToken = true
		where, args = "u.id = ?", []any{user.String()}
	case who.Subject != "":
		where, args = "u.issuer = ? AND u.subject = ?", []any{who.Issuer, who.Subject}
	}
	if err := h.each(ctx, (&part{args: args}).add(rightsSQL, where), p.add); err != nil {
		return nil, err
	}
	if !p.known && who.Subject != "" && who.Email != "" { // never beside an account that has the subject: rights of two accounts do not join
		if err := h.each(ctx, (&part{args: []any{who.Email}}).add(rightsSQL, "u.subject IS NULL AND u.email = ?"), p.add); err != nil {
			return nil, err
		}
	}
	if p.Subject.User == uuid.Nil {
		return nil, errUnknown
	}
	p.Subject.Name = p.Subject.User.String()
	if err := h.unpartnered(ctx, p.Subject.Assignments); err != nil {
		return nil, err
	}
	if err := h.each(ctx, (&part{}).add(grantsSQL).arg(p.Subject.Name), p.grant); err != nil {
		return nil, err
	}
	return p, h.each(ctx, (&part{}).add(emergencySQL).arg(p.Subject.Name).add(" AND valid_until > ").arg(now), p.emergency)
}

// identityScope is what finding out who somebody is may read.
var identityScope = whole("users", "role_assignments", "deployments", "volunteers", "partners", "audit_grants", "emergency_accesses", "access_tokens")

// each reads the rows of a statement of the hub's own.
func (h *Hub) each(ctx context.Context, p *part, read func(*sql.Rows) error) error {
	text, args := (&compiler{pg: h.db.postgres()}).finish(p)
	return h.db.confined(ctx, identityScope, &sql.TxOptions{ReadOnly: true}, func(q querier) error {
		_, err := scanAll(ctx, q, text, func(r *sql.Rows) (struct{}, error) { return struct{}{}, read(r) }, args...)
		return err
	})
}

var errUnknown = fault.New(fault.Unauthenticated, "The token is valid, but no active account belongs to it. Ask your administrator.")

// add reads one row of rightsSQL: the account, and a role or none.
func (p *Person) add(r *sql.Rows) error {
	var (
		user, role                                  keyScan
		state                                       string
		name                                        sql.NullString
		everywhere, linked                          boolScan
		from, until                                 Value
		countries, offices, partners, ins, purposes Value
	)
	err := r.Scan(&user, &p.Locale, &state, &linked, &role, &name, &everywhere, list(&countries), list(&offices), list(&partners), list(&ins), list(&purposes), instantOf(&from), instantOf(&until))
	if p.known = true; err != nil || state != "active" {
		return err
	}
	p.Subject.User, p.Linked = user.key, bool(linked)
	if !role.ok {
		return nil
	}
	p.Subject.Assignments = append(p.Subject.Assignments, access.Assignment{ID: role.key, Role: name.String, Everywhere: bool(everywhere),
		Countries: keysOf(countries), Offices: keysOf(offices), Partners: keysOf(partners), Interventions: keysOf(ins), Purposes: purposes.List(), From: from.Time, Until: until.Time})
	return nil
}

// unpartnered takes partners that are archived out of the roles: who spoke for one speaks for nobody any more.
func (h *Hub) unpartnered(ctx context.Context, roles []access.Assignment) error {
	if !slices.ContainsFunc(roles, func(a access.Assignment) bool { return len(a.Partners) > 0 }) {
		return nil
	}
	gone, err := h.gone(ctx)
	for i := range roles {
		roles[i].Partners = slices.DeleteFunc(roles[i].Partners, func(id uuid.UUID) bool { return !gone[id].IsZero() })
	}
	return err
}

// gone are the partners that are archived, each since when.
func (h *Hub) gone(ctx context.Context) (map[uuid.UUID]time.Time, error) {
	out := map[uuid.UUID]time.Time{}
	err := h.each(ctx, (&part{}).add("SELECT id, archived_at FROM partners WHERE archived_at IS NOT NULL"), func(r *sql.Rows) error {
		var id keyScan
		var at Value
		err := r.Scan(&id, instantOf(&at))
		out[id.key] = at.Time
		return err
	})
	return out, err
}

func (p *Person) grant(r *sql.Rows) error {
	var id keyScan
	var countries, ins, entities, first, last, from, until Value
	err := r.Scan(&id, list(&countries), list(&ins), list(&entities), &cellScan{&first, model.Date, ""}, &cellScan{&last, model.Date, ""}, instantOf(&from), instantOf(&until))
	p.Subject.Grants = append(p.Subject.Grants, access.Grant{ID: id.key, Countries: keysOf(countries), Interventions: keysOf(ins), Entities: entities.List(),
		First: first.Time, Last: last.Time, From: from.Time, Until: until.Time})
	return err
}

func (p *Person) emergency(r *sql.Rows) error {
	var child keyScan
	var until Value
	err := r.Scan(&child, instantOf(&until))
	p.Subject.Emergency = append(p.Subject.Emergency, access.Emergency{Child: child.key, Until: until.Time})
	return err
}

func list(v *Value) *cellScan      { return &cellScan{v, model.Strings, ""} }
func instantOf(v *Value) *cellScan { return &cellScan{v, model.Time, ""} }

// keysOf reads a JSON list of keys. What is no key reaches nothing.
func keysOf(v Value) (out []uuid.UUID) {
	var list []string
	if v.Null || json.Unmarshal([]byte(v.Text), &list) != nil {
		return nil
	}
	for _, s := range list {
		if id, err := uuid.Parse(s); err == nil {
			out = append(out, id)
		}
	}
	return out
}

// token reads whose personal access token has this hash, until when, and whether it may only read.
func (h *Hub) token(ctx context.Context, hash string, of *Person) (uuid.UUID, error) {
	var found keyScan
	p := (&part{}).add("SELECT user_id, scopes, expires_at FROM access_tokens WHERE archived_at IS NULL AND revoked_at IS NULL AND hash = ").arg(hash).add(" AND expires_at > ").arg(of.Subject.Now)
	err := h.each(ctx, p, func(r *sql.Rows) error {
		var scopes, expires Value
		err := r.Scan(&found, &cellScan{&scopes, model.Strings, ""}, instantOf(&expires))
		of.Expires, of.Subject.ReadOnly = expires.Time, !slices.Contains(scopes.List(), "write")
		return err
	})
	if err == nil && !found.ok {
		err = fault.New(fault.Unauthenticated, "The personal access token is unknown, expired or revoked. Make a new one.")
	}
	return found.key, err
}

// Next is when the clock alone next changes what the person may, by the database's clock; zero when it never does.
func (p *Person) Next() time.Time {
	next := p.Subject.Next()
	if !p.Expires.IsZero() && (next.IsZero() || p.Expires.Before(next)) {
		next = p.Expires
	}
	return next
}

// Email is an e-mail address as accounts keep it: only A to Z have another case. Other letters look like these, and are not.
func Email(address string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, address)
}

// Link notes the identity provider's key of a person who was found by a verified e-mail address.
func (h *Hub) Link(ctx context.Context, user uuid.UUID, issuer, subject string) error {
	c := &compiler{pg: h.db.postgres()}
	text, args := c.finish((&part{}).add("UPDATE users SET issuer = ").arg(issuer).add(", subject = ").arg(subject).add(" WHERE subject IS NULL AND id = ").arg(user.String()))
	return h.db.confined(ctx, whole("users"), nil, func(q querier) error {
		_, err := q.ExecContext(ctx, text, args...)
		return Classify(err)
	})
}

// Rights grows with each write through this hub: what was read about a person before may be out of date.
func (h *Hub) Rights() int64 { return h.rights.Load() }
