package exchange

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"rightshub/graph/plan"
	"rightshub/internal/model"
	"rightshub/internal/store"
)

// column is one column of a file: where its cells come from when it is written, and how.
type column struct {
	name string
	from string // paths from the row, with spaces between them: names of the API, joined by dots; "id" and "masked" too
	as   form
	tag  string // of HXL, "" for none
}

// values are what a path leads to in one row: none where there is no row at its end, several where it leads over a list.
type values []store.Value

// form writes a cell of what its column's paths lead to. What the file cannot say so that it is read back as it is
// comes out empty, which says nothing.
type form func(language string, from []values) string

// cells writes the cells of a row, in the order of the columns.
type cells func(language string, r *store.Row) []string

// asking adds to the ask what the columns want of each row.
func asking(ask *store.Ask, columns []column) cells {
	gets := make([][]func(*store.Row) values, len(columns))
	for i, c := range columns {
		for _, path := range strings.Fields(c.from) {
			gets[i] = append(gets[i], along(ask, strings.Split(path, ".")))
		}
	}
	return func(language string, r *store.Row) []string {
		out := make([]string, len(columns))
		for i, c := range columns {
			from := make([]values, len(gets[i]))
			for j, get := range gets[i] {
				from[j] = get(r)
			}
			out[i] = c.as(language, from)
		}
		return out
	}
}

// along adds to the ask what a path leads to, and returns what finds it in a row.
func along(ask *store.Ask, path []string) func(*store.Row) values {
	if len(path) == 1 {
		return end(ask, path[0])
	}
	edge := ask.Entity.Edge(path[0])
	if edge.Kind == model.ToOne {
		i := slices.IndexFunc(ask.One, func(o store.AskOne) bool { return o.Edge == edge })
		if i < 0 {
			i = len(ask.One)
			ask.One = append(ask.One, store.AskOne{Edge: edge, Ask: store.Ask{Entity: target(edge)}})
		}
		next := along(&ask.One[i].Ask, path[1:])
		return func(r *store.Row) values {
			if r.One[i] == nil {
				return nil
			}
			return next(r.One[i])
		}
	}
	i := slices.IndexFunc(ask.Lists, func(l store.AskList) bool { return l.Edge == edge })
	if i < 0 {
		i = len(ask.Lists)
		ask.Lists = append(ask.Lists, store.AskList{Edge: edge, List: pages(store.Ask{Entity: target(edge)})})
	}
	next := along(&ask.Lists[i].List.Ask, path[1:])
	return func(r *store.Row) (out values) {
		for _, r := range r.Lists[i].Rows {
			out = append(out, next(r)...)
		}
		return out
	}
}

// end is along for the last name of a path.
func end(ask *store.Ask, name string) func(*store.Row) values {
	e := ask.Entity
	switch name {
	case "id":
		return func(r *store.Row) values { return values{{Text: plan.ID(e, r.ID)}} }
	case "masked":
		ask.Masked = true
		return func(r *store.Row) values { return values{{Text: strings.Join(r.Masked, ";")}} }
	}
	var cell store.Cell
	for i := range e.Fields {
		f := &e.Fields[i]
		if f.Name == name {
			cell.Field = f
		}
		for j := range f.Derived {
			if f.Derived[j].Name == name {
				cell = store.Cell{Field: f, Derived: &f.Derived[j]}
			}
		}
	}
	i := slices.Index(ask.Cells, cell)
	if i < 0 {
		i = len(ask.Cells)
		ask.Cells = append(ask.Cells, cell)
	}
	return func(r *store.Row) values { return values{r.Cells[i]} }
}

// first is the one value of a path; null where there is none.
func first(v values) store.Value {
	if len(v) == 0 {
		return store.Value{Null: true}
	}
	return v[0]
}

// asText writes texts and words as they are stored.
func asText(_ string, from []values) string { return first(from[0]).Text }

// asTexts writes what a text says in the file's language.
func asTexts(language string, from []values) string { return textsOf(first(from[0]))[language] }

// asTextsIn writes what a text says in one language.
func asTextsIn(language string) form {
	return func(_ string, from []values) string { return textsOf(first(from[0]))[language] }
}

func textsOf(v store.Value) (out map[string]string) {
	if v.Null || json.Unmarshal([]byte(v.Text), &out) != nil {
		return nil
	}
	return out
}

// written makes a form of what writes a value that is not null.
func written(write func(store.Value) string) form {
	return func(_ string, from []values) string {
		if v := first(from[0]); !v.Null {
			return write(v)
		}
		return ""
	}
}

var (
	asInt     = written(func(v store.Value) string { return strconv.FormatInt(v.Int, 10) })
	asFloat   = written(func(v store.Value) string { return strconv.FormatFloat(v.Float, 'f', -1, 64) })
	asBool    = written(func(v store.Value) string { return strconv.FormatBool(v.Int != 0) })
	asYear    = written(func(v store.Value) string { return strconv.Itoa(v.Time.Year()) })
	asDay     = written(func(v store.Value) string { return v.Time.Format(time.DateOnly) })
	asInstant = written(func(v store.Value) string { return v.Time.Format(time.RFC3339Nano) })
	asUpper   = written(func(v store.Value) string { return strings.ToUpper(v.Text) }) // a word as the API has it
	asAmount  = written(func(v store.Value) string { return amount(v.Int) })
	asList    = written(func(v store.Value) string { return listed(v.List()) })
)

// amount writes hundredths as a number: 1234.5.
func amount(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	cents := strings.TrimRight("."+strconv.FormatInt(n%100+100, 10)[1:], "0")
	return sign + strconv.FormatInt(n/100, 10) + strings.TrimSuffix(cents, ".")
}

// listed writes the entries of a list, where they would be read back as they are.
func listed(entries []string) string {
	cell := strings.Join(entries, ";")
	if !slices.Equal(list(cell), entries) {
		return ""
	}
	return cell
}

// asEntries writes a list that a path leads over.
func asEntries(_ string, from []values) string { return listed(textOf(from[0])) }

func textOf(v values) (out []string) {
	for _, value := range v {
		out = append(out, value.Text)
	}
	return out
}
