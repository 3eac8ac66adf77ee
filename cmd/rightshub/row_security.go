package main

import (
	"context"
	"errors"
	"fmt"

	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

const rowSecurityOnHelp = "Turn it on for a role, or bring it up to date. Run it as the owner of the tables."

// rowSecurityCommand is `rightshub row-security`.
type rowSecurityCommand struct {
	On     rowSecurityOn     `cmd:"" help:"${row_security_on_help}"`
	Off    rowSecurityOff    `cmd:"" help:"Turn it off. The role keeps its privileges."`
	Status rowSecurityStatus `cmd:"" help:"Print whether it is on, and for which role."`
}

type rowSecurityOn struct {
	databaseFlag
	For string `required:"" placeholder:"ROLE" help:"Role as which the hub connects. It must not own the tables."`
}

// Run is `rightshub row-security on`.
func (c *rowSecurityOn) Run(ctx context.Context, m *model.Model, to streams) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.CheckSchema(ctx); err != nil {
		return err
	}
	if err := db.EnableRowLevelSecurity(ctx, m, c.For); err != nil {
		return err
	}
	fmt.Fprintf(to.out, "Row-level security is on for %s. Serve as that role, with --row-level-security.\n", c.For)
	return nil
}

type rowSecurityOff struct{ databaseFlag }

// Run is `rightshub row-security off`.
func (c *rowSecurityOff) Run(ctx context.Context, to streams) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.DisableRowLevelSecurity(ctx); err != nil {
		return err
	}
	fmt.Fprintln(to.out, "Row-level security is off.")
	return nil
}

type rowSecurityStatus struct{ databaseFlag }

// Run is `rightshub row-security status`.
func (c *rowSecurityStatus) Run(ctx context.Context, m *model.Model, to streams) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	security, err := db.RowLevelSecurity(ctx, m)
	switch {
	case err != nil:
		return err
	case security.Role == "":
		fmt.Fprintln(to.out, "off")
	case !security.Current:
		fmt.Fprintf(to.out, "on for %s, but for another model. Run `rightshub row-security on --for %s`.\n",
			security.Role, security.Role)
	default:
		fmt.Fprintf(to.out, "on for %s\n", security.Role)
	}
	return nil
}

// applyMigrations applies the missing versions and returns their number. Row-level security prevents changes of
// tables, so applyMigrations turns it off first and creates it for the new tables afterwards.
func applyMigrations(ctx context.Context, m *model.Model, db *database.DB) (int, error) {
	security, err := db.RowLevelSecurity(ctx, m)
	if err != nil || security.Role == "" || security.Current {
		if err != nil {
			return 0, err
		}
		return db.Migrate(ctx)
	}
	if err := db.DisableRowLevelSecurity(ctx); err != nil {
		return 0, err
	}
	n, err := db.Migrate(ctx)
	if err != nil {
		return n, rowSecurityLeftOff(err, security.Role)
	}
	return n, db.EnableRowLevelSecurity(ctx, m, security.Role)
}

// rowSecurityLeftOff adds to the error of a migration that row-level security is off, and how to turn it on.
func rowSecurityLeftOff(err error, role string) error {
	message := err.Error()
	var f *fault.Error
	if errors.As(err, &f) && f.Code != fault.Internal {
		message = f.Message
	}
	out := fault.New(fault.Unavailable,
		"%s Row-level security for %s is off now. Turn it on with `rightshub row-security on --for %s` "+
			"when all versions are applied.", message, role, role)
	out.Cause = err
	return out
}
