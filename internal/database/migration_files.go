package database

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"ariga.io/atlas/sql/migrate"

	"rightshub/internal/fault"
)

// Migration is one version and whether the database has it.
type Migration struct {
	Version string
	Applied bool
}

// migrationFile is the file of one version. Its hash covers the earlier files too, so that a change of one file
// changes the hashes of all later ones.
type migrationFile struct {
	migrate.File
	folder        string // "postgres" or "sqlite"
	version, hash string
}

// path names the file in messages.
func (f migrationFile) path() string { return "migrations/" + f.folder + "/" + f.Name() }

// migrationStatement is a statement of a migration file and its line in the file.
type migrationStatement struct {
	text string
	line int
}

// statements returns the statements of the file.
func (f migrationFile) statements() ([]migrationStatement, error) {
	found, err := f.StmtDecls()
	if err != nil {
		return nil, fault.Wrap(err, f.path())
	}
	var out []migrationStatement
	for _, s := range found {
		start := strings.Index(string(f.Bytes()[s.Pos:]), s.Text) // the position may be that of a comment
		line := 1 + strings.Count(string(f.Bytes()[:s.Pos+max(start, 0)]), "\n")
		out = append(out, migrationStatement{s.Text, line})
	}
	return out, nil
}

// migrationFolder returns the folder of the versions for this kind of database.
func (db *DB) migrationFolder() string {
	if db.IsPostgres() {
		return "postgres"
	}
	return "sqlite"
}

// loadMigrations loads the versions for this kind of database, the oldest first. It fails when a file differs from its
// checksum in atlas.sum.
func (db *DB) loadMigrations() ([]migrationFile, error) {
	dir, folder := &migrate.MemDir{}, db.migrationFolder()
	entries, err := fs.ReadDir(db.migrations, folder)
	if err != nil {
		return nil, fault.Wrap(err, "migrations")
	}
	for _, e := range entries {
		text, err := fs.ReadFile(db.migrations, folder+"/"+e.Name())
		if err == nil {
			err = dir.WriteFile(e.Name(), text)
		}
		if err != nil {
			return nil, fault.Wrap(err, "migrations")
		}
	}
	if err := migrate.Validate(dir); err != nil {
		return nil, checksumError(err, folder)
	}
	files, err := dir.Files()
	if err != nil {
		return nil, fault.Wrap(err, "migrations")
	}
	sums, err := dir.Checksum()
	if err != nil {
		return nil, fault.Wrap(err, "migrations")
	}
	var out []migrationFile
	for _, f := range files {
		hash, err := sums.SumByName(f.Name())
		if err != nil {
			return nil, fault.Wrap(err, "migrations")
		}
		out = append(out, migrationFile{f, folder, f.Version(), hash})
	}
	return out, nil
}

// checksumError says which migration file differs from atlas.sum, and how to correct it.
func checksumError(err error, folder string) error {
	list := "migrations/" + folder + "/atlas.sum"
	var c *migrate.ChecksumError
	if !errors.As(err, &c) {
		return fault.New(fault.Unavailable,
			"%s:1: the checksums are missing or contradict each other. "+
				"Restore the file and build the program again.", list)
	}
	path := "migrations/" + folder + "/" + c.File
	switch c.Reason {
	case migrate.ReasonAdded:
		return fault.New(fault.Unavailable,
			"%s:%d: the line of %s is missing. Delete that file, write the version with "+
				"`go run ./internal/codegen diff NAME` and build the program again.", list, c.Line, path)
	case migrate.ReasonRemoved:
		return fault.New(fault.Unavailable,
			"%s:%d: the file %s is missing. Restore it and build the program again.", list, c.Line, path)
	}
	return fault.New(fault.Unavailable,
		"%s was changed after it landed. Its checksum is on line %d of %s. Restore the file, write the change as a "+
			"new version with `go run ./internal/codegen diff NAME` and build the program again.", path, c.Line, list)
}

// Migrations compares the versions of the program with those of the database. It fails when the database has a version
// that the program lacks, or another text of a version.
func (db *DB) Migrations(ctx context.Context) ([]Migration, error) {
	applied, err := db.appliedVersions(ctx, db.pool)
	if err != nil {
		return nil, err
	}
	files, err := db.loadMigrations()
	if err != nil {
		return nil, err
	}
	if err := checkVersions(files, applied); err != nil {
		return nil, err
	}
	var out []Migration
	for _, f := range files {
		_, ok := applied[f.version]
		out = append(out, Migration{f.version, ok})
	}
	return out, nil
}

// missingVersions returns the versions that the database lacks, the oldest first. applied are the checksums of its
// versions. It fails as Migrations does.
func (db *DB) missingVersions(applied map[string]string) ([]migrationFile, error) {
	files, err := db.loadMigrations()
	if err != nil {
		return nil, err
	}
	if err := checkVersions(files, applied); err != nil {
		return nil, err
	}
	var out []migrationFile
	for _, f := range files {
		if _, ok := applied[f.version]; !ok {
			out = append(out, f)
		}
	}
	return out, nil
}

// checkVersions fails unless the versions of the database are the first ones of the files, with the same texts.
func checkVersions(files []migrationFile, applied map[string]string) error {
	known, newest := map[string]bool{}, "none"
	var missing *migrationFile
	for i, f := range files {
		known[f.version], newest = true, f.version
		hash, ok := applied[f.version]
		switch {
		case !ok && missing == nil:
			missing = &files[i]
		case ok && missing != nil:
			return fault.New(fault.Unavailable,
				"The database has version %s but lacks %s, which comes before it. Use the program that migrated the "+
					"database, or give the new file a later number and build the program again.",
				f.version, missing.path())
		case ok && hash != f.hash:
			return fault.New(fault.Unavailable,
				"The database was migrated with another text of %s. "+
					"The text of this program has its checksum on line %d of migrations/%s/atlas.sum. "+
					"Use the program that migrated the database, or restore the file and build the program again.",
				f.path(), i+2, f.folder)
		}
	}
	ahead := ""
	for version := range applied {
		if !known[version] && (ahead == "" || version < ahead) {
			ahead = version
		}
	}
	if ahead != "" {
		return fault.New(fault.Unavailable,
			"The database is ahead of this program. It has version %s, and the newest version of this program is %s. "+
				"Use the program that migrated the database, or a newer one.", ahead, newest)
	}
	return nil
}
