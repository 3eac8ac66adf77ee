package exchange_test

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rightshub/internal/exchange"
	"rightshub/internal/store"
)

// parseExport parses an exported file.
func parseExport(t *testing.T, text string, separator rune) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separator
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestExcelExport compares the file for Excel of each kind, and of each type of the schema, with the usual file. They
// have the same cells, but for the commas of decimals. TestRoundTrip checks that an import of a file for Excel changes
// nothing.
func TestExcelExport(t *testing.T) {
	point, comma := regexp.MustCompile(`^-?[0-9]+\.[0-9]+$`), regexp.MustCompile(`^-?[0-9]+,[0-9]+$`)
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		importDemoFiles(t, in)
		text := resultHeader + "BF-CAP-2015,Montant,EUR,12.5,3.25,2020,\n"
		if report, err := in("results", text, exchange.Options{Language: "fr"}); err != nil || len(report.Refused) > 0 {
			t.Fatal(report, err)
		}
		names, decimals := exchange.Kinds(), 0
		for _, e := range theModel.Entities() {
			names = append(names, e.Name)
		}
		for _, name := range names {
			usual, _ := exportFile(t, s, name, exchange.ExportOptions{Language: "fr"})
			excel, _ := exportFile(t, s, name, exchange.ExportOptions{Language: "fr", Excel: true})
			body, marked := strings.CutPrefix(excel, "\ufeff")
			if !marked || !strings.HasSuffix(excel, "\r\n") {
				t.Errorf("%s does not begin with a mark and end with CRLF: %.40q", name, excel)
			}
			want, got := parseExport(t, usual, ','), parseExport(t, body, ';')
			for i, row := range got {
				for j, cell := range row {
					if comma.MatchString(cell) && point.MatchString(want[i][j]) {
						row[j] = strings.Replace(cell, ",", ".", 1)
						decimals++
					}
				}
				if !slices.Equal(row, want[i]) {
					t.Errorf("%s: %q, want %q", name, row, want[i])
				}
			}
			if len(got) != len(want) {
				t.Errorf("%s: %d rows, want %d", name, len(got), len(want))
			}
		}
		if decimals < 4 {
			t.Errorf("%d cells have a comma", decimals)
		}
	})
}

// TestDecimalCommas checks where a comma in a number is taken for a point. Between commas it could separate thousands.
func TestDecimalCommas(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, _ store.Session, in importFunc) {
		importDemoFiles(t, in)
		for _, c := range []struct {
			separator, value string
			taken            bool
		}{
			{";", "12,5", true}, {";", "-12,5", true}, {";", "12.5", true}, {";", "12,345", false},
			{";", "1 234,5", false}, {";", "1.234,5", false}, {";", "12,", false},
			{",", "\"12,5\"", false}, {",", "12.5", true},
		} {
			row := strings.Join([]string{"BF-CAP-2015", "Montant", "EUR", c.value, "", "2020", ""}, c.separator)
			text := strings.ReplaceAll(resultHeader, ",", c.separator) + row + "\n"
			report, err := in("results", text, exchange.Options{DryRun: true})
			if err != nil || (len(report.Refused) == 0) != c.taken {
				t.Errorf("%s between %s: %+v %v", c.value, c.separator, report, err)
			}
		}
	})
}
