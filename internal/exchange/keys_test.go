package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

const (
	partnerHeader  = "code,name,acronym,country_iso2,partner_type,website,source_url\n"
	resourceHeader = "code,title,kind,year,languages,intervention_code,url,source_url\n"
)

// importOK imports a file that must not be refused.
func importOK(t *testing.T, in importFunc, kind, text string) *exchange.Report {
	t.Helper()
	report, err := in(kind, text, exchange.Options{})
	if err != nil || len(report.Refused) > 0 {
		t.Fatalf("%s: %+v %v", kind, report, err)
	}
	return report
}

// requireRefused imports a file of which one line must be refused, in the column and for a reason with these words.
func requireRefused(t *testing.T, in importFunc, kind, text string, line int, column string, words ...string) {
	t.Helper()
	report, err := in(kind, text, exchange.Options{})
	if err != nil || len(report.Refused) != 1 || report.Refused[0].Line != line || report.Refused[0].Name != column {
		t.Errorf("%q: %+v %v, want one refusal of %s in line %d", text, report, err, column, line)
		return
	}
	for _, word := range words {
		if !strings.Contains(report.Refused[0].Reason, word) {
			t.Errorf("%q: %q, want %q", text, report.Refused[0].Reason, word)
		}
	}
}

// requireUnchanged imports a file that must change nothing.
func requireUnchanged(t *testing.T, in importFunc, kind, text string) {
	t.Helper()
	report, err := in(kind, text, exchange.Options{})
	if err != nil || report.Created+len(report.Changed)+len(report.Refused)+len(report.Remarks) != 0 {
		t.Errorf("%s again: %+v %v", kind, report, err)
	}
}

// rowIDs returns the keys of the rows with the natural key.
func rowIDs(t *testing.T, s store.Session, entity, code string) (ids []uuid.UUID) {
	t.Helper()
	e := theModel.Entity(entity)
	page, err := s.List(t.Context(), &query.List{
		Selection: query.Selection{Entity: e},
		Rows:      true,
		Where: &query.Predicate{
			Op: query.PredicateField, Field: e.Column(e.CodeColumn), Values: []any{code},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Rows {
		ids = append(ids, row.ID)
	}
	return ids
}

// TestImportTellsRowsOfOneCodeApart imports files about two interventions of one code, which writers of two countries
// made without seeing each other's. A line that does not say which one it means is refused.
func TestImportTellsRowsOfOneCodeApart(t *testing.T) {
	onEachDatabaseWith(t, func(t *testing.T, db *database.DB, s store.Session, in importFunc) {
		importOK(t, in, "countries", countryHeader+"AF,,,,\nBF,,,,\nSN,,,,\nTG,,,,\n")
		importOK(t, in, "offices", officeHeader+"OFF-BF,Office,BF,,field,,,\n")
		importOK(t, in, "interventions", interventionHeader+
			"POLICE,Afghan title,,AF,,,,active,,,,,,,\nPOLICE-2,Title,,BF;SN,OFF-BF,,,active,,,,,,,\n")
		importOK(t, in, "results", resultHeader+"POLICE,Officers,people,3,,2020,\nPOLICE-2,Officers,people,4,1,2020,\n")
		importOK(t, in, "resources", resourceHeader+"R-1,Guide,reference_guide,,,POLICE,,\n"+
			"R-2,Guide,reference_guide,,,POLICE-2,,\n")
		importOK(t, in, "volunteer_mandates", mandateHeader+"POLICE,AF,Adviser,,6,\nPOLICE-2,BF,Adviser,,7,\n")
		dbtest.Exec(t, db, "UPDATE interventions SET code = 'POLICE' WHERE code = 'POLICE-2'")
		for _, c := range []struct{ kind, text, column string }{
			{"interventions", interventionHeader + "POLICE,Mended title,,,,,,,,,,,,,\n", "code"},
			{"interventions", interventionHeader + "POLICE,Afghan title,,SN;AF,,,,,,,,,,,\n", "code"},
			{"results", resultHeader + "POLICE,Officers,people,5,,2020,\n", "intervention_code"},
			{"resources", resourceHeader + "R-1,Guide,reference_guide,2020,,POLICE,,\n", "intervention_code"},
			{"volunteer_mandates", mandateHeader + "POLICE,TG,Adviser,,6,\n", "intervention_code"},
		} {
			requireRefused(t, in, c.kind, c.text, 2, c.column, "2 interventions are called POLICE: int_", "AF", "OFF-BF")
		}
		for _, kind := range exchange.Kinds() {
			text, _ := exportFile(t, s, kind, exchange.ExportOptions{Language: "en"})
			requireUnchanged(t, in, kind, text)
			if strings.Count(text, "\n") < 3 && kind != "offices" && kind != "partners" {
				t.Errorf("%s: %s", kind, text)
			}
		}
		for _, c := range []struct{ country, title, changed string }{
			{"AF", "Afghan mended", "[{2 POLICE [title_en]}]"},
			{"BF;SN", "Title mended", "[{2 POLICE [title_en]}]"},
			{"BF", "Title mended", "[{2 POLICE [countries]}]"}, // the only country of a row leads
		} {
			text := interventionHeader + "POLICE," + c.title + ",," + c.country + ",,,,,,,,,,,\n"
			if report := importOK(t, in, "interventions", text); fmt.Sprint(report.Changed) != c.changed {
				t.Errorf("%+v: %+v", c, report)
			}
		}
		text, _ := exportFile(t, s, "interventions", exchange.ExportOptions{Language: "en"})
		for _, line := range []string{"POLICE,Afghan mended,,AF,", "POLICE,Title mended,,BF;SN,"} {
			if !strings.Contains(text, line) {
				t.Errorf("%s, want %s", text, line)
			}
		}
		results := "intervention_id," + resultHeader
		for _, c := range []struct{ id, code, column string }{
			{"nonsense", "POLICE", "intervention_id"},
			{"int_" + strings.Repeat("A", 22), "", "intervention_id"},
		} {
			text := results + c.id + "," + c.code + ",Officers,people,5,,2020,\n"
			requireRefused(t, in, "results", text, 2, c.column)
		}
	})
}

// TestKeysThatFilesCannotName checks that the API and an import refuse the same codes, namely those that a file could
// not name, and that an export leaves out stored rows with such a code.
func TestKeysThatFilesCannotName(t *testing.T) {
	onEachDatabaseWith(t, func(t *testing.T, db *database.DB, s store.Session, in importFunc) {
		importOK(t, in, "countries", countryHeader+"BF,,,,\n")
		partner := func(code string) query.Input {
			return query.Input{"code": code, "name": map[string]string{"en": "Name"}, "type": "ngo"}
		}
		for code, reason := range map[string]string{
			" RT-1":      "begins or ends with a space",
			"RT-1 ":      "begins or ends with a space",
			"RT-1\u00a0": "begins or ends with a space",
			"RT\n2":      "invisible character",
			"RT\r\n2":    "invisible character",
			"RT\t2":      "invisible character",
			"\u200bRT-1": "invisible character",
			"RT\u20282":  "invisible character",
			"\ufeffRT":   "invisible character",
			"A;B":        "comma or a semicolon",
			"A,B":        "comma or a semicolon",
		} {
			_, err := s.Create(t.Context(), theModel.Entity("Partner"), partner(code))
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%q: %v, want %q", code, err, reason)
			}
			quoted := `"` + code + `"`
			requireRefused(t, in, "partners", partnerHeader+quoted+",Name,,BF,ngo,,\n", 2, "code", reason)
			requireRefused(t, in, "offices", officeHeader+quoted+",Name,BF,,field,,,\n", 2, "code", reason)
			requireRefused(t, in, "interventions", interventionHeader+quoted+",Name,,BF,,,,,,,,,,,\n", 2, "code", reason)
			requireRefused(t, in, "resources", resourceHeader+quoted+",Name,report,,,,,\n", 2, "code", reason)
			requireRefused(t, in, "resources", resourceHeader+"R,Name,report,,,"+quoted+",,\n", 2, "intervention_code", reason)
			requireRefused(t, in, "volunteer_mandates",
				mandateHeader+",BF,Title,"+quoted+",,\n", 2, "partner_code", reason)
		}
		requireRefused(t, in, "interventions", interventionHeader+"I,Name,,BF,,,,,,,\"A,B\",,,,\n",
			2, "partner_codes", "comma or a semicolon, which separate codes")
		for _, code := range []string{"RT-1", "=1", "'=1", "-RT", "'RT'", "É à", "a:b", "A|B", `A"B`, "日本"} {
			if _, err := s.Create(t.Context(), theModel.Entity("Partner"), partner(code)); err != nil {
				t.Errorf("%q: %v", code, err)
			}
		}
		for i, code := range []string{" RT-1", "RT\n2", "RT\r\n2", "A;B", "A,B"} {
			stored := fmt.Sprintf("OLD-%d", i)
			if _, err := s.Create(t.Context(), theModel.Entity("Partner"), partner(stored)); err != nil {
				t.Fatal(err)
			}
			dbtest.Exec(t, db, "UPDATE partners SET code = '"+code+"' WHERE code = '"+stored+"'")
		}
		text, done := exportFile(t, s, "partners", exchange.ExportOptions{Language: "en"})
		requireUnchanged(t, in, "partners", text)
		if done.Rows != 10 || done.Unrepresentable != 5 {
			t.Errorf("%+v", done)
		}
	})
}

// TestRowsOfOneFileWithOneKey checks that a line with the key of an earlier line is refused, and that a number tells
// apart the mandates of several people.
func TestRowsOfOneFileWithOneKey(t *testing.T) {
	onEachDatabaseWith(t, func(t *testing.T, _ *database.DB, s store.Session, in importFunc) {
		importOK(t, in, "countries", countryHeader+"BF,,,,\nHN,,,,\n")
		importOK(t, in, "interventions", interventionHeader+"INT-1,Title,,BF,,,,,,,,,,,\n")
		for _, c := range []struct{ kind, text, column string }{
			{"countries", countryHeader + "SN,,office,,\nSN,,,2009,\n", "iso2"},
			{"countries", countryHeader + "BF,,office,,\nBF,,,2009,\n", "iso2"},
			{"offices", officeHeader + "O,Name,BF,,field,,,\nO,Other,BF,,field,,,\n", "code"},
			{"partners", partnerHeader + "X1,Ecole,,BF,ngo,,\nX1,Autre,,BF,ngo,,\n", "code"},
			{"partners", partnerHeader + "X1,Ecole,,BF,ngo,,\nX1,Ecole,,BF,ngo,,\n", "code"},
			{"interventions", interventionHeader + "I,A,,BF,,,,,,,,,,,\nI,B,,BF,,,,,,,,,,,\n", "code"},
			{"resources", resourceHeader + "R,Name,report,,,,,\nR,Other,report,,,,,\n", "code"},
			{"results", resultHeader + "INT-1,Zed,people,10,,2020,\nINT-1,Zed,people,12,,2020,\n", "indicator"},
			{"volunteer_mandates", mandateHeader + ",HN,Zed,,6,\n,HN,Zed,,12,\n", "mandate_title"},
			{"volunteer_mandates", mandateHeader + ",HN,Zed,,6,\n,HN,Zed,,6,\n", "mandate_title"},
		} {
			requireRefused(t, in, c.kind, c.text, 3, c.column, "line 2 has the same ")
		}
		// The first line is refused for another reason, and the second still for its key.
		report, err := in("offices", officeHeader+"O,Name,XX,,field,,,\nO,Name,BF,,field,,,\n", exchange.Options{})
		if err != nil || len(report.Refused) != 2 || report.Refused[1].Name != "code" {
			t.Errorf("%+v %v", report, err)
		}
		numbered := "mandate_number," + mandateHeader + "1,,HN,Zed adviser,,6,\n2,,HN,Zed adviser,,6,\n"
		if report := importOK(t, in, "volunteer_mandates", numbered); report.Created != 2 {
			t.Errorf("%+v", report)
		}
		requireUnchanged(t, in, "volunteer_mandates", numbered)
		exported, _ := exportFile(t, s, "volunteer_mandates", exchange.ExportOptions{Language: "en"})
		requireUnchanged(t, in, "volunteer_mandates", exported)
		requireRefused(t, in, "volunteer_mandates", numbered+"2,,HN,Zed adviser,,7,\n", 4, "mandate_title", "line 3")
		requireRefused(t, in, "volunteer_mandates", mandateHeader+",HN,Zed adviser,,7,\n", 2, "mandate_title", "several")
		changed := strings.Replace(numbered, "2,,HN,Zed adviser,,6,", "2,,HN,Zed adviser,,9,", 1)
		if report := importOK(t, in, "volunteer_mandates", changed); fmt.Sprint(len(report.Changed)) != "1" {
			t.Errorf("%+v", report)
		}
	})
}

// TestJoinedKeysDoNotCollide checks that rows with different parts never share a row of the hub, and that a row of an
// earlier version of the hub is found under its old external id.
func TestJoinedKeysDoNotCollide(t *testing.T) {
	onEachDatabaseWith(t, func(t *testing.T, db *database.DB, s store.Session, in importFunc) {
		importOK(t, in, "countries", countryHeader+"BF,,,,\n")
		importOK(t, in, "interventions", interventionHeader+"INT-1,Title,,BF,,,,,,,,,,,\nINT-1:A,Title,,BF,,,,,,,,,,,\n")
		long := strings.Repeat("é", 590)
		rows := resultHeader + "INT-1,Zed A:B,people,1,,2019,\nINT-1:A,Zed,people,3,,2019,\nINT-1,A:Zed,people,4,,2019,\n" +
			"INT-1,\"Zed \"\",\"\"A\",people,5,,2019,\nINT-1,\"Zed \"\"\",people,6,,2019,\n" +
			"INT-1,Zed\x1fA,people,7,,2019,\n" + "INT-1," + long + ",people,9,,2019,\n"
		if report := importOK(t, in, "results", rows); report.Created != 21 {
			t.Errorf("%+v", report)
		}
		requireUnchanged(t, in, "results", rows)
		mandates := mandateHeader + "INT-1:A,BF,Title,,1,\nINT-1,BF,A:BF:Title,,2,\n"
		if report := importOK(t, in, "volunteer_mandates", mandates); report.Created != 2 {
			t.Errorf("%+v", report)
		}
		requireUnchanged(t, in, "volunteer_mandates", mandates)

		old := resultHeader + "INT-1,Old,people,2,1,2020,\n"
		importOK(t, in, "results", old)
		dbtest.Exec(t, db, "UPDATE indicator_values SET external_id = 'value:' || sex || ':INT-1:Old:2020' "+
			"WHERE period = '2020'")
		dbtest.Exec(t, db, "UPDATE indicators SET name = '{\"en\": \"Renamed\"}' WHERE CAST(name AS text) LIKE '%Old%'")
		report := importOK(t, in, "results", old)
		if report.Created != 0 || len(report.Changed) != 1 {
			t.Errorf("%+v", report)
		}
	})
}

// TestListsWithCommas checks that a list which commas separate is refused, and that an export never writes one.
func TestListsWithCommas(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		importOK(t, in, "countries", countryHeader+"BF,,,,\nSN,,,,\n")
		row := interventionHeader + "INT-Z,Title,,%s,,,,,,,%s,%s,,,\n"
		for column, text := range map[string]string{
			"countries":     fmt.Sprintf(row, `"BF,SN"`, "", ""),
			"partner_codes": fmt.Sprintf(row, "BF", `"A,B"`, ""),
			"crc_articles":  fmt.Sprintf(row, "BF", "", `"3,4,19"`),
		} {
			requireRefused(t, in, "interventions", text, 2, column, "comma")
		}
		text := resourceHeader + "R-1,Guide,reference_guide,2020,\"fr, en\",,,\n"
		requireRefused(t, in, "resources", text, 2, "languages", "Separate the entries by semicolons")
		_, err := s.Create(t.Context(), theModel.Entity("Intervention"), query.Input{
			"code": "I", "title": map[string]string{"en": "T"}, "funder": "a", "sdgTargets": []string{"1,2"},
			"country": rowIDs(t, s, "Country", "BF")[0],
		})
		if err != nil {
			t.Fatal(err)
		}
		exported, _ := exportFile(t, s, "interventions", exchange.ExportOptions{Language: "en"})
		requireUnchanged(t, in, "interventions", exported)
	})
}
