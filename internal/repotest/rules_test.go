// Package repotest checks the rules of the project that no compiler knows. They say which package may import which,
// which columns have an index, which words names are made of, and how long files and lines may be.
package repotest_test

import (
	"database/sql"
	"slices"
	"testing"

	"rightshub/internal/classification"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/model"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const repoRoot = "../.."

// Every foreign key, and every column that a list is ordered by, begins an index, on both databases.
func TestIndexes(t *testing.T) {
	query := map[string]string{
		"postgres": `
			SELECT i.indrelid::regclass::text, a.attname FROM pg_index i
			JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]`,
		"sqlite3": `
			SELECT m.tbl_name, (SELECT name FROM pragma_index_info(m.name) WHERE seqno = 0)
			FROM sqlite_master m WHERE m.type = 'index'`,
	}
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		rows, err := db.SQL().QueryContext(t.Context(), query[db.Kind()])
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		led := map[string]bool{}
		for rows.Next() {
			var table string
			var column sql.NullString
			if err := rows.Scan(&table, &column); err != nil {
				t.Fatal(err)
			}
			led[table+"."+column.String] = true
		}
		for _, e := range theModel.Entities() {
			for _, edge := range e.Edges {
				if edge.Kind == model.ToOne && !led[e.Table+"."+edge.Column] {
					t.Errorf("%s.%s has no index", e.Table, edge.Column)
				}
			}
			for _, f := range e.Fields {
				if f.Orderable() && f.Kind != model.Texts && f.MaxLen <= 500 && !led[e.Table+"."+f.Column] {
					t.Errorf("%s.%s has no index", e.Table, f.Column)
				}
			}
		}
	})
}

// Whether a record holds sensitive data follows from its fields that identify a child. An entity with values of C3 has
// at least one of these, so that no record of a child counts as harmless.
func TestEntitiesOfC3HaveSensitiveData(t *testing.T) {
	for _, e := range theModel.Entities() {
		hasC3 := func(f model.Field) bool { return !f.Internal && f.Tag.Level == classification.C3 }
		if slices.ContainsFunc(e.Fields, hasC3) && !e.HasSensitiveData() {
			t.Errorf("%s has fields of class C3, and none of them identifies anybody", e.Name)
		}
	}
}

// Hand-written files are short enough to be read at once.
func TestFileLengths(t *testing.T) {
	for _, f := range listHandWrittenGo(t) {
		if n := len(f.lines); n > 400 {
			t.Errorf("%s has %d lines, and at most 400 are allowed. Split it by meaning.", f.path, n)
		}
	}
}
