package store_test

import (
	"strings"
	"testing"
	"time"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
)

// Paging in either direction gives each row once and in order, also with nulls, equal sort keys and masked cells.
func TestPages(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		e := entityNamed("Child")
		for name, s := range map[string]store.Session{
			"coordinator": w.sessionWithRole("user.BF", "country_coordinator", "", "BF", "CD"),
			"seed":        w.sessionFor(access.SystemSubject("system_seed", time.Now())),
		} {
			for _, order := range [][]query.Order{
				nil,
				{{Field: e.Field("caseCode"), Desc: true}},
				{{Field: e.Field("birthDate")}},
				{{Field: e.Field("sex")}, {Field: e.Field("birthDate"), Desc: true}},
				{{Path: []*model.Edge{e.Edge("country")}, Field: entityNamed("Country").Field("name")}},
				{{Count: e.Edge("caseFiles"), Desc: true}},
			} {
				all := w.listPage(s, &query.List{Selection: selectFields(e, "caseCode"), Order: order})
				var forward, backward []string
				two := 2
				for l := (&query.List{Selection: selectFields(e, "caseCode"), Order: order, First: &two}); ; {
					page := w.listPage(s, l)
					forward = append(forward, columnText(page, 0))
					if !page.Next {
						break
					}
					l.After = page.EndCursor()
				}
				for l := (&query.List{Selection: selectFields(e, "caseCode"), Order: order, Last: &two}); ; {
					page := w.listPage(s, l)
					backward = append([]string{columnText(page, 0)}, backward...)
					if !page.Prev {
						break
					}
					l.Before = page.StartCursor()
				}
				want := columnText(all, 0)
				same := strings.Join(forward, " ") == want && strings.Join(backward, " ") == want
				if len(all.Rows) != 10 || !same {
					w.Errorf("%s %v: all %q, forward %q, backward %q", name, order, want, forward, backward)
				}
			}
		}
	})
}

// A cursor works only for its caller and its list. With one changed byte it is refused.
func TestCursorsAreSealed(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		e := entityNamed("Child")
		owner := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		other := w.sessionWithRole("user.CD", "country_coordinator", "", "BF")
		byCode := []query.Order{{Field: e.Field("caseCode")}}
		cursor := w.listPage(owner, &query.List{Selection: selectFields(e)}).Cursors[1].String()
		for name, use := range map[string]struct {
			s store.Session
			l *query.List
		}{
			"another caller": {other, &query.List{Selection: selectFields(e), After: cursor}},
			"another order":  {owner, &query.List{Selection: selectFields(e), After: cursor, Order: byCode}},
			"another list":   {owner, &query.List{Selection: selectFields(entityNamed("CaseFile")), After: cursor}},
			"changed":        {owner, &query.List{Selection: selectFields(e), After: string(cursor[0]^3) + cursor[1:]}},
			"no cursor":      {owner, &query.List{Selection: selectFields(e), After: "hello"}},
		} {
			use.l.Rows = true
			if _, err := use.s.List(w.Context(), use.l); !fault.Is(err, fault.Invalid) {
				w.Errorf("%s: %v", name, err)
			}
		}
	})
}

// One statement reads a nested list for all parents. Each parent gets its own page and total.
func TestNestedLists(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		s := w.sessionFor(access.SystemSubject("system_seed", time.Now()))
		country, e := entityNamed("Country"), entityNamed("Child")
		two := 2
		nested := query.List{
			Selection: selectFields(e, "caseCode"),
			Order:     []query.Order{{Field: e.Field("caseCode"), Desc: true}},
			First:     &two, Rows: true, Total: true,
		}
		nested.Selection.ToOne = []query.ToOneSelection{
			{Edge: e.Edge("country"), Selection: selectFields(country, "iso2")},
		}
		a := selectFields(country, "iso2")
		a.Lists = []query.ListSelection{{Edge: country.Edge("children"), List: nested}}
		ctx, counter := database.CountStatements(w.Context())
		page, err := s.List(ctx, &query.List{Selection: a, Rows: true})
		if err != nil {
			w.Fatal(err)
		}
		if counter.Load() != 3 {
			w.Errorf("%d statements, want 3: countries, children, their totals", counter.Load())
		}
		for i, want := range []string{"BF-4 BF-3", "CD-4 CD-3"} {
			got := page.Rows[i].Lists[0]
			sameCountry := got.Rows[0].ToOne[0].Cells[0].Text == page.Rows[i].Cells[0].Text
			if columnText(got, 0) != want || got.Total != 5 || !got.Next || !sameCountry {
				w.Errorf("children of %d: %q, total %d, next %v", i, columnText(got, 0), got.Total, got.Next)
			}
		}
	})
}

// A nested list and its total include only the rows that the caller sees.
func TestNestedListsAreScoped(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		country := entityNamed("Country")
		a := selectFields(country, "iso2")
		children := query.List{Selection: selectFields(entityNamed("Child")), Rows: true, Total: true}
		a.Lists = []query.ListSelection{{Edge: country.Edge("children"), List: children}}
		page := w.listPage(w.sessionWithRole("user.BF", "country_coordinator", "", "BF"), &query.List{Selection: a})
		for i, want := range []int64{5, 0} {
			if got := page.Rows[i].Lists[0]; got.Total != want || len(got.Rows) != int(want) {
				w.Errorf("country %d: %d children of %d", i, len(got.Rows), got.Total)
			}
		}
	})
}
