package schema

import (
	"entgo.io/ent"

	"rightshub/internal/model"
)

// Region is a region of the United Nations M49 standard.
type Region struct{ ent.Schema }

var regionEdges = []*edgeBuilder{
	one("parent", Region.Type, "Region that holds this one.").back("parts", "Regions within this one."),
}

// Mixin of the entity.
func (Region) Mixin() []ent.Mixin { return []ent.Mixin{Base{}} }

// Fields of the entity.
func (Region) Fields() []ent.Field {
	return fields(regionEdges,
		str("code", C0, None, "UN M49 code, three digits.").max(3).unique(),
		texts("name", C0, None, "Name of the region."),
	)
}

// Edges of the entity.
func (Region) Edges() []ent.Edge { return edges(regionEdges) }

// Annotations of the entity.
func (Region) Annotations() []schemaAnnotation {
	return about(model.EntityNote{
		Plural: "regions", Prefix: "reg", Order: "code", Natural: "code",
		Doc: "A region of the United Nations M49 standard.",
	})
}
