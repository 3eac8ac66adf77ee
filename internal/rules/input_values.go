package rules

import (
	"cmp"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"rightshub/internal/fault"
	"rightshub/internal/languages"
	"rightshub/internal/model"
	"rightshub/internal/query"
)

// Limits of the values that a caller writes.
const (
	maxListItems         = 200                  // entries of a list
	maxDecimal           = 1_000_000_000_000_00 // hundredths
	defaultMaxTextLength = 200                  // characters of a text without a limit of its own
)

// takeInput makes the changes of an update from its input.
func (w *Write) takeInput(in query.Input) (err error) {
	w.Columns, err = ValidateInput(w.Entity, in, false, w.isSystem())
	return err
}

// ValidateInput checks an input against the model and returns its changes. Its error lists all refused fields at once.
func ValidateInput(e *model.Entity, in query.Input, creating, system bool) ([]ColumnChange, error) {
	var out []ColumnChange
	var refused []fault.Field
	wrong := func(name, format string, args ...any) {
		refused = append(refused, fault.NewField(name, format, args...))
	}
	for name := range in {
		if e.Field(name) == nil && e.Edge(name) == nil {
			wrong(name, "is no field of %s.", e.Name)
		}
	}
	for i := range e.Fields {
		f := &e.Fields[i]
		v, given := in[f.Name]
		state := e.Machine(f.Column) != nil
		switch {
		case !given && creating && !f.Nullable && !f.Default && !f.Managed && !f.Internal:
			wrong(f.Name, "is required.")
		case !given:
		case (f.Managed || f.Internal) && !system:
			wrong(f.Name, "is set by the hub.")
		case state && !system, state && !creating:
			wrong(f.Name, "changes by a transition, not by an update.")
		case !creating && f.Immutable:
			wrong(f.Name, "cannot change after the row is made.")
		case v == nil && !f.Nullable:
			wrong(f.Name, "cannot be empty.")
		default:
			value, reason := convertValue(e, f, v)
			if reason != nil {
				wrong(f.Name, reason.format, reason.args...)
			}
			out = append(out, ColumnChange{
				Column: f.Column, Tag: f.Tag, Value: value, InputName: f.Name,
				Distinct: f.Distinct && value != nil,
			})
		}
	}
	for i := range e.Edges {
		edge := &e.Edges[i]
		v, given := in[edge.Name]
		key, isKey := v.(uuid.UUID)
		switch {
		case !given && edge.Kind == model.ToOne && edge.Required && !edge.Managed && creating:
			wrong(edge.Name, "is required.")
		case !given:
		case edge.Kind != model.ToOne, edge.Managed && !system:
			wrong(edge.Name, "is set by the hub.")
		case !creating && edge.Immutable:
			wrong(edge.Name, "cannot change after the row is made.")
		case v == nil && edge.Required:
			wrong(edge.Name, "cannot be empty.")
		case v == nil:
			out = append(out, ColumnChange{Column: edge.Column, Tag: edge.Tag, Edge: edge, InputName: edge.Name})
		case !isKey:
			wrong(edge.Name, "is not an id.")
		default:
			out = append(out, ColumnChange{
				Column: edge.Column, Tag: edge.Tag, Value: key, Edge: edge, InputName: edge.Name,
			})
		}
	}
	if err := invalidFieldsError(refused); err != nil {
		return nil, err
	}
	return out, nil
}

// rejection is the reason for which a value is refused, as a format and its arguments.
type rejection struct {
	format string
	args   []any
}

func newRejection(format string, args ...any) *rejection { return &rejection{format, args} }

// convertValue checks one value and converts it to the form that ent takes. The rejection is nil for a valid value.
func convertValue(e *model.Entity, f *model.Field, v any) (any, *rejection) {
	if v == nil {
		return nil, nil
	}
	switch f.Kind {
	case model.String:
		if s, ok := v.(string); ok {
			if strings.TrimSpace(s) == "" && !f.Nullable {
				return nil, newRejection("cannot be empty.")
			}
			if e.Name == "User" && f.Column == "email" {
				s = model.NormaliseEmail(s) // accounts are found by it, and issuers write it in either case
			}
			return s, cmp.Or(
				checkText(s, maxTextLength(f)), checkNaturalKey(e, f, s), textFormats[f.Format].checkFormat(s))
		}
	case model.Int:
		if n, ok := v.(int64); ok {
			if n < -1<<31 || n > 1<<31-1 {
				return nil, newRejection("is too large.")
			}
			return int(n), checkRange(f, float64(n))
		}
	case model.Decimal:
		if n, ok := v.(int64); ok {
			if n < -maxDecimal || n > maxDecimal {
				return nil, newRejection("is too large.")
			}
			return n, checkRange(f, float64(n)/100)
		}
	case model.Float:
		if n, ok := v.(float64); ok {
			if n != n || n > 1e300 || n < -1e300 {
				return nil, newRejection("is too large.")
			}
			return n, checkRange(f, n)
		}
	case model.Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case model.Time, model.Date:
		if t, ok := v.(time.Time); ok {
			if t = t.UTC().Truncate(time.Microsecond); t.Year() < 1800 || t.Year() > 2200 {
				return nil, newRejection("must lie between the years 1800 and 2200.")
			}
			return t, nil
		}
	case model.Enum:
		if s, ok := v.(string); ok && slices.Contains(f.Values, s) {
			return s, nil
		}
		return nil, newRejection("is not one of %s.", strings.ToUpper(strings.Join(f.Values, ", ")))
	case model.Enums:
		if list, ok := v.([]string); ok {
			for _, s := range list {
				if !slices.Contains(f.Values, s) {
					values := strings.ToUpper(strings.Join(f.Values, ", "))
					return nil, newRejection("has an entry that is not one of %s.", values)
				}
			}
			return uniqueStrings(list), nil
		}
	case model.Strings:
		if list, ok := v.([]string); ok {
			if len(list) > maxListItems {
				return nil, newRejection("has more than %d entries.", maxListItems)
			}
			for _, s := range list {
				if reason := checkText(s, maxTextLength(f)); reason != nil {
					return nil, reason
				}
			}
			return uniqueStrings(list), nil
		}
	case model.Texts:
		if m, ok := v.(map[string]string); ok {
			return m, checkTexts(m, maxTextLength(f))
		}
	case model.UUID:
		if id, ok := v.(uuid.UUID); ok {
			return id, nil
		}
	}
	return nil, newRejection("has a value of the wrong type.")
}

// checkRange returns why the field does not take the number, or nil.
func checkRange(f *model.Field, n float64) *rejection {
	if r := f.Range; r != (model.Range{}) && (n < float64(r.Least) || n > float64(r.Most)) {
		return newRejection("must lie from %d to %d.", r.Least, r.Most)
	}
	return nil
}

// textFormat is the check of one text format and the rejection of a text without it.
type textFormat struct {
	matches   func(string) bool
	rejection *rejection
}

// checkFormat returns why a text does not have the format, or nil. An empty text always passes.
func (f textFormat) checkFormat(s string) *rejection {
	if f.matches == nil || s == "" || f.matches(s) {
		return nil
	}
	return f.rejection
}

var textFormats = map[model.Format]textFormat{
	model.Currency: {func(s string) bool {
		u, err := currency.ParseISO(s)
		return err == nil && u.String() == s
	}, newRejection("is no currency of ISO 4217: write it as XOF.")},
	model.Language: {func(s string) bool {
		_, err := language.Parse(s)
		return err == nil
	}, newRejection("is no language of BCP 47: write it as fr or wo-SN.")},
	model.Email: {func(s string) bool {
		a, err := mail.ParseAddress(s)
		return err == nil && a.Address == s
	}, newRejection("is no e-mail address.")},
	model.Web: {func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && u.Hostname() != "" && (u.Scheme == "https" || u.Scheme == "http") &&
			!strings.ContainsFunc(s, isSpaceOrControl) // the parser takes a space in the path
	}, newRejection("is no address of the web. Begin it with https://, and leave out spaces.")},
}

func isSpaceOrControl(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// invalidFieldsError returns the error for the fields, in the order of their names, or nil when there are no fields.
func invalidFieldsError(fields []fault.Field) error {
	if len(fields) == 0 {
		return nil
	}
	slices.SortFunc(fields, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return fault.InvalidFields(fields...)
}

// maxTextLength returns how many characters a text of the field may have.
func maxTextLength(f *model.Field) int {
	if f.MaxLen == 0 {
		return defaultMaxTextLength
	}
	return f.MaxLen
}

// CheckText fails when the field does not take the text.
func CheckText(f *model.Field, s string) error {
	if reason := checkText(s, maxTextLength(f)); reason != nil {
		return fault.InvalidField(f.Name, reason.format, reason.args...)
	}
	return nil
}

func checkText(s string, most int) *rejection {
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return newRejection("holds characters that are not text.")
	case utf8.RuneCountInString(s) > most:
		return newRejection("is longer than %d characters.", most)
	}
	return nil
}

// checkNaturalKey returns why the text cannot be the natural key of a row, or nil. A field of another kind takes it.
func checkNaturalKey(e *model.Entity, f *model.Field, s string) *rejection {
	if !e.IsNaturalKey(f) {
		return nil
	}
	if reason := model.KeyProblem(s); reason != "" {
		return &rejection{format: reason}
	}
	return nil
}

func checkTexts(m map[string]string, most int) *rejection {
	known := 0
	for tag, s := range m {
		if languages.IsKnown(tag) {
			known++
		}
		if _, err := language.Parse(tag); err != nil || strings.ContainsAny(tag, `"'$\?`) {
			return newRejection("names a language that is not a BCP 47 tag.")
		}
		if strings.TrimSpace(s) == "" {
			return newRejection("has an empty text: leave the language out.")
		}
		if reason := checkText(s, most); reason != nil {
			return reason
		}
	}
	if known == 0 {
		return newRejection("needs a text in at least one of en, fr and es.")
	}
	return nil
}

func uniqueStrings(list []string) []string {
	out := []string{}
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
