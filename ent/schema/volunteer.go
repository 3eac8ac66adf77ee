package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Volunteer is a person who serves abroad for a time.
type Volunteer struct{ ent.Schema }

var volunteerEdges = []*edgeBuilder{
	toOne("user", User.Type, "The volunteer's account.").withInverse("volunteers", "Volunteer records of the person."),
	toOne("country", Country.Type,
		"Country that registered the volunteer; none where headquarters did. The countries of the mandates see the "+
			"volunteer too."),
}

func (Volunteer) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Volunteer) Fields() []ent.Field {
	return entFields(volunteerEdges,
		stringField("code", C1, None, "Number by which the roster names the volunteer.").
			maxLength(40).distinctForWriter(),
		stringField("given_name", C2, Direct, "Given name."),
		stringField("family_name", C2, Direct, "Family name."),
		dateField("birth_date", C2, Quasi, "Day of birth.").
			optional().withDerived("ageBand", "age_band", "Age in years, in bands of ten."),
		stringField("passport", C2, Direct, "Passport number.").maxLength(40).optional(),
		stringField("emergency_contact", C2, Direct, "Whom to call in an emergency.").maxLength(500).optional(),
		longTextField("medical_notes", C3, Direct, "What a doctor abroad must know.").optional(),
		stringListField("languages", C1, None, "Languages the volunteer works in, as BCP 47 tags."),
		stringListField("skills", C1, None, "What the volunteer can do."),
		stringField("home_province", C2, Quasi,
			"Province or territory of Canada in which the volunteer lives, as ISO 3166-2.").
			maxLength(10).optional(),
		enumField("state", C1, None, "Where the volunteer stands.", "applicant", "screened", "approved", "rostered",
			"deployed", "returned", "withdrawn", "barred").
			defaultTo("applicant"),
		boolField("synthetic", C1, None, "Made up for a demonstration."),
	)
}

func (Volunteer) Edges() []ent.Edge { return entEdges(volunteerEdges) }

func (Volunteer) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A person who serves abroad for a time.",
		Plural: "volunteers", Prefix: "vol", Order: "code", CodeColumn: "code",
		Scope: model.Scope{
			Country:      []string{"country", "deployments.country"},
			Office:       []string{"deployments.office"},
			Partner:      []string{"deployments.partner"},
			Intervention: []string{"deployments.intervention"},
			Self:         []string{"user"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Rules:  model.Rules{DecidesRights: true},
		Machines: []model.Machine{
			{
				Field: "state",
				Moves: slices.Concat(
					model.Moves(model.Update, "applicant", "screened", "withdrawn", "barred"),
					model.Moves(model.Approve, "screened", "approved", "withdrawn", "barred"),
					model.Moves(model.Update, "approved", "rostered", "withdrawn", "barred"),
					model.Moves(model.Update, "rostered", "deployed", "withdrawn", "barred"),
					model.Moves(model.Update, "deployed", "returned", "barred"),
					model.Moves(model.Update, "returned", "rostered", "withdrawn", "barred"),
				),
				// A bar is a warning about a person, so it can be neither changed nor archived.
				Fixed:         []string{"barred"},
				NotArchivedIn: []string{"barred"},
				Approvals: []model.Approval{
					{To: []string{"approved"}, Authors: []string{model.Creator, "user"}},
					{Authors: []string{"user"}},
				},
			},
		},
	})
}
