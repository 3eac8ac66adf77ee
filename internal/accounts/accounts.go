// Package accounts reads persons with their roles, audit grants, emergency accesses and personal access tokens. A
// Person has what counts now. An Account has everything that ever counted, with its dates. Both become an
// access.Subject, and package access decides what that subject may do.
//
// The statements of this package run before a caller has a view, so they read the tables of accounts without one. Rows
// of these tables are written by sessions of the store, except for LinkIdentity.
package accounts

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Directory reads the accounts of one database. Several goroutines may use it at once.
type Directory struct{ db *database.DB }

// NewDirectory returns the directory of a database.
func NewDirectory(db *database.DB) *Directory { return &Directory{db} }

// Identity is the identity of a caller as the token states it. The first field that is set counts.
type Identity struct {
	TokenHash       string // the hash of a personal access token
	Issuer, Subject string // the caller's key at an identity provider
	Email           string // the address that the issuer verified; it counts until the subject is linked
}

// LinkIdentity stores the identity provider's key in the account that was found by a verified e-mail address. From then
// on the account is found by that key alone. LinkIdentity fails with Unauthenticated when another key was stored since.
func (d *Directory) LinkIdentity(ctx context.Context, user uuid.UUID, issuer, subject string) error {
	c := &query.Compiler{IsPostgres: d.db.IsPostgres()}
	p := (&query.Fragment{}).Add("UPDATE users SET issuer = ").Arg(issuer).Add(", subject = ").Arg(subject).
		Add(" WHERE id = ").Arg(user.String()).
		Add(" AND (subject IS NULL OR issuer = ").Arg(issuer).Add(" AND subject = ").Arg(subject).Add(")")
	text, args := c.RenderStatement(p)
	return d.db.InScopedTransaction(ctx, database.AllRowsScope("users"), nil, func(q database.Querier) error {
		result, err := q.ExecContext(ctx, text, args...)
		if err != nil {
			return database.Classify(err)
		}
		if linked, err := result.RowsAffected(); err != nil || linked == 0 {
			return cmp.Or(err, error(errUnknownAccount))
		}
		return nil
	})
}

// identityScope is the row-level security scope of the statements that authenticate a caller.
var identityScope = database.AllRowsScope("users", "role_assignments", "deployments", "volunteers", "partners",
	"audit_grants", "emergency_accesses", "access_tokens")

// readIdentityRows runs a statement in identityScope and calls read at each row.
func (d *Directory) readIdentityRows(ctx context.Context, p *query.Fragment, read func(*sql.Rows) error) error {
	text, args := (&query.Compiler{IsPostgres: d.db.IsPostgres()}).RenderStatement(p)
	return d.db.InScopedTransaction(ctx, identityScope, &sql.TxOptions{ReadOnly: true}, func(q database.Querier) error {
		scan := func(r *sql.Rows) (struct{}, error) { return struct{}{}, read(r) }
		_, err := database.ScanAll(ctx, q, text, scan, args...)
		return err
	})
}

// archivedPartners returns the keys of the archived partners, each with the time at which it was archived.
func (d *Directory) archivedPartners(ctx context.Context) (map[uuid.UUID]time.Time, error) {
	out := map[uuid.UUID]time.Time{}
	p := (&query.Fragment{}).Add("SELECT id, archived_at FROM partners WHERE archived_at IS NOT NULL")
	err := d.readIdentityRows(ctx, p, func(r *sql.Rows) error {
		var id query.KeyScan
		var at query.Value
		err := r.Scan(&id, scanTime(&at))
		out[id.Key] = at.Time
		return err
	})
	return out, err
}

func scanStrings(v *query.Value) *query.CellScan { return query.ScanInto(v, model.Strings) }
func scanTime(v *query.Value) *query.CellScan    { return query.ScanInto(v, model.Time) }

// parseKeys reads a JSON list of keys. It leaves out entries that are not keys, so that they give no rights.
func parseKeys(v query.Value) (out []uuid.UUID) {
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
