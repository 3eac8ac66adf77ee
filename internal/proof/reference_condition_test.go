package proof_test

// This file of the reference model evaluates conditions and orders on V(u). A condition is true or false, never
// unknown. A comparison with a missing or masked value is false, except for isNull.

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"rightshub/internal/model"
)

// satisfiesCondition reports whether a visible row satisfies a condition in the API's form. The argument in is the
// coverage position.
func (v *view) satisfiesCondition(r *row, where inputObject, in string) bool {
	for _, c := range where {
		if c.value == nil {
			continue
		}
		ok := true
		switch c.name {
		case "and":
			ok = !slices.ContainsFunc(c.value.([]any), func(k any) bool {
				return !v.satisfiesCondition(r, k.(inputObject), in)
			})
		case "or":
			ok = slices.ContainsFunc(c.value.([]any), func(k any) bool {
				return v.satisfiesCondition(r, k.(inputObject), in)
			})
		case "not":
			ok = !v.satisfiesCondition(r, c.value.(inputObject), in)
		case "id":
			ok = satisfiesOperators(c.value.(inputObject), func(op string, x any) bool {
				return satisfiesOperator(model.UUID, v.publicID(r), op, x, nil)
			})
		default:
			ok = v.satisfiesMember(r, c.name, c.value.(inputObject), in)
		}
		if !ok {
			return false
		}
	}
	return true
}

// satisfiesMember reports whether a visible row satisfies a condition on one of its fields or edges.
func (v *view) satisfiesMember(r *row, name string, cond inputObject, in string) bool {
	if f := r.entity.Field(name); f != nil {
		v.coverField(r, f, in)
		value := v.visibleValue(r, f)
		return satisfiesOperators(cond, func(op string, x any) bool {
			return satisfiesOperator(f.Kind, value, op, x, f)
		})
	}
	edge := r.entity.Edge(name)
	reached := v.visibleTargets(r, edge)
	v.coverEdge(r, edge, reached, in, cond)
	satisfies := func(cond inputObject) bool {
		return slices.ContainsFunc(reached, func(t *row) bool {
			return v.satisfiesCondition(t, cond, "edge condition")
		})
	}
	if edge.Kind == model.ToOne {
		return satisfies(cond)
	}
	for _, c := range cond {
		if c.value == nil {
			continue
		}
		ok := true
		switch among := c.value.(inputObject); c.name {
		case "some":
			ok = satisfies(among)
		case "none":
			ok = !satisfies(among)
		case "count":
			v.coverEdge(r, edge, reached, "count")
			ok = satisfiesOperators(among, func(op string, x any) bool {
				return satisfiesOperator(model.Int, int64(len(reached)), op, x, nil)
			})
		}
		if !ok {
			return false
		}
	}
	return true
}

// satisfiesOperators reports whether every operator of a comparison passes the test.
func satisfiesOperators(ops inputObject, test func(op string, operand any) bool) bool {
	return !slices.ContainsFunc(ops, func(o inputField) bool { return !test(o.name, o.value) })
}

// satisfiesOperator compares a value with an operand in the API's form.
func satisfiesOperator(kind model.Kind, value any, op string, x any, f *model.Field) bool {
	if op == "isNull" {
		return (value == nil) == x.(bool)
	}
	if value == nil {
		return false
	}
	switch op {
	case "in", "notIn":
		found := slices.ContainsFunc(x.([]any), func(x any) bool {
			return compareValues(value, parseOperand(kind, x, f)) == 0
		})
		return found == (op == "in")
	case "contains", "hasPrefix":
		return containsText(value, op, parseOperand(kind, x, f).(string))
	}
	c := compareValues(value, parseOperand(kind, x, f))
	return map[string]bool{"eq": c == 0, "neq": c != 0, "lt": c < 0, "lte": c <= 0, "gt": c > 0, "gte": c >= 0}[op]
}

// containsText reports whether a text contains another text or begins with it. In a list it looks for an equal item; of
// a text in several languages, one is enough.
func containsText(value any, op, needle string) bool {
	test := func(s string) bool {
		if s, needle := foldText(s), foldText(needle); op == "hasPrefix" {
			return strings.HasPrefix(s, needle)
		} else {
			return strings.Contains(s, needle)
		}
	}
	switch value := value.(type) {
	case []string:
		return slices.Contains(value, needle)
	case map[string]string:
		for _, s := range value {
			if test(s) {
				return true
			}
		}
		return false
	}
	return test(value.(string))
}

// foldText is the text without accents and with A to Z in lower case.
func foldText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r < unicode.MaxASCII:
			return unicode.ToLower(r)
		}
		return r
	}, norm.NFD.String(s))
}

// parseOperand reads an operand in the API's form.
func parseOperand(kind model.Kind, x any, f *model.Field) any {
	switch x := x.(type) {
	case enumValue:
		return strings.ToLower(string(x))
	case int64:
		if kind == model.Float {
			return float64(x)
		}
	case string:
		switch kind {
		case model.Date:
			t, _ := time.Parse(time.DateOnly, x)
			return t
		case model.Time:
			t, _ := time.Parse(time.RFC3339Nano, x)
			return t
		case model.Decimal:
			n, _ := strconv.ParseFloat(x, 64)
			return int64(math.Round(n * 100))
		case model.Strings:
			if referredEntity(f) != nil {
				_, id, _ := parseID(x)
				return id.String()
			}
		}
	}
	return x
}

// compareValues compares two values of one kind. Null is greater than any value.
func compareValues(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case bool:
		return cmp.Compare(strconv.FormatBool(a), strconv.FormatBool(b.(bool)))
	case time.Time:
		return a.Compare(b.(time.Time))
	case uuid.UUID:
		other := b.(uuid.UUID)
		return slices.Compare(a[:], other[:])
	}
	return strings.Compare(a.(string), b.(string))
}

// sortKey is one key of an order.
type sortKey struct {
	valueOf func(*row) any
	desc    bool
}

// sortKeys are the keys of the order that was asked for, or else of the entity's own order. The tie breaker comes last.
func (v *view) sortKeys(e *model.Entity, by []any) (out []sortKey) {
	for _, item := range by {
		var name string
		key := sortKey{}
		for _, c := range item.(inputObject) {
			if c.name == "field" {
				name = string(c.value.(enumValue))
			} else {
				key.desc = c.value == enumValue("DESC")
			}
		}
		all := theModel.OrderFields(e)
		o := all[slices.IndexFunc(all, func(o model.OrderField) bool { return o.Name == name })]
		key.valueOf = func(r *row) any { return v.sortValue(r, o) }
		out = append(out, key)
	}
	if len(by) == 0 {
		column, direction, _ := strings.Cut(e.Order, " ")
		f := e.Column(column)
		out = append(out, sortKey{func(r *row) any { return v.visibleValue(r, f) }, direction == "desc"})
	}
	return append(out, sortKey{v.tieBreaker, out[len(out)-1].desc})
}

// sortValue is the value of a row under a key of the API's order.
func (v *view) sortValue(r *row, o model.OrderField) any {
	if o.Count != nil {
		reached := v.visibleTargets(r, o.Count)
		v.coverEdge(r, o.Count, reached, "orderBy")
		return int64(len(reached))
	}
	for _, step := range o.Path {
		reached := v.visibleTargets(r, step)
		if v.coverEdge(r, step, reached, "orderBy"); len(reached) == 0 {
			return nil
		}
		r = reached[0]
	}
	v.coverField(r, o.Field, "orderBy")
	value := v.visibleValue(r, o.Field)
	if texts, ok := value.(map[string]string); ok {
		if s, ok := v.preferredText(texts).(string); ok {
			return foldText(s)
		}
		return nil
	}
	return value
}

// preferredText is the text in the first language of languageOrder that has one, or nil.
func (v *view) preferredText(texts map[string]string) any {
	for _, l := range v.languageOrder() {
		if s, ok := texts[l]; ok {
			return s
		}
	}
	return nil
}

// languageOrder are the caller's languages, followed by the rest of English, French and Spanish.
func (v *view) languageOrder() []string {
	known := []string{"en", "fr", "es"}
	out := slices.DeleteFunc(slices.Clone(v.acceptLanguages), func(l string) bool {
		return !slices.Contains(known, l)
	})
	for _, l := range known {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// tieBreaker is the last key of every order, which makes the order total.
func (v *view) tieBreaker(r *row) any {
	if v.usesPseudonyms(r.entity) {
		return v.pseudonymCode(r)
	}
	return r.id
}

// comparePositions is negative when position a comes before b in the order, and positive when it comes after.
func comparePositions(keys []sortKey, a, b []any) int {
	for i, k := range keys {
		if c := compareValues(a[i], b[i]); c != 0 {
			if k.desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// sortPosition is the position of a row in an order, as the values of its keys.
func sortPosition(keys []sortKey, r *row) []any {
	out := make([]any, len(keys))
	for i, k := range keys {
		out[i] = k.valueOf(r)
	}
	return out
}
