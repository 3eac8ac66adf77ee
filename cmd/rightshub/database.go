package main

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/store"
	"rightshub/policies"
)

// defaultDatabaseFile is the file in the current folder that commands use when no database is named.
const defaultDatabaseFile = "rightshub.db"

// databaseURL returns the given URL, or the URL of the default database when it is "".
func databaseURL(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	folder, err := os.Getwd()
	return sqliteURL(filepath.Join(folder, defaultDatabaseFile)), err
}

// sqliteURL returns the URL of a SQLite file. It escapes characters of the path such as # and %.
func sqliteURL(path string) string { return (&url.URL{Scheme: "sqlite", Path: path}).String() }

// readHubSecret reads the secret of the hub from the given file. Without one, it reads the file beside a SQLite
// database and creates that file when it is missing. For PostgreSQL without a file it returns a new secret, which is
// not stored; stored says so.
func readHubSecret(named, file string) (secret database.Secret, stored bool, err error) {
	besideDatabase := file == ""
	if besideDatabase {
		file = secretFileBeside(named)
	}
	if file == "" {
		return database.NewSecret(), false, nil
	}
	secret, err = database.ReadSecret(file, besideDatabase)
	return secret, true, err
}

// secretFileBeside returns the path of the file beside a SQLite database in which its secret is stored by default. For
// PostgreSQL it returns "".
func secretFileBeside(named string) string {
	u, err := url.Parse(named)
	if err != nil || u.Scheme != "sqlite" {
		return ""
	}
	return u.Path + ".secret"
}

// findSecretFile returns the named file, or the one beside a SQLite database if it exists. Otherwise it returns "".
func findSecretFile(named, file string) string {
	if file != "" {
		return file
	}
	file = secretFileBeside(named)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return file
}

// databaseFlag names the database that a command works on.
type databaseFlag struct {
	DatabaseURL string `name:"database-url" placeholder:"URL" help:"${database_url_help}"`
}

// databaseURLHelp is the help of databaseFlag, which is too long for its tag.
const databaseURLHelp = "sqlite:///path/file.db (default: rightshub.db in this folder) " +
	"or postgres://user@host/name?sslmode=verify-full."

// hubFlags are the flags of a command that connects to the database as the hub does.
type hubFlags struct {
	databaseFlag
	RowLevelSecurity bool `help:"The role of the database URL is under row-level security."`
}

// open opens an existing database. Only `serve` and `migrate up` create one.
func (f databaseFlag) open(ctx context.Context, rowLevelSecurity bool) (*database.DB, error) {
	named, err := databaseURL(f.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if path := missingSQLiteFile(named); path != "" {
		return nil, errNoDatabaseFile(path)
	}
	return database.Open(ctx, database.Options{URL: named, RowLevelSecurity: rowLevelSecurity})
}

func errNoDatabaseFile(path string) error {
	return fault.New(fault.Unavailable,
		"There is no database file %s. Name one with --database-url, or create it with `rightshub migrate up`.", path)
}

// missingSQLiteFile returns the path of the SQLite file that the URL names, if the file does not exist. Otherwise it
// returns "".
func missingSQLiteFile(named string) string {
	u, err := url.Parse(named)
	if err != nil || u.Scheme != "sqlite" || u.Path == "" {
		return ""
	}
	if _, err := os.Stat(u.Path); !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return u.Path
}

// openSystemSession opens the database and a session for a task of the hub itself, which has the given system role.
// The caller closes the database.
func (f hubFlags) openSystemSession(
	ctx context.Context, m *model.Model, role string,
) (*database.DB, store.Session, error) {
	db, err := f.open(ctx, f.RowLevelSecurity)
	if err != nil {
		return nil, nil, err
	}
	session, err := systemSession(ctx, m, db, role)
	if err != nil {
		db.Close()
	}
	return db, session, err
}

func systemSession(
	ctx context.Context, m *model.Model, db *database.DB, role string,
) (store.Session, error) {
	if err := db.CheckSchema(ctx); err != nil {
		return nil, err
	}
	if err := db.CheckRowLevelSecurity(ctx, m); err != nil {
		return nil, err
	}
	policy, err := access.Load(policies.Files, m)
	if err != nil {
		return nil, err
	}
	hub, err := store.NewHub(db, m, database.NewSecret())
	if err != nil {
		return nil, err
	}
	now, err := db.Now(ctx)
	return hub.Session(policy.View(access.SystemSubject(role, now)), nil), err
}
