package exchange_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// TestExportNeedsTheRight checks that an export without the right writes nothing, not even a header. The values of a
// related row need the export right on that row. Its code, which only names it, does not.
func TestExportNeedsTheRight(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		hub, err := store.NewHub(db, theModel, database.Secret{1})
		if err != nil {
			t.Fatal(err)
		}
		export := func(lines, kind string) (string, exchange.ExportResult, error) {
			var out bytes.Buffer
			enter := func(context.Context) (store.Session, error) { return importSession(t, hub, lines), nil }
			done, err := exchange.Export(t.Context(), theModel, enter, kind, &out, exchange.ExportOptions{Language: "en"})
			return out.String(), done, err
		}
		for _, kind := range exchange.Kinds() {
			text, err := os.ReadFile("../demo/data/" + kind + ".csv")
			if err != nil {
				t.Fatal(err)
			}
			session := importSession(t, hub, "")
			options := exchange.Options{Language: "en"}
			report, err := exchange.Import(t.Context(), theModel, session, kind, bytes.NewReader(text), options)
			if err != nil || len(report.Refused) > 0 {
				t.Fatalf("%s: %+v %v", kind, report, err)
			}
			out, _, err := export("", kind)
			if out != "" || !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "right to export") {
				t.Errorf("%s: %q %v", kind, out, err)
			}
		}
		value := "p, system_import, IndicatorValue, export, global, C0, -, allow\n"
		indicator := "p, system_import, Indicator, export, global, C0, -, allow\n"
		result := "p, system_import, Result, export, global, C0, -, allow\n"
		published := "p, system_import, Resource, export, published, C0, -, allow\n"
		_, done, err := export(value+indicator+result, "results")
		if err != nil || done.Rows == 0 || done.NotExportable != 0 {
			t.Errorf("%+v %v", done, err)
		}
		for _, lines := range []string{value, value + indicator, value + result} {
			if _, done, err := export(lines, "results"); err != nil || done.Rows != 0 || done.Unrepresentable == 0 {
				t.Errorf("%q: %+v %v", lines, done, err)
			}
		}
		text, done, err := export(published, "resources")
		if err != nil || done.Rows == 0 || done.NotExportable != 0 || !strings.Contains(text, ",CD-") {
			t.Errorf("%+v %v", done, err)
		}
		e := theModel.Entity("Resource")
		draft := query.Input{"code": "DRAFT", "title": map[string]string{"en": "Draft"}, "kind": "reference_guide"}
		if _, err := importSession(t, hub, "").Create(t.Context(), e, draft); err != nil {
			t.Fatal(err)
		}
		textWithDraft, withDraft, err := export(published, "resources")
		if err != nil || textWithDraft != text || withDraft.Rows != done.Rows || withDraft.NotExportable != 1 {
			t.Errorf("%+v %v", withDraft, err)
		}
	})
}
