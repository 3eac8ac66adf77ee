package exchange_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"rightshub/ent/inventory"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/exchange"
	"rightshub/internal/fault"
	"rightshub/internal/store"
)

// Whoever may not export a type gets nothing, not even a header; what a row leads to leaves the hub by a right of its
// own, but for the code by which it is named.
func TestExportNeedsTheRight(t *testing.T) {
	dbtest.OnEachDatabase(t, &dbtest.Fixture{}, func(t *testing.T, db *database.DB) {
		hub, err := store.NewHub(db, inventory.Model, database.Secret{1})
		if err != nil {
			t.Fatal(err)
		}
		export := func(lines, kind string) (string, exchange.ExportResult, error) {
			var out bytes.Buffer
			done, err := exchange.Export(t.Context(), func(context.Context) (store.Session, error) { return importSession(t, hub, lines), nil }, kind, &out, exchange.ExportOptions{Language: "en"})
			return out.String(), done, err
		}
		for _, kind := range exchange.Kinds() {
			text, err := os.ReadFile("../demo/data/" + kind + ".csv")
			if err != nil {
				t.Fatal(err)
			}
			if report, err := exchange.Import(t.Context(), importSession(t, hub, ""), kind, bytes.NewReader(text), exchange.Options{Language: "en"}); err != nil || len(report.Refused) > 0 {
				t.Fatalf("%s: %+v %v", kind, report, err)
			}
			if out, _, err := export("", kind); out != "" || !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "right to export") {
				t.Errorf("%s: %q %v", kind, out, err)
			}
		}
		value, indicator := "p, system_import, IndicatorValue, export, global, C0, -, allow\n", "p, system_import, Indicator, export, global, C0, -, allow\n"
		result, published := "p, system_import, Result, export, global, C0, -, allow\n", "p, system_import, Resource, export, published, C0, -, allow\n"
		if _, done, err := export(value+indicator+result, "results"); err != nil || done.Rows == 0 || done.NotExportable != 0 {
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
		e := inventory.Model.Entity("Resource")
		if _, err := importSession(t, hub, "").Create(t.Context(), e, store.Input{"code": "DRAFT", "title": map[string]string{"en": "Draft"}, "kind": "reference_guide"}); err != nil {
			t.Fatal(err)
		}
		if again, kept, err := export(published, "resources"); err != nil || again != text || kept.Rows != done.Rows || kept.NotExportable != 1 {
			t.Errorf("%+v %v", kept, err)
		}
	})
}
