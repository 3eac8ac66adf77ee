package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Child is a child whom the programme helps. People say the case code aloud, never the name.
type Child struct{ ent.Schema }

var childEdges = []*edgeBuilder{
	one("country", Country.Type, "Country in which the child is helped.").must().back("children", "Children who are helped in the country."),
	one("office", Office.Type, "Office that keeps the record.").back("children", "Children whose record the office keeps."),
	one("intervention", Intervention.Type, "Intervention that helps the child.").back("children", "Children whom the intervention helps."),
	one("keeper", User.Type, "Person who keeps the record: whoever made it, unless another is named.").maker(),
	one("place", Place.Type, "Place in which the child lives.").class(C3, Quasi).back("children", "Children who live in the place, where you may see that they do."),
	one("firstLevelPlace", Place.Type, "First administrative level of the place in which the child lives.").managed(),
}

// Mixin of the entity.
func (Child) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Child) Fields() []ent.Field {
	return fields(childEdges,
		str("case_code", C3, None, "Pseudonymous code: the only handle that people say aloud. It is not a key: two countries may use the same.").max(40).pseudonym(),
		str("given_name", C3, Direct, "Given name.").optional(),
		str("family_name", C3, Direct, "Family name.").optional(),
		str("other_names", C3, Direct, "Other names.").optional(),
		str("address", C3, Direct, "Address.").max(500).optional(),
		str("phone", C3, Direct, "Telephone number.").max(40).optional(),
		str("id_number", C3, Direct, "Number of an identity document.").max(60).optional(),
		str("guardian", C3, Direct, "Parent or guardian, and how to reach them.").max(500).optional(),
		date("birth_date", C3, Quasi, "Day of birth.").optional().shows("ageBand", "age_band", "Age today, in bands: under 6, 6 to 11, 12 to 14, 15 to 17, 18 and over."),
		boolean("birth_date_estimated", C3, Quasi, "The day of birth is estimated."),
		enum("sex", C3, Quasi, "Sex.", "female", "male", "other", "unknown").named("Sex").initially("unknown"),
		str("nationality", C3, Quasi, "Nationality, as ISO 3166-1 alpha-2.").max(2).optional(),
		str("language", C3, Quasi, "First language, as a BCP 47 tag.").written(model.Language).max(35).optional(),
		boolean("synthetic", C1, None, "Made up: every child of a demonstration is."),
	)
}

// Edges of the entity.
func (Child) Edges() []ent.Edge { return edges(childEdges) }

// Annotations of the entity.
func (Child) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A child whom the programme helps. People say the case code aloud, never the name.",
		Plural: "children", Prefix: "chd", Order: "created_at desc",
		Scope:  model.Scope{Country: []string{"country"}, Office: []string{"office"}, Intervention: []string{"intervention"}, Assigned: []string{"keeper", "caseFiles.owner"}, Grant: []string{"intervention"}, Period: "caseFiles", Child: "id"},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
