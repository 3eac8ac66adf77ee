package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Child is a child that the programme helps. People refer to it by the case code, never by the name.
type Child struct{ ent.Schema }

var childEdges = []*edgeBuilder{
	toOne("country", Country.Type, "Country in which the child is helped.").
		required().withInverse("children", "Children who are helped in the country."),
	toOne("office", Office.Type, "Office that keeps the record.").
		withInverse("children", "Children whose record the office keeps."),
	toOne("intervention", Intervention.Type, "Intervention that helps the child.").
		withInverse("children", "Children whom the intervention helps."),
	toOne("keeper", User.Type, "Person who keeps the record: whoever made it, unless another is named.").
		defaultsToMaker(),
	toOne("place", Place.Type, "Place in which the child lives.").
		classifiedAs(C3, Quasi).
		withInverse("children", "Children who live in the place, where you may see that they do."),
	toOne("firstLevelPlace", Place.Type, "First administrative level of the place in which the child lives.").
		setByHub(),
}

func (Child) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Child) Fields() []ent.Field {
	return entFields(childEdges,
		stringField("case_code", C3, None,
			"Pseudonymous code: the only handle that people say aloud. It is not a key: two countries may use the "+
				"same.").
			maxLength(40).replacedByPseudonym(),
		stringField("given_name", C3, Direct, "Given name.").optional(),
		stringField("family_name", C3, Direct, "Family name.").optional(),
		stringField("other_names", C3, Direct, "Other names.").optional(),
		stringField("address", C3, Direct, "Address.").maxLength(500).optional(),
		stringField("phone", C3, Direct, "Telephone number.").maxLength(40).optional(),
		stringField("id_number", C3, Direct, "Number of an identity document.").maxLength(60).optional(),
		stringField("guardian", C3, Direct, "Parent or guardian, and how to reach them.").maxLength(500).optional(),
		dateField("birth_date", C3, Quasi, "Day of birth.").
			optional().
			withDerived("ageBand", "age_band",
				"Age today, in bands: under 6, 6 to 11, 12 to 14, 15 to 17, 18 and over."),
		boolField("birth_date_estimated", C3, Quasi, "The day of birth is estimated."),
		enumField("sex", C3, Quasi, "Sex.", "female", "male", "other", "unknown").
			withEnumName("Sex").defaultTo("unknown"),
		stringField("nationality", C3, Quasi, "Nationality, as ISO 3166-1 alpha-2.").maxLength(2).optional(),
		stringField("language", C3, Quasi, "First language, as a BCP 47 tag.").
			withFormat(model.Language).maxLength(35).optional(),
		boolField("synthetic", C1, None, "Made up: every child of a demonstration is."),
	)
}

func (Child) Edges() []ent.Edge { return entEdges(childEdges) }

func (Child) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A child whom the programme helps. People say the case code aloud, never the name.",
		Plural: "children", Prefix: "chd", Order: "created_at desc",
		Scope: model.Scope{
			Country:      []string{"country"},
			Office:       []string{"office"},
			Intervention: []string{"intervention"},
			Assigned:     []string{"keeper", "caseFiles.owner"},
			Grant:        []string{"intervention"},
			Period:       "caseFiles",
			Child:        "id",
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		Rules: model.Rules{
			// Without the child, nobody could read its cases.
			KeptWhile: []string{"caseFiles"},
			Handovers: []model.Handover{
				{
					Edge:    "keeper",
					Message: "Who keeps a child's record is for the supervisor of its office to change.",
				},
				{
					Edge: "office", AllowFirst: true,
					Message: "Which office has this record is for a supervisor of both offices to change.",
				},
			},
		},
	})
}
