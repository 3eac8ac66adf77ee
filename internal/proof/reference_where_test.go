package proof_test

// The reference model: conditions and orders, evaluated on V(u). A condition is true or it is not; a comparison with
// what is missing or masked is never true, save isNull.

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

	"rightshub/ent/inventory"
	"rightshub/internal/model"
)

// satisfies reports whether a visible row satisfies a condition, as the API writes it.
func (v *view) satisfies(r *row, where obj, in string) bool {
	for _, c := range where {
		if c.v == nil {
			continue
		}
		ok := true
		switch c.k {
		case "and":
			ok = !slices.ContainsFunc(c.v.([]any), func(k any) bool { return !v.satisfies(r, k.(obj), in) })
		case "or":
			ok = slices.ContainsFunc(c.v.([]any), func(k any) bool { return v.satisfies(r, k.(obj), in) })
		case "not":
			ok = !v.satisfies(r, c.v.(obj), in)
		case "id":
			ok = compareAll(c.v.(obj), func(op string, x any) bool { return compare(model.UUID, v.publicID(r), op, x, nil) })
		default:
			ok = v.member(r, c.k, c.v.(obj), in)
		}
		if !ok {
			return false
		}
	}
	return true
}

func (v *view) member(r *row, name string, cond obj, in string) bool {
	if f := r.e.Field(name); f != nil {
		v.hit(r, f, in)
		value := v.value(r, f)
		return compareAll(cond, func(op string, x any) bool { return compare(f.Kind, value, op, x, f) })
	}
	edge := r.e.Edge(name)
	reached := v.over(r, edge)
	v.hitEdge(r, edge, reached, in, cond)
	if edge.Kind == model.ToOne {
		return slices.ContainsFunc(reached, func(t *row) bool { return v.satisfies(t, cond, "edge condition") })
	}
	for _, c := range cond {
		if c.v == nil {
			continue
		}
		ok := true
		switch among := c.v.(obj); c.k {
		case "some":
			ok = slices.ContainsFunc(reached, func(t *row) bool { return v.satisfies(t, among, "edge condition") })
		case "none":
			ok = !slices.ContainsFunc(reached, func(t *row) bool { return v.satisfies(t, among, "edge condition") })
		case "count":
			v.hitEdge(r, edge, reached, "count")
			ok = compareAll(among, func(op string, x any) bool { return compare(model.Int, int64(len(reached)), op, x, nil) })
		}
		if !ok {
			return false
		}
	}
	return true
}

func compareAll(ops obj, one func(string, any) bool) bool {
	return !slices.ContainsFunc(ops, func(o kv) bool { return !one(o.k, o.v) })
}

// compare holds a value against an operand in the API's form.
func compare(kind model.Kind, value any, op string, x any, f *model.Field) bool {
	if op == "isNull" {
		return (value == nil) == x.(bool)
	}
	if value == nil {
		return false
	}
	switch op {
	case "in", "notIn":
		found := slices.ContainsFunc(x.([]any), func(x any) bool { return order(value, operand(kind, x, f)) == 0 })
		return found == (op == "in")
	case "contains", "hasPrefix":
		return holds(value, op, operand(kind, x, f).(string))
	}
	c := order(value, operand(kind, x, f))
	return map[string]bool{"eq": c == 0, "neq": c != 0, "lt": c < 0, "lte": c <= 0, "gt": c > 0, "gte": c >= 0}[op]
}

// holds reports whether a text, or one of a list or of several languages, holds or begins with another.
func holds(value any, op, needle string) bool {
	test := func(s string) bool {
		if s, needle := bare(s), bare(needle); op == "hasPrefix" {
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

// bare is a text without accents, and A to Z in lower case.
func bare(s string) string {
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

// operand reads a value in the API's form.
func operand(kind model.Kind, x any, f *model.Field) any {
	switch x := x.(type) {
	case word:
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
			if refers(f) != nil {
				_, id, _ := readID(x)
				return id.String()
			}
		}
	}
	return x
}

// order compares two values of a kind; null is greater than any value.
func order(a, b any) int {
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
	of   func(*row) any
	desc bool
}

// sortKeys are those that were asked for, or the entity's own, and last the row's key.
func (v *view) sortKeys(e *model.Entity, by []any) (out []sortKey) {
	for _, item := range by {
		var name string
		key := sortKey{}
		for _, c := range item.(obj) {
			if c.k == "field" {
				name = string(c.v.(word))
			} else {
				key.desc = c.v == word("DESC")
			}
		}
		all := inventory.Model.OrderFields(e)
		o := all[slices.IndexFunc(all, func(o model.OrderField) bool { return o.Name == name })]
		key.of = func(r *row) any { return v.sortValue(r, o) }
		out = append(out, key)
	}
	if len(by) == 0 {
		column, way, _ := strings.Cut(e.Order, " ")
		f := e.Column(column)
		out = append(out, sortKey{func(r *row) any { return v.value(r, f) }, way == "desc"})
	}
	return append(out, sortKey{v.lastKey, out[len(out)-1].desc})
}

func (v *view) sortValue(r *row, o model.OrderField) any {
	if o.Count != nil {
		reached := v.over(r, o.Count)
		v.hitEdge(r, o.Count, reached, "orderBy")
		return int64(len(reached))
	}
	for _, step := range o.Path {
		reached := v.over(r, step)
		if v.hitEdge(r, step, reached, "orderBy"); len(reached) == 0 {
			return nil
		}
		r = reached[0]
	}
	v.hit(r, o.Field, "orderBy")
	value := v.value(r, o.Field)
	if texts, ok := value.(map[string]string); ok {
		if s, ok := v.spoken(texts).(string); ok {
			return bare(s)
		}
		return nil
	}
	return value
}

// spoken is a text in the first of the caller's languages that it has, then English, French, Spanish; else none.
func (v *view) spoken(texts map[string]string) any {
	for _, l := range v.languages() {
		if s, ok := texts[l]; ok {
			return s
		}
	}
	return nil
}

func (v *view) languages() []string {
	known := []string{"en", "fr", "es"}
	out := slices.DeleteFunc(slices.Clone(v.langs), func(l string) bool { return !slices.Contains(known, l) })
	for _, l := range known {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// lastKey makes every order total.
func (v *view) lastKey(r *row) any {
	if v.pseudonymous(r.e) {
		return v.alias(r)
	}
	return r.id
}

// before is less than zero where the position a comes before b.
func before(keys []sortKey, a, b []any) int {
	for i, k := range keys {
		if c := order(a[i], b[i]); c != 0 {
			if k.desc {
				return -c
			}
			return c
		}
	}
	return 0
}

func positionOf(keys []sortKey, r *row) []any {
	out := make([]any, len(keys))
	for i, k := range keys {
		out[i] = k.of(r)
	}
	return out
}
