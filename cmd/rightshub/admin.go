package main

import (
	"context"
	"fmt"
	"net/mail"
	"slices"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// adminCommand is `rightshub admin`.
type adminCommand struct {
	hubFlags
	Email string `arg:"" help:"Bare, verified e-mail address by which your OpenID Connect issuer knows the person."`
}

// Run makes the first platform administrator, who then makes everybody else through the API. Where one has signed in
// already, it refuses; those who never did keep their accounts, and are named.
func (c *adminCommand) Run(ctx context.Context, to streams) error {
	if a, err := mail.ParseAddress(c.Email); err != nil || a.Address != c.Email {
		return fault.New(fault.Invalid, "%q is no e-mail address: write it alone, as you@example.org.", c.Email)
	}
	c.Email = store.NormaliseEmail(c.Email)
	db, session, err := c.openSystemSession(ctx, "system_identity")
	if err != nil {
		return err
	}
	defer db.Close()
	var others []string
	err = session.Atomic(ctx, func(ctx context.Context, session store.Session) error {
		if others, err = activeAdministrators(ctx, session); err != nil {
			return err
		}
		if slices.Contains(others, c.Email) {
			return fault.New(fault.Conflict, "%s is a platform administrator already, and may sign in.", c.Email)
		}
		id, err := session.Create(ctx, inventory.Model.Entity("User"), query.Input{"displayName": "Administrator", "email": c.Email, "state": "active"})
		if err == nil {
			_, err = session.Create(ctx, inventory.Model.Entity("RoleAssignment"), query.Input{"user": id, "role": "platform_admin", "everywhere": true, "state": "active", "reason": "First administrator, made on the command line."})
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(to.out, "%s may sign in now, as platform administrator.\n", c.Email)
	for _, email := range others {
		fmt.Fprintf(to.out, "%s, who never signed in, stays a platform administrator: archive the account through the API if it is a mistake.\n", email)
	}
	return nil
}

// activeAdministrators are the addresses of the platform administrators who may sign in. It refuses where one of them has done so:
// one who is suspended, or whose role has ended, lets nobody in.
func activeAdministrators(ctx context.Context, session store.Session) (emails []string, err error) {
	roles, users := inventory.Model.Entity("RoleAssignment"), inventory.Model.Entity("User")
	ask := query.Selection{Entity: roles, Cells: []query.Cell{{Field: roles.Field("state")}}, ToOne: []query.ToOneSelection{{Edge: roles.Edge("user"),
		Selection: query.Selection{Entity: users, Cells: []query.Cell{{Field: users.Field("email")}, {Field: users.Field("subject")}, {Field: users.Field("state")}}}}}}
	most := query.MaxPage
	page, err := session.List(ctx, &query.List{Selection: ask, First: &most, Rows: true,
		Where: &query.Predicate{Op: query.PredicateField, Field: roles.Field("role"), Values: []any{"platform_admin"}}})
	if err != nil {
		return nil, err
	}
	if page.Next {
		return nil, fault.New(fault.Conflict, "There are platform administrators already: ask one of them to make your account.")
	}
	for _, row := range page.Rows {
		user := row.ToOne[0]
		if user == nil || user.Cells[2].Text != "active" || row.Cells[0].Text != "active" {
			continue
		}
		if !user.Cells[1].Null {
			return nil, fault.New(fault.Conflict, "There is a platform administrator already, who has signed in: ask that person to make your account.")
		}
		emails = append(emails, user.Cells[0].Text)
	}
	return emails, nil
}
