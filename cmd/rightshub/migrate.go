package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"rightshub/internal/database"
	"rightshub/internal/model"
)

const migrateUpHelp = "Apply the versions that the database lacks, under a lock, each in a transaction of its own. " +
	"It first prints what each does to which table, what waits for it and how long."

// migrateCommand is `rightshub migrate`.
type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"${migrate_up_help}"`
	Status migrateStatus `cmd:"" help:"List the versions and whether the database has them."`
}

type migrateUp struct {
	databaseFlag
	DryRun bool `help:"Print what it would do, and change nothing."`
}

// Run is `rightshub migrate up`.
func (c *migrateUp) Run(ctx context.Context, m *model.Model, to streams) error {
	named, err := databaseURL(c.DatabaseURL)
	if err != nil {
		return err
	}
	if c.DryRun {
		return planMigrations(ctx, m, to, named)
	}
	db, err := database.Open(ctx, database.Options{URL: named})
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := printPlan(ctx, m, to, db); err != nil {
		return err
	}
	n, err := applyMigrations(ctx, m, db)
	if err == nil {
		fmt.Fprintln(to.out, appliedMessage(n))
	}
	return err
}

// planMigrations prints what `rightshub migrate up` would do. A missing SQLite file stays missing. The plan is then
// that of a new file in a temporary folder.
func planMigrations(ctx context.Context, m *model.Model, to streams, named string) error {
	if path := missingSQLiteFile(named); path != "" {
		folder, err := os.MkdirTemp("", "rightshub-plan-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		fmt.Fprintf(to.out, "There is no database file %s. It would be created.\n", path)
		named = sqliteURL(filepath.Join(folder, defaultDatabaseFile))
	}
	db, err := database.Open(ctx, database.Options{URL: named})
	if err != nil {
		return err
	}
	defer db.Close()
	n, err := printPlan(ctx, m, to, db)
	if err == nil {
		fmt.Fprintln(to.out, plannedMessage(n))
	}
	return err
}

// printPlan prints what the missing versions do, and returns their number.
func printPlan(ctx context.Context, m *model.Model, to streams, db *database.DB) (int, error) {
	plan, err := db.PlanMigrations(ctx)
	if err != nil {
		return 0, err
	}
	for _, v := range plan {
		for _, line := range v.Lines() {
			fmt.Fprintln(to.out, line)
		}
	}
	if len(plan) == 0 {
		return 0, nil
	}
	security, err := db.RowLevelSecurity(ctx, m)
	if err == nil && security.Role != "" && !security.Current {
		fmt.Fprintf(to.out, "Row-level security for %s is off while the versions are applied. "+
			"A hub under it does not work then. If the command is killed, turn it on with "+
			"`rightshub row-security on --for %s`.\n", security.Role, security.Role)
	}
	return len(plan), err
}

// plannedMessage says how many versions a dry run has listed.
func plannedMessage(n int) string {
	return inTerminalLanguage("%d versions would be applied (dry run).", n)
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
