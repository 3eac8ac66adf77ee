// Package fault is the error type of the hub. A fault has a code and a message for the caller, and a cause for the log.
// The package knows neither GraphQL nor HTTP, except for the HTTP status of each code. The server turns faults into
// answers in one place.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rightshub/internal/languages"
)

// Code says what kind of error a fault is. Callers see it in extensions.code.
type Code string

// The codes of the hub. Callers see no others.
const (
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	NotFound        Code = "NOT_FOUND"
	Invalid         Code = "INVALID"
	Conflict        Code = "CONFLICT"
	RateLimited     Code = "RATE_LIMITED"
	TooComplex      Code = "TOO_COMPLEX"
	TooLarge        Code = "TOO_LARGE"
	Unavailable     Code = "UNAVAILABLE"
	Internal        Code = "INTERNAL"
)

// StatusByMediaType is the status of errors in a document or its variables. HTTP did its work then, so that the media
// type of the response decides. "GraphQL over HTTP" (sections 6.4.1 and 6.4.2) has 200 in application/json, which
// clients expect for every well-formed request, and 400 in application/graphql-response+json.
const StatusByMediaType = 0

// statuses holds the HTTP status of a response to a request that failed with the code and was not executed. The numbers
// are of RFC 9110 (section 15), and 429 is of RFC 6585. Errors of fields of an executed operation have no status. The
// response then has partial data, and "GraphQL over HTTP" answers it with 200.
var statuses = map[Code]int{
	Unauthenticated: 401,
	Forbidden:       403,
	NotFound:        StatusByMediaType,
	Invalid:         StatusByMediaType,
	Conflict:        409,
	RateLimited:     429,
	TooComplex:      StatusByMediaType,
	TooLarge:        413,
	Unavailable:     503,
	Internal:        500,
}

// Status returns the HTTP status of the code, which may be StatusByMediaType.
func (c Code) Status() int { return statuses[c] }

// Field is a refused field of an input, with its name in the API and the reason. The reason never contains the value.
type Field struct {
	Name   string `json:"field"`
	Code   string `json:"code,omitempty"` // for programs: HiddenField, or empty where the reason says it all
	Reason string `json:"reason"`

	template messageTemplate
}

// messageTemplate holds the format and the arguments of a text, so that it can be translated later.
type messageTemplate struct {
	format string
	args   []any
}

// NewField returns a refused field with the reason in English. The format is the key of the translations.
func NewField(name, format string, args ...any) Field {
	template := messageTemplate{format, args}
	return Field{Name: name, Reason: template.english(), template: template}
}

// HiddenField is the code of a field that the caller cannot read and did not mean to overwrite.
const HiddenField = "hidden"

// WithCode returns the field with a code.
func (f Field) WithCode(code string) Field {
	f.Code = code
	return f
}

// TranslatedReason returns the reason in French (fr) or Spanish (es). In other languages, and without a translation, it
// is English.
func (f Field) TranslatedReason(language string) string {
	return f.template.translateText(language, f.Reason)
}

// AsField returns a field without a name that has the message of the fault as its reason.
func (e *Error) AsField() Field { return Field{Reason: e.Message, template: e.template} }

// Error is a failure with a public and an internal part. Callers may see Message, Fields and Extensions, so these never
// hold a stored value. Cause is for the log only.
type Error struct {
	Code       Code
	Message    string
	Fields     []Field
	Extensions map[string]any // further entries of the GraphQL extensions, as numbers and fixed words
	Cause      error

	template messageTemplate
	status   int // given to WithStatus, or 0
}

// Status returns the HTTP status of a response to a request that failed with the error and was not executed. It is the
// status of the code, unless WithStatus gave the error one of its own. It may be StatusByMediaType.
func (e *Error) Status() int {
	if e.status != 0 {
		return e.status
	}
	return e.Code.Status()
}

// WithStatus gives the fault a status of its own instead of that of its code, and returns the fault.
func (e *Error) WithStatus(status int) *Error {
	e.status = status
	return e
}

// WithLimit adds to the extensions which rule limits the request, and the limit itself, and returns the fault. Where
// the requested number is known, the entry asked names it.
func (e *Error) WithLimit(rule string, limit int) *Error {
	return e.With("rule", rule).With("limit", limit)
}

// With adds an entry to the extensions of the fault, and returns the fault.
func (e *Error) With(name string, value any) *Error {
	if e.Extensions == nil {
		e.Extensions = map[string]any{}
	}
	e.Extensions[name] = value
	return e
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

func (e *Error) Unwrap() error { return e.Cause }

// New returns a fault with a message that is safe to show. The format is the key of the translations.
func New(code Code, format string, args ...any) *Error {
	template := messageTemplate{format, args}
	return &Error{Code: code, Message: template.english(), template: template}
}

// Wrap returns an Internal fault. The caller sees a fixed message, and the log gets the cause with what the hub was
// doing.
func Wrap(cause error, doing string) *Error {
	return &Error{
		Code:    Internal,
		Message: "The hub could not answer. Try again. If it happens again, tell the operator the request id.",
		Cause:   fmt.Errorf("%s: %w", doing, cause),
	}
}

// InvalidField returns an Invalid fault for one refused field.
func InvalidField(name, format string, args ...any) *Error {
	return InvalidFields(NewField(name, format, args...))
}

// InvalidFields returns an Invalid fault for at least one refused field. Its message names the first.
func InvalidFields(fields ...Field) *Error {
	return &Error{Code: Invalid, Message: fields[0].Name + ": " + fields[0].Reason, Fields: fields}
}

// Translated returns the message and the fields in French (fr) or Spanish (es). In other languages, and without a
// translation, they are English.
func (e *Error) Translated(language string) (message string, fields []Field) {
	message = e.template.translateText(language, e.Message)
	for i, f := range e.Fields {
		f.Reason = f.TranslatedReason(language)
		fields = append(fields, f)
		if i == 0 && e.template.format == "" && e.Message == f.Name+": "+e.Fields[0].Reason { // of InvalidFields
			message = f.Name + ": " + f.Reason
		}
	}
	return message, fields
}

// english returns the text in English.
func (m messageTemplate) english() string {
	if _, ok := countedMessages[m.format]; ok {
		return formatCounted(languages.Default, m.format, m.args)
	}
	return fmt.Sprintf(m.format, m.args...)
}

// translation is a text in each language of languages.All but the first.
type translation [languages.Count - 1]string

// IsTranslated reports whether a message with the English format has a French and a Spanish text.
func IsTranslated(format string) bool {
	_, counted := countedMessages[format]
	_, ok := Translations[format]
	return counted || ok
}

// translateText returns the text in a language. The English text serves as the format of a template without one, and as
// the result when there is no translation.
func (m messageTemplate) translateText(language, english string) string {
	format := m.format
	if format == "" {
		format = english
	}
	if _, ok := countedMessages[format]; ok && languages.IsKnown(language) {
		return formatCounted(language, format, m.args)
	}
	index := languages.Index(language) - 1 // the texts begin with the second language
	texts, ok := Translations[format]
	if index < 0 || !ok {
		return english
	}
	if len(m.args) == 0 {
		return texts[index]
	}
	args := slices.Clone(m.args)
	for i := range args {
		if sentences, ok := args[i].(Sentences); ok {
			args[i] = sentences.joinTranslated(language)
		}
	}
	return fmt.Sprintf(texts[index], args...)
}

// Sentences is an argument of a format. It becomes the reasons of its fields, joined by spaces, in the language of the
// text.
type Sentences []Field

func (s Sentences) String() string { return s.joinTranslated(languages.Default) }

func (s Sentences) joinTranslated(language string) string {
	reasons := make([]string, len(s))
	for i, f := range s {
		reasons[i] = f.TranslatedReason(language)
	}
	return strings.Join(reasons, " ")
}

// As returns the fault in the chain of err. Any other error becomes an Internal fault, so that callers never see its
// text.
func As(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return Wrap(err, "unexpected error")
}

// Is reports whether the chain of err has a fault with the code.
func Is(err error, code Code) bool {
	var f *Error
	return errors.As(err, &f) && f.Code == code
}
