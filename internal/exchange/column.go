package exchange

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"rightshub/graph/plan"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// column describes one column of a file and how an export fills it. A path joins names of edges and of a field by
// dots, as the API names them. It may end in "id" or "masked" instead of a field.
type column struct {
	name    string
	paths   string // paths from the row, separated by spaces
	format  cellFormat
	hashtag string // HXL tag, or ""
}

// pathValues are the values at the end of a path in one row.
// There are none when the row has no target there, and several when the path crosses a list.
type pathValues []query.Value

// cellFormat turns the values at the paths of a column into the text of a cell.
// It returns "" for what an import could not read back unchanged, because an import ignores an empty cell.
type cellFormat func(language string, from []pathValues) string

// rowFormat turns a stored row into the cells of a file, in the order of the columns.
type rowFormat func(language string, r *query.Row) []string

// selectColumns adds the paths of the columns to the selection. The returned function formats a row that was read
// with it.
func selectColumns(m *model.Model, selection *query.Selection, columns []column) rowFormat {
	gets := make([][]func(*query.Row) pathValues, len(columns))
	for i, c := range columns {
		for _, path := range strings.Fields(c.paths) {
			gets[i] = append(gets[i], selectPath(m, selection, strings.Split(path, ".")))
		}
	}
	return func(language string, r *query.Row) []string {
		out := make([]string, len(columns))
		for i, c := range columns {
			from := make([]pathValues, len(gets[i]))
			for j, get := range gets[i] {
				from[j] = get(r)
			}
			out[i] = c.format(language, from)
		}
		return out
	}
}

// selectPath adds a path to the selection and returns the function that finds its values in a row.
func selectPath(m *model.Model, selection *query.Selection, path []string) func(*query.Row) pathValues {
	if len(path) == 1 {
		return selectLastName(selection, path[0])
	}
	edge := selection.Entity.Edge(path[0])
	if edge.Kind == model.ToOne {
		i := slices.IndexFunc(selection.ToOne, func(o query.ToOneSelection) bool { return o.Edge == edge })
		if i < 0 {
			i = len(selection.ToOne)
			target := query.Selection{Entity: m.Target(edge)}
			selection.ToOne = append(selection.ToOne, query.ToOneSelection{Edge: edge, Selection: target})
		}
		next := selectPath(m, &selection.ToOne[i].Selection, path[1:])
		return func(r *query.Row) pathValues {
			if r.ToOne[i] == nil {
				return nil
			}
			return next(r.ToOne[i])
		}
	}
	i := slices.IndexFunc(selection.Lists, func(l query.ListSelection) bool { return l.Edge == edge })
	if i < 0 {
		i = len(selection.Lists)
		list := pagedList(query.Selection{Entity: m.Target(edge)})
		selection.Lists = append(selection.Lists, query.ListSelection{Edge: edge, List: list})
	}
	next := selectPath(m, &selection.Lists[i].List.Selection, path[1:])
	return func(r *query.Row) (out pathValues) {
		for _, r := range r.Lists[i].Rows {
			out = append(out, next(r)...)
		}
		return out
	}
}

// selectLastName is selectPath for the last name of a path, which is a field, a derived field, "id" or "masked".
func selectLastName(selection *query.Selection, name string) func(*query.Row) pathValues {
	e := selection.Entity
	switch name {
	case "id":
		return func(r *query.Row) pathValues { return pathValues{{Text: plan.ID(e, r.ID)}} }
	case "masked":
		selection.Masked = true
		return func(r *query.Row) pathValues { return pathValues{{Text: strings.Join(r.Masked, ";")}} }
	}
	var cell query.Cell
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Name == name {
			cell.Field = f
		}
		for j := range f.Derived {
			if f.Derived[j].Name == name {
				cell = query.Cell{Field: f, Derived: &f.Derived[j]}
			}
		}
	}
	i := slices.Index(selection.Cells, cell)
	if i < 0 {
		i = len(selection.Cells)
		selection.Cells = append(selection.Cells, cell)
	}
	return func(r *query.Row) pathValues { return pathValues{r.Cells[i]} }
}

// firstValue returns the value of a path that crosses no list, or null when the path has none.
func firstValue(v pathValues) query.Value {
	if len(v) == 0 {
		return query.Value{Null: true}
	}
	return v[0]
}

// asText writes a text or an enum value as it is stored.
func asText(_ string, from []pathValues) string { return firstValue(from[0]).Text }

// asTexts writes a translated text in the language of the file.
func asTexts(language string, from []pathValues) string {
	return decodeTexts(firstValue(from[0]))[language]
}

// asTextsIn writes a translated text in a fixed language.
func asTextsIn(language string) cellFormat {
	return func(_ string, from []pathValues) string { return decodeTexts(firstValue(from[0]))[language] }
}

func decodeTexts(v query.Value) (out map[string]string) {
	if v.Null || json.Unmarshal([]byte(v.Text), &out) != nil {
		return nil
	}
	return out
}

// formatNonNull returns a cellFormat that leaves the cell of a null value empty and calls write for every other value.
func formatNonNull(write func(query.Value) string) cellFormat {
	return func(_ string, from []pathValues) string {
		if v := firstValue(from[0]); !v.Null {
			return write(v)
		}
		return ""
	}
}

var (
	asInt     = formatNonNull(func(v query.Value) string { return strconv.FormatInt(v.Int, 10) })
	asFloat   = formatNonNull(func(v query.Value) string { return strconv.FormatFloat(v.Float, 'f', -1, 64) })
	asBool    = formatNonNull(func(v query.Value) string { return strconv.FormatBool(v.Int != 0) })
	asYear    = formatNonNull(func(v query.Value) string { return strconv.Itoa(v.Time.Year()) })
	asDay     = formatNonNull(func(v query.Value) string { return v.Time.Format(time.DateOnly) })
	asInstant = formatNonNull(func(v query.Value) string { return v.Time.Format(time.RFC3339Nano) })
	asUpper   = formatNonNull(func(v query.Value) string { return strings.ToUpper(v.Text) }) // an enum value of the API
	asAmount  = formatNonNull(func(v query.Value) string { return formatAmount(v.Int) })
)

// formatAmount writes hundredths as a decimal number without trailing zeros. 123450 becomes 1234.5.
func formatAmount(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	cents := strings.TrimRight("."+strconv.FormatInt(n%100+100, 10)[1:], "0")
	return sign + strconv.FormatInt(n/100, 10) + strings.TrimSuffix(cents, ".")
}

func textsOfValues(v pathValues) (out []string) {
	for _, value := range v {
		out = append(out, value.Text)
	}
	return out
}
