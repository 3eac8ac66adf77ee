package main

import (
	"context"
	"fmt"

	"rightshub/internal/database"
)

// migrateCommand is `rightshub migrate`.
type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Apply the versions that the database lacks, under a lock, each in a transaction of its own."`
	Status migrateStatus `cmd:"" help:"List the versions and whether the database has them."`
}

type migrateUp struct{ databaseFlag }

// Run is `rightshub migrate up`.
func (c *migrateUp) Run(ctx context.Context, to streams) error {
	named, err := databaseURL(c.DatabaseURL)
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, database.Options{URL: named})
	if err != nil {
		return err
	}
	defer db.Close()
	n, err := applyMigrations(ctx, db)
	if err == nil {
		fmt.Fprintln(to.out, appliedMessage(n))
	}
	return err
}

// appliedMessage says how many versions were applied.
func appliedMessage(n int) string {
	return inTerminalLanguage("%d versions applied.", n)
}

type migrateStatus struct{ databaseFlag }

// Run is `rightshub migrate status`.
func (c *migrateStatus) Run(ctx context.Context, to streams) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	list, err := db.Migrations(ctx)
	for _, m := range list {
		state := "missing"
		if m.Applied {
			state = "applied"
		}
		fmt.Fprintf(to.out, "%s\t%s\n", m.Version, state)
	}
	return err
}
