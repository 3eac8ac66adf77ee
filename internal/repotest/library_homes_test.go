package repotest_test

import (
	"slices"
	"strings"
	"testing"
)

// libraryHomes lists the libraries that have one home, or a few. A package that is not named here must not import them.
// Tests are free.
var libraryHomes = map[string]string{
	"database/sql":        "internal/accounts internal/changefeed internal/codegen internal/database internal/store",
	"database/sql/driver": "internal/database",
	"net/http":            "cmd/rightshub internal/apitest internal/demoregistry internal/identity internal/server",
	"net/http/httptest":   "internal/apitest",
	"os/exec":             "internal/backup internal/pgprograms internal/pgtemp",
	"os/signal":           "cmd/rightshub",
	"testing":             "internal/apitest internal/dbtest",

	"entgo.io/ent/dialect/sql/schema":             "internal/codegen",
	"entgo.io/ent/entc":                           "internal/codegen",
	"github.com/99designs/gqlgen/api":             "internal/codegen",
	"github.com/99designs/gqlgen/graphql":         "graph graph/generated graph/plan internal/server",
	"github.com/alecthomas/kong":                  "cmd/rightshub",
	"github.com/andybalholm/brotli":               "internal/server",
	"github.com/casbin/casbin/v2":                 "internal/access",
	"github.com/coder/websocket":                  "internal/server",
	"github.com/coreos/go-oidc/v3/oidc":           "cmd/rightshub internal/identity",
	"github.com/coreos/go-systemd/v22/activation": "internal/listening",
	"github.com/coreos/go-systemd/v22/daemon":     "cmd/rightshub",
	"github.com/klauspost/compress/gzip":          "internal/server",
	"github.com/klauspost/compress/zstd":          "internal/server",
	"github.com/lib/pq": "internal/changefeed internal/codegen internal/database " +
		"internal/query",
	"github.com/prometheus/client_golang/prometheus": "internal/server",
	"github.com/yuin/goldmark":                       "internal/help",
	"go.opentelemetry.io/otel/trace":                 "cmd/rightshub internal/database internal/server",
	"golang.org/x/time/rate":                         "internal/identity internal/server",
	"modernc.org/sqlite":                             "internal/codegen internal/database",
}

// A library is imported where it has its home.
func TestLibraryHomes(t *testing.T) {
	for _, p := range listPackages(t) {
		name := ruleName(p.ImportPath)
		if name == "ent" || name == "ent/*" {
			continue // generated
		}
		for _, path := range p.Imports {
			if homes, ok := libraryHomes[path]; ok && !slices.Contains(strings.Fields(homes), name) {
				t.Errorf("%s: %s imports %s, which belongs in %s. Call a function of that package.",
					importPlaces(t, name, path), name, path, strings.Join(strings.Fields(homes), ", "))
			}
		}
	}
}
