package exchange_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"rightshub/internal/exchange"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// vanishingRows is a session. Its rows leave the view before the rest of their lists is read.
type vanishingRows struct{ store.Session }

func (vanishingRows) Get(context.Context, *query.Selection, uuid.UUID) (*query.Row, error) {
	return nil, nil
}

// A row is exported with all entries of a long list. A row that leaves the view meanwhile is left out, and not written
// with a part of the list.
func TestExportOfLongLists(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		var partners strings.Builder
		var codes []string
		partners.WriteString("code,name,acronym,country_iso2,partner_type,website,source_url\n")
		for i := range 2*query.MaxPage + 1 {
			codes = append(codes, fmt.Sprintf("P-%03d", i))
			fmt.Fprintf(&partners, "%s,Partner,,BF,ngo,,\n", codes[i])
		}
		importOK(t, in, "countries", countryHeader+"BF,,,,\n")
		importOK(t, in, "partners", partners.String())
		importOK(t, in, "interventions", interventionHeader+
			"SHORT,Title,,BF,,,,active,,,P-000,,,,\nLONG,Title,,BF,,,,active,,,"+strings.Join(codes, ";")+",,,,\n")
		for _, c := range []struct {
			session store.Session
			rows    int
		}{{s, 2}, {vanishingRows{s}, 1}} {
			var out bytes.Buffer
			enter := func(context.Context) (store.Session, error) { return c.session, nil }
			done, err := exchange.Export(t.Context(), theModel, enter, "interventions", &out,
				exchange.ExportOptions{Language: "en"})
			if err != nil || done.Rows != c.rows || !strings.Contains(out.String(), "SHORT,") {
				t.Errorf("%+v, %v", done, err)
			}
			for _, code := range codes {
				if strings.Contains(out.String(), "LONG,") != strings.Contains(out.String(), ";"+code) && code != codes[0] {
					t.Errorf("%d rows: %s is missing or too much", c.rows, code)
				}
			}
		}
	})
}
