package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// User is a person who may sign in.
type User struct{ ent.Schema }

var userEdges = []*edgeBuilder{
	toOne("country", Country.Type, "Country in which the person works.").
		withInverse("users", "People who work in the country."),
	toOne("office", Office.Type, "Office at which the person works.").
		withInverse("users", "People who work at the office."),
}

func (User) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (User) Fields() []ent.Field {
	return entFields(userEdges,
		stringField("display_name", C2, Direct, "Name by which colleagues know the person."),
		stringField("email", C2, Direct, "E-mail address, by which the person signs in.").
			withFormat(model.Email).maxLength(320).unique(),
		stringField("locale", C1, None, "Preferred language, as a BCP 47 tag.").maxLength(35).defaultTo("fr"),
		stringField("issuer", C2, Direct, "Identity provider of the subject.").
			maxLength(500).optional().hiddenFromAPI().setByHub(),
		stringField("subject", C2, Direct, "The person's key at the identity provider.").
			maxLength(300).optional().hiddenFromAPI().setByHub(),
		timeField("code_of_conduct_accepted_at", C1, None, "When the person accepted the code of conduct.").optional(),
		enumField("state", C1, None, "Where the account stands.", "invited", "active", "suspended", "offboarded").
			defaultTo("invited"),
		boolField("synthetic", C1, None, "Made up for a demonstration."),
	)
}

func (User) Edges() []ent.Edge { return entEdges(userEdges) }

func (User) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A person who may sign in.",
		Plural: "users", Prefix: "usr", Order: "created_at",
		Scope:  model.Scope{Country: []string{"country"}, Office: []string{"office"}, Self: []string{"id"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Rules:  model.Rules{DecidesRights: true},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Approve, "invited", "active", "offboarded"),
			model.Moves(model.Update, "active", "suspended"),
			model.Moves(model.Approve, "active", "offboarded"),
			model.Moves(model.Approve, "suspended", "active", "offboarded"),
		)}},
		Reports: []string{"locale"}, // without the right to approve, only the language can change
	})
}
