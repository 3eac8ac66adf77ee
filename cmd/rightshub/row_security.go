package main

import (
	"context"
	"fmt"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
)

// rowSecurityCommand is `rightshub row-security`.
type rowSecurityCommand struct {
	On     rowSecurityOn     `cmd:"" help:"Make PostgreSQL itself hold a role to what each caller may see, or bring that up to date. Run it as the owner of the tables."`
	Off    rowSecurityOff    `cmd:"" help:"Take it off. The role keeps what it may do."`
	Status rowSecurityStatus `cmd:"" help:"Say whether it is on, and for which role."`
}

type rowSecurityOn struct {
	databaseFlag
	For string `required:"" placeholder:"ROLE" help:"Role by which the hub connects. It must not own the tables."`
}

// Run is `rightshub row-security on`.
func (c *rowSecurityOn) Run(ctx context.Context, to streams) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.CheckSchema(ctx); err != nil {
		return err
	}
	if err := db.EnableRowLevelSecurity(ctx, inventory.Model, c.For); err != nil {
		return err
	}
	fmt.Fprintf(to.out, "Row-level security holds %s. Serve as that role, with --row-level-security.\n", c.For)
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
func (c *rowSecurityStatus) Run(ctx context.Context, to streams) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	w, err := db.RowLevelSecurity(ctx, inventory.Model)
	switch {
	case err != nil:
		return err
	case w.Role == "":
		fmt.Fprintln(to.out, "off")
	case !w.Current:
		fmt.Fprintf(to.out, "on for %s, but made for another model: run `rightshub row-security on --for %s`\n", w.Role, w.Role)
	default:
		fmt.Fprintf(to.out, "on for %s\n", w.Role)
	}
	return nil
}

// applyMigrations applies the missing versions. Row-level security stands in the way of changes of tables: where it is on, it is
// taken off, and made for the new tables afterwards.
func applyMigrations(ctx context.Context, db *database.DB) (int, error) {
	w, err := db.RowLevelSecurity(ctx, inventory.Model)
	if err != nil || w.Role == "" || w.Current {
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
		return n, err
	}
	return n, db.EnableRowLevelSecurity(ctx, inventory.Model, w.Role)
}
