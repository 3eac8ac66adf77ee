package exchange_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// exportFile exports a kind with the session, and returns the text of the file.
func exportFile(t *testing.T, s store.Session, kind string, o exchange.ExportOptions) (string, exchange.ExportResult) {
	t.Helper()
	var out bytes.Buffer
	enter := func(context.Context) (store.Session, error) { return s, nil }
	done, err := exchange.Export(t.Context(), theModel, enter, kind, &out, o)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), done
}

// importDemoFiles imports the public data of the demonstration, which has a file of every kind.
func importDemoFiles(t *testing.T, in importFunc) {
	t.Helper()
	for _, kind := range exchange.Kinds() {
		text, err := os.ReadFile("../demo/data/" + kind + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		if report, err := in(kind, string(text), exchange.Options{}); err != nil || len(report.Refused) > 0 {
			t.Fatalf("%s: %+v %v", kind, report, err)
		}
	}
}

// TestRoundTrip checks that importing an exported file again changes nothing, whatever people wrote meanwhile, in each
// language, with hashtags or without. Another hub that imports the files exports the same.
func TestRoundTrip(t *testing.T) {
	files := map[string]string{}
	t.Run("here", func(t *testing.T) {
		onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
			importDemoFiles(t, in)
			for _, kind := range exchange.Kinds() {
				files[kind], _ = exportFile(t, s, kind, exchange.ExportOptions{Language: "en"})
			}
			writeLikeUsers(t, s)
			all := []exchange.ExportOptions{
				{Language: "en"}, {Language: "fr", Hashtags: true}, {Language: "es"},
				{Language: "es", Excel: true}, {Language: "fr", Excel: true, Hashtags: true},
			}
			for _, o := range all {
				for _, kind := range exchange.Kinds() {
					text, _ := exportFile(t, s, kind, o)
					report, err := in(kind, text, exchange.Options{Language: o.Language})
					if err != nil || report.Created != 0 ||
						len(report.Changed)+len(report.Refused)+len(report.Remarks) != 0 {
						t.Errorf("%s in %s: %+v %v", kind, o.Language, report, err)
					}
					if again, _ := exportFile(t, s, kind, o); again != text {
						t.Errorf("%s in %s differs the second time", kind, o.Language)
					}
				}
			}
		})
	})
	t.Run("in another hub", func(t *testing.T) {
		onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
			for _, kind := range exchange.Kinds() {
				if report, err := in(kind, files[kind], exchange.Options{}); err != nil || len(report.Refused) != 0 {
					t.Errorf("%s: %+v %v", kind, report, err)
				}
				got, done := exportFile(t, s, kind, exchange.ExportOptions{Language: "en"})
				if got, want := sortedLines(got), sortedLines(files[kind]); !slices.Equal(got, want) || done.Rows == 0 {
					t.Errorf("%s in another hub: %d rows, %q, want %q", kind, done.Rows, got, want)
				}
			}
		})
	})
}

// idCell matches a cell with an id of the API, which differs between hubs.
var idCell = regexp.MustCompile(`,[a-z]+_[A-Za-z0-9_-]{22}`)

func sortedLines(text string) []string {
	return slices.Sorted(strings.SplitSeq(idCell.ReplaceAllString(text, ","), "\n"))
}

// writeLikeUsers writes rows as people do through the API, with values that a file can hardly express.
func writeLikeUsers(t *testing.T, s store.Session) {
	t.Helper()
	key := func(entity, code string) uuid.UUID {
		t.Helper()
		e := theModel.Entity(entity)
		page, err := s.List(t.Context(), &query.List{
			Selection: query.Selection{Entity: e},
			Rows:      true,
			Where:     &query.Predicate{Op: query.PredicateField, Field: e.Field(e.CodeColumn), Values: []any{code}},
		})
		if err != nil || len(page.Rows) != 1 {
			t.Fatalf("%s %s: %v %v", entity, code, page, err)
		}
		return page.Rows[0].ID
	}
	update := func(entity, code string, in query.Input) {
		t.Helper()
		if err := s.Update(t.Context(), theModel.Entity(entity), key(entity, code), 1, in); err != nil {
			t.Fatal(err)
		}
	}
	create := func(entity string, in query.Input) uuid.UUID {
		t.Helper()
		id, err := s.Create(t.Context(), theModel.Entity(entity), in)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	texts := func(en, fr string) map[string]string { return map[string]string{"en": en, "fr": fr} }
	update("Office", "OFF-BF-OUA", query.Input{
		"city":     "=HYPERLINK(\"http://example.org\")",
		"openedOn": time.Date(2009, 5, 4, 0, 0, 0, 0, time.UTC),
		"name":     texts(" +1\r\nOuaga ", "'@Ouaga"),
	})
	update("Office", "OFF-CA-MTL", query.Input{"city": "'=1"})
	update("Country", "BF", query.Input{"presence": "closed", "region": nil, "sourceUrl": "https://example.org/bf"})
	update("Partner", "GAC", query.Input{"name": texts("Canada / Canada", "Canada"), "acronym": "-5"})
	update("Partner", "UNICEF-CA", query.Input{"acronym": "\t=1"})
	update("Partner", "OIF", query.Input{"name": map[string]string{"en": "A / B"}, "acronym": "\r=1"})
	update("Intervention", "BF-CAP-2015", query.Input{
		"crcArticles": []string{"3;4"},
		"country":     key("Country", "CA"),
		"summary":     map[string]string{"es": "Resumen"},
		"funder":      "a\r\nb",
	})
	update("Intervention", "BF-SGBV-2021", query.Input{"code": "BF-SGBV-NEW", "crcArticles": []string{"=3", "4"}})
	renamed := key("Intervention", "BF-SGBV-NEW")
	for i := range 120 { // more than a page of partners
		partner := create("Partner", query.Input{
			"code": fmt.Sprintf("P-%03d", i),
			"name": texts("One", "Une"),
			"type": "ngo",
		})
		create("InterventionPartner", query.Input{"intervention": renamed, "partner": partner})
	}
	create("InterventionCountry", query.Input{"intervention": renamed, "country": key("Country", "SN")})
	update("Resource", "RES-COMP-CORE", query.Input{
		"title":     map[string]string{"fr": "Compétences"},
		"languages": []string{"wo", "fr"},
	})
	for _, made := range []struct{ statement, name, kind string }{
		{"All Girls (target)", "All Girls (target)", "target"},
		{"Girls (target)", "Girls (target)", "target"},
		{"Women (target)", "Women (target)", "target"},
		{"Girls", "Girls in school", "actual"},
		{"Boys (target)", "Boys (target)", "actual"},
	} {
		result := create("Result", query.Input{
			"intervention": renamed,
			"statement":    texts(made.statement, "Filles"),
			"sourceUrl":    "https://example.org/unknown",
		})
		indicator := create("Indicator", query.Input{
			"result":  result,
			"name":    texts(made.name, "Filles"),
			"measure": "nominal",
			"unit":    "girls",
		})
		createFigure := func(period any, value int64, more query.Input) {
			in := query.Input{"indicator": indicator, "period": period, "value": value, "kind": made.kind}
			maps.Copy(in, more)
			create("IndicatorValue", in)
		}
		for period, value := range map[any]int64{"2021": -550, "2022": 100, "": 7, nil: -850} {
			if period == "" && made.name != "Women (target)" || period == nil && made.name == "Women (target)" {
				continue // a file cannot tell "" from no period
			}
			for _, sex := range []string{"unknown", "female", "male"} {
				createFigure(period, value, query.Input{"sex": sex, "sourceUrl": "https://example.org/" + sex})
			}
			if period == "2022" {
				createFigure(period, 1, query.Input{"sex": "female"})
			}
			createFigure(period, value, query.Input{"ageBand": "u6"})
		}
		createFigure("2021", 3, nil)
	}
	create("Deployment", query.Input{
		"country": key("Country", "MA"),
		"title":   texts("Adviser", "Conseil"),
		"months":  int64(3),
	})
}

// TestImportMatchesExistingRows checks that an import finds a row that people created with the same values, gives it no
// duplicate, and keeps updating the row that came from the file when people create a similar one later.
func TestImportMatchesExistingRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		importDemoFiles(t, in)
		writeLikeUsers(t, s)
		mandate := mandateHeader + ",MA,Adviser,,%s,\n,MA,Advi,,5,\n"
		for _, step := range []struct {
			months           string
			created, changed int
		}{{"3", 1, 0}, {"4", 0, 1}, {"4", 0, 0}} {
			report, err := in("volunteer_mandates", fmt.Sprintf(mandate, step.months), exchange.Options{})
			if err != nil || report.Created != step.created || len(report.Changed) != step.changed {
				t.Errorf("%+v %v, want %+v", report, err, step)
			}
		}
		before, err := in("volunteer_mandates", fmt.Sprintf(mandate, "4"), exchange.Options{})
		if err != nil {
			t.Fatal(err)
		}
		country := theModel.Entity("Country")
		page, err := s.List(t.Context(), &query.List{
			Selection: query.Selection{Entity: country},
			Rows:      true,
			Where:     &query.Predicate{Op: query.PredicateField, Field: country.Field("iso2"), Values: []any{"MA"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		similar := query.Input{"country": page.Rows[0].ID, "title": map[string]string{"en": "Advi"}, "months": int64(9)}
		if _, err := s.Create(t.Context(), theModel.Entity("Deployment"), similar); err != nil {
			t.Fatal(err)
		}
		after, err := in("volunteer_mandates", fmt.Sprintf(mandate, "4"), exchange.Options{})
		if err != nil || !reflect.DeepEqual(before, after) {
			t.Errorf("%+v %v", after, err)
		}
	})
}

// TestExportCells checks that a cell which a spreadsheet would run as a formula is exported as a text, and that
// numbers stay numbers.
func TestExportCells(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		importDemoFiles(t, in)
		writeLikeUsers(t, s)
		for kind, want := range map[string][]string{
			"offices": {
				"\nOFF-BF-OUA,\"' +1\nOuaga \",BF,",
				`,"'=HYPERLINK(""http://example.org"")",satellite,2009,,`,
				",''=1,headquarters,1994,,https://",
			},
			"Office": {",\"'=HYPERLINK(\"\"http://example.org\"\")\",", ",''@Ouaga,", ",2009-05-04,"},
			"results": {
				"\nBF-SGBV-NEW,Girls (target),,1,,2022,,,\n",
				"BF-SGBV-NEW,Girls (target),,-8.5,-8.5,,,,\n",
				"BF-SGBV-NEW,Women (target),,0.07,0.07,,,,\n",
			},
			"Intervention":  {"'=3;4"},
			"interventions": {"P-000;P-001", "P-118;P-119"},
			"countries":     {"\nBF,,,2009,https://example.org/bf\n"},
			"partners":      {",-5,CA,donor,", "\nUNICEF-CA,UNICEF Canada,'\t=1,CA,"},
		} {
			text, _ := exportFile(t, s, kind, exchange.ExportOptions{Language: "en"})
			for _, cell := range want {
				text = idCell.ReplaceAllString(strings.ReplaceAll(text, "\r\n", "\n"), ",")
				if !strings.Contains(text, cell) {
					t.Errorf("%s has no %q", kind, cell)
				}
			}
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				for _, cell := range row {
					if cell != "" && strings.ContainsRune("=+@\t\r", rune(cell[0])) {
						t.Errorf("%s: %q", kind, cell)
					}
				}
			}
		}
		_, done := exportFile(t, s, "results", exchange.ExportOptions{Language: "en"})
		if done.Unrepresentable == 0 {
			t.Error("figures that no file of results can hold are not counted")
		}
	})
}

// TestHashtags checks that every kind and every entity has a row of hashtags beneath the header, with at least one
// hashtag.
func TestHashtags(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		names := exchange.Kinds()
		for _, e := range theModel.Entities() {
			names = append(names, e.Name)
		}
		for _, name := range names {
			text, _ := exportFile(t, s, name, exchange.ExportOptions{Language: "en", Hashtags: true})
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil || len(rows) != 2 || !strings.Contains(strings.Join(rows[1], ","), "#") {
				t.Errorf("%s: %v %v", name, rows, err)
			}
		}
		for text, want := range map[string]int{
			countryHeader + "#country+code,,#status,#date + start,\nBF,,office,2009,\n": 0,
			// A row of hashtags further down is an ordinary row, and is refused.
			countryHeader + "BF,,office,2009,\n#country+code,,#status,,\n": 1,
		} {
			report, err := in("countries", text, exchange.Options{DryRun: true})
			if err != nil || report.Created != 1 || report.RefusedRows() != want {
				t.Errorf("%q: %+v %v", text, report, err)
			}
		}
	})
}

// listRecorder is a session that calls onList before each list that it reads.
type listRecorder struct {
	store.Session
	onList func(*query.List)
}

func (s listRecorder) List(ctx context.Context, l *query.List) (*query.Page, error) {
	s.onList(l)
	return s.Session.List(ctx, l)
}

// TestExportPages checks that an export reads each page with a new session, and writes it before it reads the next
// page.
func TestExportPages(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		importDemoFiles(t, in)
		var out bytes.Buffer
		entered, lines := 0, []int{}
		enter := func(context.Context) (store.Session, error) {
			entered++
			return listRecorder{s, func(l *query.List) {
				if *l.First != query.MaxPage || (l.After != "") != (entered > 1) {
					t.Errorf("page %d: %d rows after %q", entered, *l.First, l.After)
				}
				lines = append(lines, strings.Count(out.String(), "\n"))
			}}, nil
		}
		done, err := exchange.Export(t.Context(), theModel, enter, "partners", &out, exchange.ExportOptions{Language: "en"})
		if err != nil || done.Rows != 112 || !slices.Equal(lines, []int{0, 101}) {
			t.Errorf("%+v %v, %d entered, lines %v", done, err, entered, lines)
		}
		refused := fault.New(fault.Unauthenticated, "Gone.")
		refuse := func(context.Context) (store.Session, error) { return nil, refused }
		_, err = exchange.Export(t.Context(), theModel, refuse, "partners", &out, exchange.ExportOptions{})
		if !errors.Is(err, refused) {
			t.Errorf("%v", err)
		}
		_, err = exchange.Export(t.Context(), theModel, enter, "castles", &out, exchange.ExportOptions{})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%v", err)
		}
		entered = 0
		_, err = exchange.Export(t.Context(), theModel, enter, "partners", fullDisk{}, exchange.ExportOptions{})
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("%v", err)
		}
	})
}

// fullDisk is a writer that fails.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }
