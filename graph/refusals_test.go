package graph_test

import (
	"strings"
	"testing"

	"rightshub/internal/apitest"
)

// An error about a document or a variable says what the schema has in that place. It never repeats a text of the
// request.
func TestRefusalsNameTheSchema(t *testing.T) {
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		who := api.As("coordinator.bf@demo", "")
		make := `mutation($i:CreateActivityInput!){createActivity(input:$i){activity{id}}}`
		for _, c := range []struct {
			document string
			vars     map[string]any
			message  string
		}{
			{`{interventions{nodes{canary}}}`, nil, `The type Intervention has no such field.`},
			{`{interventions(canary:1){totalCount}}`, nil, `The field Query.interventions has no such argument.`},
			{`{intervention{id}}`, nil, `The argument id is required, of type ID!.`},
			{`{interventions{nodes}}`, nil, `A selection of the fields of [Intervention!]! is missing.`},
			{`{interventions(first:"canary"){totalCount}}`, nil, `which is Int.`},
			{
				`{interventions(where:{status:{eq:CANARY}}){totalCount}}`, nil,
				`A value of InterventionStatus must be one of ` +
					`PIPELINE, IMPLEMENTATION, FINALISATION, CLOSED, CANCELLED, SUSPENDED.`,
			},
			{
				`{interventions(where:{canary:{eq:1}}){totalCount}}`, nil,
				`The type InterventionWhere has no such field.`,
			},
			{
				`mutation{createActivity(input:{}){activity{id}}}`, nil,
				`CreateActivityInput.kind is required, of type ActivityKind!.`,
			},
			{`query($n:String){interventions(first:$n){totalCount}}`, nil, `which is Int.`},
			{
				make, map[string]any{"i": map[string]any{"canary": "canary"}},
				`A variable has a field that the type CreateActivityInput does not have.`,
			},
			{
				make, map[string]any{"i": map[string]any{"kind": "CANARY"}},
				`"field":"kind","reason":"must be one of TRAINING`,
			},
			{
				make, map[string]any{"i": map[string]any{"kind": "TRAINING", "title": "canary"}},
				`"field":"title","reason":"is missing, or not of type LocalizedTextInput!."`,
			},
		} {
			a := who.Ask(c.document, c.vars)
			repeated := strings.Contains(strings.ToLower(a.Body), "canary")
			if a.Code() != "INVALID" || !strings.Contains(a.Body, c.message) || repeated {
				t.Errorf("%s %v\n%s\nwant the message %s", c.document, c.vars, a.Body, c.message)
			}
		}
	})
}
