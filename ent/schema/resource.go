package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Resource is a publication or a tool.
type Resource struct{ ent.Schema }

var resourceEdges = []*edgeBuilder{
	toOne("intervention", Intervention.Type, "Intervention that made it.").
		withInverse("resources", "Publications and tools of the intervention."),
}

func (Resource) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Resource) Fields() []ent.Field {
	return entFields(resourceEdges,
		stringField("code", C0, None, "Short code.").maxLength(60).unique(),
		localizedField("title", C0, None, "Title."),
		enumField("kind", C0, None, "What it is.", "training_kit", "reference_guide", "assessment", "report", "tool",
			"child_friendly"),
		intField("year", C0, None, "Year of publication.").inRange(1800, 2200).optional(),
		stringListField("languages", C0, None, "Languages, as BCP 47 tags."),
		stringField("edition", C0, None, "Version of the text.").maxLength(40).optional(),
		stringField("audience", C0, None, "For whom it is.").optional(),
		stringField("url", C0, None, "Address of the document.").withFormat(model.Web).maxLength(500).optional(),
		stringField("file_hash", C0, None, "SHA-256 of the file, in hexadecimal.").maxLength(64).optional(),
		stringField("licence", C0, None, "Licence, as an SPDX identifier.").maxLength(60).optional(),
		enumField("state", C0, None, "Where it stands.", "draft", "in_review", "validated", "published", "superseded",
			"withdrawn").
			defaultTo("draft"),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (Resource) Edges() []ent.Edge { return entEdges(resourceEdges) }

func (Resource) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A publication or a tool.",
		Plural: "resources", Prefix: "rsc", Order: "code", CodeColumn: "code",
		Scope: model.Scope{
			Country:      []string{"intervention.country", "intervention.countries"},
			Intervention: []string{"intervention"},
			Partner:      []string{"intervention.partners"},
			Grant:        []string{"intervention"},
			Published:    []string{"published", "superseded"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Update, "draft", "in_review", "withdrawn"),
					model.Moves(model.Approve, "in_review", "validated", "draft", "withdrawn"),
					model.Moves(model.Approve, "validated", "published", "withdrawn"),
					model.Moves(model.Update, "published", "superseded", "withdrawn"),
					model.Moves(model.Update, "superseded", "withdrawn"),
				),
				Approvals: []model.Approval{
					{To: []string{"validated", "published"}, Authors: []string{model.Creator, model.Editors}},
				},
			},
		},
	})
}
