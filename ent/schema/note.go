package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Note is a note in a case.
type Note struct{ ent.Schema }

var noteEdges = []*edgeBuilder{
	one("caseFile", CaseFile.Type, "The case.").must().fixed().back("notes", "Notes of the case."),
	one("country", Country.Type, "Country of the case.").must().fixed(),
	one("author", User.Type, "Person who wrote it.").managed().maker(),
}

// Mixin of the entity.
func (Note) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Note) Fields() []ent.Field {
	return fields(noteEdges,
		long("body", C3, Direct, "The note."),
		enum("visibility", C3, None, "Who of those who may see the case may read the note.", "author_only", "case_team", "supervisor").initially("case_team"),
	)
}

// Edges of the entity.
func (Note) Edges() []ent.Edge { return edges(noteEdges) }

// Annotations of the entity.
func (Note) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A note in a case.",
		Plural: "notes", Prefix: "not", Order: "created_at desc",
		Within: "caseFile",
		Scope: model.Scope{Country: []string{"country"}, Office: []string{"caseFile.office"}, Partner: []string{"caseFile.partner"}, Intervention: []string{"caseFile.intervention"}, Self: []string{"author"}, Assigned: []string{"caseFile.owner"}, Grant: []string{"caseFile.intervention"}, Period: "created_at", Child: "caseFile.child",
			Team: []string{"case_team"}, Overseen: []string{"case_team", "supervisor"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
