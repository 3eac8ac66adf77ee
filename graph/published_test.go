package graph_test

import (
	"testing"

	"rightshub/graph/plan"
	"rightshub/internal/apitest"
	"rightshub/internal/query"
)

// People outside the organisation see a resource only from its publication to its withdrawal. This holds in lists,
// counts, lookups by id and changes.
func TestPublished(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		manager, e := api.As("manager@demo", ""), theModel.Entity("Resource")
		for _, email := range []string{"donor@demo", "volunteer@demo", "partner@demo"} {
			who := api.As(email, "")
			token := who.Ask(`{changesSince(types:[Resource],first:1000){token}}`, nil).RequireOK().
				Text("changesSince.token")
			made, err := api.SeedSession().Create(t.Context(), e, query.Input{
				"code": email, "title": map[string]string{"en": "A guide"}, "kind": "report",
				"languages": []string{"en"},
			})
			if err != nil {
				t.Fatal(err)
			}
			id, version := plan.ID(e, made), any(1)
			for _, step := range []struct{ to, change string }{
				{"IN_REVIEW", ""}, {"VALIDATED", ""}, {"PUBLISHED", "CREATED"}, {"SUPERSEDED", "CHANGED"},
				{"WITHDRAWN", "REMOVED"},
			} {
				a := manager.Ask(`mutation($id: ID!, $v: Int!, $to: ResourceState!) {
					transitionResourceState(input: {id: $id, version: $v, to: $to}) { resource { version } }
				}`, map[string]any{"id": id, "v": version, "to": step.to}).RequireOK()
				version = a.At("transitionResourceState.resource.version")
				visible := step.change == "CREATED" || step.change == "CHANGED"
				a = who.Ask(`query($id: ID!, $c: String!, $t: String) {
					resources(where: {code: {eq: $c}}) { totalCount }
					node(id: $id) { id }
					changesSince(token: $t, types: [Resource]) { changes { kind id } token }
				}`, map[string]any{"id": id, "c": email, "t": token}).RequireOK()
				count := a.At("resources.totalCount")
				if (count == 1.0) != visible || (a.At("node") != nil) != visible {
					t.Errorf("%s, %s: %s", email, step.to, a.Body)
				}
				if kind, _ := a.At("changesSince.changes.0.kind").(string); kind != step.change {
					t.Errorf("%s, %s: got the change %q: %s", email, step.to, kind, a.Body)
				}
				token = a.Text("changesSince.token")
			}
		}
	})
}
