package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rightshub/internal/fault"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// readArgs reads the arguments of a connection field into the list.
func readArgs(m *model.Model, list *query.List, args map[string]any) (err error) {
	for name, into := range map[string]**int{"first": &list.First, "last": &list.Last} {
		if v := args[name]; v != nil {
			n, ok := wholeNumber(v)
			if !ok || n < 0 || n > query.MaxPage {
				return fault.InvalidField(name, "must be from 0 to %d.", query.MaxPage).
					WithLimit("page", query.MaxPage).With("asked", n)
			}
			size := int(n)
			*into = &size
		}
	}
	for name, into := range map[string]*string{"after": &list.After, "before": &list.Before} {
		if s, ok := args[name].(string); ok {
			if s == "" {
				return fault.InvalidField(name, "is not a cursor. Leave it out to get the first page.")
			}
			*into = s
		}
	}
	if where, ok := args["where"].(map[string]any); ok {
		w := filterReader{model: m, remaining: maxConditions}
		pred, err := w.readConditions(list.Selection.Entity, where, "where")
		if err != nil {
			return err
		}
		list.Where = &pred
	}
	list.Order, err = readOrder(m, list.Selection.Entity, args["orderBy"])
	return err
}

// maxOrderKeys is the largest number of keys in an orderBy.
const maxOrderKeys = 5

func readOrder(m *model.Model, e *model.Entity, v any) ([]query.Order, error) {
	keys := listItems(v)
	if len(keys) == 0 {
		return nil, nil
	}
	var out []query.Order
	all := m.OrderFields(e)
	for _, item := range keys {
		m, _ := item.(map[string]any)
		i := slices.IndexFunc(all, func(o model.OrderField) bool { return o.Name == m["field"] })
		if i < 0 {
			return nil, fault.InvalidField("orderBy", "names a field by which a list of %s cannot be ordered.", e.Name)
		}
		out = append(out, query.Order{
			Path: all[i].Path, Field: all[i].Field, Count: all[i].Count, Desc: m["direction"] == "DESC",
		})
	}
	if len(out) > maxOrderKeys {
		return nil, fault.New(fault.TooComplex, "orderBy has %d keys; at most %d are allowed.", len(out), maxOrderKeys).
			WithLimit("orderBy", maxOrderKeys).With("asked", len(out))
	}
	return out, nil
}

// listItems returns the items of a list argument. GraphQL lets a single value stand for a list with one item.
func listItems(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// maxConditions is the largest number of conditions in a where, those inside other conditions included.
const maxConditions = 200

// filterReader reads the conditions of one where. remaining is how many more it may have.
type filterReader struct {
	model     *model.Model
	remaining int
}

func (w *filterReader) readConditions(e *model.Entity, m map[string]any, path string) (query.Predicate, error) {
	all := query.Predicate{Op: query.PredicateAnd}
	for _, name := range sortedKeys(m) {
		v := m[name]
		at := path + "." + name
		if v == nil {
			continue
		}
		if w.remaining--; w.remaining < 0 {
			err := fault.New(fault.TooComplex, "where has more than %d conditions. Split the request.", maxConditions)
			return all, err.WithLimit("conditions", maxConditions)
		}
		kid, err := w.readCondition(e, name, v, at)
		if err != nil {
			return all, err
		}
		all.Operands = append(all.Operands, kid...)
	}
	return all, nil
}

func (w *filterReader) readCondition(e *model.Entity, name string, v any, at string) ([]query.Predicate, error) {
	switch name {
	case "and", "or":
		group := query.Predicate{Op: query.PredicateAnd}
		if name == "or" {
			group.Op = query.PredicateOr
		}
		for i, item := range listItems(v) {
			m, _ := item.(map[string]any)
			kid, err := w.readConditions(e, m, fmt.Sprintf("%s.%d", at, i))
			if err != nil {
				return nil, err
			}
			group.Operands = append(group.Operands, kid)
		}
		return []query.Predicate{group}, nil
	case "not":
		m, _ := v.(map[string]any)
		kid, err := w.readConditions(e, m, at)
		return []query.Predicate{{Op: query.PredicateNot, Operands: []query.Predicate{kid}}}, err
	case "id":
		return w.readFieldCondition(nil, e, v, at)
	}
	m, _ := v.(map[string]any)
	if edge := e.Edge(name); edge != nil {
		return w.readEdgeCondition(edge, m, at)
	}
	if f := e.Field(name); f != nil && f.Filterable() {
		return w.readFieldCondition(f, e, v, at)
	}
	return nil, fault.InvalidField(at, "is not a filter condition of %s.", e.Name)
}

func (w *filterReader) readEdgeCondition(edge *model.Edge, m map[string]any, at string) ([]query.Predicate, error) {
	target := w.model.Target(edge)
	if edge.Kind == model.ToOne {
		kid, err := w.readConditions(target, m, at)
		return []query.Predicate{{Op: query.PredicateToOne, Edge: edge, Operands: []query.Predicate{kid}}}, err
	}
	var out []query.Predicate
	for _, word := range sortedKeys(m) {
		inner, _ := m[word].(map[string]any)
		if inner == nil {
			continue
		}
		if word == "count" {
			counts, err := w.readOperators(&model.Field{Kind: model.Int}, target, inner, at+".count")
			if err != nil {
				return nil, err
			}
			for _, c := range counts {
				if len(c.Values) == 1 || slices.Contains(listComparisons, c.Comparison) {
					out = append(out, query.Predicate{
						Op: query.PredicateCount, Edge: edge, Comparison: c.Comparison, Values: c.Values,
					})
				}
			}
			continue
		}
		kid, err := w.readConditions(target, inner, at+"."+word)
		if err != nil {
			return nil, err
		}
		op := query.PredicateSome
		if word == "none" {
			op = query.PredicateNone
		}
		out = append(out, query.Predicate{Op: op, Edge: edge, Operands: []query.Predicate{kid}})
	}
	return out, nil
}

// comparisons maps the operators of the filter inputs to the store's comparisons.
var comparisons = map[string]query.Comparison{
	"eq": query.Eq, "neq": query.Neq, "in": query.OneOf, "notIn": query.NotOneOf,
	"lt": query.Lt, "lte": query.Lte, "gt": query.Gt, "gte": query.Gte,
	"contains": query.Contains, "hasPrefix": query.HasPrefix, "isNull": query.IsNull,
}

// listComparisons are the comparisons that may have several values or none.
var listComparisons = []query.Comparison{query.OneOf, query.NotOneOf, query.IsNull}

func (w *filterReader) readFieldCondition(
	f *model.Field, e *model.Entity, v any, at string,
) ([]query.Predicate, error) {
	m, _ := v.(map[string]any)
	return w.readOperators(f, e, m, at)
}

// maxListEntries is the largest number of entries in a list of in or notIn.
const maxListEntries = 200

func (w *filterReader) readOperators(
	f *model.Field, e *model.Entity, m map[string]any, at string,
) ([]query.Predicate, error) {
	var out []query.Predicate
	for _, word := range sortedKeys(m) {
		pred := query.Predicate{Op: query.PredicateField, Field: f, Comparison: comparisons[word], Values: []any{}}
		path := at + "." + word
		given := []any{m[word]}
		if word == "in" || word == "notIn" {
			given = listItems(m[word])
		}
		if m[word] == nil {
			return nil, fault.InvalidField(path, "cannot be null. To find rows without a value, write isNull: true.")
		}
		if len(given) > maxListEntries {
			return nil, fault.InvalidField(path, "has more than %d entries.", maxListEntries).
				WithLimit("entries", maxListEntries).With("asked", len(given))
		}
		for _, g := range given {
			value, err := w.readOperand(f, e, word, g, path)
			if err != nil {
				return nil, err
			}
			pred.Values = append(pred.Values, value)
		}
		out = append(out, pred)
	}
	return out, nil
}

// maxComparedLength is the largest number of characters in a text that a field is compared with. The database reads
// the text again for each row, so a long one is expensive.
const maxComparedLength = 1000

// readOperand reads one value that a field is compared with. A nil f stands for the row's id.
func (w *filterReader) readOperand(f *model.Field, e *model.Entity, word string, v any, path string) (any, error) {
	if word == "isNull" {
		b, _ := v.(bool)
		return b, nil
	}
	if f == nil {
		s, _ := v.(string)
		return parseIDOf(w.model, e, path, s)
	}
	if s, ok := v.(string); ok && (f.Kind == model.Enum || f.Kind == model.Enums) {
		return strings.ToLower(s), nil
	}
	if s, ok := v.(string); ok && (f.Kind == model.Texts || f.Kind == model.Strings || f.Kind == model.String) {
		if refs := w.model.Refers(f); refs != nil {
			id, err := parseIDOf(w.model, refs, path, s)
			return id.String(), err
		}
		if strings.ContainsRune(s, 0) {
			return nil, fault.InvalidField(path, "holds characters that are not text.")
		}
		if n := utf8.RuneCountInString(s); n > maxComparedLength {
			return nil, fault.InvalidField(path, "is longer than %d characters.", maxComparedLength).
				WithLimit("text", maxComparedLength).With("asked", n)
		}
		return s, nil
	}
	return readScalar(f.Kind, v, path)
}

// readScalar reads a value of a kind that is not a list, an enum or a text in several languages. Decimals are
// returned in hundredths.
func readScalar(kind model.Kind, v any, path string) (any, error) {
	switch kind {
	case model.Int:
		if n, ok := wholeNumber(v); ok && n >= -1<<31 && n < 1<<31 {
			return n, nil
		}
		return nil, fault.InvalidField(path, "must be a whole number of 32 bits.")
	case model.Float:
		if n, err := strconv.ParseFloat(fmt.Sprint(v), 64); err == nil {
			return n, nil
		}
		return nil, fault.InvalidField(path, "must be a number.")
	case model.Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, fault.InvalidField(path, "must be true or false.")
	case model.Date:
		if s, ok := v.(string); ok {
			if t, err := time.Parse(time.DateOnly, s); err == nil {
				return t, nil
			}
		}
		return nil, fault.InvalidField(path, "must be a day, such as 2026-03-01.")
	case model.Time:
		if s, ok := v.(string); ok {
			if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
				return t.UTC(), nil
			}
		}
		return nil, fault.InvalidField(path, "must be an instant, such as 2026-03-01T08:30:00Z.")
	case model.Decimal:
		if n, ok := model.ParseDecimal(decimalText(v)); ok {
			return n, nil
		}
		return nil, fault.InvalidField(path, `must be an amount with at most two decimals, such as "1234.50". `+
			`"12.345" could mean "12345" or "12.35". Write the one that is meant.`)
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	return nil, fault.InvalidField(path, "must be a text.")
}

// decimalText returns an amount as it was written. A number inside a document arrives as a float, which is written
// without an exponent, so that a large amount is not refused for the form that Go gives it.
func decimalText(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func wholeNumber(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case float64:
		return int64(n), n == float64(int64(n))
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	}
	return 0, false
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
