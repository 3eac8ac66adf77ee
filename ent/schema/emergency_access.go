package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// EmergencyAccess is a child's record opened in an emergency, without waiting for a consent, for a few hours. It is
// itself the record that this happened, and somebody else reviews it.
type EmergencyAccess struct{ ent.Schema }

var emergencyAccessEdges = []*edgeBuilder{
	one("user", User.Type, "Person who opened the record.").must().fixed().managed().back("emergencyAccesses", "Records that the person opened in an emergency."),
	one("country", Country.Type, "Country of the child.").must().fixed().managed().back("emergencyAccesses", "Records of the country that were opened in an emergency."),
	one("office", Office.Type, "Office of the person who opened it, as it was then, in the country of the child; none: headquarters reviews.").fixed().managed(),
	one("child", Child.Type, "The child; none when nobody has the code.").fixed().managed(),
	one("reviewedBy", User.Type, "Person who reviewed it.").managed(),
}

// Mixin of the entity.
func (EmergencyAccess) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (EmergencyAccess) Fields() []ent.Field {
	return fields(emergencyAccessEdges,
		long("reason", C3, Direct, "Why it could not wait.").max(2000).fixed().managed(),
		instant("valid_until", C1, None, "Until when the record is open (UTC): four hours at most.").fixed().managed(),
		instant("review_due", C1, None, "By when it is to be reviewed (UTC): within 72 hours.").fixed().managed(),
		long("finding", C2, Direct, "What the review found.").max(2000).optional(),
		enum("state", C1, None, "Whether it was reviewed.", "opened", "justified", "unjustified").initially("opened"),
	)
}

// Edges of the entity.
func (EmergencyAccess) Edges() []ent.Edge { return edges(emergencyAccessEdges) }

// Annotations of the entity.
func (EmergencyAccess) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "A child's record opened in an emergency, without waiting for a consent, for a few hours.",
		Plural: "emergencyAccesses", Prefix: "emg", Order: "created_at desc",
		Scope:    model.Scope{Country: []string{"country"}, Office: []string{"office"}, Self: []string{"user"}},
		Writes:   []model.Action{model.Update, model.Approve},
		Machines: []model.Machine{{Field: "state", Moves: model.Moves(model.Approve, "opened", "justified", "unjustified"), Fixed: []string{"justified", "unjustified"}}},
	})
}
