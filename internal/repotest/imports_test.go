package repotest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// project is the path of the module. The tables leave it out.
const project = "rightshub/"

// A packageRule lists the packages of the project that a package may import.
type packageRule struct {
	name    string
	imports string // what the package may import
	tests   string // what its tests may import besides, and besides testSupport
	// outside lists all packages from outside the project that a pure package may import, besides plainStandardLibrary.
	// It is nil for the others; libraryHomes restricts their libraries.
	outside []string
}

// packageRules lists every package of the project. A package may import only packages from lines above its own, so the
// arrows run one way. What a package may not reach it does not reach through others either, unless the table says so.
var packageRules = []packageRule{
	// What everything may use.
	{name: "internal/classification", outside: []string{}},
	{name: "internal/languages", outside: []string{}},
	{name: "internal/fault", imports: "internal/languages", outside: []string{
		"golang.org/x/text/feature/plural", "golang.org/x/text/language", "golang.org/x/text/message",
		"golang.org/x/text/message/catalog", "golang.org/x/text/number",
	}},
	{name: "internal/help", imports: "internal/languages"},
	{name: "migrations"},
	{name: "policies"},
	{name: "internal/pgtemp"},
	{name: "internal/config", imports: "internal/fault"},
	{name: "internal/database/hubtables"},

	// The model, and what is generated from it.
	{name: "internal/model", imports: "internal/classification", outside: []string{
		"encoding/base64", "github.com/google/uuid",
	}},
	{name: "ent/schema", imports: "internal/classification internal/model", outside: []string{
		"entgo.io/ent", "entgo.io/ent/dialect", "entgo.io/ent/dialect/entsql", "entgo.io/ent/schema",
		"entgo.io/ent/schema/edge", "entgo.io/ent/schema/field", "entgo.io/ent/schema/mixin", "github.com/google/uuid",
	}},
	{name: "ent/inventory", imports: "internal/model", outside: []string{}},
	{name: "ent/*"}, // one package for each entity
	{name: "ent", imports: "ent/* ent/schema"},

	// The decision. It reads no database and serves nobody.
	{name: "internal/access", imports: "internal/classification internal/fault internal/model",
		tests: "ent/inventory policies",
		outside: []string{
			"crypto/sha256", "encoding/hex", "github.com/casbin/casbin/v2", "github.com/casbin/casbin/v2/model",
			"github.com/google/uuid",
			"io/fs", // Load reads the two files from the file system that it is given
		}},
	{name: "internal/policycheck", imports: "internal/access internal/classification internal/model",
		tests:   "ent/inventory policies",
		outside: []string{"github.com/google/uuid", "gopkg.in/yaml.v3", "io/fs", "text/tabwriter"}},
	{name: "internal/policysource", imports: "internal/access internal/model internal/policycheck",
		tests: "ent/inventory policies"},
	{name: "internal/database", imports: "internal/database/hubtables internal/fault internal/model migrations"},

	// SQL is written here, and run in the store.
	{name: "internal/query",
		imports: "internal/access internal/classification internal/database internal/fault internal/model",
		outside: []string{
			"crypto/aes", "crypto/cipher", "crypto/hmac", "crypto/sha256", "encoding/base64", "encoding/hex",
			"encoding/json", "github.com/google/uuid", "github.com/lib/pq",
		}},

	// The rooms of the store. A session ties them together, and none of them imports it.
	{name: "internal/accounts",
		imports: "internal/access internal/database internal/fault internal/model internal/query"},
	{name: "internal/changefeed",
		imports: "internal/access internal/database internal/fault internal/model internal/query"},
	{name: "internal/record",
		imports: "internal/access internal/database internal/model internal/query",
		outside: []string{"crypto/hmac", "crypto/sha256", "encoding/hex", "github.com/google/uuid"}},
	// The rules on writes reach the database only through the transaction that the store gives them.
	{name: "internal/rules",
		imports: "internal/access internal/fault internal/languages internal/model internal/query",
		outside: []string{
			"encoding/json", "github.com/google/uuid", "golang.org/x/text/currency", "golang.org/x/text/language",
			"net/mail", "net/url",
		}},
	{name: "internal/store",
		imports: "ent internal/access internal/accounts internal/changefeed internal/database internal/fault " +
			"internal/languages internal/model internal/query internal/record internal/rules",
		tests: "ent/inventory policies"},

	// Who is calling, and what a document asks for. A resolver cannot decide, so it cannot forget to.
	{name: "internal/identity",
		imports: "internal/access internal/accounts internal/database internal/fault internal/store",
		tests:   "ent/inventory internal/model internal/policysource internal/query policies"},
	{name: "internal/limit", imports: "internal/fault"},
	{name: "graph/plan",
		imports: "internal/changefeed internal/fault internal/model internal/query internal/store",
		tests:   "ent/inventory"},
	{name: "graph/generated", imports: "graph/plan"},
	{name: "graph",
		imports: "graph/generated graph/plan internal/fault internal/limit internal/model internal/query internal/store",
		tests: "ent/inventory internal/access internal/exchange internal/identity internal/policycheck internal/server " +
			"policies"},

	// Transports, and files that come in and out. They show what a session shows.
	{name: "internal/server",
		imports: "graph/plan internal/fault internal/help internal/languages internal/limit internal/model " +
			"internal/query internal/record internal/store",
		tests: "ent/inventory graph internal/access policies"},
	{name: "internal/exchange",
		imports: "graph/plan internal/fault internal/languages internal/model internal/query internal/record " +
			"internal/store",
		tests: "ent/inventory internal/access"},
	{name: "internal/explain",
		imports: "internal/access internal/accounts internal/classification internal/fault internal/model " +
			"internal/query internal/store",
		tests: "ent/inventory policies"},

	// What only tests, the generator and the demonstration use.
	{name: "internal/dbtest", imports: "ent/inventory internal/database internal/pgtemp"},
	{name: "internal/demo",
		imports: "internal/access internal/accounts internal/exchange internal/fault internal/languages " +
			"internal/model internal/query internal/store",
		tests: "ent/inventory"},
	{name: "internal/demoregistry", imports: "internal/database internal/fault"},
	{name: "internal/apitest", imports: "ent/inventory graph internal/access internal/database internal/dbtest " +
		"internal/demo internal/identity internal/query internal/server internal/store policies"},
	{name: "internal/codegen",
		imports: "internal/classification internal/database/hubtables internal/model internal/pgtemp"},
	{name: "internal/hostile", tests: "ent/inventory graph internal/access internal/identity internal/query " +
		"internal/server internal/store policies"},
	{name: "internal/proof", tests: "ent/inventory graph internal/access internal/classification internal/identity " +
		"internal/model internal/server internal/store policies"},
	{name: "internal/repotest", tests: "ent/inventory internal/classification internal/fault internal/model"},

	// The program ties all of it together.
	{name: "cmd/rightshub", imports: "ent/inventory graph graph/plan internal/access internal/accounts internal/config " +
		"internal/database internal/demo internal/demoregistry internal/exchange internal/explain internal/fault " +
		"internal/identity internal/languages internal/model internal/policycheck internal/policysource " +
		"internal/query internal/server internal/store policies",
		tests: "internal/help"},
}

// testSupport lists the packages that every test may import.
var testSupport = strings.Fields("internal/apitest internal/database internal/dbtest internal/demo " +
	"internal/demoregistry internal/pgtemp")

// plainStandardLibrary lists the packages of the standard library that pure packages may import. They reach neither the
// network, nor a database, nor files.
var plainStandardLibrary = strings.Fields("bufio bytes cmp context errors fmt io maps math math/bits reflect regexp " +
	"slices strconv strings sync time unicode unicode/utf8")

// unreachable lists what packages must not reach through others either, and why.
var unreachable = []struct{ from, to, why string }{
	{"internal/access", "database/sql", "the decision is pure"},
	{"internal/access", "net/http", "the decision is pure"},
	{"internal/access", "os/exec", "the decision is pure"},
	{"internal/limit", "database/sql", "what a document costs depends on the document alone"},
	{"internal/limit", "net/http", "what a document costs depends on the document alone"},
	{"internal/model", "database/sql", "the model is data"},
	{"internal/model", "net/http", "the model is data"},
}

// A goPackage is what the go command reports about a package.
type goPackage struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

// readPackages lists the packages of the project, once for all tests.
var readPackages = sync.OnceValues(func() ([]goPackage, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir = repoRoot
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list does not understand the project: %w\n%s", err, &complaints)
	}
	var all []goPackage
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	all, err := readPackages()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ruleName returns the name of the line of packageRules for a package of the project.
func ruleName(path string) string {
	name := strings.TrimPrefix(path, project)
	if strings.HasPrefix(name, "ent/") && name != "ent/schema" && name != "ent/inventory" {
		return "ent/*"
	}
	return name
}

// importPlaces returns where the files of a package import another, as file:line.
func importPlaces(t *testing.T, name, path string) string {
	t.Helper()
	var places []string
	for _, f := range listHandWrittenGo(t) {
		if f.directory() != name {
			continue
		}
		for _, spec := range f.syntax.Imports {
			if p := strings.Trim(spec.Path.Value, `"`); p == path || p == project+path {
				places = append(places, fmt.Sprintf("%s:%d", f.path, f.fset.Position(spec.Pos()).Line))
			}
		}
	}
	return strings.Join(places, ", ")
}

// findRule returns the index of the rule for a package, or -1.
func findRule(name string) int {
	return slices.IndexFunc(packageRules, func(r packageRule) bool { return r.name == name })
}

// projectImports returns the packages of the project among imports, by the names of their rules.
func projectImports(imports []string) []string {
	var names []string
	for _, path := range imports {
		if strings.HasPrefix(path+"/", project) {
			names = append(names, ruleName(path))
		}
	}
	return names
}

// Packages import only what the table allows.
func TestImports(t *testing.T) {
	for _, p := range listPackages(t) {
		name := ruleName(p.ImportPath)
		i := findRule(name)
		if i < 0 {
			t.Errorf("package %s is not in packageRules. Add it to the table in internal/repotest/imports_test.go, "+
				"below the packages it imports.", name)
			continue
		}
		rule := packageRules[i]
		allowed := strings.Fields(rule.imports)
		for _, path := range projectImports(p.Imports) {
			if !slices.Contains(allowed, path) {
				t.Errorf("%s: %s imports %s, and packageRules does not allow it. "+
					"Import it through a package that may, or add it to the table if the layers are meant so.",
					importPlaces(t, name, path), name, path)
			}
		}
		forTests := slices.Concat(allowed, strings.Fields(rule.tests), testSupport, []string{name})
		for _, path := range projectImports(slices.Concat(p.TestImports, p.XTestImports)) {
			if !slices.Contains(forTests, path) {
				t.Errorf("%s: a test of %s imports %s, and packageRules does not allow it. "+
					"Move the test to the package above, or add the import to the column tests.",
					importPlaces(t, name, path), name, path)
			}
		}
		if rule.outside != nil {
			checkPureImports(t, rule, p.Imports)
		}
	}
}

// checkPureImports checks what a pure package imports from outside the project.
func checkPureImports(t *testing.T, rule packageRule, imports []string) {
	t.Helper()
	for _, path := range imports {
		if !strings.HasPrefix(path+"/", project) && !slices.Contains(plainStandardLibrary, path) &&
			!slices.Contains(rule.outside, path) {
			t.Errorf("%s: %s imports %s. The package is pure, and may import only plainStandardLibrary and what "+
				"packageRules lists as outside. Move the code that needs it, or add it to the table with the reason.",
				importPlaces(t, rule.name, path), rule.name, path)
		}
	}
}

// The table has each package once, below the packages it imports, and names no package that does not exist.
func TestPackageRulesAreLayered(t *testing.T) {
	exists := map[string]bool{}
	imported := map[string][]string{}
	for _, p := range listPackages(t) {
		name := ruleName(p.ImportPath)
		exists[name] = true
		imported[name] = append(imported[name], projectImports(p.Imports)...)
	}
	for i, rule := range packageRules {
		if !exists[rule.name] {
			t.Errorf("packageRules lists %s, which does not exist. Remove the line.", rule.name)
		}
		if findRule(rule.name) != i {
			t.Errorf("packageRules lists %s twice. Remove one line.", rule.name)
		}
		for _, path := range strings.Fields(rule.imports) {
			if at := findRule(path); at < 0 || at >= i {
				t.Errorf("packageRules allows %s to import %s, which is not on a line above it. "+
					"Packages import only what is below them.", rule.name, path)
			}
			if !slices.Contains(imported[rule.name], path) {
				t.Logf("%s does not import %s any more. Remove it from packageRules.", rule.name, path)
			}
		}
		for _, path := range strings.Fields(rule.tests) {
			if findRule(path) < 0 {
				t.Errorf("packageRules allows tests of %s to import %s, which does not exist. Remove it.", rule.name, path)
			}
		}
	}
}

// Some packages do not reach the world, neither directly nor through other packages.
func TestUnreachablePackages(t *testing.T) {
	all := listPackages(t)
	for _, u := range unreachable {
		i := slices.IndexFunc(all, func(p goPackage) bool { return p.ImportPath == project+u.from })
		if i < 0 {
			t.Errorf("unreachable lists %s, which does not exist", u.from)
			continue
		}
		if !slices.Contains(all[i].Deps, u.to) {
			continue
		}
		through := slices.DeleteFunc(slices.Clone(all[i].Imports), func(path string) bool {
			if j := slices.IndexFunc(all, func(p goPackage) bool { return p.ImportPath == path }); j >= 0 {
				return !slices.Contains(all[j].Deps, u.to)
			}
			return path != u.to && !strings.Contains(path, ".") // the rest of the standard library
		})
		t.Errorf("%s reaches %s, and must not, since %s. It does so through one of these imports: %s",
			u.from, u.to, u.why, strings.Join(through, ", "))
	}
}
