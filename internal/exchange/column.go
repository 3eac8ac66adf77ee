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

// column is one column of a file: where its cells come from when it is written, and how.
type column struct {
	name    string
	paths   string // paths from the row, with spaces between them: names of the API, joined by dots; "id" and "masked" too
	format  cellFormat
	hashtag string // of HXL, "" for none
}

// pathValues are what a path leads to in one row: none where there is no row at its end, several where it leads over a list.
type pathValues []query.Value

// cellFormat writes a cell of what its column's paths lead to. What the file cannot say so that it is read back as it is
// comes out empty, which says nothing.
type cellFormat func(language string, from []pathValues) string

// rowFormat writes the cells of a row, in the order of the columns.
type rowFormat func(language string, r *query.Row) []string

// selectColumns adds to the ask what the columns want of each row.
func selectColumns(ask *query.Selection, columns []column) rowFormat {
	gets := make([][]func(*query.Row) pathValues, len(columns))
	for i, c := range columns {
		for _, path := range strings.Fields(c.paths) {
			gets[i] = append(gets[i], selectPath(ask, strings.Split(path, ".")))
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

// selectPath adds to the ask what a path leads to, and returns what finds it in a row.
func selectPath(ask *query.Selection, path []string) func(*query.Row) pathValues {
	if len(path) == 1 {
		return selectLastName(ask, path[0])
	}
	edge := ask.Entity.Edge(path[0])
	if edge.Kind == model.ToOne {
		i := slices.IndexFunc(ask.ToOne, func(o query.ToOneSelection) bool { return o.Edge == edge })
		if i < 0 {
			i = len(ask.ToOne)
			ask.ToOne = append(ask.ToOne, query.ToOneSelection{Edge: edge, Selection: query.Selection{Entity: targetOf(edge)}})
		}
		next := selectPath(&ask.ToOne[i].Selection, path[1:])
		return func(r *query.Row) pathValues {
			if r.ToOne[i] == nil {
				return nil
			}
			return next(r.ToOne[i])
		}
	}
	i := slices.IndexFunc(ask.Lists, func(l query.ListSelection) bool { return l.Edge == edge })
	if i < 0 {
		i = len(ask.Lists)
		ask.Lists = append(ask.Lists, query.ListSelection{Edge: edge, List: pagedList(query.Selection{Entity: targetOf(edge)})})
	}
	next := selectPath(&ask.Lists[i].List.Selection, path[1:])
	return func(r *query.Row) (out pathValues) {
		for _, r := range r.Lists[i].Rows {
			out = append(out, next(r)...)
		}
		return out
	}
}

// selectLastName is along for the last name of a path.
func selectLastName(ask *query.Selection, name string) func(*query.Row) pathValues {
	e := ask.Entity
	switch name {
	case "id":
		return func(r *query.Row) pathValues { return pathValues{{Text: plan.ID(e, r.ID)}} }
	case "masked":
		ask.Masked = true
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
	i := slices.Index(ask.Cells, cell)
	if i < 0 {
		i = len(ask.Cells)
		ask.Cells = append(ask.Cells, cell)
	}
	return func(r *query.Row) pathValues { return pathValues{r.Cells[i]} }
}

// firstValue is the one value of a path; null where there is none.
func firstValue(v pathValues) query.Value {
	if len(v) == 0 {
		return query.Value{Null: true}
	}
	return v[0]
}

// asText writes texts and words as they are stored.
func asText(_ string, from []pathValues) string { return firstValue(from[0]).Text }

// asTexts writes what a text says in the file's language.
func asTexts(language string, from []pathValues) string {
	return decodeTexts(firstValue(from[0]))[language]
}

// asTextsIn writes what a text says in one language.
func asTextsIn(language string) cellFormat {
	return func(_ string, from []pathValues) string { return decodeTexts(firstValue(from[0]))[language] }
}

func decodeTexts(v query.Value) (out map[string]string) {
	if v.Null || json.Unmarshal([]byte(v.Text), &out) != nil {
		return nil
	}
	return out
}

// formatNonNull makes a form of what writes a value that is not null.
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
	asUpper   = formatNonNull(func(v query.Value) string { return strings.ToUpper(v.Text) }) // a word as the API has it
	asAmount  = formatNonNull(func(v query.Value) string { return formatAmount(v.Int) })
	asList    = formatNonNull(func(v query.Value) string { return joinList(v.List()) })
)

// formatAmount writes hundredths as a number: 1234.5.
func formatAmount(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	cents := strings.TrimRight("."+strconv.FormatInt(n%100+100, 10)[1:], "0")
	return sign + strconv.FormatInt(n/100, 10) + strings.TrimSuffix(cents, ".")
}

// joinList writes the entries of a list, where they would be read back as they are.
func joinList(entries []string) string {
	cell := strings.Join(entries, ";")
	if !slices.Equal(splitList(cell), entries) {
		return ""
	}
	return cell
}

// asEntries writes a list that a path leads over.
func asEntries(_ string, from []pathValues) string { return joinList(textsOfValues(from[0])) }

func textsOfValues(v pathValues) (out []string) {
	for _, value := range v {
		out = append(out, value.Text)
	}
	return out
}
