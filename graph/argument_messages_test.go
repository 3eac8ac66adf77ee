package graph_test

import (
	"slices"
	"testing"

	"rightshub/internal/apitest"
)

// TestArgumentMessages checks that the error for an argument names it as the caller wrote it, and says what to do.
func TestArgumentMessages(t *testing.T) {
	const foreignCursor = "this cursor does not belong to this list. Start again without it."
	const webAddress = "is no address of the web. Begin it with https://, and leave out spaces."
	type object = map[string]any
	apitest.OnEachDatabase(t, func(t *testing.T, api *apitest.API) {
		for _, c := range []struct {
			email, document string
			variables       object
			field, reason   string
		}{
			{"admin@demo", `{countries(after:"xx"){nodes{id}}}`, nil, "after", foreignCursor},
			{"admin@demo", `{countries(before:"xx",last:3){nodes{id}}}`, nil, "before", foreignCursor},
			{"admin@demo", `{countries{nodes{offices(after:"xx"){nodes{id}}}}}`, nil, "after", foreignCursor},
			{"admin@demo", `{countries{nodes{offices(before:"xx",last:3){nodes{id}}}}}`, nil, "before", foreignCursor},
			{"admin@demo", `mutation($in: CreateAccessTokenInput!) { createAccessToken(input: $in) { secret } }`,
				object{"in": object{"title": "t", "expiresAt": "2020-01-01T00:00:00Z", "scopes": nil}},
				"scopes", "cannot be null. Leave it out, or give a value."},
			{"admin@demo", `mutation($in: CreateAccessTokenInput!) { createAccessToken(input: $in) { secret } }`,
				object{"in": object{"title": "t", "expiresAt": "2020-01-01T00:00:00Z", "scopes": []any{}}},
				"scopes", "must be READ, or READ and WRITE."},
			{"admin@demo", `mutation($in: CreateAccessTokenInput!) { createAccessToken(input: $in) { secret } }`,
				object{"in": object{"title": nil, "expiresAt": "2020-01-01T00:00:00Z"}}, "title", "is required."},
			{"coordinator.bf@demo", `mutation($url: String!) {
				createResource(input: {
					code: "X", title: [{language: "en", text: "X"}], kind: TRAINING_KIT, url: $url
				}) { resource { id } }
			}`, object{"url": "https://ibcr.org/ page"}, "url", webAddress},
		} {
			a := api.As(c.email, "").Ask(c.document, c.variables)
			var fields []string
			for _, e := range a.Errors {
				for _, f := range e.Extensions.Fields {
					fields = append(fields, f.Field+" "+f.Reason)
				}
			}
			if want := c.field + " " + c.reason; !slices.Equal(fields, []string{want}) {
				t.Errorf("%s %v: got %s, want %s", c.document, c.variables, a.Body, want)
			}
		}
	})
}
