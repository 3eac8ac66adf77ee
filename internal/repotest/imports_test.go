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
