package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// CommitmentEvidence is work of the programme that advances a commitment.
type CommitmentEvidence struct{ ent.Schema }

var commitmentEvidenceEdges = []*edgeBuilder{
	toOne("commitment", Commitment.Type, "The commitment.").
		required().immutable().withInverse("evidence", "What advances the commitment."),
	toOne("intervention", Intervention.Type, "Intervention that advances it.").
		withInverse("evidence", "Commitments that the intervention advances."),
	toOne("activity", Activity.Type, "Activity that advances it."),
	toOne("indicator", Indicator.Type, "Indicator that shows it."),
	toOne("resource", Resource.Type, "Resource that advances it."),
}

func (CommitmentEvidence) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (CommitmentEvidence) Fields() []ent.Field {
	return entFields(commitmentEvidenceEdges,
		longTextField("remark", C1, Direct, "How it advances the commitment.").optional(),
	)
}

func (CommitmentEvidence) Edges() []ent.Edge { return entEdges(commitmentEvidenceEdges) }

func (CommitmentEvidence) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "What the programme did that advances a commitment.",
		Plural: "commitmentEvidences", Prefix: "cev", Order: "created_at",
		Scope: model.Scope{
			Country:      []string{"commitment.country"},
			Office:       []string{"intervention.office"},
			Intervention: []string{"intervention"},
			Grant:        []string{"intervention"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
