package schema

import (
	"slices"

	"entgo.io/ent"

	"rightshub/internal/model"
)

// Commitment is a promise of a State, or a recommendation to it, under an instrument on the rights of the child.
type Commitment struct{ ent.Schema }

var commitmentEdges = []*edgeBuilder{
	toOne("country", Country.Type, "The State.").
		required().immutable().withInverse("commitments", "Commitments of the State."),
}

func (Commitment) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Commitment) Fields() []ent.Field {
	return entFields(commitmentEdges,
		enumField("instrument", C0, None,
			"The instrument: the Convention, its three protocols, the African Charter, the ILO conventions 138 and "+
				"182.",
			"crc", "opac", "opsc", "opic", "acrwc", "ilo138", "ilo182", "other"),
		stringListField("articles", C0, None, "Articles of the instrument."),
		enumField("kind", C0, None, "What it is.", "ratification", "reservation", "concluding_observation",
			"upr_recommendation", "law", "action_plan", "pledge"),
		localizedField("text", C0, None, "Its words."),
		dateField("made_on", C0, None, "Day on which it was made.").optional(),
		dateField("due_on", C0, None, "Day by which it is due.").notBefore("made_on").optional(),
		enumField("progress", C0, None, "How far it is carried out.", "none", "planned", "partial", "implemented",
			"regressed").
			defaultTo("none"),
		stringField("source_url", C0, None, "Page on which the public facts rest.").
			withFormat(model.Web).maxLength(500).optional(),
	)
}

func (Commitment) Edges() []ent.Edge { return entEdges(commitmentEdges) }

func (Commitment) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "What a State has promised, or was asked to do, under an instrument on the rights of the child.",
		Plural: "commitments", Prefix: "com", Order: "created_at",
		Scope:  model.Scope{Country: []string{"country"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
		Machines: []model.Machine{{Field: "progress", Moves: slices.Concat(
			model.Moves(model.Update, "none", "planned", "partial", "implemented", "regressed"),
			model.Moves(model.Update, "planned", "none", "partial", "implemented", "regressed"),
			model.Moves(model.Update, "partial", "planned", "implemented", "regressed"),
			model.Moves(model.Update, "implemented", "partial", "regressed"),
			model.Moves(model.Update, "regressed", "planned", "partial", "implemented"),
		)}},
	})
}
