package main

import (
	"context"
	"fmt"
	"net/mail"
	"slices"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// adminCommand is `rightshub admin`.
type adminCommand struct {
	hubFlags
	relinkFlags
	Email string `arg:"" optional:"" help:"Verified e-mail address of the person at your OpenID Connect issuer."`
}

// Run creates the first platform administrator, or links accounts anew.
func (c *adminCommand) Run(ctx context.Context, m *model.Model, to streams) error {
	if err := c.relinkFlags.check(c.Email); err != nil {
		return err
	}
	if a, err := mail.ParseAddress(c.Email); c.Email != "" && (err != nil || a.Address != c.Email) {
		return fault.New(fault.Invalid,
			"%q is not a plain e-mail address. Write it without a name, for example you@example.org.", c.Email)
	}
	c.Email = model.NormaliseEmail(c.Email)
	db, session, err := c.openSystemSession(ctx, m, "system_identity")
	if err != nil {
		return err
	}
	defer db.Close()
	if c.Relink {
		return c.relinkAccounts(ctx, m, session, to)
	}
	return c.createAdministrator(ctx, m, session, to)
}

// createAdministrator creates the first platform administrator, which then creates all other accounts through the
// API. It fails when an active administrator has signed in already. Administrators that never signed in keep their
// accounts, and it prints them.
func (c *adminCommand) createAdministrator(
	ctx context.Context, m *model.Model, session store.Session, to streams,
) error {
	var existing []string
	err := session.Atomic(ctx, func(ctx context.Context, session store.Session) error {
		var err error
		if existing, err = activeAdministrators(ctx, m, session); err != nil {
			return err
		}
		if slices.Contains(existing, c.Email) {
			return fault.New(fault.Conflict, "%s is a platform administrator already and may sign in.", c.Email)
		}
		id, err := session.Create(ctx, m.Entity("User"),
			query.Input{"displayName": "Administrator", "email": c.Email, "state": "active"})
		if err == nil {
			_, err = session.Create(ctx, m.Entity("RoleAssignment"), query.Input{
				"user":       id,
				"role":       "platform_admin",
				"everywhere": true,
				"state":      "active",
				"reason":     "First administrator, made on the command line.",
			})
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(to.out, "%s may now sign in as platform administrator.\n", c.Email)
	for _, email := range existing {
		fmt.Fprintf(to.out, "%s is a platform administrator too but has never signed in. "+
			"If this is a mistake, archive the account through the API.\n", email)
	}
	return nil
}

// activeAdministrators returns the addresses of the platform administrators with an active account and an active
// role. It fails when one of them has signed in before. A suspended administrator does not count, because that
// account can let nobody else in.
func activeAdministrators(
	ctx context.Context, m *model.Model, session store.Session,
) (emails []string, err error) {
	roles, users := m.Entity("RoleAssignment"), m.Entity("User")
	user := query.Selection{
		Entity: users,
		Cells: []query.Cell{
			{Field: users.Field("email")},
			{Field: users.Field("subject")},
			{Field: users.Field("state")},
		},
	}
	selection := query.Selection{
		Entity: roles,
		Cells:  []query.Cell{{Field: roles.Field("state")}},
		ToOne:  []query.ToOneSelection{{Edge: roles.Edge("user"), Selection: user}},
	}
	first := query.MaxPage
	page, err := session.List(ctx, &query.List{
		Selection: selection,
		First:     &first,
		Rows:      true,
		Where: &query.Predicate{
			Op: query.PredicateField, Field: roles.Field("role"), Values: []any{"platform_admin"},
		},
	})
	if err != nil {
		return nil, err
	}
	if page.Next {
		return nil, fault.New(fault.Conflict,
			"There are platform administrators already. Ask one of them to create your account.")
	}
	for _, row := range page.Rows {
		user := row.ToOne[0]
		if user == nil || user.Cells[2].Text != "active" || row.Cells[0].Text != "active" {
			continue
		}
		if !user.Cells[1].Null {
			return nil, fault.New(fault.Conflict,
				"A platform administrator has signed in already. Ask that person to create your account. "+
					"If nobody can sign in because the identity provider has moved, see rightshub admin --help.")
		}
		emails = append(emails, user.Cells[0].Text)
	}
	return emails, nil
}
