package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// SubjectRequest is what a person asks about their own data.
type SubjectRequest struct{ ent.Schema }

var subjectRequestEdges = []*edgeBuilder{
	one("country", Country.Type, "Country in which it was made.").back("subjectRequests", "Requests of people about their data in the country."),
}

// Mixin of the entity.
func (SubjectRequest) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (SubjectRequest) Fields() []ent.Field {
	return fields(subjectRequestEdges,
		enum("kind", C1, None, "What is asked.", "access", "rectify", "erase", "restrict", "portability"),
		str("requester", C2, Direct, "Who asks, and how to reach them.").max(500),
		date("due_on", C1, None, "Day by which an answer is due.").optional(),
		long("decision", C2, Direct, "What was decided and why.").optional(),
		enum("state", C1, None, "Where it stands.", "received", "verified", "granted", "rejected", "done").initially("received"),
	)
}

// Edges of the entity.
func (SubjectRequest) Edges() []ent.Edge { return edges(subjectRequestEdges) }

// Annotations of the entity.
func (SubjectRequest) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
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
