package exchange_test

import (
	"strings"
	"testing"
	"time"

	"rightshub/ent/inventory"
	"rightshub/internal/access"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/store"
	"rightshub/policies"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const header = "iso2,region,programme_role,first_year,source_url\n"

// A file is refused whole for its form, row by row for its content, and leaves nothing behind; then the same file
// mended goes in, changes what differs, and a third time nothing.
func TestImport(t *testing.T) {
	dbtest.Databases(t, &dbtest.Fixture{}, func(t *testing.T, db *store.DB) {
		policy, err := access.Load(policies.Files, inventory.Model)
		if err != nil {
			t.Fatal(err)
		}
		hub, err := store.NewHub(db, inventory.Model, store.Secret{1})
		if err != nil {
			t.Fatal(err)
		}
		s := hub.Session(policy.View(access.System("system_import", time.Now())), nil)
		do := func(text string, dry bool) (*exchange.Report, error) {
			return exchange.Import(t.Context(), s, "countries", strings.NewReader(text), dry, nil)
		}
		for text, want := range map[string]string{"": "no header", "a,b\n": "header", "iso2;region\n": "commas", header + "BF,x\n": "Line 2", header + "BF,\"x,,,\n": "Line 2",
			"\xff\xfe" + header: "UTF-8", header + "BF,\xe9,,,\n": "UTF-8"} {
			if _, err := do(text, false); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
				t.Errorf("%.30q: %v, want %q", text, err, want)
			}
		}
		rows := func() int64 {
			page, err := s.List(t.Context(), &store.List{Ask: store.Ask{Entity: inventory.Model.Entity("Country")}, Total: true})
			if err != nil {
				t.Fatal(err)
			}
			return page.Total
		}
		bad := header + "BF,Sub-Saharan Africa,office,2009,\nXX,,office,,\nCD,Atlantis,king,soon,\nSN,,office,,\n"
		report, err := do(bad, false)
		if err != nil || len(report.Refused) != 2 || report.Refused[0].Line != 3 || report.Refused[0].Field != "iso2" || report.Refused[1].Line != 4 || rows() != 0 {
			t.Errorf("%+v %v, %d rows", report, err, rows())
		}
		good := header + "BF,Sub-Saharan Africa,office,2009,\nSN,Sub-Saharan Africa,office,,\n"
		for _, step := range []struct {
			name, text       string
			dry              bool
			created, changed int
			rows             int64
		}{{"dry", good, true, 3, 0, 0}, {"first", "\ufeff" + good, false, 3, 0, 2}, {"again", good, false, 0, 0, 2}, {"changed", strings.Replace(good, "2009", "2010", 1), false, 0, 1, 2}} {
			report, err := do(step.text, step.dry)
			if err != nil || report.Created != step.created || report.Changed != step.changed || len(report.Refused) > 0 || rows() != step.rows {
				t.Errorf("%s: %+v %v, %d rows", step.name, report, err, rows())
			}
		}
	})
}
