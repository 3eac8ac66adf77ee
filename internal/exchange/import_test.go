package exchange_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const countryHeader = "iso2,region,programme_role,first_year,source_url\n"

// importFunc imports a file of a kind. The language is English unless the options name another.
type importFunc func(kind, text string, o exchange.Options) (*exchange.Report, error)

// onEachDatabase runs a test on each database. The session has the role of the import and may export every entity.
func onEachDatabase(t *testing.T, test func(*testing.T, store.Session, importFunc)) {
	onEachDatabaseWith(t, func(t *testing.T, _ *database.DB, s store.Session, in importFunc) { test(t, s, in) })
}

// onEachDatabaseWith is onEachDatabase for a test that also changes the database past the hub.
func onEachDatabaseWith(t *testing.T, test func(*testing.T, *database.DB, store.Session, importFunc)) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		hub, err := store.NewHub(db, theModel, database.Secret{1})
		if err != nil {
			t.Fatal(err)
		}
		all := ""
		for _, e := range theModel.Entities() {
			all += "p, system_import, " + e.Name + ", export, global, C0, -, allow\n"
		}
		s := importSession(t, hub, all)
		test(t, db, s, func(kind, text string, o exchange.Options) (*exchange.Report, error) {
			if o.Language == "" {
				o.Language = "en"
			}
			return exchange.Import(t.Context(), theModel, s, kind, strings.NewReader(text), o)
		})
	})
}

// importSession opens a session with the role of the import, under the policies with further lines.
func importSession(t testing.TB, hub *store.Hub, lines string) store.Session {
	t.Helper()
	policy, err := access.Load(apitest.PoliciesWithLines(t, lines), theModel)
	if err != nil {
		t.Fatal(err)
	}
	return hub.Session(policy.View(access.SystemSubject("system_import", time.Now())), nil)
}

// TestImport refuses files of a wrong form as a whole, and rows of a wrong content one by one. Neither leaves
// anything in the hub. The corrected file is then imported, changes only what differs, and changes nothing when it is
// imported again.
func TestImport(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		do := func(text string, dry bool) (*exchange.Report, error) {
			return in("countries", text, exchange.Options{DryRun: dry})
		}
		for text, want := range map[string]string{
			"":               "no header",
			"a,b\n":          `Unknown columns: "a"`,
			"iso2;region\n":  `Missing columns: programme_role`,
			"iso2\tregion\n": "tabs",
			strings.ReplaceAll(countryHeader, ",", "|"): "vertical bars",
			strings.Replace(countryHeader, "region", "iso2", 1): "" +
				`file. Missing columns: region. Duplicate columns: iso2. The`,
			"\xff\xfe" + countryHeader:     "UTF-8",
			countryHeader + "BF,\xe9,,,\n": "UTF-8",
		} {
			if _, err := do(text, false); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
				t.Errorf("%.30q: %v, want %q", text, err, want)
			}
		}
		rows := func() int64 {
			selection := query.Selection{Entity: theModel.Entity("Country")}
			page, err := s.List(t.Context(), &query.List{Selection: selection, Total: true})
			if err != nil {
				t.Fatal(err)
			}
			return page.Total
		}
		bad := countryHeader +
			"BF,Sub-Saharan Africa,office,2009,\n" +
			"SN,x\n" +
			"XX,,office,,\n" +
			"CD,Atlantis,king,soon,\n" +
			"SN,a\"b,,,\n" +
			"SN,,office,,,\n" +
			"TG,\"x,,,\n\n"
		report, err := do(bad, false)
		var lines []string
		for _, r := range report.Refused {
			lines = append(lines, fmt.Sprint(r.Line, " ", r.Name))
		}
		want := []string{"3 ", "4 iso2", "5 region", "5 programme_role", "5 first_year", "6 ", "7 ", "8 "}
		if err != nil || !slices.Equal(lines, want) || rows() != 0 {
			t.Errorf("%v %v, %d rows, want %v", lines, err, rows(), want)
		}
		if report.Rows != 7 || report.RefusedRows() != 6 || report.Created != 2 {
			t.Errorf("%+v", report)
		}
		good := countryHeader + "BF,Sub-Saharan Africa,office,2009,\nSN,Sub-Saharan Africa,office,,\n"
		changed := strings.Replace(good, "2009", "2010", 1)
		reordered := "source_url,first_year,programme_role,iso2,region\n,2011,office,BF,Sub-Saharan Africa\n"
		for _, step := range []struct {
			name, text       string
			dry              bool
			created, changed int
			rows             int64
		}{
			{"dry", good, true, 3, 0, 0},
			{"first", "\ufeff" + good, false, 3, 0, 2},
			{"again", good, false, 0, 0, 2},
			{"changed", changed, false, 0, 1, 2},
			{"semicolons", strings.ReplaceAll(changed, ",", ";"), false, 0, 0, 2},
			{"another order", reordered, false, 0, 1, 2},
		} {
			report, err := do(step.text, step.dry)
			if err != nil || report.Created != step.created || len(report.Changed) != step.changed ||
				len(report.Refused) > 0 || rows() != step.rows {
				t.Errorf("%s: %+v %v, %d rows", step.name, report, err, rows())
			}
		}
	})
}

const (
	officeHeader       = "code,name,country_iso2,city,kind,opened_year,closed_year,source_url\n"
	resultHeader       = "intervention_code,indicator,unit,value,women_value,period,source_url\n"
	interventionHeader = "code,title_en,title_fr,countries,lead_office_code,start_year,end_year,status," +
		"thematic_area,funder,partner_codes,crc_articles,crc_basis,summary,source_url\n"
	mandateHeader = "intervention_code,country_iso2,mandate_title,partner_code,months,source_url\n"
)

// TestImportKeepsUnstatedValues checks that an import keeps the stored value where a cell is empty, where a text is
// in another language, and where a name has no column.
func TestImportKeepsUnstatedValues(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		must := func(kind, text string, o exchange.Options) *exchange.Report {
			t.Helper()
			report, err := in(kind, text, o)
			if err != nil || len(report.Refused) > 0 {
				t.Fatalf("%+v %v", report, err)
			}
			return report
		}
		row := func(entity, code string, fields ...string) *query.Row {
			t.Helper()
			e := theModel.Entity(entity)
			l := &query.List{
				Selection: query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("version")}}},
				Rows:      true,
				Where:     &query.Predicate{Op: query.PredicateField, Field: e.Field(e.CodeColumn), Values: []any{code}},
			}
			for _, f := range fields {
				l.Selection.Cells = append(l.Selection.Cells, query.Cell{Field: e.Field(f)})
			}
			page, err := s.List(t.Context(), l)
			if err != nil || len(page.Rows) != 1 {
				t.Fatalf("%v %v", page, err)
			}
			return page.Rows[0]
		}
		write := func(entity, code string, in query.Input) {
			t.Helper()
			r := row(entity, code)
			if err := s.Update(t.Context(), theModel.Entity(entity), r.ID, r.Cells[0].Int, in); err != nil {
				t.Fatal(err)
			}
		}
		countries := countryHeader + "BF,Sub-Saharan Africa,office,2009,\n"
		offices := officeHeader + "OFF-1,Office of Ouagadougou,BF,Ouagadougou,SATELLITE,,,\n"
		interventions := interventionHeader + "INT-1,Title,Titre,BF,OFF-1,2015,,completed,,,,,,,\n"
		must("countries", countries, exchange.Options{})
		must("offices", offices, exchange.Options{})
		must("interventions", interventions, exchange.Options{})
		opened := time.Date(2009, 5, 4, 0, 0, 0, 0, time.UTC)
		write("Office", "OFF-1", query.Input{
			"name":     map[string]string{"en": "Office of Ouagadougou", "fr": "Bureau de Ouaga"},
			"openedOn": opened,
		})
		write("Country", "BF", query.Input{
			"name":     map[string]string{"en": "Burkina", "fr": "Le Faso"},
			"presence": "closed",
		})
		write("Intervention", "INT-1", query.Input{
			"crcArticles":  []string{"3"},
			"crcEditorial": true,
			"theme":        "child_participation",
			"summary":      map[string]string{"es": "Resumen"},
		})
		for kind, text := range map[string]string{
			"offices":       offices,
			"interventions": interventions,
			"countries":     countryHeader + "BF,,,,\n",
		} {
			if report := must(kind, text, exchange.Options{}); report.Created != 0 || len(report.Changed) != 0 {
				t.Errorf("%s again: %+v", kind, report)
			}
		}
		changes := func(report *exchange.Report, want ...exchange.Change) {
			t.Helper()
			if !reflect.DeepEqual(report.Changed, want) {
				t.Errorf("%+v, want %+v", report.Changed, want)
			}
		}
		changed := officeHeader + "OFF-1,Office of Ouaga,,,,2010,,\n"
		changes(must("offices", changed, exchange.Options{DryRun: true}),
			exchange.Change{Line: 2, Key: "OFF-1", Columns: []string{"name", "opened_year"}})
		changes(must("offices", officeHeader+"OFF-1,Office of Ouaga,,,,,,\n", exchange.Options{}),
			exchange.Change{Line: 2, Key: "OFF-1", Columns: []string{"name"}})
		changes(must("offices", officeHeader+"OFF-1,Oficina,,,,,,\n", exchange.Options{Language: "es"}),
			exchange.Change{Line: 2, Key: "OFF-1", Columns: []string{"name"}})
		french := interventionHeader + "INT-1,Title,Le titre,,,,,,,,,4,,Résumé,\n"
		changes(must("interventions", french, exchange.Options{Language: "fr"}),
			exchange.Change{Line: 2, Key: "INT-1", Columns: []string{"title_fr", "crc_articles", "summary"}})
		office := row("Office", "OFF-1", "name", "openedOn", "city")
		name := map[string]string{"en": "Office of Ouaga", "fr": "Bureau de Ouaga", "es": "Oficina"}
		if !office.Cells[1].EqualsInput(model.Texts, name) || !office.Cells[2].Time.Equal(opened) ||
			office.Cells[3].Text != "Ouagadougou" {
			t.Errorf("%+v", office.Cells)
		}
		intervention := row("Intervention", "INT-1", "summary")
		summary := map[string]string{"es": "Resumen", "fr": "Résumé"}
		if !intervention.Cells[1].EqualsInput(model.Texts, summary) {
			t.Errorf("%+v", intervention.Cells)
		}
	})
}

// TestImportRefuses checks that a refusal names the column of the file and the values that would be accepted.
func TestImportRefuses(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, _ store.Session, in importFunc) {
		if _, err := in("countries", countryHeader+"BF,,office,,\n", exchange.Options{}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ kind, text, column, reason string }{
			{"offices", officeHeader + "OFF-1,Bureau,BF,,annexe,,,\n",
				"kind", "is not one of HEADQUARTERS, SATELLITE,"},
			{"offices", officeHeader + "OFF-1,,BF,,field,,,\n", "name", "is required"},
			{"offices", officeHeader + ",Bureau,BF,,field,,,\n", "code", "is required"},
			{"offices", officeHeader + "OFF-1,Bureau,BF,,field,,30,\n", "closed_year", "between the years"},
			{"offices", officeHeader + "OFF-1,Bureau,BF,,field,soon,,\n", "opened_year", "is not a year. Write 2009"},
			{"offices", officeHeader + "OFF-1,Bureau,BF,,field,2009-12-31,,\n", "opened_year", "is not a year. Write 2009"},
			{"offices", officeHeader + "OFF-1,Bureau,BF,,field,2010,2009,\n",
				"closed_year", "must not lie before opened_year."},
			{"interventions", interventionHeader + "INT-1,Title,,BF,,31/12/2009,,active,,,,,,,\n",
				"start_year", "is not a year. Write 2009"},
			{"interventions", interventionHeader + "INT-1,Title,,BF,,2010,2009,active,,,,,,,\n",
				"end_year", "must not lie before start_year."},
			{"offices", officeHeader + "OFF-1,Bureau,BF,,field,,,https://ibcr.org/ page\n",
				"source_url", "is no address of the web"},
			{"interventions", interventionHeader + "INT-1,Title,,BF,,,,done,,,,,,,\n",
				"status", "is not one of active, completed, unknown."},
			{"interventions", interventionHeader + "INT-1,Title,,BF,,,,active,art,,,,,,\n",
				"thematic_area", "is not one of CHILD_FRIENDLY_JUSTICE"},
			{"interventions", interventionHeader + "INT-1,,,BF,,,,active,,,,,,,\n", "title_en", "is required"},
			{"interventions", interventionHeader + "INT-1,,T" + strings.Repeat("i", 20_000) +
				"tre,BF,,,,active,,,,,,,\n",
				"title_fr", "is longer"},
			{"interventions", interventionHeader + "INT-1,Title,,BF,,,,active,,,,\"3,4,19\",,,\n",
				"crc_articles", "Separate the entries by semicolons"},
			{"results", resultHeader + ",People,people,\"1234,5\",,2015,\n", "value", "Write 1234.5"},
			{"results", resultHeader + ",People,people,12.345,,2015,\n", "value", "12.345 could mean 12345 or 12.35"},
			{"results", resultHeader + ",People,people,0x1p4,,2015,\n", "value", "Write 1234.5"},
			{"results", resultHeader + ",People,people,1,1e3,2015,\n", "women_value", "Write 1234.5"},
			{"results", resultHeader + ",People,people,1,,2021-2015,\n", "period", "ends before it begins"},
			{"results", resultHeader + ",People,people,1,,45292,\n", "period", "is not a period"},
			{"results", resultHeader + ",People,people,-0.005,,2015,\n", "value", "at most two decimals"},
		} {
			report, err := in(c.kind, c.text, exchange.Options{})
			if err != nil || len(report.Refused) != 1 || report.Refused[0].Name != c.column ||
				!strings.Contains(report.Refused[0].Reason, c.reason) {
				t.Errorf("%s %s: %+v %v", c.kind, c.column, report, err)
			}
		}
		for _, c := range []struct{ kind, text, columns string }{
			{"offices", officeHeader + "A,Bureau,XX,,castle,year,,\n", "country_iso2 kind opened_year"},
			// Without a code it is unknown whether the row is new and needs a name.
			{"offices", officeHeader + ",,XX,,castle,,,nowhere\n", "code country_iso2 kind source_url"},
			{"interventions", interventionHeader + "INT-1,,,BF;XX,,soon,,done,art,,GAC,,,,\n",
				"title_en countries start_year status thematic_area partner_codes"},
			{"results", resultHeader + "XX,,people,much,many,2015,nowhere\n",
				"intervention_code indicator value women_value source_url"},
			{"volunteer_mandates", mandateHeader + "XX,,,GAC,nine,\n",
				"intervention_code country_iso2 mandate_title partner_code months"},
		} {
			report, err := in(c.kind, c.text, exchange.Options{})
			var columns []string
			for _, r := range report.Refused {
				columns = append(columns, r.Name)
			}
			if err != nil || strings.Join(columns, " ") != c.columns ||
				report.RefusedRows() != 1 || report.Created != 0 {
				t.Errorf("%s: %+v %v, want %s", c.kind, report, err, c.columns)
			}
		}
	})
}
