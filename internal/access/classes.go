package access

import (
	"slices"

	"rightshub/internal/classification"
	"rightshub/internal/model"
)

// Class is a class of an entity's cells with the API names of its fields and references.
type Class struct {
	Tag    model.Tag
	Fields []string
}

// Classes lists the classes of an entity's cells in the API, from the least to the most sensitive.
func Classes(e *model.Entity) []Class {
	var out []Class
	add := func(tag model.Tag, name string) {
		i := slices.IndexFunc(out, func(c Class) bool { return c.Tag == tag })
		if i < 0 {
			i, out = len(out), append(out, Class{Tag: tag})
		}
		out[i].Fields = append(out[i].Fields, name)
	}
	for _, f := range e.Fields {
		if !f.Internal {
			add(f.Tag, f.Name)
		}
	}
	for _, edge := range e.Edges {
		if edge.Kind == model.ToOne {
			add(edge.Tag, edge.Name)
		}
	}
	idents := []classification.Identifiability{classification.None, classification.Quasi, classification.Direct}
	weight := func(t model.Tag) int { return len(idents)*int(t.Level) + slices.Index(idents, t.Ident) }
	slices.SortFunc(out, func(a, b Class) int { return weight(a.Tag) - weight(b.Tag) })
	return out
}
