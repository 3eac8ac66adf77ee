package main

import (
	"context"
	"fmt"

	"rightshub/ent/inventory"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// adminCommand is `rightshub admin`.
type adminCommand struct {
	hubFlags
	Email string `arg:"" help:"Verified e-mail address by which your OpenID Connect issuer knows the person."`
}

// Run makes the first platform administrator, who then makes everybody else through the API. Where there is one
// already, it refuses.
func (c *adminCommand) Run(ctx context.Context, to streams) error {
	db, session, err := c.system(ctx, "system_identity")
	if err != nil {
		return err
	}
	defer db.Close()
	roles, users := inventory.Model.Entity("RoleAssignment"), inventory.Model.Entity("User")
	err = session.Atomic(ctx, func(ctx context.Context, session store.Session) error {
		page, err := session.List(ctx, &store.List{Ask: store.Ask{Entity: roles}, Total: true,
			Where: &store.Pred{Op: store.PredField, Field: roles.Field("role"), Values: []any{"platform_admin"}}})
		if err != nil {
			return err
		}
		if page.Total > 0 {
			return fault.New(fault.Conflict, "There is a platform administrator already: ask that person to make your account.")
		}
		id, err := session.Create(ctx, users, store.Input{"displayName": "Administrator", "email": c.Email, "state": "active"})
		if err == nil {
			_, err = session.Create(ctx, roles, store.Input{"user": id, "role": "platform_admin", "everywhere": true, "state": "active", "reason": "First administrator, made on the command line."})
		}
		return err
	})
	if err == nil {
		fmt.Fprintln(to.out, "The person may sign in now, as platform administrator.")
	}
	return err
}
