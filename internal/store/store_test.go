package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/database"
	"rightshub/internal/dbtest"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/internal/store"
	"rightshub/policies"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var emptyFixture = &dbtest.Fixture{}

// testHub is a hub on one database, with two countries and a few rows in each.
type testHub struct {
	*testing.T
	hub    *store.Hub
	policy *access.Policy
	ids    map[string]uuid.UUID // the keys of its rows by the names that the tests use
}

func newTestHub(t *testing.T, db *database.DB) *testHub {
	t.Helper()
	p, err := access.Load(policies.Files, theModel)
	if err != nil {
		t.Fatal(err)
	}
	hub, err := store.NewHub(db, theModel, database.Secret{1})
	if err != nil {
		t.Fatal(err)
	}
	w := &testHub{t, hub, p, map[string]uuid.UUID{}}
	seed := w.sessionFor(access.SystemSubject("system_seed", time.Now()))
	make := func(name, entity string, in query.Input) {
		t.Helper()
		id, err := seed.Create(t.Context(), theModel.Entity(entity), in)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		w.ids[name] = id
	}
	for _, iso := range []string{"BF", "CD"} {
		make(iso, "Country", query.Input{"iso2": iso, "name": map[string]string{"fr": "Pays " + iso}})
		make("user."+iso, "User", query.Input{
			"email": iso + "@demo", "displayName": iso, "country": w.ids[iso], "state": "active",
		})
		make("int."+iso, "Intervention", query.Input{
			"code": "I-" + iso, "title": map[string]string{"en": "Justice"}, "country": w.ids[iso],
		})
		for i := range 5 {
			make(fmt.Sprintf("child.%s.%d", iso, i), "Child", query.Input{
				"caseCode": fmt.Sprintf("%s-%d", iso, i), "familyName": "Synthetic", "synthetic": true,
				"birthDate": time.Date(2012+i, 1, 1, 0, 0, 0, 0, time.UTC),
				"country":   w.ids[iso], "intervention": w.ids["int."+iso],
			})
		}
	}
	make("case", "CaseFile", query.Input{
		"child": w.ids["child.BF.0"], "country": w.ids["BF"], "owner": w.ids["user.BF"], "code": "C-1",
	})
	make("consent", "Consent", query.Input{
		"child": w.ids["child.BF.0"], "country": w.ids["BF"], "purposes": []string{"services"},
	})
	return w
}

func (w *testHub) sessionFor(s access.Subject) store.Session {
	return w.hub.Session(w.policy.View(s), []string{"fr"})
}

func (w *testHub) sessionWithRole(user, role, purpose string, countries ...string) store.Session {
	a := access.Assignment{Role: role}
	for _, c := range countries {
		a.Countries = append(a.Countries, w.ids[c])
	}
	return w.sessionFor(access.Subject{
		User: w.ids[user], Name: user, Purpose: purpose, Assignments: []access.Assignment{a}, Now: time.Now(),
	})
}

func entityNamed(name string) *model.Entity { return theModel.Entity(name) }

// selectFields returns a selection of fields by their names.
func selectFields(e *model.Entity, fields ...string) query.Selection {
	out := query.Selection{Entity: e, Masked: true}
	for _, f := range fields {
		out.Cells = append(out.Cells, query.Cell{Field: e.Field(f)})
	}
	return out
}

func (w *testHub) listPage(s store.Session, l *query.List) *query.Page {
	w.Helper()
	l.Rows, l.Total, l.Cursors = true, true, true
	page, err := s.List(w.Context(), l)
	if err != nil {
		w.Fatal(err)
	}
	return page
}

func columnText(p *query.Page, i int) string {
	var out []string
	for _, r := range p.Rows {
		out = append(out, r.Cells[i].Text)
	}
	return strings.Join(out, " ")
}

func onBothDatabases(t *testing.T, test func(*testHub)) {
	dbtest.OnEachDatabase(t, emptyFixture, func(t *testing.T, db *database.DB) {
		test(newTestHub(t, db))
	})
}

// A coordinator sees the children of their own country without identity. Other children are in no list, count, lookup
// or filter.
func TestCoordinatorSeesOwnCountry(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		s := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		children := entityNamed("Child")
		page := w.listPage(s, &query.List{
			Selection: selectFields(children, "caseCode", "familyName"),
			Order:     []query.Order{{Field: children.Field("caseCode")}},
		})
		if got := columnText(page, 0); got != "BF-0 BF-1 BF-2 BF-3 BF-4" || page.Total != 5 {
			w.Errorf("children %q, total %d", got, page.Total)
		}
		if v := page.Rows[0].Cells[1]; !v.Null {
			w.Error("the family name is not masked")
		}
		masked := strings.Join(page.Rows[0].Masked, " ")
		if !strings.Contains(masked, "familyName") || strings.Contains(masked, "caseCode") {
			w.Errorf("masked: %s", masked)
		}
		a := selectFields(children)
		for name, want := range map[string]bool{"child.BF.0": true, "child.CD.0": false} {
			row, err := s.Get(w.Context(), &a, w.ids[name])
			if err != nil || (row != nil) != want {
				w.Errorf("%s: %v %v", name, row, err)
			}
		}
		// a masked cell is null to every predicate
		birthDate, year1990 := children.Field("birthDate"), time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
		for _, p := range []query.Predicate{
			{Op: query.PredicateField, Field: birthDate, Comparison: query.Gte, Values: []any{year1990}},
			{Op: query.PredicateField, Field: birthDate, Comparison: query.IsNull, Values: []any{false}},
		} {
			if n := w.listPage(s, &query.List{Selection: a, Where: &p}).Total; n != 0 {
				w.Errorf("a predicate on a masked cell found %d", n)
			}
		}
		// a filter or an order over an edge does not count hidden rows
		country := entityNamed("Country")
		some := &query.Predicate{
			Op: query.PredicateSome, Edge: country.Edge("children"),
			Operands: []query.Predicate{{Op: query.PredicateAnd}},
		}
		page = w.listPage(s, &query.List{Selection: selectFields(country, "iso2"), Where: some})
		if got := columnText(page, 0); got != "BF" {
			w.Errorf("countries with children: %q", got)
		}
		byCount := []query.Order{{Count: country.Edge("children")}}
		page = w.listPage(s, &query.List{Selection: selectFields(country, "iso2"), Order: byCount})
		if got := columnText(page, 0); got != "CD BF" {
			w.Errorf("countries by number of children: %q", got)
		}
	})
}

// An edge to a hidden row counts as missing when it is read, and in filters, orders and counts.
func TestEdgesToHiddenRows(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		e := entityNamed("Intervention")
		seed := w.sessionFor(access.SystemSubject("system_seed", time.Now()))
		for code, parent := range map[string]string{"A-HIDDEN": "int.CD", "B-SEEN": "int.BF"} {
			in := query.Input{
				"code": code, "title": map[string]string{"en": "Part"},
				"country": w.ids["BF"], "parent": w.ids[parent],
			}
			if _, err := seed.Create(w.Context(), e, in); err != nil {
				w.Fatal(err)
			}
		}
		s := w.sessionWithRole("user.BF", "country_coordinator", "", "BF")
		a := selectFields(e, "code")
		a.ToOne = []query.ToOneSelection{{Edge: e.Edge("parent"), Selection: selectFields(e, "code")}}
		byParent := []query.Order{
			{Path: []*model.Edge{e.Edge("parent")}, Field: e.Field("code")},
			{Field: e.Field("code")},
		}
		page := w.listPage(s, &query.List{Selection: a, Order: byParent})
		if got := columnText(page, 0); got != "B-SEEN A-HIDDEN I-BF" {
			w.Errorf("by the parent's code: %q; a hidden parent must sort as a missing one, which is last", got)
		}
		if page.Rows[0].ToOne[0] == nil || page.Rows[1].ToOne[0] != nil {
			w.Error("the hidden parent is read, or the visible one is not")
		}
		has := func(kid query.Predicate) *query.Predicate {
			return &query.Predicate{Op: query.PredicateToOne, Edge: e.Edge("parent"), Operands: []query.Predicate{kid}}
		}
		for name, p := range map[string]*query.Predicate{
			"has a parent": has(query.Predicate{Op: query.PredicateAnd}),
			"parent by code": has(query.Predicate{
				Op: query.PredicateField, Field: e.Field("code"), Comparison: query.OneOf,
				Values: []any{"I-CD", "I-BF"},
			}),
			"parent by key": has(query.Predicate{
				Op: query.PredicateField, Comparison: query.OneOf,
				Values: []any{w.ids["int.CD"], w.ids["int.BF"]},
			}),
			"parent's country": has(query.Predicate{
				Op: query.PredicateToOne, Edge: e.Edge("country"), Operands: []query.Predicate{{
					Op: query.PredicateField, Field: entityNamed("Country").Field("iso2"), Comparison: query.Neq,
					Values: []any{"XX"},
				}},
			}),
		} {
			page := w.listPage(s, &query.List{Selection: selectFields(e, "code"), Where: p})
			if got := columnText(page, 0); got != "B-SEEN" {
				w.Errorf("%s: %q", name, got)
			}
		}
		hidden := has(query.Predicate{
			Op: query.PredicateField, Comparison: query.Eq, Values: []any{w.ids["int.CD"]},
		})
		if n := w.listPage(s, &query.List{Selection: selectFields(e), Where: hidden}).Total; n != 0 {
			w.Errorf("%d rows have the hidden parent", n)
		}
	})
}

// A caller with several roles sees the rows of all roles, each row once, in order and over several pages.
func TestOverlappingRoles(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		e := entityNamed("Child")
		roles := []access.Assignment{
			{Role: "country_coordinator", Countries: []uuid.UUID{w.ids["CD"]}},
			{Role: "child_protection_officer", Countries: []uuid.UUID{w.ids["BF"]}},
			{Role: "case_supervisor", Offices: []uuid.UUID{uuid.New(), uuid.New()}},
		}
		s := w.sessionFor(access.Subject{
			User: w.ids["user.BF"], Name: "two", Now: time.Now(), Assignments: roles,
		})
		byName := []query.Order{{Field: e.Field("caseCode")}}
		for _, order := range [][]query.Order{nil, {{Field: e.Field("createdAt")}}} {
			seen := map[string]bool{}
			two := 2
			for l := (&query.List{Selection: selectFields(e, "caseCode"), Order: order, First: &two}); ; {
				page := w.listPage(s, l)
				for _, r := range page.Rows {
					if seen[r.Cells[0].Text] {
						w.Errorf("%s comes twice", r.Cells[0].Text)
					}
					seen[r.Cells[0].Text] = true
				}
				if page.Total != 6 {
					w.Errorf("total %d", page.Total)
				}
				if !page.Next {
					break
				}
				l.After = page.EndCursor()
			}
			if len(seen) != 6 || !seen["BF-0"] {
				w.Errorf("%v", seen)
			}
		}
		page := w.listPage(s, &query.List{Selection: selectFields(e, "caseCode"), Order: byName})
		if got, want := columnText(page, 0), "BF-0 CD-0 CD-1 CD-2 CD-3 CD-4"; got != want {
			w.Errorf("%q, want %q", got, want)
		}
	})
}

// A case worker sees the identity of a child of their own case, with a purpose that the role may state and that a valid
// consent covers. They see no other child. The end of a consent takes effect at once.
func TestOwnCaseClearWithPurpose(t *testing.T) {
	onBothDatabases(t, func(w *testHub) {
		see := func(purpose, want string) {
			w.Helper()
			officer := w.sessionWithRole("user.BF", "child_protection_officer", purpose, "BF")
			page := w.listPage(officer, &query.List{Selection: selectFields(entityNamed("Child"), "familyName")})
			if page.Total != 1 || page.Rows[0].Cells[0].Text != want {
				w.Errorf("purpose %q: %d rows, name %q", purpose, page.Total, columnText(page, 0))
			}
		}
		seed, consent := w.sessionFor(access.SystemSubject("system_seed", time.Now())), entityNamed("Consent")
		see("", "")
		see("services", "Synthetic")
		see("referral", "") // no consent covers it
		see("research", "") // the role may not state it
		tomorrow, yesterday := time.Now().AddDate(0, 0, 1), time.Now().AddDate(0, 0, -1)
		for version, in := range []query.Input{
			// the last day of a consent counts
			{"purposes": []string{"services", "referral"}, "obtainedOn": yesterday, "expiresOn": time.Now()},
			{"expiresOn": yesterday},
			{"expiresOn": nil, "obtainedOn": tomorrow},
			{"obtainedOn": nil, "legalBasis": "vital_interest"},
		} {
			if err := seed.Update(w.Context(), consent, w.ids["consent"], int64(version+1), in); err != nil {
				w.Fatal(err)
			}
			want := map[bool]string{true: "Synthetic", false: ""}[version == 0 || version == 3]
			see("services", want)
			see("referral", want)
		}
		if err := seed.Transition(w.Context(), consent, "state", w.ids["consent"], 5, "withdrawn"); err != nil {
			w.Fatal(err)
		}
		see("services", "")
	})
}
