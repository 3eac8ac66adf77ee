package main

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/store"
	"rightshub/policies"
)

// defaultDatabaseFile is the file, in this folder, that is worked on when no database is named.
const defaultDatabaseFile = "rightshub.db"

// databaseURL is that of the database that is named, or of the default one.
func databaseURL(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	folder, err := os.Getwd()
	return sqliteURL(filepath.Join(folder, defaultDatabaseFile)), err
}

// sqliteURL is the URL of a SQLite file, whatever its path is written with.
func sqliteURL(path string) string { return (&url.URL{Scheme: "sqlite", Path: path}).String() }

// readHubSecret is the hub's secret: in the file that is named, or beside a SQLite file, where it is made when it is missing.
// PostgreSQL without a file has a fresh one, which is not kept.
func readHubSecret(named, file string) (secret database.Secret, kept bool, err error) {
	u, err := url.Parse(named)
	beside := err == nil && u.Scheme == "sqlite" && file == ""
	if beside {
		file = u.Path + ".secret"
	}
	if file == "" {
		return database.NewSecret(), false, nil
	}
	secret, err = database.ReadSecret(file, beside)
	return secret, true, err
}

// databaseFlag is the database that a command works on.
type databaseFlag struct {
	DatabaseURL string `name:"database-url" placeholder:"URL" help:"sqlite:///path/file.db (default: rightshub.db in this folder) or postgres://user@host/name?sslmode=verify-full."`
}

// hubFlags are those of a command that works as the hub does.
type hubFlags struct {
	databaseFlag
	RowLevelSecurity bool `help:"The database holds this role by row-level security."`
}

// open opens a database that is there: only `serve` and `migrate up` make one.
func (f databaseFlag) open(ctx context.Context, walled bool) (*database.DB, error) {
	named, err := databaseURL(f.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if u, err := url.Parse(named); err == nil && u.Scheme == "sqlite" && u.Path != "" {
		if _, err := os.Stat(u.Path); errors.Is(err, fs.ErrNotExist) {
			return nil, fault.New(fault.Unavailable, "There is no database file %s: name another with --database-url, or make it with `rightshub migrate up`.", u.Path)
		}
	}
	return database.Open(ctx, database.Options{URL: named, RowLevelSecurity: walled})
}

// openSystemSession opens the database and a session for a task of the hub itself, which holds the role of that name.
func (f hubFlags) openSystemSession(ctx context.Context, role string) (*database.DB, store.Session, error) {
	db, err := f.open(ctx, f.RowLevelSecurity)
	if err != nil {
		return nil, nil, err
	}
	session, err := systemSession(ctx, db, role)
	if err != nil {
		db.Close()
	}
	return db, session, err
}

func systemSession(ctx context.Context, db *database.DB, role string) (store.Session, error) {
	if err := db.CheckSchema(ctx); err != nil {
		return nil, err
	}
	if err := db.CheckRowLevelSecurity(ctx, inventory.Model); err != nil {
		return nil, err
	}
	policy, err := access.Load(policies.Files, inventory.Model)
	if err != nil {
		return nil, err
	}
	hub, err := store.NewHub(db, inventory.Model, database.NewSecret())
	if err != nil {
		return nil, err
	}
	now, err := db.Now(ctx)
	return hub.Session(policy.View(access.SystemSubject(role, now)), nil), err
}
