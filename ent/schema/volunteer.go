package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Volunteer is a person who serves abroad for a time.
type Volunteer struct{ ent.Schema }

var volunteerEdges = []*edgeBuilder{
	one("user", User.Type, "The volunteer's account.").back("volunteers", "Volunteer records of the person."),
	one("country", Country.Type, "Country that registered the volunteer; none where headquarters did. The countries of the mandates see the volunteer too."),
}

// Mixin of the entity.
func (Volunteer) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Volunteer) Fields() []ent.Field {
	return fields(volunteerEdges,
		str("code", C1, None, "Number by which the roster names the volunteer.").max(40).distinct(),
		str("given_name", C2, Direct, "Given name."),
		str("family_name", C2, Direct, "Family name."),
		date("birth_date", C2, Quasi, "Day of birth.").optional().shows("ageBand", "age_band", "Age in years, in bands of ten."),
		str("passport", C2, Direct, "Passport number.").max(40).optional(),
		str("emergency_contact", C2, Direct, "Whom to call in an emergency.").max(500).optional(),
		long("medical_notes", C3, Direct, "What a doctor abroad must know.").optional(),
		words("languages", C1, None, "Languages the volunteer works in, as BCP 47 tags."),
		words("skills", C1, None, "What the volunteer can do."),
		str("home_province", C2, Quasi, "Province or territory of Canada in which the volunteer lives, as ISO 3166-2.").max(10).optional(),
		enum("state", C1, None, "Where the volunteer stands.", "applicant", "screened", "approved", "rostered", "deployed", "returned", "withdrawn", "barred").initially("applicant"),
		boolean("synthetic", C1, None, "Made up for a demonstration."),
	)
}

// Edges of the entity.
func (Volunteer) Edges() []ent.Edge { return edges(volunteerEdges) }

// Annotations of the entity.
func (Volunteer) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A person who serves abroad for a time.",
		Plural: "volunteers", Prefix: "vol", Order: "code", Natural: "code",
		Scope:  model.Scope{Country: []string{"country", "deployments.country"}, Office: []string{"deployments.office"}, Partner: []string{"deployments.partner"}, Intervention: []string{"deployments.intervention"}, Self: []string{"user"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete, model.Approve},
		Machines: []model.Machine{{Field: "state", Moves: slices.Concat(
			model.Moves(model.Update, "applicant", "screened", "withdrawn", "barred"),
			model.Moves(model.Approve, "screened", "approved", "withdrawn", "barred"),
			model.Moves(model.Update, "approved", "rostered", "withdrawn", "barred"),
			model.Moves(model.Update, "rostered", "deployed", "withdrawn", "barred"),
			model.Moves(model.Update, "deployed", "returned", "barred"),
			model.Moves(model.Update, "returned", "rostered", "withdrawn", "barred"),
		), Fixed: []string{"barred"}, Kept: []string{"barred"}}}, // a warning that stays, with whom it is about
	})
}
