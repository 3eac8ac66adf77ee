package repotest_test

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
	{name: "internal/pgprograms"},
	{name: "internal/pgtemp", imports: "internal/pgprograms"},
	{name: "internal/listening", imports: "internal/fault"},
	{name: "internal/config", imports: "internal/fault internal/listening"},
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

	// SQL is written here, and run by the store, accounts and changefeed.
	{name: "internal/query",
		imports: "internal/access internal/classification internal/database internal/fault internal/model",
		tests:   "ent/inventory policies",
		outside: []string{
			"crypto/aes", "crypto/cipher", "crypto/hmac", "crypto/sha256", "encoding/base64", "encoding/hex",
			"encoding/json", "github.com/google/uuid", "github.com/lib/pq",
		}},

	// What a session of the store ties together. None of these packages imports the store.
	{name: "internal/accounts",
		imports: "internal/access internal/database internal/fault internal/model internal/query"},
	{name: "internal/changefeed",
		imports: "internal/access internal/database internal/fault internal/model internal/query",
		tests:   "ent/inventory"},
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
	{name: "internal/backup", imports: "internal/database internal/fault internal/pgprograms"},
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
	{name: "internal/demoregistry", imports: "internal/database internal/fault internal/listening"},
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
	{name: "cmd/rightshub", imports: "ent/inventory graph graph/plan internal/access internal/accounts internal/backup " +
		"internal/config internal/database internal/demo internal/demoregistry internal/exchange internal/explain " +
		"internal/fault internal/identity internal/languages internal/listening internal/model internal/policycheck " +
		"internal/policysource internal/query internal/server internal/store policies",
		tests: "internal/help migrations"},
}
