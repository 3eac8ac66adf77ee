package main

import (
	"context"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/store"
	"rightshub/policies"
)

// databaseFlag is the database that a command works on.
type databaseFlag struct {
	DatabaseURL string `name:"database-url" required:"" placeholder:"URL" help:"sqlite:///path/file.db or postgres://user@host/name?sslmode=verify-full."`
}

// hubFlags are those of a command that works as the hub does.
type hubFlags struct {
	databaseFlag
	RowLevelSecurity bool `help:"The database holds this role by row-level security."`
}

func (f databaseFlag) open(ctx context.Context) (*store.DB, error) {
	return store.Open(ctx, store.Options{URL: f.DatabaseURL})
}

// system opens the database and a session for a task of the hub itself, which holds the role of that name.
func (f hubFlags) system(ctx context.Context, role string) (*store.DB, store.Session, error) {
	db, err := store.Open(ctx, store.Options{URL: f.DatabaseURL, RowLevelSecurity: f.RowLevelSecurity})
	if err != nil {
		return nil, nil, err
	}
	session, err := session(ctx, db, role)
	if err != nil {
		db.Close()
	}
	return db, session, err
}

func session(ctx context.Context, db *store.DB, role string) (store.Session, error) {
	if err := db.CheckSchema(ctx); err != nil {
		return nil, err
	}
	if err := db.CheckWall(ctx, inventory.Model); err != nil {
		return nil, err
	}
	policy, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		return nil, err
	}
	hub, err := store.NewHub(db, inventory.Model, store.NewSecret())
	if err != nil {
		return nil, err
	}
	now, err := db.Now(ctx)
	return hub.Session(policy.View(access.System(role, now)), nil), err
}
