package repotest_test

import (
	"slices"
	"strings"
	"testing"
)

// unlinkedPackages lists what must not be linked into a program, by packages or by whole modules, and why.
var unlinkedPackages = []struct{ program, prefix, why string }{
	{"rightshub/cmd/rightshub", "google.golang.org/grpc", "traces are sent by HTTP: 66 packages for nothing"},
	{"rightshub/cmd/rightshub", "github.com/hashicorp/hcl", "migrations are planned by internal/codegen"},
	{"rightshub/cmd/rightshub", "entgo.io/ent/dialect/sql/schema", "it imports atlas with HCL"},
	{"rightshub/internal/codegen", "rightshub/ent/", "the generator must build while what it generates does not"},
	{"rightshub/internal/codegen", "rightshub/graph", "the generator must build while what it generates does not"},
}

// No program links what it must not.
func TestLinkedPackages(t *testing.T) {
	all := listPackages(t)
	for _, a := range unlinkedPackages {
		i := slices.IndexFunc(all, func(p goPackage) bool { return p.ImportPath == a.program })
		if i < 0 {
			t.Errorf("%s does not exist", a.program)
			continue
		}
		for _, dep := range all[i].Deps {
			if strings.HasPrefix(dep, a.prefix) {
				t.Errorf("%s links %s: %s", a.program, dep, a.why)
			}
		}
	}
}
