package exchange_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/exchange"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// TestImportTransitionsStates checks that an import moves a state that differs by the transitions of the API, refuses
// a row whose state cannot move there, and leaves the state alone where the file gives none.
func TestImportTransitionsStates(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		stored := func(entity, code string) (uuid.UUID, int64, string) {
			t.Helper()
			e := theModel.Entity(entity)
			f := e.Column(e.Machines[0].Field)
			page, err := s.List(t.Context(), &query.List{
				Selection: query.Selection{Entity: e, Cells: []query.Cell{{Field: e.Field("version")}, {Field: f}}},
				Rows:      true,
				Where:     &query.Predicate{Op: query.PredicateField, Field: e.Field("code"), Values: []any{code}},
			})
			if err != nil || len(page.Rows) != 1 {
				t.Fatalf("%v %v", page, err)
			}
			return page.Rows[0].ID, page.Rows[0].Cells[0].Int, page.Rows[0].Cells[1].Text
		}
		// move changes a state as people do through the API.
		move := func(entity, code, to string) {
			t.Helper()
			id, version, _ := stored(entity, code)
			e := theModel.Entity(entity)
			if err := s.Transition(t.Context(), e, e.Machines[0].Field, id, version, to); err != nil {
				t.Fatal(err)
			}
		}
		step := func(kind, text, changed, refused, remarks string) {
			t.Helper()
			report, err := in(kind, text, exchange.Options{})
			if err != nil {
				t.Fatal(err)
			}
			join := func(all []exchange.Refusal) string {
				var out []string
				for _, r := range all {
					out = append(out, r.Name+": "+r.Reason)
				}
				return strings.Join(out, " ")
			}
			gotChanged, gotRefused, gotRemarks := fmt.Sprint(report.Changed), join(report.Refused), join(report.Remarks)
			if gotChanged != changed || gotRefused != refused || gotRemarks != remarks {
				t.Errorf("%q: changed %v, refused %q, remarks %q", text, gotChanged, gotRefused, gotRemarks)
			}
		}
		is := func(entity, code, want string) {
			t.Helper()
			if _, _, state := stored(entity, code); state != want {
				t.Errorf("%s is %s, want %s", code, state, want)
			}
		}
		intervention := func(code, title, status string) string {
			return interventionHeader + code + "," + title + ",,BF,,,," + status + ",,,,,,,\n"
		}
		step("countries", countryHeader+"BF,,office,,\n", "[]", "", "")
		for code, c := range map[string]struct{ word, state string }{
			"I-C": {"completed", "closed"},
			"I-A": {"active", "implementation"},
			"I-U": {"unknown", "pipeline"},
			"I-E": {"", "pipeline"},
		} {
			step("interventions", intervention(code, "Title", c.word), "[]", "", "")
			is("Intervention", code, c.state)
			step("interventions", intervention(code, "Title", c.word), "[]", "", "")
		}
		step("interventions", intervention("I-C", "Title", "active"), "[]",
			"status: the status is CLOSED, which is its last.", "")
		step("interventions", intervention("I-U", "Other", "completed"), "[]",
			"status: the status is PIPELINE: from there it goes to IMPLEMENTATION, CANCELLED.", "")
		step("interventions", intervention("I-U", "Other", "ACTIVE"), "[{2 I-U [title_en status]}]", "", "")
		is("Intervention", "I-U", "implementation")
		step("interventions", intervention("I-U", "Other", "unknown"), "[]", "", "")
		step("interventions", intervention("I-U", "Other", ""), "[]", "", "")
		is("Intervention", "I-U", "implementation")
		move("Intervention", "I-U", "finalisation")
		step("interventions", intervention("I-U", "Third", ""), "[{2 I-U [title_en]}]", "", "")
		step("interventions", intervention("I-U", "Third", "unknown"), "[]", "", "")
		step("interventions", intervention("I-U", "Third", "completed"), "[]",
			"status: You may see this row, but this change needs the right to approve it.", "")
		is("Intervention", "I-U", "finalisation")
		step("interventions", intervention("I-A", "Title", "completed"), "[{2 I-A [status]}]", "", "")
		is("Intervention", "I-A", "closed")

		office := func(code, opened, closed string) string {
			return officeHeader + code + ",Office,BF,,field," + opened + "," + closed + ",\n"
		}
		stays := "closed_year: " +
			"is empty, so the hub keeps the year and the state of the office. Change them in the hub."
		step("offices", office("O-A", "2000", ""), "[]", "", "")
		step("offices", office("O-C", "2000", "2010"), "[]", "", "")
		is("Office", "O-A", "active")
		is("Office", "O-C", "closed")
		step("offices", office("O-C", "2000", ""), "[]", "", stays)
		step("offices", office("O-C", "2001", "2011"), "[{2 O-C [opened_year closed_year]}]", "", "")
		is("Office", "O-C", "closed")
		step("offices", office("O-A", "2000", "1999"), "[]", "closed_year: must not lie before opened_year.", "")
		is("Office", "O-A", "active")
		step("offices", office("O-A", "2000", "2020"), "[{2 O-A [closed_year]}]", "", "")
		is("Office", "O-A", "closed")
		// People may plan the closing date of an office that is still active. A file with the same year does not
		// close it.
		step("offices", office("O-P", "2000", ""), "[]", "", "")
		id, version, _ := stored("Office", "O-P")
		planned := query.Input{"closedOn": time.Date(2050, 5, 4, 0, 0, 0, 0, time.UTC)}
		if err := s.Update(t.Context(), theModel.Entity("Office"), id, version, planned); err != nil {
			t.Fatal(err)
		}
		step("offices", office("O-P", "2000", "2050"), "[]", "", "")
		is("Office", "O-P", "active")
		move("Office", "O-P", "suspended")
		step("offices", office("O-P", "2000", ""), "[]", "", stays)
		step("offices", office("O-P", "2000", "2049"), "[{2 O-P [closed_year]}]", "", "")
		is("Office", "O-P", "closed")
	})
}

// TestStatesRoundTrip checks that importing an exported file changes no state, whatever state people gave to the row.
func TestStatesRoundTrip(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s store.Session, in importFunc) {
		if _, err := in("countries", countryHeader+"BF,,office,,\n", exchange.Options{}); err != nil {
			t.Fatal(err)
		}
		country := func() uuid.UUID {
			selection := query.Selection{Entity: theModel.Entity("Country")}
			page, err := s.List(t.Context(), &query.List{Selection: selection, Rows: true})
			if err != nil {
				t.Fatal(err)
			}
			return page.Rows[0].ID
		}()
		for kind, entity := range map[string]string{"interventions": "Intervention", "offices": "Office"} {
			e := theModel.Entity(entity)
			f := e.Column(e.Machines[0].Field)
			for _, state := range f.Values {
				made := query.Input{"code": state, "country": country, f.Name: state}
				if entity == "Office" {
					made["name"], made["kind"] = map[string]string{"en": state}, "field"
				} else {
					made["title"] = map[string]string{"en": state}
				}
				for _, closed := range []any{nil, time.Date(2050, 5, 4, 0, 0, 0, 0, time.UTC)} {
					if closed != nil {
						if entity != "Office" {
							continue
						}
						made["code"], made["closedOn"] = state+"-planned", closed
					}
					if _, err := s.Create(t.Context(), e, made); err != nil {
						t.Fatal(err)
					}
				}
			}
			before, _ := exportFile(t, s, entity, exchange.ExportOptions{Language: "en"})
			text, _ := exportFile(t, s, kind, exchange.ExportOptions{Language: "en"})
			report, err := in(kind, text, exchange.Options{})
			if err != nil || report.Created != 0 || len(report.Changed)+len(report.Refused)+len(report.Remarks) != 0 {
				t.Errorf("%s: %+v %v", kind, report, err)
			}
			after, _ := exportFile(t, s, entity, exchange.ExportOptions{Language: "en"})
			if after != before || strings.Count(text, "\n") <= len(f.Values) {
				t.Errorf("%s differs", kind)
			}
		}
	})
}
