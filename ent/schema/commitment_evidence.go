package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// CommitmentEvidence is what the programme did that advances a commitment.
type CommitmentEvidence struct{ ent.Schema }

var commitmentEvidenceEdges = []*edgeBuilder{
	one("commitment", Commitment.Type, "The commitment.").must().fixed().back("evidence", "What advances the commitment."),
	one("intervention", Intervention.Type, "Intervention that advances it.").back("evidence", "Commitments that the intervention advances."),
	one("activity", Activity.Type, "Activity that advances it."),
	one("indicator", Indicator.Type, "Indicator that shows it."),
	one("resource", Resource.Type, "Resource that advances it."),
}

// Mixin of the entity.
func (CommitmentEvidence) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (CommitmentEvidence) Fields() []ent.Field {
	return fields(commitmentEvidenceEdges,
		long("remark", C1, Direct, "How it advances the commitment.").optional(),
	)
}

// Edges of the entity.
func (CommitmentEvidence) Edges() []ent.Edge { return edges(commitmentEvidenceEdges) }

// Annotations of the entity.
func (CommitmentEvidence) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Doc:    "What the programme did that advances a commitment.",
		Plural: "commitmentEvidences", Prefix: "cev", Order: "created_at",
		Scope:  model.Scope{Country: []string{"commitment.country"}, Office: []string{"intervention.office"}, Intervention: []string{"intervention"}, Grant: []string{"intervention"}},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
