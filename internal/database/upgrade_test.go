package database_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"ariga.io/atlas/sql/migrate"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/migrations"
)

// folderOf returns the folder of the versions for a kind of database.
func folderOf(db *database.DB) string {
	return map[string]string{"sqlite3": "sqlite", "postgres": "postgres"}[db.Kind()]
}

// landedFiles returns the versions of the program for the database, the oldest first.
func landedFiles(t *testing.T, db *database.DB) []migrate.File {
	t.Helper()
	return readVersions(t, migrations.Files, folderOf(db))
}

// laterFiles returns the version of testdata/upgrade, which no program has.
func laterFiles(t *testing.T, db *database.DB) []migrate.File {
	t.Helper()
	return readVersions(t, os.DirFS("testdata/upgrade"), folderOf(db))
}

func readVersions(t *testing.T, source fs.FS, folder string) []migrate.File {
	t.Helper()
	paths, err := fs.Glob(source, folder+"/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no versions in %s: %v", folder, err)
	}
	var out []migrate.File
	for _, path := range paths {
		text, err := fs.ReadFile(source, path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, migrate.NewLocalFile(strings.TrimPrefix(path, folder+"/"), text))
	}
	return out
}

// programWith opens the database of db as a program that has exactly these versions.
func programWith(t *testing.T, db *database.DB, files ...migrate.File) *database.DB {
	t.Helper()
	sums, err := migrate.NewHashFile(files)
	if err != nil {
		t.Fatal(err)
	}
	list, err := sums.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	versions := fstest.MapFS{folderOf(db) + "/atlas.sum": {Data: list}}
	for _, f := range files {
		versions[folderOf(db)+"/"+f.Name()] = &fstest.MapFile{Data: f.Bytes()}
	}
	return programWithFolder(t, db, versions)
}

// programWithFolder opens the database of db as a program with this folder of versions.
func programWithFolder(t *testing.T, db *database.DB, versions fs.FS) *database.DB {
	t.Helper()
	out, err := database.Open(t.Context(), database.Options{URL: db.URL(), Migrations: versions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

// A database of each version, with a row in every table, upgrades to the newest version of the program and from there
// to a version that stands for the next change of the model. The rows stay as they are.
func TestUpgradeOfEachVersion(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{NoTables: true}, func(t *testing.T, first *database.DB) {
		landed := landedFiles(t, first)
		for i := range landed {
			t.Run(landed[i].Version(), func(t *testing.T) {
				empty := first
				if i > 0 {
					empty = anotherEmptyDatabase(t, first)
				}
				old := programWith(t, empty, landed[:i+1]...)
				if n, err := old.Migrate(t.Context()); err != nil || n != i+1 {
					t.Fatalf("%d versions applied: %v", n, err)
				}
				columns := withoutDropped(fillEveryTable(t, old))
				before := readRows(t, old, columns)

				upgradeTo(t, dbtest.Reopen(t, empty), len(landed)-i-1)
				compareRows(t, before, readRows(t, empty, columns))

				next := programWith(t, empty, append(landed, laterFiles(t, empty)...)...)
				upgradeTo(t, next, 1)
				compareRows(t, before, readRows(t, empty, columns))
				for _, query := range []string{
					`SELECT count(*) FROM countries WHERE upgrade_note = 'seen; as ''known'''`,
					"SELECT count(*) FROM regions WHERE upgrade_rank = 0",
				} {
					var n int
					if err := empty.SQL().QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != 1 {
						t.Errorf("%s: %d, %v", query, n, err)
					}
				}
			})
		}
	})
}

// anotherEmptyDatabase returns an empty database of the same kind.
func anotherEmptyDatabase(t *testing.T, db *database.DB) *database.DB {
	t.Helper()
	f := &dbtest.Fixture{NoTables: true}
	if db.IsPostgres() {
		return f.PostgresAsOwner(t)
	}
	return f.SQLite(t)
}

// upgradeTo applies the versions that the database lacks, and checks their number and the schema.
func upgradeTo(t *testing.T, program *database.DB, want int) {
	t.Helper()
	if n, err := program.Migrate(t.Context()); err != nil || n != want {
		t.Fatalf("%d versions applied, want %d: %v", n, want, err)
	}
	if err := program.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
}

// column is a column of the database, with the table that it refers to.
type column struct {
	table, name, kind string
	required          bool
	target            string // "" for no foreign key
}

// columnQueries read all columns in the order of their tables.
var columnQueries = map[string]string{
	"sqlite3": `
		SELECT m.name, c.name, lower(c.type), c."notnull", coalesce(k."table", '')
		FROM sqlite_master m
		JOIN pragma_table_info(m.name) c
		LEFT JOIN pragma_foreign_key_list(m.name) k ON k."from" = c.name
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND m.name <> 'hub_migrations'
		ORDER BY m.name, c.cid`,
	"postgres": `
		SELECT c.relname, a.attname, format_type(a.atttypid, NULL), a.attnotnull, coalesce(r.relname, '')
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
		LEFT JOIN pg_class r ON r.oid = k.confrelid
		WHERE c.relkind = 'r' AND c.relname <> 'hub_migrations'
		ORDER BY c.relname, a.attnum`,
}

// rowID is the id of the only row of each table, so that every foreign key has the same value.
const rowID = "'11111111-1111-4111-8111-111111111111'"

// fillEveryTable writes a row with a value in every column into every table, and returns the columns of each table.
func fillEveryTable(t *testing.T, db *database.DB) map[string][]string {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), columnQueries[db.Kind()])
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables, names := map[string][]column{}, map[string][]string{}
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.table, &c.name, &c.kind, &c.required, &c.target); err != nil {
			t.Fatal(err)
		}
		tables[c.table] = append(tables[c.table], c)
		names[c.table] = append(names[c.table], quoteName(c.name))
	}
	if err := rows.Err(); err != nil || len(tables) < 40 {
		t.Fatalf("%d tables: %v", len(tables), err)
	}
	filled := map[string]bool{}
	for len(filled) < len(tables) {
		n := len(filled)
		for table, columns := range tables {
			waits := func(c column) bool { return c.required && c.target != "" && !filled[c.target] }
			if filled[table] || slices.ContainsFunc(columns, waits) {
				continue
			}
			values := make([]string, len(columns))
			for i, c := range columns {
				values[i] = sampleValue(t, db, c)
			}
			dbtest.Exec(t, db, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
				quoteName(table), strings.Join(names[table], ", "), strings.Join(values, ", ")))
			filled[table] = true
		}
		if len(filled) == n {
			t.Fatal("required foreign keys form a circle")
		}
	}
	for table, columns := range tables { // all tables have their row now
		for _, c := range columns {
			if c.target != "" && !c.required {
				dbtest.Exec(t, db, fmt.Sprintf("UPDATE %s SET %s = %s", quoteName(table), quoteName(c.name), rowID))
			}
		}
	}
	return names
}

// droppedColumns are the columns of the hub's own tables that a version removed, with the table of each.
var droppedColumns = map[string]string{`"parent_id"`: "change_marks"}

// withoutDropped leaves out the columns that a later version removes.
func withoutDropped(columns map[string][]string) map[string][]string {
	for name, table := range droppedColumns {
		columns[table] = slices.DeleteFunc(columns[table], func(c string) bool { return c == name })
	}
	return columns
}

// quoteName quotes a name for both databases.
func quoteName(name string) string { return `"` + name + `"` }

// sampleValue returns a value for the column, or NULL for a foreign key that needs none.
func sampleValue(t *testing.T, db *database.DB, c column) string {
	t.Helper()
	if c.target != "" && !c.required {
		return "NULL"
	}
	switch c.kind {
	case "uuid":
		return rowID
	case "text", "character varying":
		return "'x'"
	case "integer", "bigint":
		return "7"
	case "bool", "boolean":
		return "true"
	case "json", "jsonb":
		return `'["x"]'`
	case "datetime", "timestamp with time zone":
		return "'2026-01-02 03:04:05+00:00'"
	case "date":
		return "'2026-01-02'"
	case "real", "double precision":
		return "0.5"
	case "blob", "bytea":
		return map[string]string{"sqlite3": "x'ff'", "postgres": `'\xff'`}[db.Kind()]
	}
	t.Fatalf("%s.%s has the unknown type %s. Add a value for it to sampleValue.", c.table, c.name, c.kind)
	return ""
}

// readRows returns the rows of each table in these columns.
func readRows(t *testing.T, db *database.DB, columns map[string][]string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for table, names := range columns {
		rows, err := db.SQL().QueryContext(t.Context(),
			fmt.Sprintf("SELECT %s FROM %s", strings.Join(names, ", "), quoteName(table)))
		if err != nil {
			t.Errorf("%s: %v", table, err)
			continue
		}
		for rows.Next() {
			values, targets := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				targets[i] = &values[i]
			}
			if err := rows.Scan(targets...); err != nil {
				t.Fatal(err)
			}
			out[table] += fmt.Sprintln(values...)
		}
		if err := rows.Err(); err != nil {
			t.Error(err)
		}
		rows.Close()
	}
	return out
}

// compareRows fails for each table that changed, and when a table was empty.
func compareRows(t *testing.T, before, after map[string]string) {
	t.Helper()
	for table, want := range before {
		if got := after[table]; got != want || want == "" {
			t.Errorf("%s: %q before the upgrade, %q after it", table, want, got)
		}
	}
}
