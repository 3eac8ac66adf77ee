package store

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"rightshub/ent/generic"
	"rightshub/internal/fault"
	"rightshub/internal/model"
)

// Limits of what a caller writes.
const (
	maxItems   = 200 // entries of a list
	maxDecimal = 1_000_000_000_000_00
	defaultMax = 200 // characters of a text that states no other limit
)

// change is one column and its new value, in the form that ent takes; nil clears it.
type change struct {
	column string
	tag    model.Tag
	value  any
	edge   *model.Edge // a reference: value is a uuid.UUID or nil
	name   string

	distinct bool // no other row that the writer sees may have the value
}

// changes checks an input against the model, and lists every refused field at once.
func changes(e *model.Entity, in Input, creating, system bool) ([]change, error) {
	var out []change
	var refused []fault.Field
	refuse := func(name, format string, args ...any) {
		refused = append(refused, fault.NewField(name, format, args...))
	}
	for name := range in {
		if e.Field(name) == nil && e.Edge(name) == nil {
			refuse(name, "is no field of %s.", e.Name)
		}
	}
	for i := range e.Fields {
		f := &e.Fields[i]
		v, given := in[f.Name]
		state := e.Machine(f.Column) != nil
		switch {
		case !given && creating && !f.Nullable && !f.Default && !f.Managed && !f.Internal:
			refuse(f.Name, "is required.")
		case !given:
		case (f.Managed || f.Internal) && !system:
			refuse(f.Name, "is set by the hub.")
		case state && !system, state && !creating:
			refuse(f.Name, "changes by a transition, not by an update.")
		case !creating && f.Immutable:
			refuse(f.Name, "cannot change after the row is made.")
		case v == nil && !f.Nullable:
			refuse(f.Name, "cannot be empty.")
		default:
			made, reason := accept(e, f, v)
			if reason != nil {
				refuse(f.Name, reason.format, reason.args...)
			}
			out = append(out, change{column: f.Column, tag: f.Tag, value: made, name: f.Name, distinct: f.Distinct && made != nil})
		}
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		v, given := in[edge.Name]
		key, isKey := v.(uuid.UUID)
		switch {
		case !given && edge.Kind == model.ToOne && edge.Required && !edge.Managed && creating:
			refuse(edge.Name, "is required.")
		case !given:
		case edge.Kind != model.ToOne, edge.Managed && !system:
			refuse(edge.Name, "is set by the hub.")
		case !creating && edge.Immutable:
			refuse(edge.Name, "cannot change after the row is made.")
		case v == nil && edge.Required:
			refuse(edge.Name, "cannot be empty.")
		case v == nil:
			out = append(out, change{column: edge.Column, tag: edge.Tag, edge: edge, name: edge.Name})
		case !isKey:
			refuse(edge.Name, "is not an id.")
		default:
			out = append(out, change{column: edge.Column, tag: edge.Tag, value: key, edge: edge, name: edge.Name})
		}
	}
	if len(refused) > 0 {
		slices.SortFunc(refused, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
		return nil, fault.InvalidFields(refused...)
	}
	return out, nil
}

// reason says why a value is refused.
type reason struct {
	format string
	args   []any
}

func why(format string, args ...any) *reason { return &reason{format, args} }

// accept checks one value and turns it into ent's form, or says why not.
func accept(e *model.Entity, f *model.Field, v any) (any, *reason) {
	if v == nil {
		return nil, nil
	}
	switch f.Kind {
	case model.String:
		if s, ok := v.(string); ok {
			if s == "" && !f.Nullable {
				return nil, why("cannot be empty.")
			}
			if e.Name == "User" && f.Column == "email" {
				s = strings.ToLower(s) // people sign in by it, and issuers write it either way
			}
			return s, textWrong(s, limit(f))
		}
	case model.Int:
		if n, ok := v.(int64); ok {
			if n < -1<<31 || n > 1<<31-1 {
				return nil, why("is too large.")
			}
			return int(n), nil
		}
	case model.Decimal:
		if n, ok := v.(int64); ok {
			if n < -maxDecimal || n > maxDecimal {
				return nil, why("is too large.")
			}
			return n, nil
		}
	case model.Float:
		if n, ok := v.(float64); ok {
			if n != n || n > 1e300 || n < -1e300 {
				return nil, why("is too large.")
			}
			return n, nil
		}
	case model.Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case model.Time, model.Date:
		if t, ok := v.(time.Time); ok {
			if t = t.UTC().Truncate(time.Microsecond); t.Year() < 1800 || t.Year() > 2200 {
				return nil, why("must lie between the years 1800 and 2200.")
			}
			return t, nil
		}
	case model.Enum:
		if s, ok := v.(string); ok && slices.Contains(f.Values, s) {
			return generic.Enum(e.Name, f.Column, s), nil
		}
		return nil, why("is not one of %s.", strings.ToUpper(strings.Join(f.Values, ", ")))
	case model.Enums:
		if list, ok := v.([]string); ok {
			for _, s := range list {
				if !slices.Contains(f.Values, s) {
					return nil, why("has an entry that is not one of %s.", strings.ToUpper(strings.Join(f.Values, ", ")))
				}
			}
			return unique(list), nil
		}
	case model.Strings:
		if list, ok := v.([]string); ok {
			if len(list) > maxItems {
				return nil, why("has more than %d entries.", maxItems)
			}
			for _, s := range list {
				if reason := textWrong(s, limit(f)); reason != nil {
					return nil, reason
				}
			}
			return unique(list), nil
		}
	case model.Texts:
		if m, ok := v.(map[string]string); ok {
			return m, textsWrong(m, limit(f))
		}
	case model.UUID:
		if id, ok := v.(uuid.UUID); ok {
			return id, nil
		}
	}
	return nil, why("has a value of the wrong type.")
}

func limit(f *model.Field) int {
	if f.MaxLen == 0 {
		return defaultMax
	}
	return f.MaxLen
}

func textWrong(s string, most int) *reason {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return why("holds characters that are not text.")
	case utf8.RuneCountInString(s) > most:
		return why("is longer than %d characters.", most)
	}
	return nil
}

func textsWrong(m map[string]string, most int) *reason {
	known := 0
	for tag, s := range m {
		if slices.Contains(Languages, tag) {
			known++
		}
		if _, err := language.Parse(tag); err != nil || strings.ContainsAny(tag, `"'$\?`) {
			return why("names a language that is not a BCP 47 tag.")
		}
		if s == "" {
			return why("has an empty text: leave the language out.")
		}
		if reason := textWrong(s, most); reason != nil {
			return reason
		}
	}
	if known == 0 {
		return why("needs a text in at least one of en, fr and es.")
	}
	return nil
}

func unique(list []string) []string {
	out := []string{}
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
