package exchange

import (
	"strings"

	"github.com/google/uuid"

	"rightshub/graph/plan"
	"rightshub/internal/languages"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// entityKind returns the kind of file that holds the rows of an entity. A row has everything that the API shows of it,
// except its lists, and the names of its masked fields. Such a file cannot be imported.
func entityKind(m *model.Model, e *model.Entity) *fileKind {
	k := &fileKind{name: e.Name, entity: e.Name}
	add := func(name, path string, as cellFormat, tag string) {
		k.columns = append(k.columns, column{name, path, as, tag})
	}
	add("id", "id", asText, hashtagOf(e, "id"))
	for i := range e.Fields {
		f := &e.Fields[i]
		tag := hashtagOf(e, f.Name)
		switch {
		case f.Internal:
			continue
		case f.Kind == model.Texts:
			for _, language := range languages.All {
				in := tag
				if tag != "" {
					in += "+i_" + language
				}
				add(f.Name+"_"+language, f.Name, asTextsIn(language), in)
			}
		default:
			add(f.Name, f.Name, formatOf(m, f), tag)
			if f.Kind == model.Decimal || f.Kind == model.Float {
				k.decimalColumns = append(k.decimalColumns, f.Name)
			}
		}
		for _, d := range f.Derived {
			add(d.Name, d.Name, asUpper, "")
		}
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		if edge.Kind != model.ToOne {
			continue
		}
		add(edge.InputName(), edge.Name+".id", asText, "")
		if to := m.Target(edge); to.CodeColumn != "" {
			path := edge.Name + "." + to.Column(to.CodeColumn).Name
			add(path, path, asText, hashtagOf(e, path))
		}
	}
	add("masked", "masked", asText, "")
	return k
}

// formatOf returns the format in which the API writes the values of a field.
func formatOf(m *model.Model, f *model.Field) cellFormat {
	switch f.Kind {
	case model.Int:
		return asInt
	case model.Float:
		return asFloat
	case model.Bool:
		return asBool
	case model.Decimal:
		return asAmount
	case model.Time:
		return asInstant
	case model.Date:
		return asDay
	case model.Enum:
		return asUpper
	case model.Enums:
		return formatNonNull(func(v query.Value) string { return strings.ToUpper(strings.Join(v.List(), ";")) })
	case model.Strings:
		of := m.Refers(f)
		return formatNonNull(func(v query.Value) string {
			entries := v.List()
			for i, entry := range entries {
				if key, err := uuid.Parse(entry); err == nil && of != nil {
					entries[i] = plan.ID(of, key)
				}
			}
			return strings.Join(entries, ";")
		})
	}
	return asText
}
