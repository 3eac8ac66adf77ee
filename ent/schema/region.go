package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Region is a region of the United Nations M49 standard.
type Region struct{ ent.Schema }

var regionEdges = []*edgeBuilder{
	toOne("parent", Region.Type, "Region that holds this one.").withInverse("parts", "Regions within this one."),
}

func (Region) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

func (Region) Fields() []ent.Field {
	return entFields(regionEdges,
		stringField("code", C0, None, "UN M49 code, three digits.").maxLength(3).unique(),
		localizedField("name", C0, None, "Name of the region."),
	)
}

func (Region) Edges() []ent.Edge { return entEdges(regionEdges) }

func (Region) Annotations() []schemaAnnotation {
	return entityAnnotations(model.EntityNote{
		Plural: "regions", Prefix: "reg", Order: "code", CodeColumn: "code",
		Doc: "A region of the United Nations M49 standard.",
	})
}
