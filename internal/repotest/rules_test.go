// Package repotest holds the rules of the project that no compiler knows, as tests: who may import whom, which columns
// have an index, and how long a file may be.
package repotest_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/model"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const repoRoot = "../.."

// forbiddenImports lists what a package must not import, and why.
var forbiddenImports = []struct{ from, to, why string }{
	{"rightshub/graph", "rightshub/internal/access", "a resolver cannot decide, so it cannot forget to; it reaches access through the store only"},
	{"rightshub/graph/plan", "rightshub/internal/access", "planning a request must not depend on who asks"},
	{"rightshub/graph/plan", "database/sql", "SQL is written in the store"},
	{"rightshub/internal/access", "database/sql", "the decision is pure"},
	{"rightshub/internal/access", "net/http", "the decision is pure"},
	{"rightshub/internal/access", "rightshub/ent", "the decision knows the model as data"},
	{"rightshub/internal/query", "database/sql", "it writes SQL and runs none"},
	{"rightshub/internal/query", "rightshub/internal/store", "it writes SQL and runs none"},
	{"rightshub/internal/store", "net/http/httptest", "tests stay out of the program"},
	{"rightshub/internal/store", "github.com/99designs/gqlgen/graphql", "the store does not know GraphQL"},
	{"rightshub/internal/store", "github.com/casbin/casbin/v2", "only access reads policies"},
	{"rightshub/ent/schema", "rightshub/ent", "the model imports nothing that is generated from it"},
	{"rightshub/internal/model", "rightshub/ent", "the words of the model are not generated"},
	{"rightshub/internal/exchange", "database/sql", "files come in and out through a session"},
	{"rightshub/internal/exchange", "rightshub/internal/access", "a file shows what its session shows: it cannot decide, so it cannot forget to"},
	{"rightshub/internal/server", "rightshub/ent", "HTTP does not touch rows"},
	{"rightshub/internal/limit", "rightshub/ent/inventory", "what a document costs depends on the document alone"},
	{"rightshub/internal/limit", "rightshub/internal/store", "what a document costs depends on the document alone"},
}

// libraryHomes lists the libraries that have one home.
var libraryHomes = map[string][]string{
	"github.com/casbin/casbin/v2":                    {"rightshub/internal/access"},
	"github.com/lib/pq":                              {"rightshub/internal/codegen", "rightshub/internal/database", "rightshub/internal/query", "rightshub/internal/store"},
	"modernc.org/sqlite":                             {"rightshub/internal/codegen", "rightshub/internal/database"},
	"github.com/coreos/go-oidc/v3/oidc":              {"rightshub/internal/identity", "rightshub/cmd/rightshub"},
	"github.com/99designs/gqlgen/graphql":            {"rightshub/graph", "rightshub/graph/generated", "rightshub/graph/plan", "rightshub/internal/server"},
	"github.com/99designs/gqlgen/api":                {"rightshub/internal/codegen"},
	"github.com/coder/websocket":                     {"rightshub/internal/server"},
	"entgo.io/ent/entc":                              {"rightshub/internal/codegen"},
	"github.com/alecthomas/kong":                     {"rightshub/cmd/rightshub"},
	"entgo.io/ent/dialect/sql/schema":                {"rightshub/internal/codegen"},
	"rightshub/ent":                                  {"rightshub/internal/store"},
	"github.com/prometheus/client_golang/prometheus": {"rightshub/internal/server"},
	"github.com/klauspost/compress/zstd":             {"rightshub/internal/server"},
	"github.com/klauspost/compress/gzip":             {"rightshub/internal/server"},
	"github.com/andybalholm/brotli":                  {"rightshub/internal/server"},
	"go.opentelemetry.io/otel/trace":                 {"rightshub/internal/database", "rightshub/internal/server", "rightshub/cmd/rightshub"},
	"golang.org/x/time/rate":                         {"rightshub/internal/server"},
}

// purePackages are the packages that must not reach it through others either.
var purePackages = []string{"rightshub/internal/access", "rightshub/internal/model", "rightshub/ent/schema"}

type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = repoRoot
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// No package imports what it must not.
func TestImports(t *testing.T) {
	for _, p := range listPackages(t) {
		for _, f := range forbiddenImports {
			reach := p.Imports
			if slices.Contains(purePackages, p.ImportPath) {
				reach = p.Deps
			}
			if p.ImportPath == f.from && slices.Contains(reach, f.to) {
				t.Errorf("%s imports %s: %s", f.from, f.to, f.why)
			}
		}
		if strings.HasPrefix(p.ImportPath, "rightshub/ent/") {
			continue // generated, and one package
		}
		for library, where := range libraryHomes {
			if slices.Contains(p.Imports, library) && !slices.Contains(where, p.ImportPath) {
				t.Errorf("%s imports %s, whose home is %s", p.ImportPath, library, strings.Join(where, ", "))
			}
		}
	}
}

// Every foreign key, and every column that a list is ordered by, begins an index, on both databases.
func TestIndexes(t *testing.T) {
	query := map[string]string{
		"postgres": `SELECT i.indrelid::regclass::text, a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]`,
		"sqlite3":  `SELECT m.tbl_name, (SELECT name FROM pragma_index_info(m.name) WHERE seqno = 0) FROM sqlite_master m WHERE m.type = 'index'`,
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
		for _, e := range inventory.Model.Entities() {
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

// Files written by hand are short enough to be read at once, and hold nothing that is left to do.
func TestFileLengths(t *testing.T) {
	err := filepath.WalkDir(repoRoot, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		lines := 0
		for s := bufio.NewScanner(f); s.Scan(); lines++ {
			if lines == 0 && strings.Contains(s.Text(), "Code generated") {
				return nil
			}
		}
		if lines > 400 {
			t.Errorf("%s has %d lines: split it by meaning", path, lines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
