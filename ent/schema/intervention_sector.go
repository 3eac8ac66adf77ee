package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// InterventionSector is a sector that an intervention works in, and its share.
type InterventionSector struct{ ent.Schema }

var interventionSectorEdges = []*edgeBuilder{
	toOne("intervention", Intervention.Type, "The intervention.").
		required().immutable().withInverse("sectors", "Sectors of the intervention with their shares."),
}

func (InterventionSector) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (InterventionSector) Fields() []ent.Field {
	return entFields(interventionSectorEdges,
		stringField("code", C0, None, "Code of the sector.").maxLength(20),
		stringField("vocabulary", C0, None, "Code list of the sector, as IATI SectorVocabulary.").
			maxLength(10).defaultTo("1"),
		decimalField("share", C0, None, "Share of the intervention in percent.").inRange(0, 100).optional(),
	)
}

func (InterventionSector) Edges() []ent.Edge { return entEdges(interventionSectorEdges) }

func (InterventionSector) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Doc:    "A sector that an intervention works in, and its share.",
		Plural: "interventionSectors", Prefix: "ise", Order: "created_at",
		Scope: model.Scope{
			Country:      []string{"intervention.country", "intervention.countries"},
			Office:       []string{"intervention.office"},
			Intervention: []string{"intervention"},
			Partner:      []string{"intervention.partners"},
			Grant:        []string{"intervention"},
		},
		Writes: []model.Action{model.Create, model.Update, model.Delete},
	})
}
