package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"text/template"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	entschema "entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	_ "github.com/lib/pq" // the drivers of both databases
	_ "modernc.org/sqlite"

	"rightshub/internal/database/hubtables"
	"rightshub/internal/pgtemp"
)

// errNoChange says that the model and the migrations agree.
var errNoChange = migrate.ErrNoPlan

// diff writes the next version of both databases from the model, and says what it wrote. It lives here and not in the
// program, since atlas, with the parsers of HCL that it brings, serves nothing else.
func diff(ctx context.Context, name string) error {
	folder, err := os.MkdirTemp("", "rightshub-diff-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	server, err := pgtemp.Start(ctx)
	if err != nil {
		return err
	}
	defer server.Stop()
	version := migrate.NewVersion()
	for _, to := range []struct{ kind, folder, url string }{
		{dialect.SQLite, "migrations/sqlite", scratchSQLite(folder)},
		{dialect.Postgres, "migrations/postgres", server.URL},
	} {
		switch err := writeVersion(ctx, to.kind, to.url, to.folder, version, name); {
		case errors.Is(err, errNoChange):
			fmt.Printf("%s: the model and the migrations agree.\n", to.folder)
		case err != nil:
			return fmt.Errorf("%s: %w", to.folder, err)
		default:
			file := fmt.Sprintf("%s/%s_%s.sql", to.folder, version, name)
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			fmt.Printf("%s: written. Add its sum to landedVersions in internal/repotest/migrations_test.go:\n", file)
			fmt.Printf("\t%q: \"%x\",\n", file, sha256.Sum256(text))
		}
	}
	return nil
}

// scratchSQLite returns the address of a new database in the folder. ent wants foreign keys to be enforced.
func scratchSQLite(folder string) string {
	path := &url.URL{Path: filepath.ToSlash(filepath.Join(folder, "scratch.db"))}
	return "file:" + path.EscapedPath() + "?_pragma=foreign_keys(1)"
}

// writeVersion writes into the folder the version that leads from its versions to the model. The database must be
// empty. It holds the result of the replayed versions while this runs. Both databases get the same version number.
func writeVersion(ctx context.Context, kind, address, folder, version, name string) error {
	driver := map[string]string{dialect.SQLite: "sqlite", dialect.Postgres: "postgres"}[kind]
	db, err := sql.Open(driver, address)
	if err != nil {
		return err
	}
	defer db.Close()
	dir, err := migrate.NewLocalDir(folder)
	if err != nil {
		return fmt.Errorf("%w: run the command from the project's root", err)
	}
	tables, err := allTables(kind)
	if err != nil {
		return err
	}
	formatter, err := numberedFormatter(version)
	if err != nil {
		return err
	}
	m, err := entschema.NewMigrate(entsql.OpenDB(kind, db), entschema.WithDir(dir),
		entschema.WithMigrationMode(entschema.ModeReplay), entschema.WithFormatter(formatter),
		entschema.WithErrNoPlan(true), entschema.WithDropColumn(true), entschema.WithDropIndex(true))
	if err != nil {
		return err
	}
	return m.NamedDiff(ctx, name, tables...)
}

// numberedFormatter names the file of a version by this number instead of the time at which it is written.
func numberedFormatter(version string) (migrate.Formatter, error) {
	fileName, err := template.New("").Parse(version + "{{ with .Name }}_{{ . }}{{ end }}.sql")
	if err != nil {
		return nil, err
	}
	return migrate.NewTemplateFormatter(fileName, migrate.DefaultFormatter[0].C)
}

// allTables returns the tables of the model and of package hubtables. On PostgreSQL they compare text byte by byte, as
// SQLite does, whatever the server's language.
func allTables(kind string) ([]*entschema.Table, error) {
	graph, _, err := loadModel()
	if err != nil {
		return nil, err
	}
	tables, err := graph.Tables()
	if err != nil {
		return nil, err
	}
	for _, t := range hubtables.All() {
		tables = append(tables, ownTable(t))
	}
	if kind != dialect.Postgres {
		return tables, nil
	}
	for _, t := range tables {
		for _, c := range t.Columns {
			if (c.Type == field.TypeString || c.Type == field.TypeEnum) && c.SchemaType == nil {
				c.Collation = "C"
			}
		}
	}
	return tables, nil
}

// ownTable converts a table of package hubtables to ent's type.
func ownTable(own hubtables.Table) *entschema.Table {
	t := entschema.NewTable(own.Name)
	for i, c := range own.Columns {
		column := &entschema.Column{Name: c.Name, Type: c.Type, Size: c.Size, Nullable: c.Nullable, Increment: c.Increment}
		if t.AddColumn(column); i == 0 {
			t.PrimaryKey = []*entschema.Column{column}
		}
	}
	for _, index := range own.Indexes {
		t.AddIndex(index.Name, false, index.Columns)
	}
	return t
}
