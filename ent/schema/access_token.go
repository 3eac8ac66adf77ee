package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// AccessToken is a personal access token, for a machine. Its secret is shown once and stored as a hash.
type AccessToken struct{ ent.Schema }

var accessTokenEdges = []*edgeBuilder{
	toOne("user", User.Type, "Person in whose name the token acts.").
		required().immutable().setByHub().withInverse("accessTokens", "Tokens that act for the person."),
}

func (AccessToken) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (AccessToken) Fields() []ent.Field {
	return entFields(accessTokenEdges,
		stringField("title", C1, None, "What the token is for."),
		stringField("hash", C3, Direct, "SHA-256 of the token, in hexadecimal.").
			maxLength(64).unique().immutable().hiddenFromAPI().setByHub(),
		enumListField("scopes", C1, None, "What the token may do.", "read", "write").
			withEnumName("TokenScope").immutable(),
		timeField("expires_at", C1, None, "When the token stops working (UTC).").immutable(),
		timeField("revoked_at", C1, None, "When the token was revoked (UTC).").optional(),
	)
}

func (AccessToken) Edges() []ent.Edge { return entEdges(accessTokenEdges) }

func (AccessToken) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A personal access token, for a machine. Its secret is shown once and stored as a hash.",
		Plural: "accessTokens", Prefix: "pat", Order: "created_at desc",
		Scope:  model.Scope{Self: []string{"user"}},
		Writes: []model.Action{model.Update, model.Delete},
		Rules:  model.Rules{DecidesRights: true},
	})
}
