package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Resource is a publication or a tool.
type Resource struct{ ent.Schema }

var resourceEdges = []*edgeBuilder{
	one("intervention", Intervention.Type, "Intervention that made it.").back("resources", "Publications and tools of the intervention."),
}

// Mixin of the entity.
func (Resource) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Resource) Fields() []ent.Field {
	return fields(resourceEdges,
		str("code", C0, None, "Short code.").max(60).unique(),
		texts("title", C0, None, "Title."),
		enum("kind", C0, None, "What it is.", "training_kit", "reference_guide", "assessment", "report", "tool", "child_friendly"),
		integer("year", C0, None, "Year of publication.").between(1800, 2200).optional(),
		words("languages", C0, None, "Languages, as BCP 47 tags."),
		str("edition", C0, None, "Version of the text.").max(40).optional(),
		str("audience", C0, None, "For whom it is.").optional(),
		str("url", C0, None, "Address of the document.").written(model.Web).max(500).optional(),
		str("file_hash", C0, None, "SHA-256 of the file, in hexadecimal.").max(64).optional(),
		str("licence", C0, None, "Licence, as an SPDX identifier.").max(60).optional(),
		enum("state", C0, None, "Where it stands.", "draft", "in_review", "validated", "published", "superseded", "withdrawn").initially("draft"),
		str("source_url", C0, None, "Page on which the public facts rest.").written(model.Web).max(500).optional(),
	)
}

// Edges of the entity.
func (Resource) Edges() []ent.Edge { return edges(resourceEdges) }

// Annotations of the entity.
func (Resource) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A publication or a tool.",
		Plural: "resources", Prefix: "rsc", Order: "code", Natural: "code",
		Scope: model.Scope{Country: []string{"intervention.country", "intervention.countries"}, Intervention: []string{"intervention"}, Partner: []string{"intervention.partners"}, Grant: []string{"intervention"},
			Published: []string{"published", "superseded"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Update, "draft", "in_review", "withdrawn"),
			model.Moves(model.Approve, "in_review", "validated", "draft", "withdrawn"),
			model.Moves(model.Approve, "validated", "published", "withdrawn"),
			model.Moves(model.Update, "published", "superseded", "withdrawn"),
			model.Moves(model.Update, "superseded", "withdrawn"),
		)}},
	})
}
