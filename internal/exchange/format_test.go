package exchange_test

import (
	"os"
	"testing"

	"rightshub/internal/exchange"
	"rightshub/internal/store"
)

// TestFormats compares an export in each format with a golden file. UPDATE_SCRIPTS=1 writes the golden files anew.
func TestFormats(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		importDemoFiles(t, in)
		for _, format := range exchange.Formats() {
			golden := "testdata/formats/offices." + format
			o := exchange.ExportOptions{Language: "en", Hashtags: true, Format: format}
			got, _ := exportFile(t, s, "offices", o)
			if os.Getenv("UPDATE_SCRIPTS") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || string(want) != got {
				t.Errorf("the export as %s differs from %s: %v\n%s", format, golden, err, got)
			}
		}
	})
}
