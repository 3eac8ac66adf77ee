package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	tables "rightshub/ent/migrate"
	"rightshub/internal/fault"
	"rightshub/internal/pgtemp"
	"rightshub/internal/store"
)

// migrateCommand is `rightshub migrate`.
type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Apply the versions that the database lacks, under a lock, each in a transaction of its own."`
	Status migrateStatus `cmd:"" help:"List the versions and whether the database has them."`
	Diff   migrateDiff   `cmd:"" help:"Write the next version of both databases from the model. Run it from the project's root."`
}

type migrateUp struct{ databaseFlag }

// Run is `rightshub migrate up`.
func (c *migrateUp) Run(ctx context.Context, to streams) error {
	named, err := databaseURL(c.DatabaseURL)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{URL: named})
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

// appliedMessage says how many versions were.
func appliedMessage(n int) string {
	if n == 1 {
		return inTerminalLanguage("1 version applied.")
	}
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

type migrateDiff struct {
	Label string `arg:"" name:"name" help:"What the version does, as a file name: add_case_plans."`
}

// Run is `rightshub migrate diff NAME`.
func (c *migrateDiff) Run(ctx context.Context, to streams) error {
	folder, err := os.MkdirTemp("", "rightshub-diff-")
	if err != nil {
		return fault.Wrap(err, "migrate diff")
	}
	defer os.RemoveAll(folder)
	server, err := pgtemp.Start(ctx)
	if err != nil {
		return err
	}
	defer server.Stop()
	for kind, url := range map[string]string{"sqlite": sqliteURL(filepath.Join(folder, "scratch.db")), "postgres": server.URL} {
		if err := c.diffDatabase(ctx, to, kind, url); err != nil {
			return err
		}
	}
	return nil
}

func (c *migrateDiff) diffDatabase(ctx context.Context, to streams, kind, url string) error {
	db, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		return err
	}
	defer db.Close()
	err = db.MigrateDiff(ctx, filepath.Join("migrations", kind), c.Label, tables.Tables)
	if errors.Is(err, store.ErrNoChange) {
		fmt.Fprintf(to.out, "%s: the model and the migrations agree.\n", kind)
		return nil
	}
	if err == nil {
		fmt.Fprintf(to.out, "%s: wrote a version under migrations/%s.\n", kind, kind)
	}
	return err
}
