package graph_test

import (
	"context"
	"encoding/json"
	"testing"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"rightshub/ent"
	"rightshub/ent/child"
	"rightshub/ent/intervention"
	"rightshub/ent/interventionpartner"
	"rightshub/internal/apitest"
)

// BenchmarkReadPath builds operations (a) and (c) small with ent's query builder, without any condition of access, and
// prints how the hub compares: "ratio" is ent's time divided by the hub's. It is the evidence for the read path.
func BenchmarkReadPath(b *testing.B) {
	api, who, db := newLargeWorld(b)
	manager := api.As("manager@demo", "")
	client := ent.NewClient(ent.Driver(db.Driver()))
	var bf uuid.UUID
	if err := db.SQL().QueryRowContext(b.Context(), "SELECT id FROM countries WHERE iso2 = 'BF'").Scan(&bf); err != nil {
		b.Fatal(err)
	}
	for _, op := range []struct {
		name string
		who  *apitest.Caller
		n    int
		ent  func(context.Context, *ent.Client, uuid.UUID) (any, error)
	}{{"a", manager, 20, entInterventions}, {"c", who, 50, entChildren}} {
		body, err := json.Marshal(map[string]any{"query": benchmarkOperations[op.name].document, "variables": map[string]any{"n": op.n}})
		if err != nil {
			b.Fatal(err)
		}
		ours := func() { op.who.Send(b.Context(), string(body)) }
		theirs := func() {
			v, err := op.ent(b.Context(), client, bf)
			if err == nil {
				_, err = json.Marshal(v)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		b.Run(op.name, func(b *testing.B) { compareInTurns(b, "hub", ours, "ent", theirs) })
	}
}

func entInterventions(ctx context.Context, client *ent.Client, country uuid.UUID) (any, error) {
	rows, err := client.Intervention.Query().Where(intervention.CountryID(country), intervention.ArchivedAtIsNil()).
		Order(intervention.ByCreatedAt(sql.OrderDesc()), intervention.ByID(sql.OrderDesc())).Limit(21).WithCountry().WithOffice().All(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	partners, err := client.InterventionPartner.Query().Where(interventionpartner.InterventionIDIn(ids...), interventionpartner.ArchivedAtIsNil()).WithPartner().All(ctx)
	return []any{rows, partners}, err
}

func entChildren(ctx context.Context, client *ent.Client, country uuid.UUID) (any, error) {
	return client.Child.Query().Where(child.CountryID(country), child.ArchivedAtIsNil()).
		Order(child.ByCreatedAt(sql.OrderDesc()), child.ByID(sql.OrderDesc())).Limit(51).WithIntervention().All(ctx)
}
