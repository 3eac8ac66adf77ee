package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// SubjectRequest is the request of a person about its own data.
type SubjectRequest struct{ ent.Schema }

var subjectRequestEdges = []*edgeBuilder{
	toOne("country", Country.Type, "Country in which it was made.").
		withInverse("subjectRequests", "Requests of people about their data in the country."),
}

func (SubjectRequest) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (SubjectRequest) Fields() []ent.Field {
	return entFields(subjectRequestEdges,
		enumField("kind", C1, None, "What is asked.", "access", "rectify", "erase", "restrict", "portability"),
		stringField("requester", C2, Direct, "Who asks, and how to reach them.").maxLength(500),
		dateField("due_on", C1, None, "Day by which an answer is due.").optional(),
		longTextField("decision", C2, Direct, "What was decided and why.").optional(),
		enumField("state", C1, None, "Where it stands.", "received", "verified", "granted", "rejected", "done").
			defaultTo("received"),
	)
}

func (SubjectRequest) Edges() []ent.Edge { return entEdges(subjectRequestEdges) }

func (SubjectRequest) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "What a person asks about their own data.",
		Plural: "subjectRequests", Prefix: "srq", Order: "created_at desc",
		Scope:  model.Scope{Country: []string{"country"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Update, "received", "verified", "rejected"),
			model.Moves(model.Approve, "verified", "granted", "rejected"),
			model.Moves(model.Update, "granted", "done"),
		), Fixed: []string{"granted", "rejected", "done"}}},
	})
}
