package query_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"rightshub/internal/access"
	"rightshub/internal/apitest"
	"rightshub/internal/model"
	"rightshub/internal/query"
	"rightshub/policies"
)

// askers returns the views of a coordinator of two countries, a field agent, an auditor and a manager of the world.
func (w *largeWorld) askers(t testing.TB) map[string]*access.View {
	t.Helper()
	policy, err := access.Load(policies.Files, w.model)
	if err != nil {
		t.Fatal(err)
	}
	two := w.countries[2:4]
	user, office := w.key("users", 2), w.key("offices", 2)
	interventions := []uuid.UUID{w.key("interventions", 2), w.key("interventions", 2+len(w.countries))}
	subjects := map[string]access.Subject{
		"coordinator": {Assignments: []access.Assignment{{Role: "country_coordinator", Countries: two}}},
		"field agent": {
			Assignments: []access.Assignment{
				{Role: "field_agent", Countries: two[:1], Offices: []uuid.UUID{office}}},
			Purpose: "case_management",
		},
		"auditor": {ActingGrant: &access.Grant{ID: w.key("audit_grants", 2), Interventions: interventions}, Purpose: "audit"},
		"manager": {Assignments: []access.Assignment{{Role: "programme_manager", Everywhere: true}}},
	}
	out := map[string]*access.View{}
	for name, s := range subjects {
		s.User, s.Name, s.Now = user, user.String(), time.Now()
		out[name] = policy.View(s)
	}
	return out
}

// parentsOf returns the keys of twenty parents of a shape, in the countries of the coordinator. It returns nil for a
// list at the root.
func (w *largeWorld) parentsOf(shape listShape) (out []uuid.UUID) {
	switch {
	case shape.edge == nil:
		return nil
	case shape.owner.Name == "Country":
		return w.countries[2:4]
	}
	for i := range 10 {
		n := 2 + i*len(w.countries)
		out = append(out, w.key(shape.owner.Table, n), w.key(shape.owner.Table, n+1))
	}
	return out
}

// statement is one statement of a shape.
type statement struct {
	name string // the caller, the shape, and what the statement reads
	text string
	args []any
}

// statementsOf returns the statements of a shape for a caller. It returns none where the caller may not read the rows.
func statementsOf(t testing.TB, m *model.Model, view *access.View, shape listShape, parents []uuid.UUID) []statement {
	t.Helper()
	e := shape.list.Selection.Entity
	if !view.May(e.Name, model.Read) || shape.edge != nil && !view.May(shape.owner.Name, model.Read) ||
		shape.edge != nil && shape.edge.Kind == model.Through && !view.May(shape.edge.Via, model.Read) {
		return nil
	}
	pages := make([]*query.Page, max(1, len(parents)))
	for i := range pages {
		pages[i] = &query.Page{}
	}
	var out []statement
	for _, part := range []string{"total", "rows"} {
		c := &query.Compiler{View: view, Model: m, IsPostgres: true, Languages: []string{"en"}, Secret: apitest.Secret}
		q, err := query.NewPageQuery(c, nil, &shape.list, shape.edge, parents)
		if err != nil {
			t.Fatal(err)
		}
		var p *query.Fragment
		if part == "total" {
			p, _, _ = q.TotalsStatement(pages)
		} else {
			p, _, _ = q.RowsStatement(pages)
		}
		text, args := c.RenderStatement(p)
		out = append(out, statement{shape.name + ": " + part, text, args})
	}
	return out
}
