package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Note is a note in a case.
type Note struct{ ent.Schema }

var noteEdges = []*edgeBuilder{
	toOne("caseFile", CaseFile.Type, "The case.").required().immutable().withInverse("notes", "Notes of the case."),
	toOne("country", Country.Type, "Country of the case.").required().immutable(),
	toOne("author", User.Type, "Person who wrote it.").setByHub().defaultsToMaker(),
}

func (Note) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Note) Fields() []ent.Field {
	return entFields(noteEdges,
		longTextField("body", C3, Direct, "The note."),
		enumField("visibility", C3, None, "Who of those who may see the case may read the note.", "author_only",
			"case_team", "supervisor").
			defaultTo("case_team"),
	)
}

func (Note) Edges() []ent.Edge { return entEdges(noteEdges) }

func (Note) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A note in a case.",
		Plural: "notes", Prefix: "not", Order: "created_at desc",
		Within: "caseFile",
		Scope: model.Scope{
			Country:      []string{"country"},
			Office:       []string{"caseFile.office"},
			Partner:      []string{"caseFile.partner"},
			Intervention: []string{"caseFile.intervention"},
			Self:         []string{"author"},
			Assigned:     []string{"caseFile.owner"},
			Grant:        []string{"caseFile.intervention"},
			Period:       "created_at",
			Child:        "caseFile.child",
			Team:         []string{"case_team"},
			Overseen:     []string{"case_team", "supervisor"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
